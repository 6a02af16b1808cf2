//! Catalogue of ASICs, accelerators, and hash rates of GPUs and CPUs: figures of makers and
//! of others, each with its source, its date and its basis.
//!
//! The tables are CSV files that come with the program; a user's file with the header of
//! one of them adds or replaces rows. Both pass the same checks, and a file with a fault is
//! not used at all.
//!
//! * [`asic`](mod@asic), [`accelerator`](mod@accelerator), [`gpu`](mod@gpu): the rows
//! * [`row`](mod@row): the parts that they share
//! * [`measured`](mod@measured): a miner that perwatt measured, as a row
//! * [`table`](mod@table): reading, with a list of all faults
//! * [`tolerance`](mod@tolerance): tolerances of name plates
//! * [`name`](mod@name), [`select`](mod@select): look-up by name, filters and order

pub mod accelerator;
pub mod asic;
mod columns;
mod device;
pub mod gpu;
pub mod measured;
pub mod name;
mod rates;
pub mod row;
pub mod select;
pub mod table;
pub mod tolerance;

use std::collections::HashMap;
use std::path::Path;

use perwatt_table::table::TableError;
use serde::Serialize;

pub use accelerator::Accelerator;
pub use asic::Asic;
pub use gpu::GpuHashrate;
pub use measured::{MeasuredAsic, Metered, RivalError};
pub use name::{NameError, short_name};
pub use rates::Format;
pub use row::{Basis, Origin, Provenance, Row, Value};
pub use select::{Filter, SelectError};
pub use table::{CatalogueError, Fault, Kind};
pub use tolerance::Tolerance;

use row::ReadRow;

/// Stands for the ASIC with the fewest joules per hash.
pub const BEST: &str = "best";
/// Stands for the ASIC with the largest known share of the network.
pub const DEPLOYED: &str = "deployed";

/// Tables that come with the program.
const ASICS: &str = include_str!("../../data/asics.csv");
const ACCELERATORS: &str = include_str!("../../data/accelerators.csv");
const GPUS: &str = include_str!("../../data/gpu_hashrates.csv");

/// The three tables.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Catalogue {
    /// Machines that only compute hashes.
    pub asics: Vec<Asic>,
    /// GPUs and other accelerators.
    pub accelerators: Vec<Accelerator>,
    /// Hash rates of GPUs and CPUs by others.
    pub gpus: Vec<GpuHashrate>,
}

impl Catalogue {
    /// The catalogue that comes with the program.
    ///
    /// # Errors
    /// [`CatalogueError::Faults`]: its data failed the checks, which the tests rule out.
    pub fn builtin() -> Result<Self, CatalogueError> {
        Ok(Self {
            asics: builtin("asics.csv", ASICS)?,
            accelerators: builtin("accelerators.csv", ACCELERATORS)?,
            gpus: builtin("gpu_hashrates.csv", GPUS)?,
        })
    }

    /// The built-in catalogue with a user's file. A row of the file replaces the row of the
    /// same maker and model, without regard to punctuation and case, or is added.
    ///
    /// # Errors
    /// [`CatalogueError`]: the file cannot be read, its header matches none of the tables,
    /// or rows have faults, each of which is named.
    pub fn with_file(path: &Path) -> Result<Self, CatalogueError> {
        let mut catalogue = Self::builtin()?;
        catalogue.add_file(path)?;
        Ok(catalogue)
    }

    /// Adds the rows of one more file, as [`Self::with_file`] does.
    ///
    /// # Errors
    /// As [`Self::with_file`]; the catalogue then stays unchanged.
    pub fn add_file(&mut self, path: &Path) -> Result<(), CatalogueError> {
        let (file, bytes) = table::bytes_of(path)?;
        self.add(&file, &bytes)
    }

    /// Adds the rows of a file that was read.
    ///
    /// # Errors
    /// As [`Self::with_file`]; the catalogue then stays unchanged.
    pub fn add(&mut self, file: &str, bytes: &[u8]) -> Result<(), CatalogueError> {
        let tables = [
            columns_of::<Asic>(),
            columns_of::<Accelerator>(),
            columns_of::<GpuHashrate>(),
        ];
        let origin = Origin::File(file.to_owned());
        let table = match table::table(file, bytes) {
            // A file without a header lacks every column.
            Err(CatalogueError::Table {
                cause: TableError::NoHeader,
                ..
            }) => return table::kind_of(file, &[], &tables).map(drop),
            table => table?,
        };
        match table::kind_of(file, table.names(), &tables)? {
            Kind::Asics => merge(&mut self.asics, table::read(file, &table, &origin)?),
            Kind::Accelerators => {
                merge(&mut self.accelerators, table::read(file, &table, &origin)?)
            }
            Kind::Gpus => merge(&mut self.gpus, table::read(file, &table, &origin)?),
        }
        Ok(())
    }

    /// An ASIC by name, see [`name::find`]: [`BEST`] is the one with the fewest joules per
    /// hash, [`DEPLOYED`] the one with the largest known share of the network.
    ///
    /// # Errors
    /// [`NameError`]: no model has this name, or several could.
    pub fn asic(&self, name: &str) -> Result<&Asic, NameError> {
        let all = self.asics.iter();
        let ranked = match name {
            BEST => all.min_by(|a, b| a.efficiency_j_th().total_cmp(&b.efficiency_j_th())),
            DEPLOYED => all
                .filter(|asic| asic.network_share.is_some())
                .max_by(|a, b| {
                    let share = |asic: &Asic| asic.network_share.unwrap_or(0.0);
                    share(a).total_cmp(&share(b))
                }),
            _ => None,
        };
        match ranked {
            Some(asic) => Ok(asic),
            None => name::find(&self.asics, name),
        }
    }

    /// An accelerator by name, see [`name::find`].
    ///
    /// # Errors
    /// [`NameError`]: no model has this name, or several could.
    pub fn accelerator(&self, name: &str) -> Result<&Accelerator, NameError> {
        name::find(&self.accelerators, name)
    }

    /// The accelerator that a driver calls `device_model`; `None` if the table has none.
    pub fn accelerator_of(&self, device_model: &str) -> Option<&Accelerator> {
        device::find(&self.accelerators, device_model)
    }
}

fn builtin<R: ReadRow>(file: &str, text: &str) -> Result<Vec<R>, CatalogueError> {
    let table = table::table(file, text.as_bytes())?;
    table::read(file, &table, &Origin::Builtin)
}

/// A table, with the required and the optional columns of its files.
type Columns = (Kind, &'static str, &'static str);

fn columns_of<R: Row>() -> Columns {
    (R::KIND, R::REQUIRED, R::OPTIONAL)
}

fn merge<R: ReadRow>(rows: &mut Vec<R>, added: Vec<R>) {
    let places = rows.iter().enumerate().map(|(i, row)| (row.key(), i));
    let places: HashMap<String, usize> = places.collect();
    for row in added {
        match places.get(&row.key()) {
            Some(&place) => rows[place] = row,
            None => rows.push(row),
        }
    }
}

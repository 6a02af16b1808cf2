//! Detection of logs that hold several devices in one column of powers.

use std::collections::HashSet;

use super::CsvError;
use perwatt_table::table::{Row, Table};

/// Names of columns that identify devices, in small letters, without separators between words.
#[rustfmt::skip]
const IDENTITIES: [&str; 36] = [
    "index", "gpu", "gpuindex", "gpuid", "gpuname", "uuid", "gpuuuid", "pcibusid", "busid",
    "device", "deviceid", "devicename", "entity", "entityid", "sensor", "sensorid", "sensorname",
    "friendlyname", "host", "hostname", "node", "nodename", "machine", "server", "channel",
    "outlet", "socket", "plug", "port", "meter", "meterid", "metername", "serial", "serialnumber",
    "mac", "name",
];
/// The number of values that are remembered of one column; a column with more values is
/// taken as a count of its rows.
const MOST_VALUES: usize = 4096;

/// The columns of a log that identify devices.
pub(super) struct Devices {
    columns: Vec<Identity>,
}

struct Identity {
    column: usize,
    last: String,
    seen: HashSet<String>,
}

impl Devices {
    /// Finds the columns by their names, except those in `taken`.
    pub(super) fn of(table: &Table<'_>, taken: [usize; 2]) -> Self {
        let is_identity = |name: &str| {
            let letters = name.chars().filter(|c| c.is_alphanumeric());
            let letters: String = letters.flat_map(char::to_lowercase).collect();
            IDENTITIES.contains(&letters.as_str())
        };
        let columns = (0..table.names().len())
            .filter(|column| !taken.contains(column) && is_identity(&table.names()[*column]))
            .map(|column| Identity {
                column,
                last: String::new(),
                seen: HashSet::new(),
            })
            .collect();
        Self { columns }
    }

    /// Records the device of a row.
    ///
    /// # Errors
    /// [`CsvError::SeveralDevices`] if a value appears again after another one: the
    /// rows of one device stand between those of another. A value that never appears
    /// again numbers the rows, or parts of the log.
    pub(super) fn see(&mut self, table: &Table<'_>, row: &Row) -> Result<(), CsvError> {
        for identity in &mut self.columns {
            let cell = row.cell(identity.column);
            if cell.is_empty() || cell == identity.last {
                continue;
            }
            let before = std::mem::replace(&mut identity.last, cell.to_owned());
            let returns = !identity.seen.insert(cell.to_owned());
            if returns {
                return Err(CsvError::SeveralDevices {
                    at: table.at(row, identity.column),
                    before,
                });
            }
            if identity.seen.len() == MOST_VALUES {
                identity.seen.clear();
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use crate::parse::csv_log::{Columns, parse};

    #[test]
    fn rows_of_two_cards_are_refused() {
        let log = "timestamp, index, power.draw [W]\n\
                   2026-01-31T12:00:00Z, 0, 100.5 W\n2026-01-31T12:00:00Z, 1, 300.5 W\n\
                   2026-01-31T12:00:01Z, 0, 101.5 W\n";
        let error = parse(log, &Columns::default()).unwrap_err().to_string();
        for part in ["line 4", "\"index\"", "rows of \"1\"", "several devices"] {
            assert!(error.contains(part), "{error}");
        }
    }

    #[test]
    fn one_device_and_numbers_of_rows_are_not() {
        for log in [
            "time,gpu,watts\n1769860800,a,1\n1769860801,a,2\n1769860802,a,3\n",
            "time,index,watts\n1769860800,0,1\n1769860801,1,2\n1769860802,2,3\n",
            "time,device,watts\n1769860800,a,1\n1769860801,,2\n1769860802,a,3\n",
            "time,mode,watts\n1769860800,on,1\n1769860801,off,2\n1769860802,on,3\n",
        ] {
            let read = parse(log, &Columns::default()).unwrap();
            assert_eq!(read.samples.len(), 3, "{log}");
        }
    }
}

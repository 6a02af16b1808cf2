//! The values of the options of `--meter`.

use super::{MeterSpec, SpecError};
use crate::info::{Boundary, Covers};
use crate::pci;

/// Beginning of the name of a device that is a miner.
const ASIC: &str = "asic:";

impl MeterSpec {
    /// The boundary of the figure: `boundary=`, or else `usual`.
    ///
    /// # Errors
    /// [`SpecError`] for a word that is not a boundary.
    pub fn boundary(&self, usual: Boundary) -> Result<Boundary, SpecError> {
        let Some(word) = self.options.get("boundary") else {
            return Ok(usual);
        };
        let named = |boundary: &Boundary| boundary.word() == word;
        Boundary::ALL.into_iter().find(named).ok_or_else(|| {
            let known = Boundary::ALL.map(Boundary::word).join(", ");
            self.error(format!("boundary={word} is none of: {known}"))
        })
    }

    /// The device whose energy it is: `covers=machine|cpu|gpu|asic`, a miner
    /// as `asic:NAME`, or a PCI address.
    /// Without the option, boundaries within a processor package cover the processor, a
    /// board covers the one graphics card, and all others cover the whole machine.
    ///
    /// # Errors
    /// [`SpecError`] for any other word.
    pub fn covers(&self, boundary: Boundary) -> Result<Covers, SpecError> {
        match self.options.get("covers").map(String::as_str) {
            None => Ok(match boundary {
                Boundary::Die | Boundary::Package | Boundary::PackageDram => Covers::Cpu,
                Boundary::Board => Covers::UnknownGpu,
                Boundary::Platform | Boundary::DcIn | Boundary::PsuIn | Boundary::Wall => {
                    Covers::Machine
                }
            }),
            Some("machine") => Ok(Covers::Machine),
            Some("cpu") => Ok(Covers::Cpu),
            Some("gpu") => Ok(Covers::UnknownGpu),
            Some("asic") => Ok(Covers::Asics),
            Some(name) if name.starts_with(ASIC) => Ok(Covers::Asic(name[ASIC.len()..].into())),
            Some(address) => pci::normalised(address).map(Covers::Pci).ok_or_else(|| {
                self.error(format!(
                    "covers={address} is none of machine, cpu, gpu, asic, asic:NAME, and no PCI \
                     address such as 0000:01:00.0"
                ))
            }),
        }
    }

    /// Relative scale error at coverage factor 2, as `accuracy=1%` states it.
    ///
    /// # Errors
    /// [`SpecError`] unless it is a percentage above 0 and at most 100.
    pub fn accuracy_rel(&self) -> Result<Option<f64>, SpecError> {
        let Some(text) = self.options.get("accuracy") else {
            return Ok(None);
        };
        let percent = text
            .strip_suffix('%')
            .and_then(|number| number.trim().parse::<f64>().ok());
        if percent.is_some_and(|percent| percent > 100.0) {
            return Err(self.error(format!(
                "accuracy={text} is above 100 %; give the meter's class, for example accuracy=1%"
            )));
        }
        percent
            .filter(|percent| *percent > 0.0 && *percent <= 100.0)
            .map(|percent| Some(percent / 100.0))
            .ok_or_else(|| {
                self.error(format!(
                    "accuracy={text} is not a percentage above 0; give the meter's class, for example \
                     accuracy=1%"
                ))
            })
    }

    /// Seconds between readings: `interval=2`, or else `usual_s`.
    ///
    /// # Errors
    /// [`SpecError`] unless it is from 0.05 to 3600.
    pub fn interval_s(&self, usual_s: f64) -> Result<f64, SpecError> {
        self.number("interval", usual_s, 0.05..=3600.0)
    }

    /// Seconds that the meter averages over, and seconds that a reading looks back in all:
    /// `averaging=5`, `delay=1`. Each `None` if it is not stated; one that is stated alone
    /// stands for both.
    ///
    /// # Errors
    /// [`SpecError`] unless they are from 0 to 3600.
    pub fn look_back_s(&self) -> Result<(Option<f64>, Option<f64>), SpecError> {
        let stated = |key: &str| {
            let value = self.number(key, 0.0, 0.0..=3600.0)?;
            Ok(self.options.contains_key(key).then_some(value))
        };
        let (averaging_s, delay_s) = (stated("averaging")?, stated("delay")?);
        let look_back_s = match (averaging_s, delay_s) {
            (None, None) => None,
            (averaging_s, delay_s) => Some(averaging_s.unwrap_or(0.0) + delay_s.unwrap_or(0.0)),
        };
        Ok((averaging_s.filter(|s| *s > 0.0), look_back_s))
    }

    /// The number in the option `key`, or else `usual`.
    ///
    /// # Errors
    /// [`SpecError`] if it is not a number within `range`.
    pub fn number(
        &self,
        key: &str,
        usual: f64,
        range: std::ops::RangeInclusive<f64>,
    ) -> Result<f64, SpecError> {
        let Some(text) = self.options.get(key) else {
            return Ok(usual);
        };
        match text.parse::<f64>() {
            Ok(value) if range.contains(&value) => Ok(value),
            _ => Err(self.error(format!(
                "{key}={text} is not a number from {} to {}",
                range.start(),
                range.end()
            ))),
        }
    }
}

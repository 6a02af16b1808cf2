//! Reads the keys of a scenario: values of parameters, settings that are not numbers, and
//! numbers that stand in for a parameter.

use perwatt_table::Source;
use toml::Value as Raw;

use crate::offers::{self, ACCELERATORS, DEALS, DEFAULTS, Offer};
use crate::parameter::{Origin, Rule, Value};
use crate::parameters::{index_of, parameters};
use crate::protocol::{BLOCK_INTERVAL_S, DAY_S, network_rate_h_per_s};
use crate::raw::{self, Entry, Fault};
use crate::settings::{Contract, PaidBy, PriceFile, Settings, Use};
use crate::value::nearest;

/// A rig of the catalogue.
#[derive(Debug, Clone, PartialEq)]
pub struct Rig {
    /// Its model.
    pub model: String,
    /// Its efficiency, J/TH.
    pub efficiency_j_th: f64,
    /// The interval that its specification allows, J/TH.
    pub interval_j_th: [f64; 2],
    /// The source of the specification.
    pub source: Source,
}

/// Finds a rig by its model; otherwise returns a message with the known models.
pub type FindRig<'a> = &'a dyn Fn(&str) -> Result<Rig, String>;

/// Reads the settings and a value for every parameter. Without faults, `faults` stays empty
/// and every value is there.
pub(crate) fn read(
    entries: &[Entry],
    find: FindRig,
    faults: &mut Vec<Fault>,
) -> (Settings, Vec<Option<Value>>) {
    let mut reader = Reader {
        entries,
        values: parameters().iter().map(|one| one.default.clone()).collect(),
        settings: Vec::new(),
        faults,
    };
    reader.parameters();
    let settings = reader.settings(find);
    reader.stand_ins();
    reader.resale();
    reader.unknown();
    for (value, parameter) in reader.values.iter().zip(parameters()) {
        let key = parameter.key;
        if value.is_none() && !reader.faults.iter().any(|fault| fault.key == key) {
            let (about, unit) = (parameter.about, parameter.unit);
            reader.faults.push(missing(
                key,
                format!("{about} ({unit}); no default is published, give your own"),
            ));
        }
    }
    (settings, reader.values)
}

fn missing(key: &str, what: String) -> Fault {
    Fault {
        line: None,
        key: key.into(),
        what: format!("is missing: {what}"),
    }
}

struct Reader<'a> {
    entries: &'a [Entry],
    values: Vec<Option<Value>>,
    /// Keys that were read and are no parameters.
    settings: Vec<&'static str>,
    faults: &'a mut Vec<Fault>,
}

impl<'a> Reader<'a> {
    fn entry(&self, key: &str) -> Option<&'a Entry> {
        self.entries.iter().find(|entry| entry.key == key)
    }

    fn fault(&mut self, entry: &Entry, what: impl Into<String>) {
        self.faults.push(entry.fault(what.into()));
    }

    /// Reads the value of a key if it is given; an error is a fault.
    fn read<T>(
        &mut self,
        key: &'static str,
        read: impl FnOnce(&Raw) -> Result<T, String>,
    ) -> Option<(&'a Entry, T)> {
        self.settings.push(key);
        let entry = self.entry(key)?;
        let read = read(&entry.value).map_err(|what| self.fault(entry, what));
        Some((entry, read.ok()?))
    }

    fn text(&mut self, key: &'static str) -> Option<String> {
        self.read(key, raw::text).map(|(_, text)| text)
    }

    fn choice<T: Copy>(&mut self, key: &'static str, choices: &[(&str, T)]) -> Option<T> {
        let choose = |raw: &Raw| {
            let text = raw::text(raw)?;
            let found = choices.iter().find(|(name, _)| *name == text);
            found.map(|(_, choice)| *choice).ok_or_else(|| {
                let names: Vec<_> = choices.iter().map(|(n, _)| format!("{n:?}")).collect();
                format!("is {text:?}, and must be {}", names.join(" or "))
            })
        };
        self.read(key, choose).map(|(_, choice)| choice)
    }

    fn put(&mut self, key: &str, value: Value) {
        if let Some(place) = index_of(key).and_then(|i| self.values.get_mut(i)) {
            *place = Some(value);
        }
    }

    fn parameters(&mut self) {
        for entry in self.entries {
            if let Some(index) = index_of(&entry.key) {
                match Value::read(&parameters()[index], entry) {
                    Ok(value) => self.values[index] = Some(value),
                    Err(what) => self.fault(entry, what),
                }
            }
        }
    }

    /// Notes the keys that are neither parameters nor settings.
    fn unknown(&mut self) {
        let known = parameters().iter().map(|parameter| parameter.key);
        let known: Vec<&str> = known.chain(self.settings.iter().copied()).collect();
        for entry in self.entries.iter().filter(|e| !known.contains(&&*e.key)) {
            let near = nearest(&entry.key, known.iter().copied());
            self.fault(entry, format!("is not a key of a scenario{near}"));
        }
    }

    fn settings(&mut self, find: FindRig) -> Settings {
        let uses = self.uses();
        let choices = [("tenant", PaidBy::Tenant), ("landlord", PaidBy::Landlord)];
        let power_paid_by = self.choice("hosting.power_paid_by", &choices);
        let lets = uses.contains(&Use::Hosting) || uses.contains(&Use::Mixed);
        if lets && self.entry("hosting.power_paid_by").is_none() {
            self.faults.push(missing(
                "hosting.power_paid_by",
                "\"tenant\" (passed through) or \"landlord\" (in the rent); contracts differ, so nothing is taken for granted".into(),
            ));
        }
        Settings {
            name: self.text("name").unwrap_or_else(|| "site".into()),
            about: self.text("about"),
            power_paid_by,
            mining_asic: self.rig("mining.asic", "mining.efficiency_j_th", find),
            newer_asic: self.rig("newer.asic", "newer.efficiency_j_th", find),
            hosting_deal: self.deal(),
            accelerator: self.accelerator(),
            prices: self.prices(),
            uses,
        }
    }

    fn uses(&mut self) -> Vec<Use> {
        let list = |raw: &Raw| {
            let names = raw.clone().try_into::<Vec<String>>().ok();
            names.ok_or_else(|| "must be a list such as [\"hosting\"]".into())
        };
        let Some((entry, names)) = self.read("uses", list) else {
            let given = self.entry("uses").is_some();
            return if given { Vec::new() } else { Use::ALL.to_vec() };
        };
        if names.is_empty() {
            self.fault(entry, "is empty; leave it out for all of them");
        }
        let mut uses = Vec::new();
        for name in &names {
            match Use::ALL.into_iter().find(|kind| kind.id() == name) {
                Some(kind) if uses.contains(&kind) => {
                    self.fault(entry, format!("names {name} twice"));
                }
                Some(kind) => uses.push(kind),
                None => {
                    let near = nearest(name, Use::ALL.map(Use::id));
                    self.fault(entry, format!("knows no {name:?}{near}"));
                }
            }
        }
        uses.sort_unstable();
        uses
    }

    /// Reads a key that stands in for another, which cannot be given too.
    fn stand_in<T>(
        &mut self,
        key: &'static str,
        stands_for: &str,
        read: impl FnOnce(&Raw) -> Result<T, String>,
    ) -> Option<(&'a Entry, T)> {
        let other = self.entry(stands_for);
        self.read(key, |raw| match other {
            None => read(raw),
            Some(other) => {
                let line = other.line.map(|line| format!("line {line}"));
                let at = line.unwrap_or_else(|| "the command line".into());
                Err(format!(
                    "contradicts {stands_for} of {at}; give one of the two"
                ))
            }
        })
    }

    /// Reads a model, and takes its efficiency from the catalogue.
    fn rig(&mut self, key: &'static str, stands_for: &str, find: FindRig) -> Option<String> {
        let found = |raw: &Raw| find(&raw::text(raw)?);
        let (entry, rig) = self.stand_in(key, stands_for, found)?;
        let value = Value {
            range: Some(rig.interval_j_th),
            range_source: "tolerance of the specification".into(),
            source: Source {
                text: format!("{}: {}", rig.model, rig.source.text),
                ..rig.source
            },
            ..Value::of(entry, rig.efficiency_j_th)
        };
        self.put(stands_for, value);
        Some(rig.model)
    }

    /// Puts the figures of an offer where the scenario gives none of its own; `entry` is
    /// where it is named.
    fn take(&mut self, offer: &Offer, entry: Option<&Entry>) {
        let origin = entry.map_or(Origin::Default, |entry| Value::of(entry, 0.0).origin);
        for term in offer.terms {
            if self.entry(term.key).is_none() {
                self.put(term.key, term.as_value(offer, origin.clone()));
            }
        }
        let missing = offer.missing.iter().copied();
        let missing: Vec<&str> = missing.filter(|key| self.entry(key).is_none()).collect();
        if let (Some(entry), false) = (entry, missing.is_empty()) {
            let keys = missing.join(", ");
            self.fault(
                entry,
                format!(
                    "is {:?}, of which not all is published: give {keys} too",
                    offer.id
                ),
            );
        }
    }

    /// Reads the deal of hosting.
    fn deal(&mut self) -> &'static str {
        let choices: Vec<(&str, &Offer)> = DEALS.iter().map(|deal| (deal.id, deal)).collect();
        let found = self.choice("hosting.deal", &choices);
        let entry = self.entry("hosting.deal").filter(|_| found.is_some());
        let deal = found.or_else(|| DEALS.iter().find(|deal| DEFAULTS.contains(&deal.id)));
        deal.map_or("", |deal| {
            self.take(deal, entry);
            deal.title
        })
    }

    /// Reads the accelerator; one that is not offered needs figures of its own.
    fn accelerator(&mut self) -> String {
        let read = self.read("cloud.accelerator", raw::text);
        let (entry, name) = match read {
            Some((entry, name)) => (Some(entry), name),
            None => (None, DEFAULTS[1].into()),
        };
        if let Some(offer) = ACCELERATORS.iter().find(|offer| offer.id == name) {
            self.take(offer, entry);
            return name;
        }
        let mut missing: Vec<&str> = ACCELERATORS[0].terms.iter().map(|term| term.key).collect();
        missing.retain(|key| self.entry(key).is_none());
        if let (Some(entry), false) = (entry, missing.is_empty()) {
            let keys = missing.join(", ");
            let known: Vec<&str> = ACCELERATORS.iter().map(|offer| offer.id).collect();
            let known = known.join(" and the ");
            self.fault(
                entry,
                format!("is {name:?}, and known are the {known}: give {keys} too"),
            );
        }
        name
    }

    /// Takes the resale price of the rigs from their efficiency class, unless it is given.
    fn resale(&mut self) {
        let key = "mining.resale_usd_per_th";
        let of = index_of("mining.efficiency_j_th").and_then(|i| self.values[i].as_ref());
        if let (None, Some(efficiency)) = (self.entry(key), of) {
            self.put(key, offers::resale(efficiency.value));
        }
    }

    fn prices(&mut self) -> Option<PriceFile> {
        let choices = [("index", Contract::Index), ("fixed", Contract::Fixed)];
        let contract = self.choice("curtailment.contract", &choices);
        let time_column = self.text("curtailment.time_column");
        let price_column = self.text("curtailment.price_column");
        let timezone = self.text("curtailment.timezone");
        let path = self.read("curtailment.prices", raw::text);
        let Some((entry, path)) = path else {
            for key in ["time_column", "price_column", "timezone", "contract"] {
                if let Some(entry) = self.entry(&format!("curtailment.{key}")) {
                    self.fault(entry, "is of no use without curtailment.prices");
                }
            }
            return None;
        };
        if self.entry("curtailment.contract").is_none() {
            self.fault(
                entry,
                "needs curtailment.contract: \"index\" (each interval at its price) or \"fixed\" (all at power.price_usd_per_mwh, and what is not used is sold)",
            );
        }
        if contract == Some(Contract::Index)
            && let Some(price) = self.entry("power.price_usd_per_mwh")
        {
            self.fault(
                price,
                "contradicts curtailment.contract = \"index\", which takes the prices of the file; leave one out",
            );
        }
        Some(PriceFile {
            path,
            time_column,
            price_column,
            timezone,
            contract: contract.unwrap_or(Contract::Index),
        })
    }

    /// Converts a difficulty to the hash rate, and a hashprice to the price of a bitcoin.
    fn stand_ins(&mut self) {
        let positive = |raw: &Raw| {
            let value = raw::number(raw).filter(|value| Rule::Positive.fault(*value).is_none());
            value.ok_or_else(|| format!("is {}, and must be above 0", raw::shown(raw)))
        };
        let eh_s = |raw: &Raw| Ok(network_rate_h_per_s(positive(raw)?) / 1e18);
        let key = "network.hashrate_eh_s";
        if let Some((entry, eh_s)) = self.stand_in("network.difficulty", key, eh_s) {
            self.put_converted(key, entry, eh_s);
        }
        let of = |key: &str| Some(self.values[index_of(key)?].as_ref()?.value);
        let known = of("network.hashrate_eh_s").zip(of("network.fees_btc_per_block"));
        let starts = of("site.start").zip(of("network.halving"));
        let key = "network.btc_price_usd";
        let read = self.stand_in("network.hashprice_usd_per_ph_day", key, positive);
        if let Some(((entry, hashprice), ((eh_s, fees), (start, halving)))) =
            read.zip(known.zip(starts))
        {
            let reward_btc = crate::network::subsidy_btc(start, halving) + fees;
            let blocks = DAY_S / BLOCK_INTERVAL_S;
            let price = hashprice * eh_s * 1e3 / (blocks * reward_btc);
            self.put_converted(key, entry, price);
        }
    }

    /// Puts a value that was converted from that of another key, if it is in bounds.
    fn put_converted(&mut self, key: &str, entry: &Entry, value: f64) {
        let parameter = index_of(key).map(|i| &parameters()[i]);
        match parameter.and_then(|of| of.fault(value)) {
            Some(must) => self.fault(entry, format!("makes {key} {value:e}, which {must}")),
            None => self.put(key, converted(entry, value)),
        }
    }
}

/// A value that was converted from that of another key.
fn converted(entry: &Entry, value: f64) -> Value {
    let mut value = Value::of(entry, value);
    value.source.text += &format!(": from {}", entry.key);
    value
}

//! Reads the settings of a scenario that are not numbers, and numbers that stand in for a
//! parameter.

use crate::parameters::{index_of, parameters};
use crate::protocol::difficulty::{BLOCK_INTERVAL_S, network_rate_h_per_s};
use crate::raw::{Entry, Fault, Raw};
use crate::scenario::{FindRig, Rig, Value, fault, nearest, origin, own_word};
use crate::settings::{Contract, PaidBy, PriceFile, Settings, Use};
use perwatt_table::{Evidence, Source};

/// The accelerator that the defaults describe.
const ACCELERATOR: &str = "H100 SXM5";

/// Keys of texts, and of numbers that stand in for a parameter.
const KEYS: [&str; 14] = [
    "name",
    "about",
    "uses",
    "hosting.power_paid_by",
    "mining.asic",
    "newer.asic",
    "cloud.accelerator",
    "network.hashprice_usd_per_ph_day",
    "network.difficulty",
    "curtailment.prices",
    "curtailment.time_column",
    "curtailment.price_column",
    "curtailment.timezone",
    "curtailment.contract",
];

/// Reads the entries that are not parameters. `given` are the entries of parameters, by
/// their place; values that another key stands in for are put into `values`.
pub(crate) fn read(
    rest: &[Entry],
    given: &[Option<Entry>],
    values: &mut [Option<Value>],
    find: FindRig,
    faults: &mut Vec<Fault>,
) -> Option<Settings> {
    for entry in rest {
        if !KEYS.contains(&entry.key.as_str()) {
            let known = parameters().iter().map(|p| p.key);
            let near = nearest(&entry.key, known.chain(KEYS));
            faults.push(fault(entry, format!("is not a key of a scenario{near}")));
        }
    }
    let mut reader = Reader {
        rest,
        given,
        values,
        faults,
    };
    let name = reader.text("name").map(|(_, text)| text);
    let uses = reader.uses();
    let lets = uses
        .iter()
        .any(|kind| matches!(kind, Use::Hosting | Use::Mixed));
    let power_paid_by = reader.choice(
        "hosting.power_paid_by",
        &[("tenant", PaidBy::Tenant), ("landlord", PaidBy::Landlord)],
    );
    if lets && power_paid_by.is_none() && reader.entry("hosting.power_paid_by").is_none() {
        reader.faults.push(Fault {
            line: None,
            key: "hosting.power_paid_by".into(),
            what: "is missing: \"tenant\" (passed through) or \"landlord\" (in the rent); contracts differ, so nothing is taken for granted".into(),
        });
    }
    let settings = Settings {
        name: name.unwrap_or_else(|| "site".into()),
        about: reader.text("about").map(|(_, text)| text),
        power_paid_by,
        mining_asic: reader.rig("mining.asic", "mining.efficiency_j_th", find),
        newer_asic: reader.rig("newer.asic", "newer.efficiency_j_th", find),
        accelerator: reader.accelerator(),
        prices: reader.prices(),
        uses,
    };
    reader.stand_ins();
    Some(settings)
}

struct Reader<'a> {
    rest: &'a [Entry],
    given: &'a [Option<Entry>],
    values: &'a mut [Option<Value>],
    faults: &'a mut Vec<Fault>,
}

impl<'a> Reader<'a> {
    fn entry(&self, key: &str) -> Option<&'a Entry> {
        self.rest.iter().find(|entry| entry.key == key)
    }

    fn parameter(&self, key: &str) -> Option<&'a Entry> {
        self.given.get(index_of(key)?)?.as_ref()
    }

    fn fault(&mut self, entry: &Entry, what: String) {
        self.faults.push(fault(entry, what));
    }

    fn text(&mut self, key: &str) -> Option<(&'a Entry, String)> {
        let entry = self.entry(key)?;
        match &entry.value {
            Raw::Text(text) if !text.trim().is_empty() => Some((entry, text.trim().to_owned())),
            _ => {
                self.fault(entry, "must be a text that is not empty".into());
                None
            }
        }
    }

    fn choice<T: Copy>(&mut self, key: &str, choices: &[(&str, T)]) -> Option<T> {
        let (entry, text) = self.text(key)?;
        let found = choices.iter().find(|(name, _)| *name == text);
        if found.is_none() {
            let names: Vec<String> = choices.iter().map(|(n, _)| format!("{n:?}")).collect();
            self.fault(
                entry,
                format!("is {text:?}, and must be {}", names.join(" or ")),
            );
        }
        found.map(|(_, choice)| *choice)
    }

    fn uses(&mut self) -> Vec<Use> {
        let Some(entry) = self.entry("uses") else {
            return Use::ALL.to_vec();
        };
        let Raw::List(names) = &entry.value else {
            self.fault(entry, "must be a list such as [\"hosting\"]".into());
            return Vec::new();
        };
        let mut uses = Vec::new();
        for name in names {
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
        if names.is_empty() {
            self.fault(entry, "is empty; leave it out for all of them".into());
        }
        uses.sort_unstable();
        uses
    }

    /// True if `other` is given too, of which only one can be given; that is a fault of
    /// `entry`.
    fn contradicts(&mut self, entry: &Entry, other: &str) -> bool {
        let there = self.parameter(other);
        if let Some(there) = there {
            let at = match there.line {
                Some(line) => format!("line {line}"),
                None => "the command line".into(),
            };
            self.fault(
                entry,
                format!("contradicts {other} of {at}; give one of the two"),
            );
        }
        there.is_some()
    }

    fn put(&mut self, key: &str, value: Value) {
        if let Some(place) = index_of(key).and_then(|i| self.values.get_mut(i)) {
            *place = Some(value);
        }
    }

    /// Reads a model, and takes its efficiency from the catalogue.
    fn rig(&mut self, key: &str, stands_for: &str, find: FindRig) -> Option<String> {
        let (entry, name) = self.text(key)?;
        if self.contradicts(entry, stands_for) {
            return None;
        }
        match find(&name) {
            Ok(rig) => {
                let Rig {
                    model,
                    efficiency_j_th,
                    interval_j_th,
                    source,
                } = rig;
                let value = Value {
                    value: efficiency_j_th,
                    range: Some(interval_j_th),
                    range_source: "tolerance of the specification".into(),
                    source: Source {
                        text: format!("{model}: {}", source.text),
                        ..source
                    },
                    origin: origin(entry),
                };
                self.put(stands_for, value);
                Some(model)
            }
            Err(what) => {
                self.fault(entry, what);
                None
            }
        }
    }

    /// Reads the accelerator; one other than that of the defaults needs figures of its own.
    fn accelerator(&mut self) -> String {
        let Some((entry, name)) = self.text("cloud.accelerator") else {
            return ACCELERATOR.into();
        };
        let own = [
            "cloud.kw_per_gpu",
            "cloud.price_usd_per_gpu",
            "cloud.rent_usd_per_gpu_hour",
        ];
        let missing: Vec<&str> = own
            .into_iter()
            .filter(|key| self.parameter(key).is_none())
            .collect();
        if name != ACCELERATOR && !missing.is_empty() {
            self.fault(
                entry,
                format!(
                    "is {name:?}, and the defaults are of the {ACCELERATOR}: give {} too",
                    missing.join(", ")
                ),
            );
        }
        name
    }

    fn prices(&mut self) -> Option<PriceFile> {
        let path = self.text("curtailment.prices");
        let contract = self.choice(
            "curtailment.contract",
            &[("index", Contract::Index), ("fixed", Contract::Fixed)],
        );
        let file = PriceFile {
            path: String::new(),
            time_column: self.text("curtailment.time_column").map(|(_, text)| text),
            price_column: self.text("curtailment.price_column").map(|(_, text)| text),
            timezone: self.text("curtailment.timezone").map(|(_, text)| text),
            contract: contract.unwrap_or(Contract::Index),
        };
        let Some((entry, path)) = path else {
            for key in ["time_column", "price_column", "timezone", "contract"] {
                if let Some(entry) = self.entry(&format!("curtailment.{key}")) {
                    self.fault(entry, "is of no use without curtailment.prices".into());
                }
            }
            return None;
        };
        if self.entry("curtailment.contract").is_none() {
            self.fault(
                entry,
                "needs curtailment.contract: \"index\" (each interval at its price) or \"fixed\" (all at power.price_usd_per_mwh, and what is not used is sold)".into(),
            );
        }
        if contract == Some(Contract::Index)
            && let Some(price) = self.parameter("power.price_usd_per_mwh")
        {
            self.fault(
                price,
                "contradicts curtailment.contract = \"index\", which takes the prices of the file; leave one out".into(),
            );
        }
        Some(PriceFile { path, ..file })
    }

    /// Converts a hashprice to the price of a bitcoin, and a difficulty to the hash rate.
    fn stand_ins(&mut self) {
        if let Some((entry, difficulty)) =
            self.stand_in("network.difficulty", "network.hashrate_eh_s")
        {
            match network_rate_h_per_s(difficulty, BLOCK_INTERVAL_S) {
                Ok(rate) => self.put_own(entry, "network.hashrate_eh_s", rate / 1e18),
                Err(error) => self.fault(entry, error.to_string()),
            }
        }
        if let Some((entry, hashprice)) =
            self.stand_in("network.hashprice_usd_per_ph_day", "network.btc_price_usd")
        {
            let of = |key: &str| Some(self.values.get(index_of(key)?)?.as_ref()?.value);
            let known = of("network.hashrate_eh_s").zip(of("network.fees_btc_per_block"));
            let starts = of("site.start").zip(of("network.halving"));
            if let Some(((eh_s, fees), (start, halving))) = known.zip(starts) {
                let reward_btc = crate::network::subsidy_btc(start, halving) + fees;
                let blocks = 86_400.0 / BLOCK_INTERVAL_S;
                let price = hashprice * eh_s * 1e3 / (blocks * reward_btc);
                self.put_own(entry, "network.btc_price_usd", price);
            }
        }
    }

    fn stand_in(&mut self, key: &str, stands_for: &str) -> Option<(&'a Entry, f64)> {
        let entry = self.entry(key)?;
        match entry.value {
            Raw::Number(value) if value > 0.0 && value.is_finite() => {
                (!self.contradicts(entry, stands_for)).then_some((entry, value))
            }
            Raw::Number(value) => {
                self.fault(entry, format!("is {value}, and must be above 0"));
                None
            }
            _ => {
                self.fault(entry, "must be a number above 0".into());
                None
            }
        }
    }

    fn put_own(&mut self, entry: &Entry, key: &str, value: f64) {
        let source = own_word(entry);
        let value = Value {
            value,
            range: None,
            range_source: String::new(),
            source: Source {
                evidence: Evidence::Assumed,
                text: format!("{}: from {}", source.text, entry.key),
                date: None,
            },
            origin: origin(entry),
        };
        self.put(key, value);
    }
}

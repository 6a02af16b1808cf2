//! The keys of `perwatt.toml`: how each is read, and which arguments take it.

use std::path::Path;

use perwatt_power::{MeterSpec, SpecError, known_meters, public_text};
use perwatt_record::tags::{self, Tag, Tags};
use serde::Deserialize;
use serde_json::{Value, json};
use toml::de::{DeTable, Error, ValueDeserializer};

use crate::args::environment::{OUT, SUITE};
use crate::args::near::near;
use crate::args::number::{price, purchase, rent, watts};
use crate::args::run::parse_suite;

/// A key.
#[derive(Debug)]
pub struct Key {
    /// Its name in the file.
    pub name: &'static str,
    /// The ids of the arguments whose default it is.
    pub arguments: &'static [&'static str],
    /// The environment variable that is stronger.
    pub variable: Option<&'static str>,
    /// The value that holds without it.
    pub default: Option<&'static str>,
    read: fn(ValueDeserializer<'_>, Place<'_>) -> Result<Value, String>,
}

/// The place of a file.
#[derive(Debug, Clone, Copy)]
pub struct Place<'a> {
    /// The directory, to which paths are relative.
    pub dir: &'a Path,
    /// True if the user chose the file: it is in the user's own directory of settings, or
    /// was named. A file that was found above the working directory may be anybody's.
    pub chosen: bool,
}

/// A key in a file.
#[derive(Debug)]
pub struct Given {
    /// The key.
    pub key: &'static Key,
    /// Its line, counting from 1.
    pub line: usize,
    /// Its value: a number, a text, or a list of texts. Paths are relative to the working
    /// directory.
    pub value: Value,
}

/// The table of tags.
pub const TAGS: &str = "tags";

/// All keys, in the order in which they are listed.
pub static KEYS: [Key; 9] = [
    Key {
        name: "out",
        // Where results are written, and from where they are read.
        arguments: &["out", "inputs", "paths"],
        variable: Some(OUT),
        default: Some("results"),
        read: path,
    },
    Key {
        name: "suite",
        arguments: &["suite"],
        variable: Some(SUITE),
        default: Some("quick"),
        read: |value, _| {
            let name = text(value)?;
            parse_suite(&name).map(|_| json!(name))
        },
    },
    Key {
        name: "meters",
        arguments: &["meter"],
        variable: None,
        default: None,
        read: meters,
    },
    Key {
        name: "watts",
        arguments: &["watts"],
        variable: None,
        default: None,
        read: |value, _| Ok(json!(number(value, watts)?)),
    },
    Key {
        name: "power_price_usd_per_mwh",
        arguments: &["power_price"],
        variable: None,
        default: Some("45"),
        read: |value, _| Ok(json!(number(value, price)?)),
    },
    Key {
        name: "rent_usd_per_hour",
        arguments: &["rent_usd_per_hour"],
        variable: None,
        default: None,
        read: |value, _| Ok(json!(number(value, rent)?)),
    },
    Key {
        name: "price_usd",
        arguments: &["price_usd"],
        variable: None,
        default: None,
        read: |value, _| Ok(json!(number(value, purchase)?)),
    },
    Key {
        name: "site",
        arguments: &["site"],
        variable: None,
        default: None,
        read: path,
    },
    Key {
        name: TAGS,
        // Each tag is the default of its own key, see `Settings::tags_beside`.
        arguments: &[],
        variable: None,
        default: None,
        read: tags,
    },
];

/// Reads the keys of a file.
///
/// # Errors
/// The first fault: its line, and what is wrong there.
pub fn read(file: &str, place: Place<'_>) -> Result<Vec<Given>, (usize, String)> {
    let line = |at: usize| 1 + file.bytes().take(at).filter(|byte| *byte == b'\n').count();
    let table = DeTable::parse(file).map_err(|error| {
        let at = error.span().map_or(0, |span| span.start);
        (line(at), format!("this is not TOML: {}", error.message()))
    })?;
    let given = table.into_inner().into_iter().map(|(name, value)| {
        let line = line(name.span().start);
        let name = name.into_inner();
        let key = KEYS.iter().find(|key| key.name == name);
        let key = key.ok_or_else(|| (line, unknown(&name)))?;
        match (key.read)(value.into(), place) {
            Ok(value) => Ok(Given { key, line, value }),
            Err(what) => Err((line, format!("{name}: {what}"))),
        }
    });
    given.collect()
}

fn unknown(name: &str) -> String {
    let known = KEYS.each_ref().map(|key| key.name);
    match near(name, &known).next() {
        Some(meant) => format!("there is no key {name:?}; a similar one is {meant}"),
        None => format!(
            "there is no key {name:?}; the keys are {}",
            known.join(", ")
        ),
    }
}

fn said(error: Error) -> String {
    error.message().to_owned()
}

fn number(
    value: ValueDeserializer<'_>,
    check: fn(&str) -> Result<f64, String>,
) -> Result<f64, String> {
    let number = f64::deserialize(value).map_err(said)?;
    check(&number.to_string())
}

fn text(value: ValueDeserializer<'_>) -> Result<String, String> {
    let text = String::deserialize(value).map_err(said)?;
    match text.trim().is_empty() {
        true => Err("the text is empty; give one, or leave the key out".into()),
        false => Ok(text),
    }
}

fn path(value: ValueDeserializer<'_>, place: Place<'_>) -> Result<Value, String> {
    let text = text(value)?;
    if text == "-" || text.starts_with('~') {
        return Err(format!(
            "{text:?} is not a path, and a file has no ~; write it in full, or relative to the file"
        ));
    }
    let path = place.dir.join(text);
    let path = path.to_str().ok_or("the file's directory is not UTF-8")?;
    Ok(json!(path))
}

fn tags(value: ValueDeserializer<'_>, _: Place<'_>) -> Result<Value, String> {
    let tags = Tags::deserialize(value).map_err(said)?;
    tags::check(&tags).map_err(|error| error.to_string())?;
    let tags = tags.into_iter().map(|(key, value)| Tag { key, value });
    Ok(tags.map(|tag| tag.to_string()).collect())
}

fn meters(value: ValueDeserializer<'_>, place: Place<'_>) -> Result<Value, String> {
    let specs = Vec::<String>::deserialize(value).map_err(said)?;
    if specs.is_empty() {
        return Err(
            "the list is empty; leave the key out to read all meters that are found, or give [\"none\"]"
                .into(),
        );
    }
    for spec in &specs {
        meter(spec, place).map_err(|what| format!("{}: {what}", public_text(spec)))?;
    }
    Ok(json!(specs))
}

fn meter(text: &str, place: Place<'_>) -> Result<(), String> {
    let spec: MeterSpec = text.parse().map_err(|error: SpecError| error.why)?;
    if !known_meters().iter().any(|known| known.name == spec.kind) {
        return Err("there is no such meter; perwatt doctor lists them".into());
    }
    if spec.holds_secret() {
        return Err("it may hold a secret; write auth=env:NAME or auth=file:PATH instead, and give queries by --meter".into());
    }
    // With it a stranger's file could send any variable or file to any address.
    if !place.chosen && spec.options.contains_key("auth") {
        return Err("auth= is not taken from a file that was only found in a directory; move the meter to your own file, which perwatt config names, or name this one in PERWATT_CONFIG".into());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    fn of(file: &str) -> Result<Vec<Given>, (usize, String)> {
        let dir = Path::new("d");
        read(file, Place { dir, chosen: false })
    }

    #[test]
    fn values_have_the_types_and_the_bounds_of_their_options() {
        let file = "out = 'r'\nsuite = \"full\"\nwatts = 65\nmeters = ['rapl', 'prometheus=http://h:9100/metrics,metric=w']\npower_price_usd_per_mwh = 60.5\nrent_usd_per_hour = 2\nsite = '/s.toml'\n";
        let given = of(file).unwrap();
        let mut found: Vec<_> = given.iter().map(|of| (of.line, of.value.clone())).collect();
        found.sort_by_key(|(line, _)| *line);
        let out = Path::new("d").join("r");
        let meters = json!(["rapl", "prometheus=http://h:9100/metrics,metric=w"]);
        let values = [json!(out), json!("full"), json!(65.0), meters];
        let values = values.into_iter().chain([60.5.into(), 2.0.into()]);
        let expected = (1..).zip(values.chain([json!("/s.toml")]));
        assert_eq!(found, expected.collect::<Vec<_>>());
        for (file, part) in [
            ("watts = \"x\"", "watts: invalid type"),
            ("watts = nan", "watts: NaN"),
            ("watts = -1", "watts: -1 is not a power above 0"),
            ("watts = 2e6", "at most 1000000"),
            ("power_price_usd_per_mwh = 0", "power_price_usd_per_mwh: 0"),
            ("rent_usd_per_hour = inf", "rent_usd_per_hour: inf"),
            ("suite = \"quik\"", "a similar one is quick"),
            ("suite = 5", "suite: invalid type"),
            ("out = \"-\"", "not a path"),
            ("out = \"~/r\"", "write it in full"),
            ("site = \" \"", "is empty"),
            ("meters = \"rapl\"", "meters: invalid type"),
            ("meters = []", "the list is empty"),
            ("meters = [\"rpal\"]", "no such meter"),
            ("meters = [\"rapl:\"]", "KIND[:PART]"),
            ("meters = [\"shelly=a:word@h\"]", "shelly=h: it may hold"),
            (
                "meters = [\"shelly=h,auth=env:A\"]",
                "not taken from a file",
            ),
            ("wats = 65", "\"wats\"; a similar one is watts"),
            ("colour = 1", "the keys are out, "),
            ("[run]\nwatts = 1", "there is no key \"run\""),
            ("watts = 1\nwatts = 2", "this is not TOML: duplicate key"),
            ("watts", "this is not TOML"),
        ] {
            let (line, what) = of(&format!("# a comment\n{file}\n")).unwrap_err();
            let twice = file.starts_with("watts = 1\n");
            assert_eq!(line, 2 + usize::from(twice), "{file}: {what}");
            assert!(what.contains(part), "{file}: {what}");
            assert!(!what.contains("word"), "{what}");
        }
    }

    #[test]
    fn defaults_are_those_of_the_arguments() {
        let command = crate::args::Args::command();
        let run = command.find_subcommand("run").unwrap();
        for key in KEYS.iter().filter(|key| key.variable.is_some()) {
            let ids = key.arguments;
            let mut all = run.get_arguments();
            let argument = all.find(|arg| ids.contains(&arg.get_id().as_str()));
            let default = argument.unwrap().get_default_values();
            assert_eq!(default, [key.default.unwrap()]);
        }
        let price = perwatt_gap::energy::DEFAULT_USD_PER_MWH.to_string();
        let mut keys = KEYS.iter();
        assert!(keys.any(|key| key.default == Some(price.as_str())));
    }
}

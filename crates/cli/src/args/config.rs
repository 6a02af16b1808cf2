//! Settings from files: `perwatt.toml` of a directory and of the user. They are the defaults
//! of arguments, so that the command line and the environment are stronger.

pub mod keys;

use std::env::{current_dir, home_dir, var_os};
use std::ffi::OsString;
use std::path::{Path, PathBuf};

use anyhow::{Context, anyhow};
use clap::parser::ValueSource;
use clap::{ArgMatches, Command};
use perwatt_host::files;
use perwatt_record::tags::Tag;
use serde_json::Value;

use super::environment::CONFIG;
use keys::{KEYS, Key, Place, TAGS};

/// The name of the file.
const NAME: &str = "perwatt.toml";
/// The largest file that is read, in bytes.
const LIMIT: u64 = 1 << 20;
/// Stands in a record before the options that came from a file.
const MARK: &str = "[perwatt.toml]";

/// The arguments from files that a record's command line has.
const BORNE: [&str; 5] = ["suite", "watts", "meter", "price_usd", "rent_usd_per_hour"];

/// A file that was looked for.
#[derive(Debug, PartialEq, Eq)]
pub struct Source {
    /// Its path.
    pub path: PathBuf,
    /// True if it is there.
    pub is_there: bool,
    /// True if the user chose it; see [`Place::chosen`].
    chosen: bool,
}

/// The origin of a value.
#[derive(Debug, PartialEq, Eq)]
pub enum Origin {
    /// An environment variable.
    Variable(&'static str),
    /// A file, and the line in it.
    File(PathBuf, usize),
    /// The program.
    Default,
}

/// A key with the value that holds.
#[derive(Debug)]
pub struct Setting {
    /// The key.
    pub key: &'static Key,
    /// The value, if there is one.
    pub value: Option<Value>,
    /// Its origin.
    pub origin: Origin,
}

/// All settings.
#[derive(Debug)]
pub struct Settings {
    /// One for each key.
    pub all: Vec<Setting>,
    /// The files that were looked for, the strongest first.
    pub files: Vec<Source>,
}

impl Settings {
    /// The settings for this process.
    ///
    /// # Errors
    /// A file that cannot be read or has a fault, with its path and line.
    pub fn find() -> anyhow::Result<Self> {
        let named = var_os(CONFIG).filter(|value| !value.is_empty());
        let mut found = Self::merge(sources(named, current_dir().ok().as_deref(), user_dir()))?;
        for setting in &mut found.all {
            let name = setting.key.variable;
            let given = name.and_then(|name| Some((name, var_os(name)?)));
            if let Some((name, value)) = given.filter(|(_, value)| !value.is_empty()) {
                setting.value = Some(value.to_string_lossy().into());
                setting.origin = Origin::Variable(name);
            }
        }
        Ok(found)
    }

    /// Reads the files; of a key in several, the first holds.
    fn merge(files: Vec<Source>) -> anyhow::Result<Self> {
        let mut all: Vec<Setting> = KEYS
            .iter()
            .map(|key| Setting {
                key,
                value: key.default.map(Value::from),
                origin: Origin::Default,
            })
            .collect();
        for source in files.iter().filter(|source| source.is_there) {
            let path = source.path.display();
            let text = files::read_text(&source.path, LIMIT)
                .with_context(|| format!("cannot read {path}"))?;
            let place = Place {
                dir: source.path.parent().unwrap_or(Path::new("")),
                chosen: source.chosen,
            };
            let given = keys::read(&text, place)
                .map_err(|(line, what)| anyhow!("{path}:{line}: {what}"))?;
            for given in given {
                let mut same = all.iter_mut().filter(|of| of.key.name == given.key.name);
                if let Some(open) = same.find(|of| of.origin == Origin::Default) {
                    open.value = Some(given.value);
                    open.origin = Origin::File(source.path.clone(), given.line);
                }
            }
        }
        Ok(Self { all, files })
    }

    /// The settings from files.
    fn in_files(&self) -> impl Iterator<Item = (&'static Key, &Value)> {
        let is_file = |of: &&Setting| matches!(of.origin, Origin::File(..));
        let of_files = self.all.iter().filter(is_file);
        of_files.filter_map(|of| Some((of.key, of.value.as_ref()?)))
    }

    /// The subcommand with the settings from files as defaults of its arguments. `given` is
    /// what the command line and the environment have.
    pub fn apply(&self, mut command: Command, given: &ArgMatches) -> Command {
        let resumes = given.try_contains_id("resume").unwrap_or(false);
        let none = "none".to_owned();
        let typed = given.try_get_many::<String>("meter").ok().flatten();
        let no_meter = match typed {
            Some(mut typed) => typed.any(|spec| *spec == none),
            None => {
                let mut all = self.in_files();
                all.any(|(key, value)| key.name == "meters" && texts(value).contains(&none))
            }
        };
        let measures = command.get_arguments().any(|arg| arg.get_id() == "meter");
        for (key, value) in self.in_files() {
            // A record that is resumed states its watts, and `none` excludes them.
            if key.name == "watts" && measures && (resumes || no_meter) {
                continue;
            }
            command = command.mut_args(|arg| {
                let takes = key.arguments.contains(&arg.get_id().as_str());
                match takes && !arg.is_required_set() {
                    // Defaults last as long as the program; it needs them once.
                    true => arg.default_values(texts(value).into_iter().map(|text| &*text.leak())),
                    false => arg,
                }
            });
        }
        command
    }

    /// The tags from files whose keys are not among those given.
    pub fn tags_beside(&self, given: &[Tag]) -> Vec<Tag> {
        let all = self.in_files().filter(|(key, _)| key.name == TAGS);
        let all = all.flat_map(|(_, value)| texts(value));
        let all = all.filter_map(|text| text.parse::<Tag>().ok());
        all.filter(|tag| !given.iter().any(|other| other.key == tag.key))
            .collect()
    }

    /// The options of a measurement that came from files, as they would have been typed, for
    /// its record; `tags` are those from files.
    pub fn options(&self, matches: &ArgMatches, tags: &[Tag]) -> Vec<String> {
        let mut options = Vec::new();
        for (key, value) in self.in_files() {
            let id = key.arguments.first().copied().unwrap_or_default();
            let bears = BORNE.contains(&id)
                && matches.try_contains_id(id).unwrap_or(false)
                && matches.value_source(id) == Some(ValueSource::DefaultValue);
            if bears {
                options.extend(
                    texts(value)
                        .into_iter()
                        .flat_map(|of| [format!("--{}", id.replace('_', "-")), of]),
                );
            }
        }
        options.extend(
            tags.iter()
                .flat_map(|tag| ["--tag".into(), tag.to_string()]),
        );
        if !options.is_empty() {
            options.insert(0, MARK.into());
        }
        options
    }
}

/// A value as the texts that an argument takes.
pub fn texts(value: &Value) -> Vec<String> {
    match value {
        Value::Array(all) => all.iter().flat_map(texts).collect(),
        Value::String(text) => vec![text.clone()],
        number => vec![number.as_f64().unwrap_or(f64::NAN).to_string()],
    }
}

/// The files to look for: the named one alone, or that of the working directory or the
/// nearest directory above it, and that of the user.
fn sources(named: Option<OsString>, here: Option<&Path>, user: Option<PathBuf>) -> Vec<Source> {
    // A file that is there and cannot be read is an error, and not one that is missing.
    let is_there = |path: &Path| path.symlink_metadata().is_ok();
    if let Some(named) = named {
        let named = (named != "none").then(|| Source {
            path: named.into(),
            is_there: true,
            chosen: true,
        });
        return named.into_iter().collect();
    }
    let user = user.map(|dir| dir.join("perwatt").join(NAME));
    let above = here.into_iter().flat_map(Path::ancestors);
    let nearest = above.map(|dir| dir.join(NAME)).find(|path| is_there(path));
    let nearest = nearest.filter(|path| Some(path) != user.as_ref());
    let mut all = vec![Source {
        is_there: nearest.is_some(),
        // Paths in the working directory are short.
        path: match nearest {
            Some(path) if path.parent() != here => path,
            _ => NAME.into(),
        },
        chosen: false,
    }];
    all.extend(user.map(|path| Source {
        is_there: is_there(&path),
        path,
        chosen: true,
    }));
    all
}

/// The directory of the user's settings.
fn user_dir() -> Option<PathBuf> {
    let absolute = |name: &str| {
        var_os(name)
            .map(PathBuf::from)
            .filter(|dir| dir.is_absolute())
    };
    if cfg!(windows) {
        return absolute("APPDATA");
    }
    let usual = match cfg!(target_os = "macos") {
        true => "Library/Application Support",
        false => ".config",
    };
    absolute("XDG_CONFIG_HOME").or_else(|| Some(home_dir()?.join(usual)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_file_is_stronger_than_the_user_s() {
        let dir = tempfile::tempdir().unwrap();
        let (home, deep) = (dir.path().join("home"), dir.path().join("a/b"));
        let own = home.join("perwatt").join(NAME);
        std::fs::create_dir_all(&deep).unwrap();
        std::fs::create_dir_all(own.parent().unwrap()).unwrap();
        std::fs::write(&own, "out = 'mine'\nwatts = 50\n").unwrap();
        let look = || sources(None, Some(&deep), Some(home.clone()));
        let above = dir.path().join("a").join(NAME);
        std::fs::write(&above, "\nout = 'r'\n").unwrap();
        let found = look();
        let at: Vec<_> = found.iter().map(|of| (&of.path, of.is_there)).collect();
        assert_eq!(at, [(&above, true), (&own, true)]);
        let merged = Settings::merge(found).unwrap();
        let of = |name| merged.all.iter().find(|of| of.key.name == name).unwrap();
        let out = dir.path().join("a/r");
        assert_eq!(of("out").value, Some(out.to_str().unwrap().into()));
        assert_eq!(of("out").origin, Origin::File(above.clone(), 2));
        assert_eq!(of("watts").origin, Origin::File(own.clone(), 2));
        assert_eq!(of("suite").origin, Origin::Default);

        // A nearer one takes its place; both keys and directories are its own.
        std::fs::create_dir(deep.join(NAME)).unwrap();
        let found = look();
        assert_eq!(found[0].path, Path::new(NAME));
        assert!(found[0].is_there);
        // The user's file is read once, as the user's.
        let both = sources(None, own.parent(), Some(home));
        assert_eq!((both[0].is_there, both[1].is_there), (false, true));
        assert!(sources(Some("none".into()), Some(&deep), None).is_empty());
        let named = sources(Some("x.toml".into()), Some(&deep), None);
        let error = Settings::merge(named).unwrap_err();
        assert!(format!("{error:#}").starts_with("cannot read x.toml: "));
    }
}

//! The command line as it is written to archived files.

use std::ffi::OsString;
use std::path::Path;

use perwatt_power::public_text;

/// The length limit of a note, in bytes.
const MAX_NOTE: usize = 4000;
/// The length limit of a label, in characters: it heads columns.
const MAX_LABEL: usize = 100;

/// Returns an error if the label is blank, or the label or the note is too long.
pub fn check_texts(label: Option<&str>, note: Option<&str>) -> anyhow::Result<()> {
    if let Some(label) = label {
        anyhow::ensure!(
            !label.trim().is_empty(),
            "--label {label:?} names nothing; give a text, or leave the option out"
        );
        let length = label.chars().count();
        anyhow::ensure!(
            length <= MAX_LABEL,
            "--label is {length} characters long; give at most {MAX_LABEL}, and the rest as --note"
        );
    }
    let length = note.map_or(0, str::len);
    anyhow::ensure!(
        length <= MAX_NOTE,
        "--note is {length} bytes long; give at most {MAX_NOTE}"
    );
    Ok(())
}

/// The command line with the name of the program in place of its path: the directory
/// identifies the user and not the measurement. Secrets are removed from the specifications
/// of meters.
pub fn argv(given: impl Iterator<Item = OsString>) -> Vec<String> {
    let mut all = Vec::new();
    let mut after_meter = false;
    for arg in given {
        let arg = arg.to_string_lossy();
        let kept = match arg.strip_prefix("--meter=") {
            _ if all.is_empty() => {
                let name = Path::new(arg.as_ref()).file_name();
                name.map_or_else(
                    || arg.to_string(),
                    |name| name.to_string_lossy().into_owned(),
                )
            }
            _ if after_meter => public_text(&arg),
            Some(spec) => format!("--meter={}", public_text(spec)),
            None => arg.to_string(),
        };
        after_meter = !after_meter && arg == "--meter";
        all.push(kept);
    }
    all
}

#[cfg(test)]
mod tests {
    use super::{argv, check_texts};

    #[test]
    fn a_label_names_something_in_a_hundred_characters() {
        let error = |label: &str| check_texts(Some(label), None).unwrap_err().to_string();
        assert!(error("").contains("names nothing"));
        assert!(error(" \t").contains("names nothing"));
        assert!(error(&"\u{e9}".repeat(101)).contains("101 characters"));
        assert!(check_texts(Some(&"\u{e9}".repeat(100)), Some("")).is_ok());
        assert!(check_texts(None, Some(&"x".repeat(4001))).is_err());
    }

    #[test]
    fn of_a_meter_only_what_is_no_secret_is_kept() {
        let given = [
            "/home/me/bin/perwatt",
            "run",
            "--meter",
            "shelly=http://me:word1@10.0.0.7/p/word2?key=word3#word4,auth=word5,channel=1",
            "--meter=json=https://host/word6,auth_key=word7",
            "--meter",
            "--meter",
            "--note",
            "kept",
        ];
        let kept = argv(given.into_iter().map(Into::into));
        assert_eq!(kept[..3], ["perwatt", "run", "--meter"]);
        assert_eq!(kept[7..], ["--note", "kept"]);
        let all = kept.join(" ");
        assert!(!all.contains("word"), "{all}");
        assert!(
            all.contains("10.0.0.7") && all.contains("channel=1"),
            "{all}"
        );
    }
}

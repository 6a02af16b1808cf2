//! The command line as it is written to archived files.

use std::ffi::OsString;
use std::path::Path;

use perwatt_power::public_text;

/// The length limit of a label or note, in bytes.
const MAX_TEXT: usize = 4000;

/// Returns an error if the label or the note is too long.
pub fn check_texts(label: Option<&str>, note: Option<&str>) -> anyhow::Result<()> {
    for (option, text) in [("--label", label), ("--note", note)] {
        let length = text.map_or(0, str::len);
        anyhow::ensure!(
            length <= MAX_TEXT,
            "{option} is {length} bytes long; give at most {MAX_TEXT}"
        );
    }
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
    use super::argv;

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

//! The name of one machine among machines of one model.

use sha2::{Digest, Sha256};

use crate::missing::Absent;
use crate::tree::Tree;

/// The machine id of systemd, then that of D-Bus, which older systems have.
const FILES: [&str; 2] = ["/etc/machine-id", "/var/lib/dbus/machine-id"];

/// machine-id(5) asks that the id itself is not published: an application must show a hash
/// that is bound to the application.
const DOMAIN: &str = "perwatt-specimen-v1|";

/// The first 32 hexadecimal digits of the SHA-256 of [`DOMAIN`] and the machine id.
pub(crate) fn specimen(tree: &Tree) -> Result<String, Absent> {
    let [systemd, dbus] = FILES.map(|path| read(tree, path));
    let id = systemd.or_else(|absent| dbus.or(Err(absent)))?;
    let digest = Sha256::digest(format!("{DOMAIN}{id}"));
    Ok(hex::encode(&digest[..16]))
}

fn read(tree: &Tree, path: &str) -> Result<String, Absent> {
    let id = tree.text(path)?.to_ascii_lowercase();
    // systemd writes "uninitialized" into images that did not boot yet.
    if id.len() != 32 || !id.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        let reason = format!("{path} does not hold a machine id of 32 hexadecimal digits");
        return Err(Absent::because(reason).fix("run systemd-machine-id-setup as root"));
    }
    Ok(id)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(files: &[(&str, &str)]) -> Result<String, Absent> {
        let root = tempfile::tempdir().unwrap();
        for (path, text) in files {
            let path = root.path().join(path.trim_start_matches('/'));
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
        specimen(&Tree::new(root.path()))
    }

    /// The expected digits are from `printf … | sha256sum`.
    #[test]
    fn a_machine_id_is_hashed_with_the_domain() {
        let id = "0123456789abcdef0123456789abcdef\n";
        let expected = "c36eddc6514981374f6ac0aec3c7b145";
        assert_eq!(of(&[(FILES[0], id)]).unwrap(), expected);
        assert_eq!(of(&[(FILES[1], id)]).unwrap(), expected);
        let upper = id.to_ascii_uppercase();
        assert_eq!(of(&[(FILES[0], &upper)]).unwrap(), expected);
    }

    #[test]
    fn the_second_file_replaces_one_that_holds_no_id() {
        let other = "fedcba9876543210fedcba9876543210";
        let both = of(&[(FILES[0], "uninitialized\n"), (FILES[1], other)]);
        assert_eq!(both.unwrap(), of(&[(FILES[0], other)]).unwrap());
    }

    #[test]
    fn a_tree_without_an_id_has_no_specimen() {
        let absent = of(&[]).unwrap_err();
        assert!(absent.reason.contains("/etc/machine-id"), "{absent:?}");
        for text in [
            "uninitialized\n",
            "0123",
            "0123456789abcdef0123456789abcdeg",
        ] {
            let absent = of(&[(FILES[0], text)]).unwrap_err();
            assert!(absent.reason.contains("32 hexadecimal digits"), "{text}");
        }
    }
}

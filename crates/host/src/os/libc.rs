//! The C library that this process is linked with.

use crate::missing::Absent;
use crate::tree::Tree;

/// Precedes the version in a text inside glibc, which prints it when run as a program.
const GLIBC_MARK: &[u8] = b"stable release version ";

pub(super) fn read(tree: &Tree) -> Result<String, Absent> {
    let absent = match tree.text("/proc/self/maps") {
        Ok(maps) => match from_maps(tree, &maps) {
            Some(name) => return Ok(name),
            None => Absent::because("/proc/self/maps shows no C library (statically linked)"),
        },
        Err(absent) => absent,
    };
    match tree.is_live() {
        true => linked().map(str::to_owned).ok_or(absent),
        false => Err(absent),
    }
}

fn from_maps(tree: &Tree, maps: &str) -> Option<String> {
    let path = maps
        .lines()
        .filter_map(|line| Some(&line[line.find('/')?..]))
        .find(|path| {
            let file = path.rsplit('/').next().unwrap_or_default();
            file.starts_with("libc.so.6")
                || file.starts_with("libc-2.")
                || file.starts_with("ld-musl-")
        })?;
    if path.contains("ld-musl-") {
        return Some("musl".to_owned());
    }
    let version = tree
        .bytes(path)
        .ok()
        .and_then(|image| glibc_version(&image));
    Some(match version {
        Some(version) => format!("glibc {version}"),
        None => "glibc".to_owned(),
    })
}

fn glibc_version(image: &[u8]) -> Option<String> {
    let at = image
        .windows(GLIBC_MARK.len())
        .position(|window| window == GLIBC_MARK)?;
    let version: String = image[at + GLIBC_MARK.len()..]
        .iter()
        .take(12)
        .take_while(|byte| byte.is_ascii_digit() || **byte == b'.')
        .map(|&byte| char::from(byte))
        .collect();
    let version = version.trim_end_matches('.');
    (!version.is_empty()).then(|| version.to_owned())
}

/// The library chosen at compile time, for targets that reveal nothing more at run time.
fn linked() -> Option<&'static str> {
    if cfg!(target_env = "musl") {
        Some("musl")
    } else if cfg!(target_env = "msvc") {
        Some("Microsoft C runtime")
    } else if cfg!(target_os = "macos") {
        Some("libSystem")
    } else if cfg!(all(windows, target_env = "gnu")) {
        Some("MinGW C runtime")
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn glibc_names_its_version() {
        let image =
            b"..GNU C Library (Debian GLIBC 2.36-9) stable release version 2.36.\nCopyright";
        assert_eq!(glibc_version(image).as_deref(), Some("2.36"));
        assert_eq!(glibc_version(b"stable release version x"), None);
        assert_eq!(glibc_version(b"stable release version "), None);
        assert_eq!(glibc_version(b""), None);
    }
}

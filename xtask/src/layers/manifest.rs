//! The workspace crates that a manifest depends on.

/// Lines of a `Cargo.toml` that depend on a crate of the workspace, each with the directory
/// of that crate; dependencies of tests only are left out.
pub fn dependencies(manifest: &str) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    let mut is_dependencies = false;
    for (number, line) in manifest.lines().enumerate() {
        let key = if let Some(section) = line.strip_prefix('[') {
            let section = section.trim_end_matches(']');
            is_dependencies =
                section.ends_with("dependencies") && !section.ends_with("dev-dependencies");
            match section.rsplit_once('.') {
                // `[dependencies.perwatt-gpu]`
                Some((table, key))
                    if table.ends_with("dependencies") && !table.ends_with("dev-dependencies") =>
                {
                    key
                }
                _ => continue,
            }
        } else if is_dependencies {
            line
        } else {
            continue;
        };
        let name = key.split(['.', '=', ' ']).next().unwrap_or_default();
        if let Some(name) = name.strip_prefix("perwatt-") {
            found.push((number + 1, name.to_owned()));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dependencies_have_lines() {
        let manifest = "[dependencies]
perwatt-gpu.workspace = true
anyhow.workspace = true
perwatt-power = { path = \"../power\" }

[target.'cfg(unix)'.dependencies]
perwatt-host.workspace = true

[build-dependencies]
perwatt-stats.workspace = true

[dependencies.perwatt-gap]
workspace = true

[dev-dependencies]
perwatt-record.workspace = true
[dev-dependencies.perwatt-cli]
path = \"../cli\"
";
        let found = dependencies(manifest);
        let found: Vec<_> = found
            .iter()
            .map(|(line, name)| (*line, &name[..]))
            .collect();
        assert_eq!(
            found,
            [
                (2, "gpu"),
                (4, "power"),
                (7, "host"),
                (10, "stats"),
                (12, "gap")
            ]
        );
    }
}

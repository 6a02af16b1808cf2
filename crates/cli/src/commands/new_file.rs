//! Atomic creation of new files: complete or absent, and never over an existing file.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;

use anyhow::Context;

/// The file that `--out` names; `None` for standard output, which `-` stands for.
pub fn named(out: Option<&Path>) -> Option<&Path> {
    out.filter(|path| *path != Path::new("-"))
}

/// Creates `path` with the contents that `write` produces, and returns the result of
/// `write`. After an error no file is left.
pub fn create<T>(
    path: &Path,
    write: impl FnOnce(&mut BufWriter<&File>) -> anyhow::Result<T>,
) -> anyhow::Result<T> {
    let cannot = || format!("cannot write {}", path.display());
    let dir = path.parent().filter(|dir| !dir.as_os_str().is_empty());
    let mut builder = tempfile::Builder::new();
    builder.prefix(".perwatt-").suffix(".tmp");
    // Permissions of a usual new file, instead of those of a temporary one.
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o644));
    let file = builder
        .tempfile_in(dir.unwrap_or(Path::new(".")))
        .with_context(cannot)?;
    let mut out = BufWriter::new(file.as_file());
    let answer = write(&mut out)?;
    out.flush().with_context(cannot)?;
    drop(out);
    file.as_file().sync_all().with_context(cannot)?;
    file.persist_noclobber(path)
        .map_err(|error| error.error)
        .with_context(|| format!("cannot write {}; choose a new file", path.display()))?;
    perwatt_record::sync_name(path).with_context(cannot)?;
    Ok(answer)
}

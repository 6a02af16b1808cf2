//! Safe opening of files with untrusted paths or contents.
//!
//! A path may lead to a pipe without a writer, a device, or a file of `/proc` without
//! an end. Opening one of these can block forever or act on hardware, so only regular
//! files are opened, and never more is read than the caller allows.

use std::fmt;
use std::fs::{File, FileType, OpenOptions};
use std::io::{self, ErrorKind, Read};
use std::path::Path;

/// Opens a regular file on a file system that stores data.
///
/// # Errors
/// Errors of the operating system; [`ErrorKind::InvalidInput`] if it is not a regular
/// file, or lies in a kernel file system such as `/proc`, with a message that states
/// this and a remedy.
pub fn open(path: &Path) -> io::Result<File> {
    let file = open_regular(path)?;
    match kernel_file_system(&file) {
        Some(name) => Err(refuse(format!(
            "it lies in {name}, whose files are made by the kernel as they are read; copy it to an ordinary file and give that"
        ))),
        None => Ok(file),
    }
}

/// Reads a whole file, under the conditions of [`open`].
///
/// # Errors
/// As [`open`]; [`ErrorKind::FileTooLarge`] for a file of more than `limit` bytes. At
/// most one byte more than `limit` is read.
pub fn read(path: &Path, limit: u64) -> io::Result<Vec<u8>> {
    read_all(open(path)?, limit)
}

/// As [`read`], for a file that must be UTF-8.
///
/// # Errors
/// As [`read`]; [`ErrorKind::InvalidData`] if the bytes are not UTF-8.
pub fn read_text(path: &Path, limit: u64) -> io::Result<String> {
    String::from_utf8(read(path, limit)?).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        let text = format!("it is not UTF-8 text (from byte {at} on)");
        io::Error::new(ErrorKind::InvalidData, text)
    })
}

/// Reads at most `limit` bytes of an attribute below `/proc` or `/sys`, or of a
/// recorded copy of one. The length of an attribute is not known before it is read, so
/// a longer one is truncated.
///
/// # Errors
/// Errors of the operating system; [`ErrorKind::InvalidInput`] if it is not a regular file.
pub fn read_attribute(path: &Path, limit: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    open_regular(path)?.take(limit).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Opens without blocking, and refuses anything but a regular file.
fn open_regular(path: &Path) -> io::Result<File> {
    // Checked by path first, because opening a device may already have an effect.
    regular(std::fs::metadata(path)?.file_type())?;
    let mut options = OpenOptions::new();
    options.read(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::custom_flags(
        &mut options,
        (rustix::fs::OFlags::NONBLOCK | rustix::fs::OFlags::NOCTTY).bits() as i32,
    );
    let file = options.open(path)?;
    // Checked again on the open file, because the path may lead elsewhere by now.
    regular(file.metadata()?.file_type())?;
    Ok(file)
}

fn read_all(file: File, limit: u64) -> io::Result<Vec<u8>> {
    let too_large = || {
        let text = format!("it is larger than {limit} bytes, the most that is read");
        io::Error::new(ErrorKind::FileTooLarge, text)
    };
    let length = file.metadata()?.len();
    if length > limit {
        return Err(too_large());
    }
    let mut bytes = Vec::with_capacity(length as usize);
    // The file may grow while it is read.
    file.take(limit.saturating_add(1)).read_to_end(&mut bytes)?;
    match bytes.len() as u64 > limit {
        true => Err(too_large()),
        false => Ok(bytes),
    }
}

fn regular(kind: FileType) -> io::Result<()> {
    if kind.is_file() {
        return Ok(());
    }
    if kind.is_dir() {
        return Err(io::Error::new(ErrorKind::IsADirectory, "it is a directory"));
    }
    Err(refuse(format!(
        "it is {}, not a regular file; save what it gives to a file and give that",
        kind_name(kind)
    )))
}

fn refuse(what: impl fmt::Display) -> io::Error {
    io::Error::new(ErrorKind::InvalidInput, what.to_string())
}

#[cfg(unix)]
fn kind_name(kind: FileType) -> &'static str {
    use std::os::unix::fs::FileTypeExt;
    if kind.is_fifo() {
        "a pipe"
    } else if kind.is_socket() {
        "a socket"
    } else if kind.is_char_device() || kind.is_block_device() {
        "a device"
    } else {
        "something else"
    }
}

#[cfg(not(unix))]
fn kind_name(_kind: FileType) -> &'static str {
    "something else"
}

/// The name of the kernel file system that a file lies in; `None` for one that stores data.
#[cfg(target_os = "linux")]
fn kernel_file_system(file: &File) -> Option<&'static str> {
    // linux/magic.h
    match rustix::fs::fstatfs(file).ok()?.f_type as u32 {
        0x9fa0 => Some("/proc"),
        0x6265_6572 => Some("/sys"),
        0x6462_6720 => Some("debugfs"),
        0x7472_6163 => Some("tracefs"),
        0x7363_6673 => Some("securityfs"),
        0x6265_6570 => Some("configfs"),
        0x0027_e0eb | 0x6367_7270 => Some("a cgroup"),
        0xcafe_4a11 => Some("bpf"),
        0xde5e_81e4 => Some("efivarfs"),
        _ => None,
    }
}

#[cfg(not(target_os = "linux"))]
fn kernel_file_system(_file: &File) -> Option<&'static str> {
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_read_up_to_its_limit() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("file");
        std::fs::write(&path, "12345").unwrap();
        assert_eq!(read(&path, 5).unwrap(), b"12345");
        assert_eq!(read_text(&path, 5).unwrap(), "12345");
        assert_eq!(read(&path, 4).unwrap_err().kind(), ErrorKind::FileTooLarge);
        assert_eq!(read_attribute(&path, 4).unwrap(), b"1234");
        std::fs::write(&path, b"ab\xff").unwrap();
        let error = read_text(&path, 9).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidData);
        assert!(error.to_string().contains("byte 2"), "{error}");
        assert_eq!(
            read(&dir.path().join("none"), 9).unwrap_err().kind(),
            ErrorKind::NotFound
        );
        assert_eq!(
            read(dir.path(), 9).unwrap_err().kind(),
            ErrorKind::IsADirectory
        );
    }

    #[cfg(unix)]
    #[test]
    fn pipes_sockets_and_devices_are_refused_at_once() {
        let dir = tempfile::tempdir().unwrap();
        let socket = dir.path().join("socket");
        let _listening = std::os::unix::net::UnixListener::bind(&socket).unwrap();
        let pipe = dir.path().join("pipe");
        rustix::fs::mknodat(
            rustix::fs::CWD,
            &pipe,
            rustix::fs::FileType::Fifo,
            rustix::fs::Mode::RUSR | rustix::fs::Mode::WUSR,
            0,
        )
        .unwrap();
        let link = dir.path().join("link");
        std::os::unix::fs::symlink(&pipe, &link).unwrap();
        for (path, named) in [
            (pipe.as_path(), "a pipe"),
            (&link, "a pipe"),
            (&socket, "a socket"),
            (Path::new("/dev/zero"), "a device"),
        ] {
            for error in [
                read(path, 9).unwrap_err(),
                read_attribute(path, 9).unwrap_err(),
            ] {
                assert_eq!(error.kind(), ErrorKind::InvalidInput);
                assert!(error.to_string().contains(named), "{path:?}: {error}");
            }
        }
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn attributes_of_the_kernel_are_read_only_where_they_are_meant() {
        let path = Path::new("/proc/self/stat");
        assert!(!read_attribute(path, 1 << 16).unwrap().is_empty());
        let error = read(path, 1 << 16).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput);
        assert!(error.to_string().contains("/proc"), "{error}");
    }
}

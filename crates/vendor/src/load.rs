//! Loading of a library and of its symbols.
//!
//! A library is never unloaded: its worker threads would lose their code.
#![allow(unsafe_code)]

use std::ffi::{CStr, c_char, c_void};
use std::path::{Path, PathBuf};

use libloading::Library;

/// Marks the error of a library that the loader could not load.
pub(crate) const NOT_LOADED: &str = "it cannot be loaded";

/// Loads a library.
///
/// # Errors
/// A clause that completes "but …", with the loader's message.
pub fn load(path: &Path) -> Result<&'static Library, String> {
    // SAFETY: loading runs the library's constructors, which is what the user asks
    // for by installing or naming it; BLAS libraries only start threads there.
    let library = unsafe { Library::new(path) }
        .map_err(|error| format!("{NOT_LOADED}: {}", one_line(&error)))?;
    Ok(Box::leak(Box::new(library)))
}

/// A loader's message with its causes, without line breaks.
fn one_line(error: &dyn std::error::Error) -> String {
    let causes = std::iter::successors(Some(error), |error| error.source());
    // The outer message only says that loading failed.
    let message = causes.last().map_or_else(String::new, ToString::to_string);
    message.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The symbol of this name, as the function type `F`.
///
/// # Safety
/// `F` must be the type of the function of that name in every library that has one.
pub unsafe fn symbol<F: Copy>(library: &'static Library, name: &str) -> Option<F> {
    // SAFETY: passed on to the caller; the library is never unloaded.
    unsafe { library.get::<F>(name) }.ok().map(|symbol| *symbol)
}

/// A C string, unless it is null or empty.
///
/// # Safety
/// `text` is null or points to a NUL-terminated string.
pub unsafe fn text(text: *const c_char) -> Option<String> {
    if text.is_null() {
        return None;
    }
    // SAFETY: not null, and terminated by the contract.
    let text = unsafe { CStr::from_ptr(text) }.to_string_lossy();
    let text = text.trim();
    (!text.is_empty()).then(|| text.to_owned())
}

/// The file that holds a function, with symbolic links resolved.
#[cfg(unix)]
#[expect(
    clippy::not_unsafe_ptr_arg_deref,
    reason = "dladdr compares the address with those of loaded files and reads nothing there"
)]
pub fn file_of(function: *const c_void) -> Option<PathBuf> {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;

    /// `Dl_info` of dlfcn.h.
    #[repr(C)]
    struct DlInfo {
        file_name: *const c_char,
        file_base: *mut c_void,
        symbol_name: *const c_char,
        symbol_address: *mut c_void,
    }
    unsafe extern "C" {
        fn dladdr(address: *const c_void, info: *mut DlInfo) -> std::ffi::c_int;
    }
    let mut info = DlInfo {
        file_name: std::ptr::null(),
        file_base: std::ptr::null_mut(),
        symbol_name: std::ptr::null(),
        symbol_address: std::ptr::null_mut(),
    };
    // SAFETY: dladdr only reads the address and fills the struct, whose layout is
    // the same on every Unix.
    let found = unsafe { dladdr(function, &raw mut info) };
    if found == 0 || info.file_name.is_null() {
        return None;
    }
    // SAFETY: dladdr gave a NUL-terminated path owned by the loaded library.
    let name = unsafe { CStr::from_ptr(info.file_name) };
    let path = Path::new(OsStr::from_bytes(name.to_bytes()));
    Some(path.canonicalize().unwrap_or_else(|_| path.to_owned()))
}

/// Not available on this platform: the path that the library was requested by is used.
#[cfg(not(unix))]
pub fn file_of(_: *const c_void) -> Option<PathBuf> {
    None
}

//! NVIDIA's run-time compiler, loaded from its wheel. It needs neither a driver nor a GPU.

use std::ffi::{CStr, CString, c_char, c_int, c_void};
use std::path::Path;
use std::ptr;

use anyhow::{Context, bail, ensure};
use libloading::{Library, Symbol};

/// `nvrtcProgram`.
type Program = *mut c_void;
type Get = unsafe extern "C" fn(Program, *mut c_char) -> c_int;
type GetSize = unsafe extern "C" fn(Program, *mut usize) -> c_int;
type Create = unsafe extern "C" fn(
    *mut Program,
    *const c_char,
    *const c_char,
    c_int,
    *const *const c_char,
    *const *const c_char,
) -> c_int;
type Compile = unsafe extern "C" fn(Program, c_int, *const *const c_char) -> c_int;
type Destroy = unsafe extern "C" fn(*mut Program) -> c_int;

/// The compiler.
pub struct Nvrtc {
    library: Library,
    // The compiler loads this library by name, which succeeds if it is loaded already.
    _builtins: Library,
}

/// The result of a compilation.
pub struct Compiled {
    /// A program for the GPU, in ELF.
    pub cubin: Vec<u8>,
    /// The assembler's messages on registers and spills.
    pub log: String,
}

impl Nvrtc {
    /// Loads it from the folder of its libraries.
    pub fn load(folder: &Path) -> anyhow::Result<Self> {
        let load = |name: &str| {
            let path = folder.join(name);
            // SAFETY: NVIDIA's library only initialises itself when it is loaded.
            unsafe { Library::new(&path) }
                .with_context(|| format!("cannot load {}", path.display()))
        };
        Ok(Self {
            _builtins: load("libnvrtc-builtins.so.13.5")?,
            library: load("libnvrtc.so.13")?,
        })
    }

    /// Compiles CUDA C++ for an architecture such as `sm_89`.
    pub fn compile(&self, source: &str, arch: &str) -> anyhow::Result<Compiled> {
        let source = CString::new(source)?;
        let arch = format!("-arch={arch}");
        let options = [&arch, "-default-device", "--ptxas-options=-v"];
        let options = options.map(|option| CString::new(option).unwrap_or_default());
        let options: Vec<*const c_char> = options.iter().map(|option| option.as_ptr()).collect();
        // SAFETY: these are the types of nvrtc.h.
        let (create, compile, destroy) = unsafe {
            (
                self.function::<Create>("nvrtcCreateProgram")?,
                self.function::<Compile>("nvrtcCompileProgram")?,
                self.function::<Destroy>("nvrtcDestroyProgram")?,
            )
        };
        let mut program: Program = ptr::null_mut();
        let name = c"kernel.cu".as_ptr();
        // SAFETY: the strings end with a zero, and there are no headers.
        let error = unsafe {
            create(
                &mut program,
                source.as_ptr(),
                name,
                0,
                ptr::null(),
                ptr::null(),
            )
        };
        ensure!(error == 0, "nvrtcCreateProgram failed with error {error}");
        // SAFETY: the program is live and there are as many options as said.
        let error = unsafe { compile(program, options.len() as c_int, options.as_ptr()) };
        let log = self.bytes(program, "nvrtcGetProgramLogSize", "nvrtcGetProgramLog");
        let cubin = self.bytes(program, "nvrtcGetCUBINSize", "nvrtcGetCUBIN");
        // SAFETY: the program is live, and not used any more.
        unsafe { destroy(&mut program) };
        let log = CStr::from_bytes_until_nul(&log?)?
            .to_string_lossy()
            .into_owned();
        if error != 0 {
            bail!("nvrtcCompileProgram failed with error {error}: {log}");
        }
        Ok(Compiled { cubin: cubin?, log })
    }

    fn bytes(&self, program: Program, size: &str, get: &str) -> anyhow::Result<Vec<u8>> {
        // SAFETY: these are the types of nvrtc.h.
        let (size_of, fill) =
            unsafe { (self.function::<GetSize>(size)?, self.function::<Get>(get)?) };
        let mut bytes = 0;
        // SAFETY: the program is live.
        let error = unsafe { size_of(program, &mut bytes) };
        ensure!(error == 0, "{size} failed with error {error}");
        let mut buffer = vec![0u8; bytes];
        // SAFETY: the buffer has the size that is asked for.
        let error = unsafe { fill(program, buffer.as_mut_ptr().cast()) };
        ensure!(error == 0, "{get} failed with error {error}");
        Ok(buffer)
    }

    /// # Safety
    /// `T` must be the function's type.
    unsafe fn function<T>(&self, name: &str) -> anyhow::Result<Symbol<'_, T>> {
        // SAFETY: as this function's own.
        unsafe { self.library.get(name) }.with_context(|| format!("NVRTC has no {name}"))
    }
}

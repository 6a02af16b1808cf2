//! Safe calls of a driver: cards, memory and events.
#![allow(unsafe_code)]

use std::ffi::{CStr, c_char, c_int, c_uint, c_void};

use libloading::Library;

use super::codes::status;
use super::functions::{Driver, Handle};
use super::{Card, Fault, Vendor};
use crate::load::{file_of, text};

/// Events that a host waits for without keeping a core busy.
const BLOCKING: c_uint = 1;

/// A driver that has been initialised.
pub(super) struct Runtime {
    pub(super) vendor: Vendor,
    driver: Driver,
}

impl Runtime {
    /// Initialises a driver; the error completes "but …".
    pub(super) fn new(library: &'static Library, vendor: Vendor) -> Result<Self, String> {
        let runtime = Self {
            vendor,
            driver: Driver::load(library, vendor)?,
        };
        // SAFETY: init takes flags, of which there are none.
        let status = unsafe { (runtime.driver.init)(0) };
        match status {
            0 => Ok(runtime),
            status::NO_DEVICE => Err("it finds no GPU".into()),
            _ => Err(format!("it does not start: {}", runtime.said(status))),
        }
    }

    /// Checks that a library's own driver, where it is linked to one, is this driver: handles
    /// of one mean nothing to another. The error completes "but …".
    pub(super) fn is_of(&self, library: &'static Library) -> Result<(), String> {
        let Some(other) = Driver::init_of(library, self.vendor) else {
            return Ok(());
        };
        let [own, other] = [self.driver.init, other].map(|init| init as *const c_void);
        if own == other {
            return Ok(());
        }
        let file =
            |init| file_of(init).map_or_else(|| "?".into(), |file| file.display().to_string());
        let [variable, _] = self.vendor.variables();
        Err(format!(
            "it uses another driver ({}) than the one that was loaded ({}): set {variable} to the former",
            file(other),
            file(own)
        ))
    }

    /// A status in the driver's words.
    fn said(&self, status: c_int) -> String {
        let mut words: *const c_char = std::ptr::null();
        // SAFETY: the call writes a pointer to a static text, or leaves it null.
        let words = unsafe {
            (self.driver.error_text)(status, &raw mut words);
            text(words)
        };
        match words {
            Some(words) => format!("{words} ({status})"),
            None => format!("status {status}"),
        }
    }

    /// The error of a status.
    fn check(&self, call: &'static str, status: c_int, needed_bytes: usize) -> Result<(), Fault> {
        match status {
            0 => Ok(()),
            status::NO_MEMORY => Err(self.no_memory(needed_bytes as u64)),
            status::TAKEN => Err(Fault::Taken {
                said: self.said(status),
                tool: match self.vendor {
                    Vendor::Nvidia => "nvidia-smi -c DEFAULT",
                    Vendor::Amd => "rocm-smi",
                },
            }),
            _ => Err(Fault::Call {
                call,
                said: self.said(status),
            }),
        }
    }

    /// The error of a request for memory that does not exist.
    pub(super) fn no_memory(&self, needed_bytes: u64) -> Fault {
        let (mut free, mut total) = (0, 0);
        // SAFETY: the call writes two sizes. It may fail, and both stay zero.
        unsafe { (self.driver.memory)(&raw mut free, &raw mut total) };
        Fault::OutOfMemory {
            needed_bytes,
            free_bytes: free as u64,
            total_bytes: total as u64,
            tool: match self.vendor {
                Vendor::Nvidia => "nvidia-smi",
                Vendor::Amd => "rocm-smi",
            },
        }
    }

    /// Version of the interface, such as 13000 of CUDA 13.0.
    pub(super) fn version(&self) -> Result<u32, Fault> {
        self.number("DriverGetVersion", |to| {
            // SAFETY: the call writes one integer.
            unsafe { (self.driver.version)(to) }
        })
    }

    /// Calls a function that writes one integer; negative ones count as zero.
    fn number(
        &self,
        call: &'static str,
        function: impl FnOnce(*mut c_int) -> c_int,
    ) -> Result<u32, Fault> {
        let mut value: c_int = 0;
        self.check(call, function(&raw mut value), 0)?;
        Ok(value.max(0) as u32)
    }

    /// Calls a function that writes a text.
    fn words(
        &self,
        call: &'static str,
        function: impl FnOnce(*mut c_char, c_int) -> c_int,
    ) -> Result<String, Fault> {
        let mut buffer = [0u8; 256];
        // The last byte stays zero, whatever the function writes.
        let room = buffer.len() as c_int - 1;
        self.check(call, function(buffer.as_mut_ptr().cast(), room), 0)?;
        let words = CStr::from_bytes_until_nul(&buffer).unwrap_or_default();
        Ok(words.to_string_lossy().trim().to_owned())
    }

    /// The cards, in the driver's order.
    pub(super) fn cards(&self) -> Result<Vec<Card>, Fault> {
        // SAFETY: the call writes one integer.
        let count = self.number("DeviceGetCount", |to| unsafe { (self.driver.count)(to) })?;
        (0..count).map(|index| self.card(index)).collect()
    }

    fn handle(&self, index: u32) -> Result<c_int, Fault> {
        let mut device = 0;
        // SAFETY: the call writes the number of a device.
        let status = unsafe { (self.driver.device)(&raw mut device, index as c_int) };
        self.check("DeviceGet", status, 0)?;
        Ok(device)
    }

    fn card(&self, index: u32) -> Result<Card, Fault> {
        let codes = self.vendor.codes();
        let device = self.handle(index)?;
        let attribute = |code| {
            self.number("DeviceGetAttribute", |to| {
                // SAFETY: the call writes one integer.
                unsafe { (self.driver.attribute)(to, code, device) }
            })
        };
        let mut total = 0;
        // SAFETY: the call writes a size.
        let status = unsafe { (self.driver.total)(&raw mut total, device) };
        self.check("DeviceTotalMem", status, 0)?;
        let name = self.words("DeviceGetName", |to, room| {
            // SAFETY: the buffer has this room.
            unsafe { (self.driver.name)(to, room, device) }
        })?;
        let pci = self.words("DeviceGetPCIBusId", |to, room| {
            // SAFETY: the buffer has this room.
            unsafe { (self.driver.pci)(to, room, device) }
        });
        Ok(Card {
            index,
            name,
            pci_address: pci.ok().filter(|pci| !pci.is_empty()),
            capability: [
                attribute(codes.capability[0])?,
                attribute(codes.capability[1])?,
            ],
            memory_bytes: total as u64,
            l2_bytes: attribute(codes.l2_bytes)?.into(),
            ecc: attribute(codes.ecc).ok().map(|on| on != 0),
            integrated: attribute(codes.integrated).is_ok_and(|yes| yes != 0),
        })
    }

    /// Makes a card this thread's own, with a stream on it.
    pub(super) fn open(&self, index: u32) -> Result<Stream<'_>, Fault> {
        let device = self.handle(index)?;
        let mut context = std::ptr::null_mut();
        // SAFETY: the call writes a context, which is never released: it lives as long as
        // this process.
        let status = unsafe { (self.driver.retain)(&raw mut context, device) };
        self.check("DevicePrimaryCtxRetain", status, 0)?;
        // SAFETY: the context was just given.
        let status = unsafe { (self.driver.set_current)(context) };
        self.check("CtxSetCurrent", status, 0)?;
        let mut raw = std::ptr::null_mut();
        // SAFETY: the call writes a stream of the current context.
        let status = unsafe { (self.driver.stream)(&raw mut raw, 0) };
        self.check("StreamCreate", status, 0)?;
        Ok(Stream { runtime: self, raw })
    }
}

/// A queue of work on a card, in which all copies wait for the work before them.
pub(super) struct Stream<'r> {
    pub(super) runtime: &'r Runtime,
    /// Lives as long as the process, as do events.
    pub(super) raw: Handle,
}

impl<'r> Stream<'r> {
    /// Waits for everything in it.
    pub(super) fn finish(&self) -> Result<(), Fault> {
        // SAFETY: the stream is alive.
        let status = unsafe { (self.runtime.driver.synchronize)(self.raw) };
        self.runtime.check("StreamSynchronize", status, 0)
    }

    pub(super) fn event(&self) -> Result<Handle, Fault> {
        let mut event = std::ptr::null_mut();
        // SAFETY: the call writes an event of the current context.
        let status = unsafe { (self.runtime.driver.event)(&raw mut event, BLOCKING) };
        self.runtime.check("EventCreate", status, 0)?;
        Ok(event)
    }

    pub(super) fn record(&self, event: Handle) -> Result<(), Fault> {
        // SAFETY: event and stream are alive.
        let status = unsafe { (self.runtime.driver.record)(event, self.raw) };
        self.runtime.check("EventRecord", status, 0)
    }

    pub(super) fn wait(&self, event: Handle) -> Result<(), Fault> {
        // SAFETY: the event is alive.
        let status = unsafe { (self.runtime.driver.wait)(event) };
        self.runtime.check("EventSynchronize", status, 0)
    }

    /// Milliseconds between two events.
    pub(super) fn elapsed_ms(&self, from: Handle, to: Handle) -> Result<f32, Fault> {
        let mut ms = 0.0;
        // SAFETY: both events are alive, and the call writes one number.
        let status = unsafe { (self.runtime.driver.elapsed)(&raw mut ms, from, to) };
        self.runtime.check("EventElapsedTime", status, 0)?;
        Ok(ms)
    }

    /// Memory on the card; none of no bytes.
    pub(super) fn buffer(&self, bytes: usize) -> Result<Buffer<'r>, Fault> {
        let mut at = 0;
        if bytes > 0 {
            // SAFETY: the call writes an address.
            let status = unsafe { (self.runtime.driver.allocate)(&raw mut at, bytes) };
            self.runtime.check("MemAlloc", status, bytes)?;
        }
        Ok(Buffer {
            runtime: self.runtime,
            at,
            bytes,
        })
    }

    /// Memory on the card with this content.
    pub(super) fn filled(&self, content: &[u8]) -> Result<Buffer<'r>, Fault> {
        let buffer = self.buffer(content.len())?;
        self.upload(&buffer, 0, content)?;
        Ok(buffer)
    }

    /// Copies to the card, after all work queued so far.
    pub(super) fn upload(&self, to: &Buffer<'_>, first: usize, from: &[u8]) -> Result<(), Fault> {
        to.contains(first, from.len());
        self.finish()?;
        // SAFETY: the range is inside the buffer.
        let status = unsafe {
            (self.runtime.driver.upload)(
                to.at + first as u64,
                from.as_ptr().cast::<c_void>(),
                from.len(),
            )
        };
        self.runtime.check("MemcpyHtoD", status, 0)
    }

    /// Copies from the card, after all work queued so far.
    pub(super) fn download(
        &self,
        from: &Buffer<'_>,
        first: usize,
        to: &mut [u8],
    ) -> Result<(), Fault> {
        from.contains(first, to.len());
        self.finish()?;
        // SAFETY: the range is inside the buffer.
        let status = unsafe {
            (self.runtime.driver.download)(
                to.as_mut_ptr().cast::<c_void>(),
                from.at + first as u64,
                to.len(),
            )
        };
        self.runtime.check("MemcpyDtoH", status, 0)
    }

    /// Fills a buffer with a word, in the order of the stream.
    pub(super) fn fill(&self, buffer: &Buffer<'_>, word: u32) -> Result<(), Fault> {
        // SAFETY: the buffer has this many words.
        let status =
            unsafe { (self.runtime.driver.fill)(buffer.at, word, buffer.bytes / 4, self.raw) };
        self.runtime.check("MemsetD32Async", status, 0)
    }
}

/// Memory on a card.
pub(super) struct Buffer<'r> {
    runtime: &'r Runtime,
    pub(super) at: u64,
    pub(super) bytes: usize,
}

impl Buffer<'_> {
    /// # Panics
    /// For a range that leaves the buffer, which would be a bug of this crate.
    fn contains(&self, first: usize, bytes: usize) {
        let end = first.checked_add(bytes);
        assert!(end.is_some_and(|end| end <= self.bytes), "out of range");
    }
}

impl Drop for Buffer<'_> {
    fn drop(&mut self) {
        if self.bytes > 0 {
            // SAFETY: the address was allocated and is freed once. A failure leaves memory
            // that ends with the process.
            unsafe { (self.runtime.driver.free)(self.at) };
        }
    }
}

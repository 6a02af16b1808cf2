//! A card in use: its queue, and the times of what is in it.
#![allow(unsafe_code)]

use std::time::Duration;

use super::functions::Handle;
use super::runtime::Stream;
use super::{Card, Fault, Road, Vendor};

/// A card in use by this thread.
pub struct Device<'r> {
    pub(super) road: &'r Road,
    pub(super) stream: Stream<'r>,
    /// The library's handle.
    pub(super) handle: Handle,
    card: Card,
}

/// A mark in the queue of a device.
#[derive(Debug, Clone, Copy)]
pub struct Event(Handle);

impl<'r> Device<'r> {
    pub(super) fn new(road: &'r Road, card: Card) -> Result<Self, Fault> {
        let stream = road.runtime.open(card.index)?;
        let mut handle = std::ptr::null_mut();
        // SAFETY: the call writes a handle for the current card.
        let status = unsafe { (road.lt.create)(&raw mut handle) };
        let codes = road.vendor().codes();
        match status {
            0 => Ok(Self {
                road,
                stream,
                handle,
                card,
            }),
            _ if status == codes.no_memory => Err(road.runtime.no_memory(0)),
            _ => Err(Fault::Call {
                call: "blasLtCreate",
                said: format!("status {status} of {}", road.vendor().library()),
            }),
        }
    }

    /// The card.
    #[must_use]
    pub fn card(&self) -> &Card {
        &self.card
    }

    /// True if its 8-bit floats are those of AMD's MI300, with another exponent bias.
    #[must_use]
    pub fn has_fnuz(&self) -> bool {
        self.road.vendor() == Vendor::Amd && self.card.capability == [9, 4]
    }

    /// A new event.
    ///
    /// # Errors
    /// As every call of a driver.
    pub fn event(&self) -> Result<Event, Fault> {
        self.stream.event().map(Event)
    }

    /// Puts an event at the end of the queue.
    ///
    /// # Errors
    /// As every call of a driver.
    pub fn mark(&self, event: Event) -> Result<(), Fault> {
        self.stream.record(event.0)
    }

    /// Waits until the device has reached an event.
    ///
    /// # Errors
    /// When work before it failed.
    pub fn wait(&self, event: Event) -> Result<(), Fault> {
        self.stream.wait(event.0)
    }

    /// Waits until the queue is empty.
    ///
    /// # Errors
    /// When some of the work failed.
    pub fn finish(&self) -> Result<(), Fault> {
        self.stream.finish()
    }

    /// The time between two events by the device's clock.
    ///
    /// # Errors
    /// When one of them was not reached.
    pub fn between(&self, from: Event, to: Event) -> Result<Duration, Fault> {
        let ms = self.stream.elapsed_ms(from.0, to.0)?;
        Ok(Duration::try_from_secs_f32(ms / 1e3).unwrap_or_default())
    }
}

impl Drop for Device<'_> {
    fn drop(&mut self) {
        // SAFETY: the handle was created and is destroyed once; plans borrow the device, so
        // that none is left.
        unsafe { (self.road.lt.destroy)(self.handle) };
    }
}

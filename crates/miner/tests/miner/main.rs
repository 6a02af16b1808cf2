//! Readings of emulated miners, and of servers that are none.

mod claims;
mod emulator;
mod hostile;

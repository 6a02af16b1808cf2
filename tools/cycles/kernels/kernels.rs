//! The search kernels and nothing else, for `cargo cycles` to read as
//! assembly. Never run.

use std::ops::ControlFlow;

use perwatt_sha256d::{Backend, Descriptor, Hit, Job, JobGroup};

type OnHit<'a> = &'a mut (dyn FnMut(Hit) -> ControlFlow<()> + 'a);
type OnRolledHit<'a> = &'a mut (dyn FnMut(usize, Hit) -> ControlFlow<()> + 'a);

/// Kept by the compiler, and with it all kernels.
#[used]
static REGISTRY: fn() -> &'static [Descriptor] = Backend::all;

/// The call of one.
#[used]
static SCAN: fn(Backend, &Job, u32, u32, OnHit<'_>) -> u64 = Backend::scan;

/// The same for several versions of a header.
#[used]
static SCAN_ROLLED: fn(Backend, &JobGroup, u32, u32, OnRolledHit<'_>) -> u64 = Backend::scan_rolled;

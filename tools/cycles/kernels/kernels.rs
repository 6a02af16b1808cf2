//! Only the search kernels, so that `cargo cycles` can read their assembly. Never run.

use std::ops::ControlFlow;

use perwatt_sha256d::{Backend, Descriptor, Hit, Job, JobGroup};

type OnHit<'a> = &'a mut (dyn FnMut(Hit) -> ControlFlow<()> + 'a);
type OnRolledHit<'a> = &'a mut (dyn FnMut(usize, Hit) -> ControlFlow<()> + 'a);

/// Makes the compiler keep it, and with it all kernels.
#[used]
static REGISTRY: fn() -> &'static [Descriptor] = Backend::all;

/// Makes the compiler keep the call of a kernel.
#[used]
static SCAN: fn(Backend, &Job, u32, u32, OnHit<'_>) -> u64 = Backend::scan;

/// Makes the compiler keep the call for several versions of a header.
#[used]
static SCAN_ROLLED: fn(Backend, &JobGroup, u32, u32, OnRolledHit<'_>) -> u64 = Backend::scan_rolled;

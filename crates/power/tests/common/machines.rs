//! Synthetic machines. None is a copy of a recorded tree: each is made from the
//! facts named in its comment, with the ranges that such machines show.

use super::{Counter, World};
use std::sync::Arc;

/// 2^-14 J as the kernel truncates it, in microjoules: the unit of Intel packages.
pub const INTEL_UNIT_UJ: f64 = 61.035;
pub const INTEL_RANGE_UJ: u64 = 262_143_328_850;
/// 2^-16 J as the kernel truncates it, in microjoules: the unit of AMD Zen.
pub const AMD_UNIT_UJ: f64 = 15.258;
pub const AMD_RANGE_UJ: u64 = 65_532_610_987;
/// 15.3 µJ, the fixed unit of Haswell-EP to Ice Lake-SP memory.
pub const DRAM_UNIT_UJ: f64 = 15.3;
pub const DRAM_RANGE_UJ: u64 = 65_712_999_613;

pub fn intel(start_j: f64, power_w: f64) -> Counter {
    counter(INTEL_UNIT_UJ, INTEL_RANGE_UJ, start_j, power_w)
}

pub fn amd(start_j: f64, power_w: f64) -> Counter {
    counter(AMD_UNIT_UJ, AMD_RANGE_UJ, start_j, power_w)
}

pub fn dram(start_j: f64, power_w: f64) -> Counter {
    counter(DRAM_UNIT_UJ, DRAM_RANGE_UJ, start_j, power_w)
}

fn counter(unit_uj: f64, range_uj: u64, start_j: f64, power_w: f64) -> Counter {
    Counter {
        unit_uj,
        start_uj: start_j * 1e6,
        power_w,
        tick_s: 1e-3,
        range_uj,
    }
}

/// Modelled on a Tiger Lake or later laptop: one package with core and uncore,
/// psys beside it, no dram, and the memory-mapped twin of the package.
pub fn intel_client() -> Arc<World> {
    let world = World::new();
    world.cpu("GenuineIntel", "fpu sse2 sha_ni");
    world.zone("intel-rapl:0", "package-0", intel(90_000.0, 30.0));
    world.limit_w("intel-rapl:0", 0, "long_term", 28.0);
    world.limit_w("intel-rapl:0", 1, "short_term", 64.0);
    world.zone("intel-rapl:0:0", "core", intel(40_000.0, 20.0));
    world.line("sys/class/powercap/intel-rapl:0:0/enabled", 0);
    world.zone("intel-rapl:0:1", "uncore", intel(10_000.0, 2.0));
    world.zone("intel-rapl:1", "psys", intel(200_000.0, 45.0));
    world.zone("intel-rapl-mmio:0", "package-0", intel(90_000.0, 30.0));
    world.line("sys/class/powercap/intel-rapl/enabled", 1);
    Arc::new(world)
}

/// Modelled on a two-socket Ice Lake-SP server: two packages, each with dram in
/// its fixed unit.
pub fn intel_server() -> Arc<World> {
    let world = World::new();
    world.cpu("GenuineIntel", "fpu avx512f");
    for socket in 0..2 {
        let (id, name) = (format!("intel-rapl:{socket}"), format!("package-{socket}"));
        let (package, memory) = (
            1000.0 * f64::from(socket + 7),
            500.0 * f64::from(socket + 3),
        );
        world.zone(&id, &name, intel(package, 200.0));
        world.limit_w(&id, 0, "long_term", 270.0);
        world.zone(&format!("{id}:0"), "dram", dram(memory, 25.0));
        world.line(format!("sys/class/powercap/{id}:0/enabled"), 0);
    }
    Arc::new(world)
}

/// Modelled on a Zen 2 Threadripper or EPYC whose kernel shows one zone per die of
/// a socket, all of which read the socket's only counter. AMD offers no limits and
/// shows `enabled` 0.
pub fn amd_dies() -> Arc<World> {
    let world = World::new();
    world.cpu("AuthenticAMD", "fpu svm");
    for die in 0..4 {
        let id = format!("intel-rapl:{die}");
        world.zone(&id, &format!("package-0-die-{die}"), amd(50_000.0, 180.0));
        world.zone(&format!("{id}:0"), "core", amd(900.0, 3.0));
        world.line(format!("sys/class/powercap/{id}/enabled"), 0);
    }
    Arc::new(world)
}

/// Modelled on a Cascade Lake-AP: two dies in one socket, each with its own
/// counter, under names like AMD's.
pub fn intel_dies() -> Arc<World> {
    let world = World::new();
    world.cpu("GenuineIntel", "fpu avx512f");
    for die in 0..2 {
        let counter = intel(30_000.0 + 40.0 * f64::from(die), 150.0);
        let name = format!("package-0-die-{die}");
        world.zone(&format!("intel-rapl:{die}"), &name, counter);
    }
    Arc::new(world)
}

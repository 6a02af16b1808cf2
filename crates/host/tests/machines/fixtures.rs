//! Trees of files, as real machines of these models show them.

use std::fs;
use std::path::Path;

use tempfile::TempDir;

const CPU: &str = "/sys/devices/system/cpu";

/// A file system root under construction.
pub struct Root(TempDir);

impl Root {
    pub fn empty() -> Self {
        Self(tempfile::tempdir().expect("a temporary directory"))
    }

    pub fn path(&self) -> &Path {
        self.0.path()
    }

    pub fn write(&self, path: &str, text: impl AsRef<[u8]>) -> &Self {
        let path = self.path().join(path.trim_start_matches('/'));
        fs::create_dir_all(path.parent().expect("a parent")).expect("a folder");
        fs::write(path, text).expect("a file");
        self
    }

    pub fn remove(&self, path: &str) -> &Self {
        let path = self.path().join(path.trim_start_matches('/'));
        if path.is_dir() {
            fs::remove_dir_all(path).expect("a folder to remove");
        } else {
            fs::remove_file(path).expect("a file to remove");
        }
        self
    }

    /// Writes a line into each of several files of a folder.
    fn lines(&self, folder: &str, files: &[(&str, &str)]) -> &Self {
        for (file, text) in files {
            self.write(&format!("{folder}/{file}"), format!("{text}\n"));
        }
        self
    }

    fn topology(&self, cpu: usize, package: i64, siblings: &str) {
        let package = package.to_string();
        let files = [
            ("core_cpus_list", siblings),
            ("physical_package_id", &package),
        ];
        self.lines(&format!("{CPU}/cpu{cpu}/topology"), &files);
    }

    fn cache(&self, cpu: usize, index: usize, level: u32, kind: &str, size: &str, shared: &str) {
        let (folder, level) = (
            format!("{CPU}/cpu{cpu}/cache/index{index}"),
            level.to_string(),
        );
        let files = [("level", &level[..]), ("type", kind), ("size", size)];
        self.lines(&folder, &files);
        self.lines(
            &folder,
            &[("coherency_line_size", "64"), ("shared_cpu_list", shared)],
        );
    }

    pub fn policy(&self, policy: usize, files: &[(&str, &str)]) -> &Self {
        self.lines(&format!("{CPU}/cpufreq/policy{policy}"), files)
    }

    /// All CPUs of a list are there, online and allowed.
    fn cpus(&self, list: &str) -> &Self {
        self.lines(CPU, &[("online", list), ("present", list)]);
        self.write(
            "/proc/self/status",
            format!("Name:\tperwatt\nCpus_allowed:\tffffffff\nCpus_allowed_list:\t{list}\n"),
        )
    }

    fn linux(&self, name: &str, version: &str, kernel: &str, memory_kib: u64) {
        self.write("/etc/os-release", format!("NAME=\"{name}\"\nID=x\nVERSION_ID=\"{version}\"\n"))
            .write("/proc/sys/kernel/osrelease", format!("{kernel}\n"))
            .write("/proc/sys/kernel/hostname", "secret-host\n")
            .write("/proc/sys/kernel/randomize_va_space", "2\n")
            .write("/proc/cmdline", "root=UUID=5ec2e7 ro quiet mitigations=auto\n")
            .write("/proc/loadavg", "0.52 0.58 0.59 3/602 12345\n")
            .write(
                "/proc/meminfo",
                format!("MemTotal: {memory_kib} kB\nMemFree: 1 kB\nSwapTotal: 0 kB\nHugePages_Total: 0\nHugepagesize: 2048 kB\n"),
            )
            .write("/sys/kernel/mm/transparent_hugepage/enabled", "always [madvise] never\n")
            .write(
                "/sys/devices/system/clocksource/clocksource0/current_clocksource",
                "tsc\n",
            )
            .write("/sys/devices/system/cpu/vulnerabilities/meltdown", "Not affected\n")
            .write("/sys/devices/system/cpu/vulnerabilities/spectre_v1", "Mitigation: usercopy\n");
    }

    fn x86_cpuinfo(&self, threads: usize, block: &str) {
        let of = |cpu| {
            format!(
                "processor\t: {cpu}\n{block}cpu MHz\t\t: {}.123\n\n",
                2000 + cpu
            )
        };
        self.write("/proc/cpuinfo", (0..threads).map(of).collect::<String>());
    }

    fn dmi(&self, files: &[(&str, &str)]) {
        self.lines("/sys/class/dmi/id", files);
        self.write("/sys/class/dmi/id/product_serial", "SECRET-SERIAL\n");
    }
}

const ICE_LAKE: &str = "vendor_id\t: GenuineIntel\ncpu family\t: 6\nmodel\t\t: 106\nmodel name\t: Intel(R) Xeon(R) Gold 6338 CPU @ 2.00GHz\nstepping\t: 6\nmicrocode\t: 0xd0003b9\nflags\t\t: fpu lm sse2 ssse3 sse4_1 aes avx f16c bmi1 avx2 bmi2 fma avx512f avx512dq avx512cd sha_ni avx512bw avx512vl avx512vbmi avx512_vnni vaes gfni\n";

/// Two Xeon Gold 6338: 2 sockets of 32 cores with SMT, a node each, 512 GiB.
pub fn intel_server() -> Root {
    let root = intel_server_topology();
    root.linux("Ubuntu", "24.04", "6.8.0-48-generic", 527_000_000);
    root.x86_cpuinfo(128, ICE_LAKE);
    for cpu in 0..128 {
        let core = cpu % 64;
        let siblings = format!("{core},{}", core + 64);
        let socket_cpus = ["0-31,64-95", "32-63,96-127"][core / 32];
        root.cache(cpu, 0, 1, "Data", "48K", &siblings);
        root.cache(cpu, 1, 1, "Instruction", "32K", &siblings);
        root.cache(cpu, 2, 2, "Unified", "1280K", &siblings);
        root.cache(cpu, 3, 3, "Unified", "49152K", socket_cpus);
    }
    root.write("/sys/devices/system/node/node0/cpulist", "0-31,64-95\n")
        .write("/sys/devices/system/node/node1/cpulist", "32-63,96-127\n")
        .write("/sys/devices/system/node/possible", "0-1\n")
        .write(&format!("{CPU}/smt/active"), "1\n")
        .write(&format!("{CPU}/intel_pstate/no_turbo"), "0\n");
    for policy in 0..128 {
        let governor = if policy == 0 {
            "powersave"
        } else {
            "performance"
        };
        let files = [
            ("cpuinfo_min_freq", "800000"),
            ("cpuinfo_max_freq", "3200000"),
            ("base_frequency", "2000000"),
            ("scaling_driver", "intel_pstate"),
            ("scaling_governor", governor),
            ("energy_performance_preference", "balance_performance"),
        ];
        root.policy(policy, &files);
    }
    root.dmi(&[
        ("sys_vendor", "Dell Inc."),
        ("product_name", "PowerEdge R750"),
        ("board_vendor", "Dell Inc."),
        ("board_name", "0WT8Y0"),
        ("bios_version", "1.13.2"),
        ("bios_vendor", "Dell Inc."),
    ]);
    root
}

/// The CPUs of [`intel_server`] only. CPU n+64 is the sibling of CPU n, as Linux
/// numbers them on Intel.
pub fn intel_server_topology() -> Root {
    let root = Root::empty();
    for cpu in 0..128 {
        let core = cpu % 64;
        root.topology(cpu, core as i64 / 32, &format!("{core},{}", core + 64));
    }
    root.cpus("0-127");
    root
}

/// A self-built Ryzen 9 7950X: 16 cores in two dies, SMT, 64 GiB. CPU n+16 is
/// the sibling of CPU n.
pub fn amd_desktop() -> Root {
    let root = Root::empty();
    root.linux("Arch Linux", "rolling", "6.11.5-arch1-1", 65_000_000);
    root.x86_cpuinfo(
        32,
        "vendor_id\t: AuthenticAMD\ncpu family\t: 25\nmodel\t\t: 97\nmodel name\t: AMD Ryzen 9 7950X 16-Core Processor            \nstepping\t: 2\nmicrocode\t: 0xa601206\nflags\t\t: fpu lm sse2 ssse3 sse4_1 aes avx f16c fma bmi1 avx2 bmi2 avx512f avx512bw avx512vl sha_ni vaes\n",
    );
    for cpu in 0..32 {
        let core = cpu % 16;
        let siblings = format!("{core},{}", core + 16);
        root.topology(cpu, 0, &siblings);
        root.cache(cpu, 0, 1, "Data", "32K", &siblings);
        root.cache(cpu, 1, 1, "Instruction", "32K", &siblings);
        root.cache(cpu, 2, 2, "Unified", "1024K", &siblings);
        let die = if core < 8 { "0-7,16-23" } else { "8-15,24-31" };
        root.cache(cpu, 3, 3, "Unified", "32768K", die);
        let max = if core < 8 { "5881000" } else { "5746000" };
        let files = [
            ("cpuinfo_min_freq", "545000"),
            ("cpuinfo_max_freq", max),
            ("scaling_driver", "amd-pstate-epp"),
            ("scaling_governor", "powersave"),
            ("energy_performance_preference", "performance"),
        ];
        root.policy(cpu, &files);
    }
    root.cpus("0-31")
        .lines(CPU, &[("smt/active", "1"), ("cpufreq/boost", "1")])
        .write("/sys/devices/system/node/node0/cpulist", "0-31\n");
    root.dmi(&[
        ("sys_vendor", "To Be Filled By O.E.M."),
        ("product_name", "To Be Filled By O.E.M."),
        ("board_vendor", "ASRock"),
        ("board_name", "X670E Taichi"),
        ("bios_version", "1.28"),
    ]);
    // A wireless mouse must not turn the desktop into a laptop.
    let files = [
        ("type", "Battery"),
        ("scope", "Device"),
        ("status", "Discharging"),
    ];
    root.lines("/sys/class/power_supply/hidpp_battery_0", &files);
    root
}

/// A RockPro64: RK3399, four Cortex-A53 and two Cortex-A72, 4 GiB, a device tree
/// and no DMI, caches not described.
pub fn arm_board() -> Root {
    let root = Root::empty();
    root.linux("Debian GNU/Linux", "12", "6.1.0-26-arm64", 3_900_000);
    let block = |cpu: usize, part: &str| {
        format!(
            "processor\t: {cpu}\nBogoMIPS\t: 48.00\nFeatures\t: fp asimd evtstrm aes pmull sha1 sha2 crc32 cpuid\nCPU implementer\t: 0x41\nCPU architecture: 8\nCPU variant\t: 0x0\nCPU part\t: {part}\nCPU revision\t: 4\n\n"
        )
    };
    let blocks = (0..6).map(|cpu| block(cpu, if cpu < 4 { "0xd03" } else { "0xd08" }));
    let end = "Hardware\t: Rockchip RK3399\nSerial\t\t: deadbeef\n";
    root.write("/proc/cpuinfo", blocks.collect::<String>() + end);
    for cpu in 0..6 {
        root.topology(cpu, if cpu < 4 { 0 } else { 1 }, &cpu.to_string());
        let (capacity, core, midr) = match cpu {
            0..4 => ("485", "arm,cortex-a53\0", "0x00000000410fd034"),
            _ => ("1024", "arm,cortex-a72\0", "0x00000000410fd084"),
        };
        let files = [
            ("cpu_capacity", capacity),
            ("of_node/compatible", core),
            ("regs/identification/midr_el1", midr),
        ];
        root.lines(&format!("{CPU}/cpu{cpu}"), &files);
    }
    for (policy, max, governor) in [(0, "1416000", "schedutil"), (4, "1800000", "performance")] {
        let files = [
            ("cpuinfo_min_freq", "408000"),
            ("cpuinfo_max_freq", max),
            ("scaling_driver", "cpufreq-dt"),
            ("scaling_governor", governor),
        ];
        root.policy(policy, &files);
    }
    root.cpus("0-5")
        .write("/proc/device-tree/model", "Pine64 RockPro64 v2.1\0")
        .write("/proc/device-tree/compatible", "pine64,rockpro64-v2.1\0rockchip,rk3399\0")
        .write(
            "/proc/self/smaps",
            "aaaa0000-aaab0000 r-xp 00000000 b3:02 99 /usr/bin/perwatt\nSize: 64 kB\nKernelPageSize:        4 kB\n",
        )
        .write("/proc/self/maps", "ffff8000-ffff9000 r-xp 00000000 b3:02 77 /lib/aarch64-linux-gnu/libc.so.6\n")
        .write("/lib/aarch64-linux-gnu/libc.so.6", "\x7fELF GNU C Library stable release version 2.36.\n");
    root
}

/// A hybrid laptop on battery: two performance cores with SMT (CPUs 0-3), four
/// efficiency cores (4-7), 16 GiB.
pub fn hybrid_laptop() -> Root {
    let root = Root::empty();
    root.linux("Fedora Linux", "41", "6.11.4-301.fc41", 16_100_000);
    root.x86_cpuinfo(
        8,
        "vendor_id\t: GenuineIntel\ncpu family\t: 6\nmodel\t\t: 154\nmodel name\t: 12th Gen Intel(R) Core(TM) i5-1230U\nstepping\t: 4\nmicrocode\t: 0x436\nflags\t\t: lm sse2 ssse3 sse4_1 avx avx2 bmi1 bmi2 fma sha_ni avx_vnni vaes\n",
    );
    for cpu in 0..8usize {
        let siblings = ["0-1", "0-1", "2-3", "2-3", "4", "5", "6", "7"][cpu];
        root.topology(cpu, 0, siblings);
        let cluster = if cpu < 4 { siblings } else { "4-7" };
        root.lines(
            &format!("{CPU}/cpu{cpu}/cache/index2"),
            &[("shared_cpu_list", cluster)],
        );
    }
    let supplies = "/sys/class/power_supply";
    root.cpus("0-7")
        .write("/sys/devices/cpu_core/cpus", "0-3\n")
        .write("/sys/devices/cpu_atom/cpus", "4-7\n")
        .write(&format!("{CPU}/smt/active"), "1\n")
        .write("/sys/firmware/acpi/platform_profile", "balanced\n")
        .lines(supplies, &[("AC/type", "Mains"), ("AC/online", "0")])
        .lines(
            supplies,
            &[("BAT0/type", "Battery"), ("BAT0/status", "Discharging")],
        );
    root.dmi(&[
        ("sys_vendor", "LENOVO"),
        ("product_name", "21ES0012GE"),
        ("bios_version", "N3LET38W"),
    ]);
    root
}

/// A virtual machine of four CPUs on an Ice Lake host.
fn virtual_machine() -> Root {
    let root = Root::empty();
    root.linux("Debian GNU/Linux", "12", "6.1.0-26-cloud-amd64", 16_300_000);
    root.x86_cpuinfo(4, &ICE_LAKE.replace("fpu lm", "fpu lm hypervisor"));
    for cpu in 0..4 {
        root.topology(cpu, 0, &cpu.to_string());
    }
    root.cpus("0-3").write(&format!("{CPU}/smt/active"), "0\n");
    root.dmi(&[
        ("sys_vendor", "Google"),
        ("product_name", "Google Compute Engine"),
        ("bios_version", "Google"),
    ]);
    root
}

/// A pod in [`virtual_machine`], limited by control groups version 2: the group above
/// the process's own grants 1.5 cores; its own group sets no limit.
pub fn container_v2() -> Root {
    let root = virtual_machine();
    let top = "/sys/fs/cgroup";
    root.write("/proc/self/cgroup", "0::/kubepods.slice/pod1/app\n")
        .write(
            "/proc/self/mountinfo",
            "22 1 0:20 / /proc rw - proc proc rw\n31 22 0:26 / /sys/fs/cgroup rw,nosuid - cgroup2 cgroup2 rw,nsdelegate\n",
        )
        .write(&format!("{top}/kubepods.slice/cpu.max"), "300000 100000\n")
        .write(&format!("{top}/kubepods.slice/memory.max"), "max\n")
        .write(&format!("{top}/kubepods.slice/pod1/cpu.max"), "75000 50000\n")
        .write(&format!("{top}/kubepods.slice/pod1/memory.max"), "8589934592\n")
        .write(&format!("{top}/kubepods.slice/pod1/app/cpu.max"), "max 100000\n")
        .write(&format!("{top}/kubepods.slice/pod1/app/memory.max"), "9663676416\n")
        .write(&format!("{top}/kubepods.slice/pod1/app/cpuset.cpus.effective"), "0-3\n")
        .write(&format!("{top}/cpuset.cpus.effective"), "0-7\n");
    root
}

/// A container in [`virtual_machine`] without its own cgroup namespace, limited by
/// control groups version 1: the group is named from the top of the host, and the mount
/// shows only the container's part.
pub fn container_v1() -> Root {
    let root = virtual_machine();
    let (cpu, memory) = ("/sys/fs/cgroup/cpu,cpuacct", "/sys/fs/cgroup/memory");
    root.write("/.dockerenv", "")
        .write(
            "/proc/self/cgroup",
            "4:memory:/docker/abc\n3:cpuset:/docker/abc\n2:cpu,cpuacct:/docker/abc/inner\n1:name=systemd:/docker/abc\n",
        )
        .write(
            "/proc/self/mountinfo",
            "31 30 0:29 /docker/abc /sys/fs/cgroup/cpu,cpuacct rw shared:9 - cgroup cgroup rw,cpu,cpuacct\n\
             32 30 0:30 /docker/abc /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n\
             33 30 0:31 /docker/abc /sys/fs/cgroup/cpuset rw - cgroup cgroup rw,cpuset\n",
        )
        .write(&format!("{cpu}/cpu.cfs_quota_us"), "200000\n")
        .write(&format!("{cpu}/cpu.cfs_period_us"), "100000\n")
        .write(&format!("{cpu}/inner/cpu.cfs_quota_us"), "-1\n")
        .write(&format!("{cpu}/inner/cpu.cfs_period_us"), "100000\n")
        .write(&format!("{memory}/memory.limit_in_bytes"), "9223372036854771712\n")
        .write("/sys/fs/cgroup/cpuset/cpuset.cpus", "0-3\n");
    root
}

/// Every machine, with its name.
pub fn all() -> Vec<(&'static str, Root)> {
    vec![
        ("intel server", intel_server()),
        ("amd desktop", amd_desktop()),
        ("arm board", arm_board()),
        ("hybrid laptop", hybrid_laptop()),
        ("container v2", container_v2()),
        ("container v1", container_v1()),
        ("empty", Root::empty()),
    ]
}

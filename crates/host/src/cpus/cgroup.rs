//! Limits set by Linux control groups, versions 1 and 2.
//!
//! The limits of all groups above the process's own also apply, so the walk goes up to
//! the mount point of the hierarchy and takes the lowest. Formats: kernel documentation
//! `admin-guide/cgroup-v2.rst` (`cpu.max` holds `QUOTA PERIOD` or `max PERIOD`) and
//! `scheduler/sched-bwc.rst` (`cpu.cfs_quota_us` is -1 when unlimited).

use crate::tree::Tree;

/// The limits that the control groups set for this process; `None` means unlimited or
/// not stated.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Limits {
    pub(crate) cpu_quota_cores: Option<f64>,
    pub(crate) memory_max_bytes: Option<u64>,
    pub(crate) cpuset: Option<String>,
    /// 1 or 2: the version that the CPU controller belongs to.
    pub(crate) version: Option<u32>,
}

/// Version 1 writes "unlimited" as the largest page-aligned i64; real limits are far
/// below that.
const V1_MEMORY_UNLIMITED: u64 = 1 << 62;

pub(crate) fn read(tree: &Tree) -> Limits {
    let mut limits = Limits::default();
    for (folder, controllers) in folders(tree) {
        limits.take(tree, &folder, &controllers);
    }
    limits
}

/// The directories of this process's groups and of all groups above each, nearest first,
/// with the controllers of their hierarchy.
pub(crate) fn folders(tree: &Tree) -> Vec<(String, String)> {
    let (Ok(groups), Ok(mounts)) = (
        tree.text("/proc/self/cgroup"),
        tree.text("/proc/self/mountinfo"),
    ) else {
        return Vec::new();
    };
    let mounts: Vec<Mount> = mounts.lines().filter_map(Mount::parse).collect();
    let mut all = Vec::new();
    for line in groups.lines() {
        // hierarchy-ID:controller-list:path
        let mut parts = line.splitn(3, ':');
        let (Some(_), Some(controllers), Some(group)) = (parts.next(), parts.next(), parts.next())
        else {
            continue;
        };
        let Some(mount) = mounts.iter().find(|mount| mount.holds(controllers)) else {
            continue;
        };
        for folder in mount.folders(group) {
            all.push((folder, controllers.to_owned()));
        }
    }
    all
}

impl Limits {
    /// Adds the limits of one group. Called from the process's own group
    /// upwards, so the first CPU set seen is the effective one.
    fn take(&mut self, tree: &Tree, folder: &str, controllers: &str) {
        let number = |name: &str| tree.number::<i64>(&format!("{folder}/{name}")).ok();
        let text = |name: &str| tree.text(&format!("{folder}/{name}")).ok();
        let has = |controller: &str| controllers.split(',').any(|c| c == controller);
        let mut quota = None;
        let mut memory = None;
        if controllers.is_empty() {
            if let Some(max) = text("cpu.max") {
                self.version = Some(2);
                quota = cpu_max(&max);
            }
            memory = text("memory.max").and_then(|max| max.parse().ok());
            self.cpuset = self.cpuset.take().or_else(|| text("cpuset.cpus.effective"));
        }
        if has("cpu")
            && let (Some(used), Some(period)) =
                (number("cpu.cfs_quota_us"), number("cpu.cfs_period_us"))
        {
            self.version = Some(1);
            quota = (used > 0 && period > 0).then(|| used as f64 / period as f64);
        }
        if has("memory") {
            memory = text("memory.limit_in_bytes")
                .and_then(|max| max.parse().ok())
                .filter(|&max| max < V1_MEMORY_UNLIMITED);
        }
        if has("cpuset") {
            self.cpuset = self
                .cpuset
                .take()
                .or_else(|| text("cpuset.effective_cpus"))
                .or_else(|| text("cpuset.cpus"));
        }
        self.cpu_quota_cores = least(self.cpu_quota_cores, quota, f64::min);
        self.memory_max_bytes = least(self.memory_max_bytes, memory, u64::min);
    }
}

fn least<T: Copy>(a: Option<T>, b: Option<T>, min: fn(T, T) -> T) -> Option<T> {
    match (a, b) {
        (Some(a), Some(b)) => Some(min(a, b)),
        (a, b) => a.or(b),
    }
}

/// Cores granted by `QUOTA PERIOD` in microseconds; `None` for `max`, which means unlimited.
fn cpu_max(text: &str) -> Option<f64> {
    let mut words = text.split_whitespace();
    let quota: u64 = words.next()?.parse().ok()?;
    let period: u64 = words.next().map_or(Some(100_000), |p| p.parse().ok())?;
    (quota > 0 && period > 0).then(|| quota as f64 / period as f64)
}

/// One cgroup mount: the visible part of the hierarchy, and its mount point.
struct Mount {
    root: String,
    point: String,
    /// Controllers of a version 1 hierarchy; empty for version 2, as in `/proc/self/cgroup`.
    controllers: Vec<String>,
}

impl Mount {
    /// A line of mountinfo, `proc_pid_mountinfo(5)`:
    /// `36 35 98:0 /root /point options… - type source superoptions`.
    fn parse(line: &str) -> Option<Self> {
        let (place, kind) = line.split_once(" - ")?;
        let mut place = place.split(' ').skip(3);
        let (root, point) = (place.next()?, place.next()?);
        let mut kind = kind.split(' ');
        let controllers = match kind.next()? {
            "cgroup2" => Vec::new(),
            "cgroup" => kind.nth(1)?.split(',').map(str::to_owned).collect(),
            _ => return None,
        };
        Some(Self {
            root: unescape(root),
            point: unescape(point),
            controllers,
        })
    }

    fn holds(&self, controllers: &str) -> bool {
        if controllers.is_empty() {
            return self.controllers.is_empty();
        }
        controllers
            .split(',')
            .all(|wanted| self.controllers.iter().any(|c| c == wanted))
    }

    /// The directories of `group` and of all groups above it, nearest first.
    ///
    /// In a container without its own cgroup namespace, the mount shows only the
    /// container's part (`root`), while the group is named from the top of the host; a
    /// group outside that part is seen as the mount point itself.
    fn folders(&self, group: &str) -> Vec<String> {
        let inside = match self.root.as_str() {
            "/" => Some(group),
            root => group
                .strip_prefix(root)
                .filter(|rest| rest.is_empty() || rest.starts_with('/')),
        };
        let mut inside = inside
            .filter(|path| !path.split('/').any(|part| part == ".."))
            .unwrap_or("")
            .trim_end_matches('/');
        let mut folders = vec![format!("{}{inside}", self.point)];
        while let Some((above, _)) = inside.rsplit_once('/') {
            inside = above;
            folders.push(format!("{}{inside}", self.point));
        }
        folders
    }
}

/// Undoes the escapes of mountinfo, which writes space, tab, newline and backslash as `\ooo`.
fn unescape(text: &str) -> String {
    text.replace("\\040", " ")
        .replace("\\011", "\t")
        .replace("\\012", "\n")
        .replace("\\134", "\\")
}

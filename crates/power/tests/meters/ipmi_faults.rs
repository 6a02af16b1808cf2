//! Faults of `ipmitool`, or of a program in its place. The texts follow the output
//! of ipmitool 1.8.19.

use crate::says::{advised, error_kind, has, told};
use crate::{find_in, make_no_sense, open, refused, unavailable};
use perwatt_power::{Boundary, Grade, Reason};
use std::path::PathBuf;
use std::process::Command;
use std::time::Instant;

/// A program in place of ipmitool, and a file with a password.
struct Fake {
    dir: tempfile::TempDir,
}

const GOOD: &str = "cat <<'END'

    Instantaneous power reading:                   215 Watts
    Minimum during sampling period:                107 Watts
    Maximum during sampling period:                430 Watts
    Average power reading over sample period:      215 Watts
    IPMI timestamp:                           S+ 00:00:00    Sampling period:                          00000005 Seconds.
    Power reading state is:                   activated


END
";

impl Fake {
    fn new(script: &str) -> Self {
        let fake = Self {
            dir: tempfile::tempdir().unwrap(),
        };
        fake.becomes(script);
        std::fs::write(fake.path("password"), "s3cret\n").unwrap();
        fake
    }

    fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    fn becomes(&self, script: &str) {
        // Another program writes the file: a file that this process has open for
        // writing while one of its threads starts a child cannot be executed.
        let text = self.path("text");
        std::fs::write(&text, format!("#!/bin/sh\n{script}")).unwrap();
        let made = Command::new("install")
            .args(["-m", "755"])
            .arg(text)
            .arg(self.path("tool"))
            .status();
        assert!(made.unwrap().success());
    }

    fn spec(&self) -> String {
        format!(
            "ipmi=bmc.lan,user=monitor,auth=file:{},tool={},timeout=1",
            self.path("password").display(),
            self.path("tool").display()
        )
    }
}

#[test]
fn a_reading_has_the_supplies_input_as_its_boundary() {
    let fake = Fake::new(GOOD);
    let mut source = open(&fake.spec());
    assert_eq!(source.read(), Ok(215.0));
    let info = source.info();
    assert_eq!(info.boundary, Boundary::PsuIn);
    // The period is that of the statistics.
    assert_eq!(info.averaging_s, None);
    assert_eq!(info.quantum_w, Some(1.0));
    assert_eq!(Grade::best(info), Grade::D);
    assert!(source.pace().blocking);
}

#[test]
fn what_the_statistics_lack_costs_no_reading() {
    let period = GOOD.replace("00000005", "01131466");
    let no_minimum = GOOD.replace("107 Watts", "65535 Watts");
    let openbmc = GOOD
        .replace("107 Watts", "215 Watts")
        .replace("430 Watts", "215 Watts")
        .replace("00000005", "00000000")
        .replace("  activated", "  deactivated");
    for (script, noted) in [(period, false), (no_minimum, false), (openbmc, true)] {
        let fake = Fake::new(&script);
        let mut source = open(&fake.spec());
        assert_eq!(source.read(), Ok(215.0));
        let info = source.info();
        assert_eq!(info.averaging_s, None);
        assert_eq!(info.notes.join("; ").contains("OpenBMC"), noted, "{script}");
    }
}

#[test]
fn the_password_is_in_the_environment_alone() {
    let fake = Fake::new("");
    let seen = fake.path("seen");
    fake.becomes(&format!(
        "echo \"$@\" > {seen}\necho \"$IPMI_PASSWORD\" >> {seen}\n{GOOD}",
        seen = seen.display()
    ));
    let source = open(&fake.spec());
    assert!(!format!("{:?}", source.info()).contains("s3cret"));
    let seen = std::fs::read_to_string(seen).unwrap();
    let arguments = "-I lanplus -H bmc.lan -p 623 -L USER -U monitor -E dcmi power reading";
    assert_eq!(seen, format!("{arguments}\ns3cret\n"));
    fake.becomes("echo \"login with $IPMI_PASSWORD failed\" >&2; exit 1");
    let why = refused(&fake.spec());
    has(&why.detail, &["login with (hidden) failed"]);
    assert!(!format!("{why:?}").contains("s3cret"));
}

#[test]
fn a_tool_that_hangs_is_killed() {
    for script in ["exec sleep 60", "sleep 60", "while :; do echo y; done"] {
        let fake = Fake::new(script);
        let start = Instant::now();
        told(refused(&fake.spec()), Reason::Unreachable, "within 1 s");
        assert!(start.elapsed().as_secs() < 50, "it was waited for");
    }
}

/// Environment variable that names the meter which [`asks_for_ever`] opens.
const HUNG: &str = "PERWATT_TEST_HUNG_METER";

/// Not a test by itself: the process that [`a_tool_ends_with_its_parent`] kills.
#[test]
fn asks_for_ever() {
    if let Ok(spec) = std::env::var(HUNG) {
        let _ = crate::find(&spec);
    }
}

#[test]
fn a_tool_ends_with_its_parent() {
    let fake = Fake::new("");
    let (tool, below) = (fake.path("pid"), fake.path("below"));
    fake.becomes(&format!(
        "sleep 600 & echo $! > {below}; echo $$ > {tool}; wait",
        tool = tool.display(),
        below = below.display()
    ));
    let spec = fake.spec().replace("timeout=1", "timeout=100");
    let mut parent = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "ipmi_faults::asks_for_ever"])
        .env(HUNG, spec)
        .stdout(std::process::Stdio::null())
        .spawn()
        .unwrap();
    let start = Instant::now();
    let patient = |done: &dyn Fn() -> bool, what: &str| {
        while !done() {
            assert!(start.elapsed().as_secs() < 60, "{what}");
            std::thread::sleep(std::time::Duration::from_millis(10));
        }
    };
    let pid = |path: &PathBuf| {
        let text = std::fs::read_to_string(path).unwrap_or_default();
        text.trim().parse::<i32>().ok()
    };
    patient(&|| pid(&tool).is_some(), "the tool does not start");
    parent.kill().unwrap();
    parent.wait().unwrap();
    for path in [&tool, &below] {
        let pid = rustix::process::Pid::from_raw(pid(path).unwrap()).unwrap();
        let gone = || rustix::process::test_kill_process(pid).is_err();
        patient(&gone, "the tool outlives its parent");
    }
}

#[test]
fn every_failure_says_what_to_do() {
    #[rustfmt::skip]
    let cases = [
        (
            "echo 'Error: Unable to establish IPMI v2 / RMCP+ session' >&2; exit 1",
            Reason::Unreachable,
            "RMCP+",
            "password",
        ),
        (
            "echo 'DCMI request failed because: Insufficient privilege level (d4)' >&2; exit 1",
            Reason::NotPermitted,
            "d4",
            "level=",
        ),
        (
            "echo 'DCMI request failed because: Invalid command (c1)' >&2; exit 1",
            Reason::Absent,
            "Invalid command",
            "",
        ),
        ("exit 3", Reason::Absent, "failed", ""),
        ("exit 0", Reason::Malformed, "printed no", ""),
        ("head -c 200000 /dev/zero | tr '\\0' x", Reason::Malformed, "printed", ""),
        ("head -c 2000 /dev/urandom", Reason::Malformed, "printed", ""),
    ];
    for (script, reason, detail, fix) in cases {
        let why = told(refused(&Fake::new(script).spec()), reason, detail);
        assert!(why.detail.len() < 400, "{}", why.detail);
        advised(why, reason, fix);
    }
    let fake = Fake::new("");
    let none = fake.spec().replace("/tool,", "/no-such-tool,");
    advised(refused(&none), Reason::Absent, "apt-get install ipmitool");
}

#[test]
fn numbers_that_are_none_are_refused_at_start_and_are_gaps_later() {
    let fake = Fake::new(GOOD);
    let mut source = open(&fake.spec());
    for (from, to, reason, part) in [
        ("215 Watts", "0 Watts", Reason::Malformed, "0 W"),
        ("215 Watts", "-4 Watts", Reason::Malformed, "-4 Watts"),
        ("215 Watts", "nan Watts", Reason::Malformed, "nan Watts"),
        ("215 Watts", "65535 Watts", Reason::Malformed, "65535"),
        ("215 Watts", "215 kW", Reason::Malformed, "215 kW"),
        (" activated", " deactivated", Reason::Absent, "deactivated"),
        (" activated", " unsure", Reason::Malformed, "unsure"),
    ] {
        fake.becomes(&GOOD.replace(from, to));
        told(refused(&fake.spec()), reason, part);
        let kind = error_kind(&source.read().unwrap_err());
        assert!(["malformed", "io"].contains(&&*kind), "{kind}");
    }
    fake.becomes(GOOD);
    assert_eq!(source.read(), Ok(215.0));
}

#[test]
fn without_a_device_there_is_no_bmc() {
    let root = tempfile::tempdir().unwrap();
    let look = || unavailable(find_in(root.path(), "ipmi").unwrap());
    advised(look(), Reason::Absent, "modprobe");
    // The files of a recorded server are not those of this machine.
    std::fs::create_dir_all(root.path().join("dev")).unwrap();
    std::fs::write(root.path().join("dev/ipmi0"), "").unwrap();
    assert!(look().detail.contains("recorded"));
}

#[test]
fn specifications_that_make_no_sense() {
    let specs = [
        ("ipmi:1=h,auth=env:X", "no parts"),
        ("ipmi=h", "auth=env:NAME"),
        ("ipmi=h,auth=secret", "auth=env:NAME"),
        ("ipmi=-h,auth=env:X", "not a host name"),
        ("ipmi=h,auth=env:X,level=god", "administrator"),
        ("ipmi=h,auth=env:X,cipher=x", "number"),
        ("ipmi=h,auth=env:X,timeout=0", "timeout"),
        ("ipmi,user=root", "on the network"),
    ];
    make_no_sense("auth=secret", &specs);
}

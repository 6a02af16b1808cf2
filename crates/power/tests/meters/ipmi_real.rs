//! The real `ipmitool` against a BMC in software, `ipmi_sim` of Debian's openipmi.
//!
//! The simulator has IPMI's sessions but no DCMI commands. The command that is
//! needed is added as a module, which is compiled here (`dcmi.c`).

use crate::program::{Program, eventually, free_udp_port, installed};
use crate::says::has;
use crate::{find, open, refused};
use perwatt_power::{Found, Reason};
use std::process::Command;

#[test]
fn a_real_ipmitool_reads_a_simulated_bmc() {
    let programs = (
        installed(&["/usr/bin/ipmi_sim"], "openipmi"),
        installed(&["/usr/bin/ipmitool"], "ipmitool"),
        installed(&["/usr/bin/cc"], "gcc"),
    );
    let (Some(sim), Some(_), Some(cc)) = programs else {
        return;
    };
    let dir = tempfile::tempdir().unwrap();
    let path = |name: &str| dir.path().join(name);
    let source = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/meters/dcmi.c");
    let compiled = Command::new(cc)
        .args(["-shared", "-fPIC", "-o"])
        .arg(path("dcmi.so"))
        .arg(source)
        .status();
    assert!(compiled.unwrap().success(), "dcmi.c does not compile");

    let port = free_udp_port();
    let methods = "none md2 md5 straight";
    let conf = format!(
        "name \"test\"\nset_working_mc 0x20\nstartlan 1\naddr 127.0.0.1 {port}\n\
         priv_limit admin\nallowed_auths_user {methods}\nallowed_auths_admin {methods}\n\
         guid a123456789abcdefa123456789abcdef\nendlan\n\
         user 2 true \"monitor\" \"s3cret\" admin 10 {methods}\n\
         loadlib \"{}\" \"{}\"\n",
        path("dcmi.so").display(),
        path("power").display()
    );
    std::fs::write(path("lan.conf"), conf).unwrap();
    let machine = "mc_setbmc 0x20\nmc_add 0x20 0 no-device-sdrs 0x23 9 8 0x9f 0x1291 0xf02 \
                   persist_sdr\nmc_enable 0x20\n";
    std::fs::write(path("sim.emu"), machine).unwrap();
    std::fs::create_dir(path("state")).unwrap();
    std::fs::write(path("password"), "s3cret\n").unwrap();
    std::fs::write(path("wrong"), "s3cre7\n").unwrap();
    let power = |text: &str| std::fs::write(path("power"), text).unwrap();
    power("215 5000 64");

    let mut command = Command::new(sim);
    command.arg("-n");
    for (flag, file) in [("-c", "lan.conf"), ("-f", "sim.emu"), ("-s", "state")] {
        command.arg(flag).arg(path(file));
    }
    let mut bmc = Program::start(&mut command, &path("log")).unwrap();
    let with = |password: &str, more: &str| {
        format!(
            "ipmi=127.0.0.1:{port},user=monitor,cipher=3,auth=file:{}{more}",
            path(password).display()
        )
    };
    let spec = with("password", ",level=administrator");
    eventually(|| match find(&spec).unwrap() {
        Found::Available(_) => Ok(()),
        Found::Unavailable(why) => Err(why.to_string()),
    });

    let mut source = open(&spec);
    assert_eq!(source.read(), Ok(215.0));
    // The period in the answer is that of its statistics, not of the reading.
    assert_eq!(source.info().averaging_s, None);
    power("1400 5000 64");
    assert_eq!(source.read(), Ok(1400.0));
    power("1400 5000 0");
    has(&source.read().unwrap_err().to_string(), &["deactivated"]);
    assert_eq!(refused(&spec).reason, Reason::Absent);
    power("0 5000 64");
    has(&refused(&spec).detail, &["0 W"]);
    power("215 5000 64");

    let why = refused(&with("password", ""));
    assert_eq!(why.reason, Reason::NotPermitted, "{}", why.detail);
    let why = refused(&with("wrong", ",level=administrator"));
    assert_eq!(why.reason, Reason::Unreachable, "{}", why.detail);
    assert!(!format!("{why:?}").contains("s3cre7"));

    bmc.stop();
    let gone = with("password", ",level=administrator,timeout=1");
    assert_eq!(refused(&gone).reason, Reason::Unreachable);
}

//! The real agent of Debian's snmpd, which is configured with a PDU's objects and
//! with one object whose value comes from a program.

use crate::program::{Program, eventually, free_udp_port, installed};
use crate::says::has;
use crate::{find, open, refused};
use perwatt_power::{Found, Reason};
use std::process::Command;

const CONF: &str = "\
rocommunity s3cret 127.0.0.1
override 1.3.6.1.4.1.318.1.1.26.4.3.1.5.1 integer 25
override 1.3.6.1.4.1.318.1.1.26.4.3.1.5.2 integer -1
override 1.3.6.1.4.1.318.1.1.26.9.4.3.1.7.4 integer 61
override 1.3.6.1.4.1.13742.6.5.4.3.1.4.1.2.5 integer 1234
override 1.3.6.1.4.1.13742.6.3.5.4.1.7.1.2.5 integer 1
override 1.3.6.1.4.1.13742.6.5.2.3.1.4.1.1.5 integer 98
override 1.3.6.1.4.1.13742.6.3.3.4.1.7.1.1.5 integer 0
extend power /bin/echo 123.4
";

/// The output of `extend power`: nsExtendOutput1Line, indexed by its name.
const EXTENDED: &str = "1.3.6.1.4.1.8072.1.3.2.3.1.1.5.112.111.119.101.114";

#[test]
fn a_real_agent_is_read_until_it_dies() {
    let Some(snmpd) = installed(&["/usr/sbin/snmpd"], "snmpd") else {
        return;
    };
    let dir = tempfile::tempdir().unwrap();
    let port = free_udp_port();
    let conf = dir.path().join("snmpd.conf");
    std::fs::write(&conf, CONF).unwrap();
    let community = dir.path().join("community");
    std::fs::write(&community, "s3cret\n").unwrap();
    let log = dir.path().join("log");
    let mut command = Command::new(snmpd);
    command
        .args(["-f", "-Lo", "-C", "-c"])
        .arg(&conf)
        .arg(format!("udp:127.0.0.1:{port}"))
        .env("SNMP_PERSISTENT_DIR", dir.path());
    let mut agent = Program::start(&mut command, &log).unwrap();
    let host = format!("snmp=127.0.0.1:{port},auth=file:{}", community.display());
    let apc = format!("{host},preset=apc");
    eventually(|| match find(&apc).unwrap() {
        Found::Available(_) => Ok(()),
        Found::Unavailable(why) => {
            Err(format!("{why}\n{}", std::fs::read_to_string(&log).unwrap()))
        }
    });

    let mut source = open(&apc);
    assert_eq!(source.read(), Ok(250.0));
    assert_eq!(open(&format!("{apc},outlet=4")).read(), Ok(61.0));
    let raritan = format!("{host},preset=raritan");
    assert!((open(&format!("{raritan},outlet=2")).read().unwrap() - 123.4).abs() < 1e-9);
    assert_eq!(open(&raritan).read(), Ok(98.0));
    let extended = format!("{host},oid={EXTENDED},unit=W");
    assert_eq!(open(&extended).read(), Ok(123.4));

    has(&refused(&format!("{apc},module=2")).detail, &["-1"]);
    for (oid, name) in [
        ("4.1.999.1", "NoSuchObject"),
        ("2.1.1.3.7", "NoSuchInstance"),
        ("2.1.1.3.0", "TimeTicks"),
        ("2.1.1.1.0", "OCTET STRING"),
    ] {
        let why = refused(&format!("{host},oid=1.3.6.1.{oid},unit=W"));
        has(&why.detail, &[name]);
    }
    // A request without the community.
    let why = refused(&format!("snmp=127.0.0.1:{port},preset=apc,timeout=0.5"));
    assert_eq!(why.reason, Reason::Unreachable);

    agent.stop();
    let error = source.read().unwrap_err().to_string();
    assert!(!error.contains("s3cret"), "{error}");
}

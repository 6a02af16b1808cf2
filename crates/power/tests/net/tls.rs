//! HTTPS against OpenSSL's own server, with a self-signed certificate such as
//! management controllers have. Only on Linux: elsewhere the system's TLS is used.
#![cfg(target_os = "linux")]

use crate::program::{Program, eventually, free_tcp_port};
use crate::says::has;
use crate::{available, infos, open, unavailable};
use perwatt_power::{Found, Reason};
use std::path::Path;
use std::process::Command;

/// openssl with these arguments in `folder`.
fn openssl(folder: &Path, arguments: &str) -> Command {
    let mut command = Command::new("openssl");
    command.args(arguments.split_whitespace());
    command.current_dir(folder);
    command
}

#[test]
fn a_certificate_signed_by_itself_needs_leave() {
    let folder = tempfile::tempdir().unwrap();
    let make = "req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost \
                -addext subjectAltName=DNS:localhost,IP:127.0.0.1 -keyout key.pem -out cert.pem";
    match openssl(folder.path(), make).output() {
        Ok(made) => assert!(made.status.success(), "{made:?}"),
        Err(error) => {
            eprintln!("skipped: openssl cannot be started: {error}");
            return;
        }
    }
    std::fs::write(folder.path().join("power"), r#"{"p":41.5}"#).unwrap();
    let address = format!("127.0.0.1:{}", free_tcp_port());
    let serve = format!("s_server -WWW -cert cert.pem -key key.pem -accept {address}");
    let log = folder.path().join("log");
    let server = Program::start(&mut openssl(folder.path(), &serve), &log).unwrap();

    let spec = format!("json=https://{address}/power,pointer=/p,unit=W,boundary=psu-in");
    let trusting = format!("{spec},insecure=yes");
    let found = eventually(|| match open(&trusting) {
        found if matches!(found[0], Found::Available(_)) => Ok(found),
        found => Err(format!("{found:?}")),
    });
    let notes = infos(&found)[0].notes.join("; ");
    has(&notes, &["certificate is not checked"]);
    let mut source = available(found.into_iter().next().unwrap());
    assert_eq!(source.read(), Ok(41.5));

    let why = unavailable(&spec);
    has(&why.detail, &["insecure=yes"]);
    assert_ne!(why.reason, Reason::Unreachable, "{why}");
    // TLS to a server that does not support it.
    drop(server);
    let plain = crate::server::Server::constant("{}");
    let more = "/,pointer=/p,unit=W,boundary=wall,insecure=yes,timeout=0.3";
    let why = unavailable(&plain.spec("json=https://", more));
    assert_eq!(why.reason, Reason::Unreachable, "{why}");
}

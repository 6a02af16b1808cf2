//! HTTPS against OpenSSL's own server, with a self-signed certificate such as
//! management controllers have. Only on Linux: elsewhere the system's TLS is used.
#![cfg(target_os = "linux")]

use crate::{available, infos, open, unavailable};
use perwatt_power::{Found, Reason};
use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

struct OpenSsl(Child);

impl Drop for OpenSsl {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn openssl(folder: &Path, args: &[&str]) -> std::io::Result<Child> {
    Command::new("openssl")
        .args(args)
        .current_dir(folder)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
}

#[test]
fn a_certificate_signed_by_itself_needs_leave() {
    let folder = tempfile::tempdir().unwrap();
    let make = "req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost \
                -addext subjectAltName=DNS:localhost,IP:127.0.0.1 -keyout key.pem -out cert.pem";
    let make: Vec<&str> = make.split_whitespace().collect();
    match openssl(folder.path(), &make) {
        Ok(mut child) => assert!(child.wait().unwrap().success()),
        Err(error) => {
            eprintln!("skipped: openssl cannot be started: {error}");
            return;
        }
    }
    std::fs::write(folder.path().join("power"), r#"{"p":41.5}"#).unwrap();
    let free = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = free.local_addr().unwrap().to_string();
    drop(free);
    let serve = [
        "s_server", "-WWW", "-cert", "cert.pem", "-key", "key.pem", "-accept",
    ];
    let server = openssl(folder.path(), &[&serve[..], &[&address]].concat()).unwrap();
    let server = OpenSsl(server);

    let spec = format!("json=https://{address}/power,pointer=/p,unit=W,boundary=psu-in");
    let trusting = format!("{spec},insecure=yes");
    // The server needs some time before it listens.
    for _ in 0..200 {
        if matches!(open(&trusting)[0], Found::Available(_)) {
            break;
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    let found = open(&trusting);
    let notes = infos(&found)[0].notes.join("; ");
    assert!(notes.contains("certificate is not checked"), "{notes}");
    let mut source = available(found.into_iter().next().unwrap());
    assert_eq!(source.read(), Ok(41.5));

    let why = unavailable(&spec);
    assert!(why.detail.contains("insecure=yes"), "{why}");
    assert_ne!(why.reason, Reason::Unreachable, "{why}");
    // TLS to a server that does not support it.
    drop(server);
    let plain = crate::server::Server::constant("{}");
    let spec = format!(
        "json=https://{}/,pointer=/p,unit=W,boundary=wall,insecure=yes,timeout=0.3",
        plain.address
    );
    let why = unavailable(&spec);
    assert_eq!(why.reason, Reason::Unreachable, "{why}");
}

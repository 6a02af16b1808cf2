//! The real `upsd` of Debian's nut-server with its dummy driver, which serves the
//! variables of a file.

use crate::program::{Program, eventually, free_tcp_port, installed};
use crate::says::has;
use crate::{find, open, refused};
use perwatt_power::{Found, Provenance};
use std::path::Path;
use std::process::Command;

struct Nut {
    dir: tempfile::TempDir,
    port: u16,
    driver: Program,
    _upsd: Program,
}

/// This user, as the account for the daemons: their default account may not read
/// the test's directory.
fn user() -> String {
    let output = Command::new("id").arg("-un").output().unwrap();
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

impl Nut {
    fn start(variables: &str) -> Option<Self> {
        let upsd = installed(&["/lib/nut/upsd", "/usr/lib/nut/upsd"], "nut-server")?;
        let paths = ["/lib/nut", "/usr/lib/nut", "/usr/libexec/nut"];
        let paths = paths.map(|folder| format!("{folder}/dummy-ups"));
        let driver = installed(&paths.each_ref().map(|path| &**path), "nut-server")?;
        let dir = tempfile::tempdir().unwrap();
        let port = free_tcp_port();
        let write = |name: &str, text: String| {
            let path = dir.path().join(name);
            std::fs::write(&path, text).unwrap();
            // upsd refuses files that all users may read.
            use std::os::unix::fs::PermissionsExt;
            std::fs::set_permissions(&path, PermissionsExt::from_mode(0o600)).unwrap();
        };
        write(
            "ups.conf",
            "pollinterval = 1\n[rack]\n driver = dummy-ups\n port = rack.dev\n".into(),
        );
        write("upsd.conf", format!("LISTEN 127.0.0.1 {port}\nMAXAGE 5\n"));
        write("upsd.users", "[monitor]\n password = s3cret\n".into());
        write("rack.dev", variables.into());
        let start = |path: &Path, args: &[&str], log: &str| {
            let mut command = Command::new(path);
            command
                .args(args)
                .args(["-u", &user(), "-D"])
                .env("NUT_CONFPATH", dir.path())
                .env("NUT_STATEPATH", dir.path())
                .env("NUT_ALTPIDPATH", dir.path())
                .env("NUT_PIDPATH", dir.path());
            Program::start(&mut command, &dir.path().join(log)).unwrap()
        };
        let driver = start(&driver, &["-a", "rack"], "driver.log");
        let _upsd = start(&upsd, &[], "upsd.log");
        let nut = Self {
            dir,
            port,
            driver,
            _upsd,
        };
        // The driver passes its variables to upsd some time after both have started.
        eventually(|| match find(&nut.spec("")).unwrap() {
            Found::Unavailable(why) => Err(format!("{why}\n{}", nut.logs())),
            Found::Available(_) => Ok(()),
        });
        Some(nut)
    }

    fn logs(&self) -> String {
        ["driver.log", "upsd.log"]
            .map(|log| std::fs::read_to_string(self.dir.path().join(log)).unwrap())
            .concat()
    }

    fn spec(&self, more: &str) -> String {
        format!("nut=rack@127.0.0.1:{}{more}", self.port)
    }
}

#[test]
fn a_real_upsd_is_read_until_its_driver_dies() {
    let Some(mut nut) = Nut::start(
        "ups.realpower: 123.4\ninput.realpower: 140\noutlet.1.realpower: 55\nups.load: 20\n\
         ups.power: 150\nups.status: OL\n",
    ) else {
        return;
    };
    let mut source = open(&nut.spec(""));
    assert_eq!(source.read(), Ok(123.4));
    assert_eq!(source.pace().interval_s, 1.0, "{:?}", source.info());
    assert_eq!(open(&nut.spec(",outlet=1")).read(), Ok(55.0));
    assert_eq!(open(&nut.spec(",var=input.realpower")).read(), Ok(140.0));

    let auth = nut.dir.path().join("auth");
    std::fs::write(&auth, "monitor:s3cret").unwrap();
    let with = format!(",auth=file:{}", auth.display());
    assert_eq!(open(&nut.spec(&with)).read(), Ok(123.4));

    has(
        &refused(&nut.spec(",outlet=9")).detail,
        &["VA and not watts"],
    );
    let why = refused(&format!("nut=nothing@127.0.0.1:{}", nut.port));
    has(&why.detail, &["UNKNOWN-UPS"]);

    nut.driver.stop();
    let error = eventually(|| match source.read() {
        Err(error) => Ok(error.to_string()),
        Ok(watts) => Err(format!("still {watts} W")),
    });
    // upsd first drops the driver's variables, and later reports the driver as missing.
    let known = ["DATA-STALE", "DRIVER-NOT-CONNECTED", "VAR-NOT-SUPPORTED"];
    assert!(known.iter().any(|code| error.contains(code)), "{error}");
}

#[test]
fn a_real_upsd_without_watts() {
    let Some(nut) = Nut::start("ups.load: 25\nups.realpower.nominal: 600\nups.status: OL\n") else {
        return;
    };
    let mut source = open(&nut.spec(""));
    assert_eq!(source.info().provenance, Provenance::DeviceEstimate);
    assert_eq!(source.read(), Ok(150.0));
}

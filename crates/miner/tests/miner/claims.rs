//! Emulated machines, and what is read of them.

use crate::emulator::machines::{self as m, ALL, Machine};
use crate::emulator::{self, read_as, start};
use perwatt_miner::{Api, Choice, Claim, Kind, Provenance, Quantity, Report, kinds, read};
use std::fmt::Write;

/// A claim in one line.
fn line(claim: &Claim) -> String {
    let json = serde_json::to_value(claim).unwrap();
    let word = |key: &str| json[key].as_str().unwrap_or_default().to_owned();
    let value = claim
        .value
        .map_or(claim.text.clone(), |value| value.to_string());
    let mut line = format!(
        "{} {value} {} {} {}",
        word("quantity"),
        word("unit"),
        word("provenance"),
        claim.field
    );
    if claim.unit_doubtful {
        line.push_str(" UNIT DOUBTFUL");
    }
    if let Some(note) = &claim.note {
        write!(line, " ({note})").unwrap();
    }
    line
}

fn auto(machine: &'static Machine) -> Report {
    read_as(Api::Auto, machine).0.unwrap()
}

/// Everything that is read of each machine, recognised without being told its kind.
#[test]
fn all_claims_of_all_machines() {
    let mut all = String::new();
    for machine in ALL {
        writeln!(all, "## {}", machine.name).unwrap();
        match read_as(Api::Auto, machine).0 {
            Err(problem) => writeln!(all, "error: {problem}").unwrap(),
            Ok(report) => {
                let identity = &report.identity;
                let part = |part: &Option<String>| part.clone().unwrap_or("-".into());
                let (model, version) = (part(&identity.model), part(&identity.version));
                writeln!(
                    all,
                    "{}: {model} | {} | {version}",
                    report.api, identity.firmware
                )
                .unwrap();
                report
                    .claims
                    .iter()
                    .for_each(|claim| writeln!(all, "{}", line(claim)).unwrap());
                report
                    .notes
                    .iter()
                    .for_each(|note| writeln!(all, "note: {note}").unwrap());
            }
        }
    }
    insta::assert_snapshot!(all);
}

/// One row for each trap: the machine, the quantity, and all figures claimed for it.
#[test]
fn each_trap_has_its_claim() {
    use Provenance::*;
    use Quantity::*;
    type Row = (&'static Machine, Quantity, &'static [(f64, Provenance)]);
    let rows: &[Row] = &[
        // `GHS 5s` is a text, and the older firmware has no power.
        (&m::ANTMINER, RateNow, &[(94_210.5e9, Unknown)]),
        (&m::ANTMINER, Power, &[]),
        // `new_api` works at the top level alone.
        (&m::ANTMINER_NEW, Power, &[(3105.0, Unknown)]),
        // 96 100 250 MHS are 96 TH/s.
        (
            &m::WHATSMINER,
            RateAverage,
            &[(96_100_250.5e6, Unknown), (96e12, Unknown)],
        ),
        (
            &m::WHATSMINER,
            RateNominal,
            &[(98e12, Nameplate), (97.5e12, Nameplate)],
        ),
        // -1 W is no claim.
        (&m::WHATSMINER_UNKNOWN_POWER, Power, &[]),
        (
            &m::WHATSMINER_UNKNOWN_POWER,
            PowerLimit,
            &[(3500.0, Nameplate)],
        ),
        // Its own J/TH is not the quotient of its own watts and rate.
        (&m::WHATSMINER_3, Efficiency, &[(17.9, Model)]),
        (&m::WHATSMINER_3, RateNow, &[(181.5e12, Unknown)]),
        // The fifth figure of PS, and never the sixth.
        (&m::AVALON, Power, &[(3170.0, SensorDc)]),
        (&m::AVALON_IDLE, Power, &[(0.0, SensorDc)]),
        (&m::AVALON_IDLE, RateNow, &[(0.0, Unknown)]),
        (&m::AVALON_WALL, Power, &[(326.0, Unknown), (0.0, Unknown)]),
        // The flag PSU.
        (&m::LUXOS, Power, &[(1051.0, Model), (1188.0, Nameplate)]),
        (&m::LUXOS_METERED, Power, &[(1210.0, SensorAc)]),
        // Texts with units, from a sensor.
        (&m::AURADINE, Power, &[(61.2, SensorAc), (0.0, SensorDc)]),
        (&m::AURADINE, Voltage, &[(244.5, SensorAc)]),
        // The regulator's output plus a constant.
        (&m::BITAXE, Power, &[(2.65, SensorDc)]),
        (&m::NERDAXE, RateNominal, &[(4.896e12, Model)]),
        // A model, and a fee in hundredths of a percent.
        (&m::BRAIINS, Power, &[(2472.0, Model)]),
        (&m::BRAIINS, DevFee, &[(0.025, Nameplate)]),
        (&m::BRAIINS, RateErrors, &[(1250.5e6, Unknown)]),
        (&m::BRAIINS_GUEST, Power, &[]),
        // `power_usage` is an efficiency.
        (&m::VNISH, Power, &[(3050.0, Model)]),
        (&m::VNISH, DevFee, &[(0.028, Nameplate)]),
        // Input power without input voltage is an estimate.
        (&m::EPIC, Power, &[(2166.5, Model)]),
        (&m::EPIC, RateNow, &[(91e12, Unknown)]),
        // Both power supplies together.
        (
            &m::PROTO,
            Power,
            &[(3400.5, Unknown), (3525.0, SensorAc), (3216.25, SensorDc)],
        ),
    ];
    for (machine, quantity, claims) in rows {
        let report = auto(machine);
        let read: Vec<_> = report
            .about(*quantity)
            .map(|c| (c.value.unwrap(), c.provenance))
            .collect();
        assert_eq!(read, *claims, "{} {quantity:?}", machine.name);
    }
}

#[test]
fn rates_in_another_unit_are_found() {
    // Its average is an eighth of its other counters.
    let mut report = auto(&m::AURADINE);
    let flags = |report: &Report, quantity| -> Vec<bool> {
        report
            .about(quantity)
            .map(|claim| claim.unit_doubtful)
            .collect()
    };
    assert_eq!(flags(&report, Quantity::RateAverage), [true]);
    assert_eq!(flags(&report, Quantity::RateNow), [false]);
    // Shares say more than the nameplate, which may be wrong too.
    report.judge_units(Some(20e12));
    assert_eq!(flags(&report, Quantity::RateAverage), [false]);
    assert_eq!(flags(&report, Quantity::RateNow), [true]);
    assert_eq!(flags(&report, Quantity::RateNominal), [true]);
    // Rest is no other unit.
    assert_eq!(flags(&auto(&m::AVALON_IDLE), Quantity::RateNow), [false]);
}

#[test]
fn the_best_power_is_the_one_nearest_to_the_wall() {
    for (machine, power_w) in [
        (&m::PROTO, Some(3525.0)),
        (&m::AURADINE, Some(61.2)),
        (&m::AVALON, Some(3170.0)),
        (&m::LUXOS, Some(1051.0)),
        (&m::WHATSMINER_UNKNOWN_POWER, None),
    ] {
        let report = auto(machine);
        assert_eq!(
            report.power().and_then(|claim| claim.value),
            power_w,
            "{}",
            machine.name
        );
    }
}

#[test]
fn counters_of_shares_give_a_rate() {
    let report = auto(&m::LUXOS);
    let rate = report.rate_by_own_shares_h_per_s().unwrap();
    assert_eq!(rate, 44_000_000.0 * 4_295_032_833.0 / 3600.0);
    assert_eq!(auto(&m::BITAXE).rate_by_own_shares_h_per_s(), None);
}

#[test]
fn the_text_in_the_reply_is_kept() {
    let report = auto(&m::AURADINE);
    assert_eq!(report.about(Quantity::Power).next().unwrap().text, "61.20W");
    let json = serde_json::to_string(&report).unwrap();
    assert_eq!(serde_json::from_str::<Report>(&json).unwrap(), report);
}

#[test]
fn a_named_kind_is_read_as_the_unknown_one() {
    for machine in ALL {
        let Ok(report) = read_as(Api::Auto, machine).0 else {
            continue;
        };
        let kind = Kind::named(&report.api).unwrap();
        let named = read_as(Api::Kind(kind), machine).0.unwrap();
        assert_eq!(named.claims, report.claims, "{}", machine.name);
    }
}

#[test]
fn firmware_that_wants_a_login_says_so() {
    let error = read_as(Api::Auto, &m::VNISH_CLOSED).0.unwrap_err();
    assert!(
        error.contains("VNish shows this only after a login: summary"),
        "{error}"
    );
    let braiins = Api::Kind(Kind::named("braiins").unwrap());
    let error = read_as(braiins, &m::BRAIINS_GUEST).0.unwrap_err();
    assert!(error.contains("login: details, stats"), "{error}");
    // What is open is read.
    let report = auto(&m::BRAIINS_GUEST);
    assert_eq!(report.api, "cgminer");
    assert_eq!(report.first(Quantity::RateNow), Some(121_000_500e6));
    assert!(
        report.notes.iter().any(|note| note.contains("login")),
        "{:?}",
        report.notes
    );
}

#[test]
fn nothing_is_sent_that_is_not_listed() {
    let listed: Vec<&str> = kinds().flat_map(Kind::requests).collect();
    for machine in ALL {
        for request in read_as(Api::Auto, machine).1 {
            assert!(
                listed.contains(&request.as_str()),
                "{}: {request}",
                machine.name
            );
        }
    }
}

#[test]
fn no_request_is_sent_twice() {
    for machine in ALL {
        let requests = read_as(Api::Auto, machine).1;
        let mut once = requests.clone();
        once.sort_unstable();
        once.dedup();
        assert_eq!(once.len(), requests.len(), "{}: {requests:?}", machine.name);
    }
}

#[test]
fn names_and_numbers_of_owners_are_not_kept() {
    for machine in ALL {
        let Ok(report) = read_as(Api::Auto, machine).0 else {
            continue;
        };
        let json = serde_json::to_string(&report).unwrap().to_ascii_lowercase();
        for secret in [
            "5e:10",
            "5e10",
            "secretuser",
            "homenet",
            "sn000",
            "\"sn",
            "abcdefgh",
            "127.0.0.1",
        ] {
            assert!(
                !json.contains(secret),
                "{}: {secret} in {json}",
                machine.name
            );
        }
    }
}

#[test]
fn the_readme_lists_every_request() {
    let readme = include_str!("../../README.md");
    for kind in kinds() {
        let row = readme
            .lines()
            .find(|line| line.starts_with(&format!("| `{}` |", kind.name())));
        let row = row.unwrap_or_else(|| panic!("no row for {}", kind.name()));
        assert!(row.contains(&kind.port().to_string()), "{row}");
        for request in kind.requests() {
            assert!(row.contains(&format!("`{request}`")), "{request} in {row}");
        }
    }
}

#[test]
fn a_choice_leads_to_a_reading() {
    let server = start(&m::LUXOS, "127.0.0.1:0").unwrap();
    let choice = format!("luxos={}", server.address).parse().unwrap();
    let Choice::Kind(kind, address) = choice else {
        panic!("{choice:?}");
    };
    let report = read(Api::Kind(kind), &address, emulator::TIMEOUT).unwrap();
    assert_eq!(report.identity.model.as_deref(), Some("Antminer S19k Pro"));
}

#[test]
fn addresses_of_ipv6_are_read() {
    for machine in [&m::BITAXE, &m::WHATSMINER_3] {
        let Ok(server) = start(machine, "[::1]:0") else {
            eprintln!("skipped: this machine has no IPv6");
            return;
        };
        let address = server.address.to_string().parse().unwrap();
        let report = read(Api::Auto, &address, emulator::TIMEOUT).unwrap();
        assert!(!report.claims.is_empty(), "{}", machine.name);
    }
}

/// On the usual ports, a server of one protocol is not asked in another one.
#[cfg(target_os = "linux")]
#[test]
fn a_server_of_cgminer_gets_no_http() {
    // An address of this machine that nothing else uses.
    let Ok(server) = start(&m::BRAIINS_GUEST, "127.77.4.28:4028") else {
        eprintln!("skipped: 127.77.4.28:4028 is in use");
        return;
    };
    let address = "127.77.4.28".parse().unwrap();
    let report = read(Api::Auto, &address, emulator::TIMEOUT).unwrap();
    assert_eq!(report.api, "cgminer");
    let requests = server.requests();
    assert!(
        requests.iter().all(|request| request.starts_with('{')),
        "{requests:?}"
    );
}

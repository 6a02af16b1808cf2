//! All kinds of meters, their options, and their descriptions.

use crate::says::{has, told};
use crate::server::{Reply, Server};
use crate::{Hand, available, infos, only, open, refused, try_open, unavailable};
use perwatt_power::{Boundary, Found, Grade, Provenance, Quantity, Reason, known_meters};
use serde_json::json;
use std::sync::Arc;

fn ids(found: &[Found]) -> Vec<&str> {
    found.iter().map(Found::id).collect()
}

#[test]
fn none_is_looked_for_without_an_address() {
    let local = ["shelly", "shelly-gen1", "tasmota", "redfish"];
    for kind in local.into_iter().chain(["prometheus", "json"]) {
        let name = known_meters().into_iter().find(|m| m.name == kind).unwrap();
        assert!(!name.automatic && name.usage.starts_with(&format!("{kind}=")));
        assert!(refused(kind).contains("needs a target"), "{kind}");
        has(&refused(&format!("{kind}:x=h")), &["no part"]);
        assert!(refused(&format!("{kind}=h,colour=red")).contains("unknown option"));
    }
}

/// The first answer may wait for a name or a connection, so that a slow one is asked twice.
#[test]
fn the_time_of_an_answer_is_measured_and_said_where_it_exceeds_the_interval() {
    let status = r#"{"switch:0":{"apower":60.5,"aenergy":{"total":7258.5}}}"#;
    for (answers_s, answer_s, expected_s) in [
        ([2.0, 1.5], 1.5, 1.8),
        ([1.3, 0.2], 0.2, 1.0),
        ([0.2, 9.0], 0.2, 1.0),
    ] {
        let clock = Arc::new(Hand::default());
        let of_server = Arc::clone(&clock);
        let server = Server::start(move |_, number| {
            of_server.forward(answers_s[number.saturating_sub(1).min(1)]);
            Reply::text(status)
        });
        let found = try_open(&[&server.spec("shelly=", ",accuracy=1%")], &clock).unwrap();
        // It is asked for the list of its parts before.
        let asked = if answers_s[0] > 1.0 { 3 } else { 2 };
        assert_eq!(server.requests().len(), asked, "{:?}", server.requests());
        for source in found.into_iter().map(available) {
            let pace = source.pace();
            assert!((pace.answer_s - answer_s).abs() < 1e-9, "{pace:?}");
            assert!((pace.expected_s() - expected_s).abs() < 1e-9, "{pace:?}");
            let notes = source.info().notes.join("; ");
            assert_eq!(
                notes.contains("it took 1.50 s to answer"),
                answer_s > 1.0,
                "{notes}"
            );
        }
    }
}

#[test]
fn shelly_gives_power_and_energy_of_one_request() {
    let status = r#"{"switch:0":{"apower":60.5,"aenergy":{"total":7258.5}},"pm1:0":{"apower":9}}"#;
    let server = Server::constant(status);
    let spec = server.spec("shelly=", ",channel=switch:0,accuracy=1%");
    let mut found = open(&spec);
    let infos = infos(&found);
    let id = spec.split(',').next().unwrap();
    assert_eq!(ids(&found), [id, &format!("{id}:energy")]);
    assert_eq!(infos[0].quantity, Quantity::PowerW);
    assert_eq!(infos[0].provenance, Provenance::PowerSamples);
    assert_eq!(infos[0].quantum_w, Some(0.1));
    assert_eq!(infos[1].quantity, Quantity::EnergyJ);
    assert_eq!(infos[1].provenance, Provenance::Counter);
    assert_eq!(infos[1].quantum_j, Some(3.6));
    for info in &infos {
        assert_eq!(info.boundary, Boundary::Wall);
        assert_eq!(info.gain_uncertainty_rel, Some(0.01));
        assert_eq!(info.domains, ["switch:0"]);
    }
    let mut energy = available(found.pop().unwrap());
    let mut power = available(found.pop().unwrap());
    let before = server.requests().len();
    assert_eq!(power.read(), Ok(60.5));
    assert_eq!(energy.read(), Ok(0.0));
    assert_eq!(server.requests().len(), before + 1);
    // A second reading of the same source sends a new request.
    assert_eq!(power.read(), Ok(60.5));
    assert_eq!(server.requests().len(), before + 2);
    assert!(power.pace().blocking && power.max_read_interval_s().is_none());

    let why = unavailable(&server.spec("shelly=", ""));
    has(&why.detail, &["pm1:0, switch:0; say which with channel="]);
    assert!(refused("shelly=h,channel=x").contains("em1:0"));
    for kind in ["shelly", "shelly-gen1", "tasmota"] {
        assert!(refused(&format!("{kind}=http://h/x")).contains("without a path"));
    }
}

#[test]
fn shelly_of_the_first_generation() {
    let status = r#"{"meters":[{"power":41.25,"is_valid":true,"total":2632}]}"#;
    let server = Server::constant(status);
    let mut found = open(&server.spec("shelly-gen1=", ",name=plug"));
    assert_eq!(ids(&found), ["plug", "plug:energy"]);
    assert_eq!(available(found.remove(0)).read(), Ok(41.25));
    assert!(server.requests()[0].starts_with("GET /status "));
    assert!(refused("shelly-gen1=h,channel=0.5").contains("whole number"));
}

#[test]
fn tasmota() {
    let status = r#"{"StatusSNS":{"ENERGY":{"Total":3.185,"Power":41}}}"#;
    let server = Server::constant(status);
    let mut found = open(&server.spec("tasmota=", ""));
    let infos = infos(&found);
    assert_eq!(infos[0].quantum_w, Some(1.0));
    assert_eq!(infos[1].quantum_j, Some(3600.0));
    assert!(infos[0].notes[0].contains("WattRes 3"));
    assert_eq!(available(found.remove(0)).read(), Ok(41.0));
    let asked = server.requests();
    assert!(asked[0].starts_with("GET /cm?cmnd=Gpio "));
    assert!(asked[1].starts_with("GET /cm?cmnd=Status%208 "));
    assert!(refused("tasmota=h,channel=0").contains("from 1 to 16"));
}

#[test]
fn json_takes_the_unit_and_boundary_that_it_is_told() {
    let server = Server::constant(r#"{"a":[{"mw":"41250"}]}"#);
    let spec = |unit: &str, more: &str| {
        let more = format!("/x,pointer=/a/0/mw,unit={unit}{more}");
        server.spec("json=http://", &more)
    };
    let mut source = only(&spec("mW", ",boundary=dc-in"));
    assert_eq!(source.read(), Ok(41.25));
    assert_eq!(source.info().boundary, Boundary::DcIn);
    assert_eq!(source.info().quantum_w, Some(1e-3));
    assert!(refused(&spec("Mw", ",boundary=wall")).contains("case matters"));
    assert!(refused(&spec("mW", "")).contains("only you know"));
    assert!(refused(&spec("W", ",boundary=wall")).contains("says mW"));
    assert!(refused("json=h,unit=W,boundary=wall").contains("needs pointer="));
    assert!(refused("json=h,pointer=/a,boundary=wall").contains("needs unit="));
    assert!(refused("json=h,pointer=a,unit=W,boundary=wall").contains("begin with /"));
    assert!(refused("json=ftp://h,pointer=/a,unit=W,boundary=wall").contains("ftp://"));
    assert!(refused(&spec("mW", ",boundary=wall,timeout=0")).contains("timeout=0"));
    assert!(refused(&spec("mW", ",boundary=wall,insecure=maybe")).contains("insecure=maybe"));
}

#[test]
fn prometheus_takes_the_unit_from_the_name() {
    let server = Server::constant(
        "# TYPE pdu_watts gauge\npdu_watts{outlet=\"1\"} 41.5\npdu_watts{outlet=\"2\"} 7\n\
         # TYPE pdu_joules_total counter\npdu_joules_total 1e3\nload 9\n",
    );
    let spec = |metric: &str, more: &str| {
        let more = format!(",metric={metric},boundary=wall{more}");
        server.spec("prometheus=", &more)
    };
    let mut one = only(&spec("pdu_watts{outlet=\"1\"}", ",name=a"));
    assert_eq!(one.read(), Ok(41.5));
    assert!(server.requests()[0].starts_with("GET /metrics "));
    let energy = only(&spec("pdu_joules_total", ""));
    assert_eq!(energy.info().quantity, Quantity::EnergyJ);
    assert_eq!(only(&spec("load", ",unit=kW")).read(), Ok(9000.0));
    let why = unavailable(&spec("pdu_watts", ""));
    assert!(why.detail.contains("pdu_watts{outlet=\"2\"}"), "{why}");
    assert!(refused(&spec("load", "")).contains("needs unit="));
    assert!(refused(&spec("pdu_watts", ",unit=J")).contains("says W"));
    assert!(refused(&spec("pdu{", "")).contains("metric: "));
    assert!(refused("prometheus=h,metric=x_watts").contains("needs boundary="));
}

/// A controller with these chassis; the flag marks those that have power.
fn controller(chassis: &'static [(&'static str, bool)]) -> Server {
    Server::start(move |head, _| {
        let path = head.split(' ').nth(1).unwrap();
        let under = "/redfish/v1/Chassis";
        if path == under {
            let link = |(id, _): &(&str, bool)| json!({"@odata.id": format!("{under}/{id}")});
            let links: Vec<_> = chassis.iter().map(link).collect();
            return Reply::text(json!({"Members": links}).to_string());
        }
        let parts: Vec<&str> = path.strip_prefix(under).unwrap().split('/').collect();
        match parts[..] {
            [_, id] if chassis.contains(&(id, true)) => {
                let link = |to: &str| json!({"@odata.id": format!("{path}/{to}")});
                let (metrics, power) = (link("EnvironmentMetrics"), link("Power"));
                Reply::text(json!({"EnvironmentMetrics": metrics, "Power": power}).to_string())
            }
            [_, _] => Reply::text("{}"),
            // With two chassis, the link is to a missing resource.
            [_, _, "EnvironmentMetrics"] if chassis.len() != 2 => {
                Reply::text(r#"{"PowerWatts":{"Reading":374.5},"EnergyJoules":{"Reading":1000}}"#)
            }
            [_, _, "Power"] => Reply::text(r#"{"PowerControl":[{"PowerConsumedWatts":344}]}"#),
            _ => Reply::Status(404, String::new(), String::new()),
        }
    })
}

#[test]
fn redfish_finds_the_chassis_with_power() {
    let one = controller(&[("1U", true)]);
    let mut found = open(&one.spec("redfish=http://", ",name=bmc"));
    assert_eq!(ids(&found), ["bmc", "bmc:energy"]);
    assert_eq!(infos(&found)[0].boundary, Boundary::PsuIn);
    assert_eq!(available(found.remove(0)).read(), Ok(374.5));

    let two = controller(&[("enclosure", false), ("1U", true)]);
    let mut power = only(&two.spec("redfish=http://", ""));
    assert_eq!(power.read(), Ok(344.0));
    assert_eq!(power.info().domains, ["/redfish/v1/Chassis/1U/Power"]);

    let three = controller(&[("a", true), ("b", true), ("c", false)]);
    let why = unavailable(&three.spec("redfish=http://", ""));
    let both = "/redfish/v1/Chassis/a, /redfish/v1/Chassis/b";
    has(&why.detail, &[both]);
    for path in ["", "/EnvironmentMetrics"] {
        let path = format!("/redfish/v1/Chassis/b{path}");
        let spec = three.spec("redfish=http://", &path);
        assert_eq!(available(open(&spec).remove(0)).read(), Ok(374.5));
    }

    let none = controller(&[("a", false)]);
    let why = unavailable(&none.spec("redfish=http://", ""));
    told(
        why,
        Reason::Absent,
        "the chassis are: /redfish/v1/Chassis/a",
    );
}

#[test]
fn redfish_goes_on_to_the_source_that_measures() {
    for (metrics, power, expected) in [
        (Some(0.0), 344, 344.0),
        (None, 344, 344.0),
        (Some(340.0), 344, 344.0),
        (Some(344.5), 344, 344.5),
        (Some(344.0), 0, 344.0),
    ] {
        let server = Server::start(move |head, _| {
            let path = head.split(' ').nth(1).unwrap();
            let chassis = "/redfish/v1/Chassis";
            let link = |to: &str| json!({"@odata.id": format!("{chassis}{to}")});
            let answer = match path.strip_prefix(chassis).unwrap() {
                "" => json!({"Members": [link("/1"), link("/empty")]}),
                "/1" => json!({"EnvironmentMetrics": link("/1/E"), "Power": link("/1/P")}),
                "/empty" => json!({"Power": link("/empty/P")}),
                "/1/E" => json!({"PowerWatts": {"Reading": metrics}}),
                "/1/P" => json!({"PowerControl": [{"PowerConsumedWatts": power}]}),
                _ => json!({"PowerControl": [{"PowerConsumedWatts": 0}]}),
            };
            Reply::text(answer.to_string())
        });
        let mut source = only(&server.spec("redfish=http://", ""));
        assert_eq!(source.read(), Ok(expected), "{metrics:?} and {power}");
    }
}

#[test]
fn a_plug_that_shows_nothing_is_pointed_out() {
    let server = Server::constant(r#"{"pm1:0":{"apower":0}}"#);
    let mut source = only(&server.spec("shelly=", ""));
    assert_eq!(source.read(), Ok(0.0));
    has(&source.info().notes.join("; "), &["0 W when it was opened"]);
}

#[test]
fn a_plug_that_tells_a_typed_in_wattage_is_the_users_word() {
    let tasmota = |head: &str, _| {
        Reply::text(match head.contains("Gpio") {
            true => r#"{"GPIO4":{"5729":"Option A2"}}"#,
            false => r#"{"StatusSNS":{"ENERGY":{"Total":3.185,"Power":60}}}"#,
        })
    };
    let relay = r#"{"meters":[{"power":60.00,"is_valid":true}]}"#;
    let light = r#"{"light:0":{"output":true,"apower":60.0}}"#;
    for (kind, server) in [
        ("tasmota=", Server::start(tasmota)),
        ("shelly-gen1=", Server::constant(relay)),
        ("shelly=", Server::constant(light)),
    ] {
        let mut source = only(&server.spec(kind, ",accuracy=1%"));
        let info = source.info();
        assert_eq!(info.provenance, Provenance::User, "{kind}");
        assert_eq!(Grade::best(info), Grade::E, "{kind}");
        assert!(info.notes.join("; ").contains("typed in"), "{kind}");
        assert_eq!(source.read(), Ok(60.0), "{kind}");
    }
}

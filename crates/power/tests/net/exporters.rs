//! Pages in the form in which well-known exporters serve them.

use crate::says::has;
use crate::server::Server;
use crate::{only, refused, unavailable};

#[test]
fn the_unit_of_microwatts_is_known_from_the_name() {
    let server = Server::constant(include_str!("scaphandre.prom"));
    let metric = "/metrics,metric=scaph_host_power_microwatts,boundary=package";
    let spec = |more: &str| server.spec("prometheus=http://", &format!("{metric}{more}"));
    for unit in ["", ",unit=uW", ",unit=\u{b5}W", ",unit=\u{3bc}W"] {
        let mut source = only(&spec(unit));
        assert_eq!(source.read(), Ok(37.5), "{unit}");
        assert_eq!(source.info().quantum_w, Some(1e-6));
    }
    has(&refused(&spec(",unit=W")), &["unit=W", "says uW"]);
    let joules = "prometheus=h,metric=scaph_host_energy_microjoules,boundary=package,unit=J";
    has(&refused(joules), &["unit=J", "says uJ"]);
}

/// A page with `kepler_node_cpu_watts 55.5`, then `lines` lines of processes.
fn kepler(lines: usize) -> String {
    let mut page = String::from("# TYPE kepler_node_cpu_watts gauge\nkepler_node_cpu_watts 55.5\n");
    for pid in 0..lines {
        page.push_str(&format!(
            "kepler_process_cpu_watts{{comm=\"kworker/u64:{pid}-events_unbound\",pid=\"{pid}\",\
             exe=\"/usr/lib/some/rather/long/path\",zone=\"package\",state=\"running\"}} 0\n"
        ));
    }
    page
}

#[test]
fn pages_of_many_processes_are_read_to_their_end() {
    for (lines, last, metric, watts) in [
        (9_000, "", "kepler_node_cpu_watts", 55.5),
        (100_000, "zz_watts 7\n", "zz_watts", 7.0),
    ] {
        let server = Server::constant(&format!("{}{last}", kepler(lines)));
        let more = format!(",metric={metric},boundary=package,timeout=30");
        let mut source = only(&server.spec("prometheus=", &more));
        assert_eq!(source.read(), Ok(watts));
    }
}

#[test]
fn a_page_without_end_is_given_up_with_its_limit() {
    let says = |text: &str, kind: &str, more: &str, part: &str| {
        let server = Server::constant(text);
        has(&unavailable(&server.spec(kind, more)).detail, &[part]);
    };
    let metric = ",metric=a_watts,boundary=wall,timeout=30";
    says(
        &"x".repeat(2 << 20),
        "prometheus=",
        metric,
        "longer than 1 MiB",
    );
    let number = ",pointer=/p,unit=W,boundary=wall,timeout=30";
    let text = format!("{{\"p\":\"{}\"}}", "x".repeat(5 << 20));
    says(
        &text,
        "json=",
        number,
        "longer than 4 MiB, the most that is read",
    );
    let metric = ",metric=kepler_node_cpu_watts,boundary=package";
    let cut = kepler(3);
    says(cut.trim_end(), "prometheus=", metric, "ends within a line");
}

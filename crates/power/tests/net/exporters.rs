//! Pages in the form in which well-known exporters serve them.

use crate::says::has;
use crate::server::Server;
use crate::{only, refused, unavailable};

#[test]
fn the_unit_of_microwatts_is_known_from_the_name() {
    let server = Server::constant(include_str!("scaphandre.prom"));
    let spec = |more: &str| {
        format!(
            "prometheus=http://{}/metrics,metric=scaph_host_power_microwatts,boundary=package{more}",
            server.address
        )
    };
    for unit in ["", ",unit=uW", ",unit=\u{b5}W", ",unit=\u{3bc}W"] {
        let mut source = only(&spec(unit));
        assert_eq!(source.read(), Ok(37.5), "{unit}");
        assert_eq!(source.info().quantum_w, Some(1e-6));
    }
    let said = refused(&spec(",unit=W"));
    has(&said, &["unit=W", "says uW"]);
    let joules = "prometheus=h,metric=scaph_host_energy_microjoules,boundary=package,unit=J";
    let said = refused(joules);
    has(&said, &["unit=J", "says uJ"]);
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
    for (lines, last) in [(9_000, ""), (100_000, "zz_watts 7\n")] {
        let server = Server::constant(&format!("{}{last}", kepler(lines)));
        let metric = if last.is_empty() {
            "kepler_node_cpu_watts"
        } else {
            "zz_watts"
        };
        let mut source = only(&format!(
            "prometheus={},metric={metric},boundary=package,timeout=30",
            server.address
        ));
        let wanted = if last.is_empty() { 55.5 } else { 7.0 };
        assert_eq!(source.read(), Ok(wanted));
    }
}

#[test]
fn a_page_without_end_is_given_up_with_its_limit() {
    let line = "x".repeat(2 << 20);
    let server = Server::constant(&line);
    let why = unavailable(&format!(
        "prometheus={},metric=a_watts,boundary=wall,timeout=30",
        server.address
    ));
    assert!(why.detail.contains("longer than 1 MiB"), "{why}");
    let server = Server::constant(&format!("{{\"p\":\"{}\"}}", "x".repeat(5 << 20)));
    let why = unavailable(&format!(
        "json={},pointer=/p,unit=W,boundary=wall,timeout=30",
        server.address
    ));
    has(&why.detail, &["longer than 4 MiB, the most that is read"]);
    let short = kepler(3);
    let cut = Server::constant(short.trim_end());
    let spec = format!(
        "prometheus={},metric=kepler_node_cpu_watts,boundary=package",
        cut.address
    );
    assert!(unavailable(&spec).detail.contains("ends within a line"));
}

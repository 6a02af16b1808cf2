//! Pages as well-known exporters serve them.

use crate::server::Server;
use crate::{only, refused};

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
    assert!(
        said.contains("unit=W") && said.contains("says uW"),
        "{said}"
    );
    let joules = "prometheus=h,metric=scaph_host_energy_microjoules,boundary=package,unit=J";
    let said = refused(joules);
    assert!(
        said.contains("unit=J") && said.contains("says uJ"),
        "{said}"
    );
}

//! Energy counters over the network: values that count as energy, and values that do not.

use crate::says::fails;
use crate::server::{Reply, Server};
use crate::{Hand, available, infos, try_open};
use perwatt_power::{Quantity, Source};
use std::sync::{Arc, Mutex};

/// A counter in kilowatt-hours that a test sets.
struct Meter {
    server: Server,
    kwh: Arc<Mutex<f64>>,
    clock: Arc<Hand>,
}

impl Meter {
    fn start(kwh: f64) -> Self {
        let kwh = Arc::new(Mutex::new(kwh));
        let shown = Arc::clone(&kwh);
        Self {
            server: Server::start(move |_, _| {
                Reply::text(format!("{{\"kwh\":{:.3}}}", shown.lock().unwrap()))
            }),
            kwh,
            clock: Arc::default(),
        }
    }

    fn open(&self) -> Box<dyn Source> {
        let more = ",pointer=/kwh,unit=kWh,boundary=wall,name=meter";
        let spec = self.server.spec("json=http://", more);
        let found = try_open(&[&spec], &self.clock).unwrap();
        let info = &infos(&found)[0];
        assert_eq!(info.quantity, Quantity::EnergyJ);
        assert_eq!(info.id, "meter");
        available(found.into_iter().next().unwrap())
    }

    fn set(&self, kwh: f64, after_s: f64) {
        *self.kwh.lock().unwrap() = kwh;
        self.clock.forward(after_s);
    }
}

#[test]
fn energy_counts_from_when_it_was_opened() {
    let meter = Meter::start(100.001);
    let mut source = meter.open();
    assert_eq!(source.read(), Ok(0.0));
    meter.set(100.002, 10.0);
    assert_eq!(source.read(), Ok(3600.0));
    // A step that comes a minute late still counts.
    meter.set(100.102, 1.0);
    assert_eq!(source.read(), Ok(363_600.0));
}

#[test]
fn a_counter_that_stands_still_is_not_zero() {
    let meter = Meter::start(5.001);
    let mut source = meter.open();
    // One watt fills a step of 3600 J in an hour, so that 0 J is plausible here.
    meter.set(5.001, 3600.0);
    assert_eq!(source.read(), Ok(0.0));
    meter.set(5.001, 400.0);
    fails(source.as_mut(), "frozen");
    meter.set(5.002, 1.0);
    assert_eq!(source.read(), Ok(3600.0));
}

#[test]
fn power_beyond_the_kind_of_meter_is_refused() {
    let server = Server::start(|_, number| {
        let power = if number < 2 { 60.0 } else { 1e12 };
        Reply::text(format!("{{\"pm1:0\":{{\"apower\":{power}}}}}"))
    });
    let mut source = crate::only(&server.spec("shelly=", ""));
    fails(source.as_mut(), "implausible");
}

//! The timing that the meters at hand need: windows, the time in which they settle, and the
//! idle stretches.

use perwatt_record::schema::Protocol;

use super::meter_note::MeterNote;
use super::planned_meter::PlannedMeter;
use super::request::Request;

/// Longest window that perwatt chooses by itself, in seconds: a meter that needs more than
/// ten minutes per run should be requested explicitly.
pub(super) const MAX_CHOSEN_S: f64 = 600.0;

/// Fits the timing to the meters. Windows are lengthened for meters that were named, and for
/// the error that was requested, unless their length was requested too. Returns what is to
/// be known before the session begins.
pub fn fit(protocol: &mut Protocol, meters: &[PlannedMeter], request: &Request) -> Vec<MeterNote> {
    let mut notes = Vec::new();
    let measuring = || meters.iter().filter(|meter| meter.measures());
    if request.seconds.is_none() {
        let wanted = measuring().map(|meter| {
            let wants_joules = request.meters_named || request.energy_error_rel.is_some();
            let shortest_s = meter.shortest_s().filter(|_| wants_joules);
            let shortest_s = shortest_s.filter(|shortest_s| *shortest_s <= MAX_CHOSEN_S);
            let exact_s = request.energy_error_rel.map(|error| meter.exact_s(error));
            (meter, shortest_s.unwrap_or(0.0).max(exact_s.unwrap_or(0.0)))
        });
        let longest = wanted.max_by(|a, b| a.1.total_cmp(&b.1));
        if let Some((meter, wanted_s)) = longest.filter(|(_, s)| *s > protocol.window_s) {
            let to_s = rounded_up(wanted_s).min(MAX_CHOSEN_S);
            let from_s = protocol.window_s;
            if to_s > from_s {
                protocol.window_s = to_s;
                notes.push(MeterNote::Longer {
                    meter: meter.info.id.clone(),
                    from_s,
                    to_s,
                    trial: meter.shown.is_some(),
                });
            }
        }
    }
    let window_s = protocol.window_s;
    for of in measuring() {
        let meter = || of.info.id.clone();
        match of.shortest_s() {
            Some(shortest_s) if shortest_s > window_s => {
                // Where nothing was seen to update, a guess is no reason for a warning.
                if request.meters_named || of.info.update_period_s.is_some() {
                    notes.push(MeterNote::TooShort {
                        meter: meter(),
                        window_s,
                        needed_s: rounded_up(shortest_s),
                    });
                }
                continue;
            }
            None if request.meters_named && request.energy_error_rel.is_none() => {
                notes.push(MeterNote::Unknown { meter: meter() })
            }
            _ => {}
        }
        let Some(asked) = request.energy_error_rel else {
            continue;
        };
        match of.exact_s(asked) > window_s {
            true => notes.push(MeterNote::Error {
                meter: meter(),
                asked,
                expected: of.error_rel(window_s, asked),
                needed_s: rounded_up(of.exact_s(asked)),
            }),
            false => notes.extend(of.promise(request, asked, window_s)),
        }
    }
    let served = || measuring().filter(|m| m.shortest_s().is_none_or(|s| s <= window_s));
    let settle_s = served().map(PlannedMeter::settling_s).fold(0.0, f64::max);
    if settle_s > protocol.warmup_min_s {
        protocol.settle_s = rounded_up(settle_s);
    }
    let idle_s = |meter: &PlannedMeter| Some(meter.settling_s() + meter.shortest_s()?);
    if protocol.idle_s > 0.0 && request.idle_s.is_none() {
        let needed_s = served().filter_map(idle_s).fold(0.0, f64::max);
        protocol.idle_s = protocol.idle_s.max(rounded_up(needed_s));
    } else if protocol.idle_s > 0.0 {
        let short = served().filter_map(|meter| {
            let needed_s = idle_s(meter).filter(|needed_s| *needed_s > protocol.idle_s)?;
            Some(MeterNote::ShortIdle {
                meter: meter.info.id.clone(),
                idle_s: protocol.idle_s,
                needed_s: rounded_up(needed_s),
            })
        });
        notes.extend(short);
    }
    notes
}

/// To tenths of a second, so that a period that is measured again leads to the same length.
fn rounded_up(seconds: f64) -> f64 {
    (seconds * 10.0 - 1e-6).ceil() / 10.0
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::Suite;
    use perwatt_power::{Boundary, Covers, MeterInfo, Pace, Provenance, Quantity};
    use {
        Provenance::{Counter, PowerSamples, User},
        Quantity::{EnergyJ, PowerW},
    };

    fn meter(
        provenance: Provenance,
        quantity: Quantity,
        period_s: Option<f64>,
        interval_s: f64,
    ) -> PlannedMeter {
        let info = MeterInfo {
            provenance,
            update_period_s: period_s,
            look_back_s: Some(0.0),
            ..MeterInfo::new("m", "", Covers::Machine, Boundary::Wall, quantity)
        };
        PlannedMeter {
            info,
            interval_s,
            shown: None,
        }
    }

    /// A plug as it is opened: nothing is known of its updates.
    fn plug() -> PlannedMeter {
        let info = &meter(PowerSamples, PowerW, None, 1.0).info;
        let pace = Pace {
            interval_s: 1.0,
            blocking: true,
            answer_s: 0.0,
        };
        let look_back_s = None;
        let info = MeterInfo {
            look_back_s,
            ..info.clone()
        };
        PlannedMeter::new(&info, pace)
    }

    fn fitted(request: &Request, meters: &[PlannedMeter]) -> (Protocol, Vec<String>) {
        let mut protocol = Suite::Quick.protocol();
        if let Some(seconds) = request.seconds {
            protocol.window_s = seconds;
        }
        let notes = fit(&mut protocol, meters, request);
        (protocol, notes.iter().map(MeterNote::to_string).collect())
    }

    #[test]
    fn slow_meters_need_long_windows_and_stated_ones_none() {
        for (meter, needed) in [
            // A GPU's counter of 100 ms, polled at the same interval.
            (meter(Counter, EnergyJ, Some(0.1), 0.1), 8.165 + 0.2),
            // Polling twice as often halves the uncertainty of each update's time.
            (meter(Counter, EnergyJ, Some(0.1), 0.05), 4.082 + 0.2),
            (meter(PowerSamples, PowerW, Some(2.0), 1.0), 163.3 + 4.0),
            (meter(PowerSamples, PowerW, None, 1.0), 81.65 + 2.0),
        ] {
            let found = meter.exact_s(0.005);
            assert!((found - needed).abs() < 0.01, "{found} is not {needed}");
        }
        let exact = Request {
            energy_error_rel: Some(0.005),
            ..Request::default()
        };
        let (protocol, notes) = fitted(&exact, &[meter(User, PowerW, None, 1.0)]);
        assert_eq!((protocol, notes), (Suite::Quick.protocol(), Vec::new()));
    }

    #[test]
    fn a_named_meter_gets_the_window_that_it_needs_before_anything_is_measured() {
        let named = Request {
            meters_named: true,
            ..Request::default()
        };
        let (protocol, notes) = fitted(&named, &[plug()]);
        assert_eq!(protocol.window_s, 3.0);
        // It looks back two seconds, and updates every second.
        assert_eq!((protocol.settle_s, protocol.idle_s), (3.0, 10.0));
        assert!(notes[0].contains("3 s instead of 1 s"), "{notes:?}");
        // Where the length was chosen it stays, and the meter is named.
        let chosen = Request {
            seconds: Some(1.0),
            ..named.clone()
        };
        let (protocol, notes) = fitted(&chosen, &[plug()]);
        assert_eq!(protocol.window_s, 1.0);
        assert!(notes[0].contains("it needs --seconds 3"), "{notes:?}");
        // One that nobody named changes no window.
        let (protocol, notes) = fitted(&Request::default(), &[plug()]);
        assert_eq!((protocol.window_s, notes), (1.0, Vec::new()));
        let slow = meter(PowerSamples, PowerW, Some(20.0), 1.0);
        let (protocol, notes) = fitted(&Request::default(), std::slice::from_ref(&slow));
        assert_eq!(protocol, Suite::Quick.protocol());
        assert!(notes[0].contains("it needs --seconds 41"), "{notes:?}");
        // The idle stretch lasts until the meter has settled and been read.
        let (protocol, _) = fitted(&named, &[slow]);
        assert_eq!((protocol.window_s, protocol.idle_s), (41.0, 61.0));
    }

    #[test]
    fn a_meter_that_answers_slowly_is_planned_by_its_answers() {
        let pace = Pace {
            interval_s: 1.0,
            blocking: true,
            answer_s: 1.5,
        };
        let slow = PlannedMeter::new(&plug().info, pace);
        let named = Request {
            meters_named: true,
            ..Request::default()
        };
        // Three answers, which may take a little longer than the one that was seen.
        let (protocol, notes) = fitted(&named, &[slow]);
        assert_eq!(protocol.window_s, 5.4);
        assert!(notes[0].contains("5.4 s instead of 1 s"), "{notes:?}");
        let quick = Pace {
            answer_s: 0.9,
            ..pace
        };
        let (protocol, _) = fitted(&named, &[PlannedMeter::new(&plug().info, quick)]);
        assert_eq!(protocol.window_s, 3.0);
    }

    #[test]
    fn an_error_is_kept_or_said_to_be_out_of_reach() {
        let asked = |error, seconds| Request {
            energy_error_rel: Some(error),
            seconds,
            ..Request::default()
        };
        let counter = meter(Counter, EnergyJ, Some(0.1), 0.05);
        let (protocol, notes) = fitted(&asked(0.005, None), std::slice::from_ref(&counter));
        assert_eq!((protocol.window_s, notes.len()), (4.3, 1));
        let (_, notes) = fitted(&asked(0.005, Some(2.0)), &[counter]);
        assert!(notes[0].contains("up to 1.13 %"), "{notes:?}");
        assert!(notes[0].contains("--seconds 4.3"), "{notes:?}");
        // Longer than ten minutes is chosen by nobody but the user.
        let slow = meter(PowerSamples, PowerW, Some(20.0), 1.0);
        let (protocol, notes) = fitted(&asked(0.005, None), &[slow]);
        assert_eq!(protocol.window_s, 600.0);
        assert!(notes[1].contains("--seconds 1673"), "{notes:?}");
    }
}

//! Units in names, and texts that only resemble units.

use super::*;
use proptest::prelude::*;

#[test]
fn units_by_themselves() {
    use Measures::{Apparent, Energy, Power, Unclear};
    for (texts, wanted) in [
        ("W w watts", Power(1.0)),
        ("kW KW kw Kilowatt kWatt", Power(1e3)),
        ("mW milliwatts", Power(1e-3)),
        ("MW megawatt", Power(1e6)),
        ("mw Mw", Unclear),
        ("\u{b5}W \u{3bc}W uW uw", Power(1e-6)),
        ("GW", Power(1e9)),
        ("J", Energy(1.0)),
        ("mJ", Energy(1e-3)),
        ("\u{b5}J", Energy(1e-6)),
        ("kJ", Energy(1e3)),
        ("Wh watt-hours", Energy(3600.0)),
        ("kWh kwh", Energy(3.6e6)),
        ("MWh", Energy(3.6e9)),
        ("VA kVA var kVAr kvarh", Apparent),
    ] {
        for text in texts.split(' ') {
            let found = spelled(text);
            let close = |a: f64, b: f64| (a / b - 1.0).abs() < 1e-12;
            let same = match (found, wanted) {
                (Some(Power(a)), Power(b)) | (Some(Energy(a)), Energy(b)) => close(a, b),
                (found, wanted) => found == Some(wanted),
            };
            assert!(same, "{text}: {found:?}");
        }
    }
    for text in " A V % power now dBm pW kk \u{130}w".split(' ') {
        assert_eq!(spelled(text), None, "{text}");
    }
}

#[test]
fn units_in_names() {
    for (name, unit, rest) in [
        ("power (kW)", Some("kW"), "power"),
        ("power[W]", Some("W"), "power"),
        ("Active Power [kW]", Some("kW"), "active power"),
        ("P_kW", Some("kW"), "p"),
        ("P / kW", Some("kW"), "p"),
        ("P in kW", Some("kW"), "p in"),
        ("power_mW", Some("mW"), "power"),
        ("power.uW", Some("uW"), "power"),
        ("P_kW_avg", Some("kW"), "p avg"),
        ("PkW", Some("kW"), "p"),
        ("PowerkW", Some("kW"), "power"),
        ("powerKw", Some("Kw"), "power"),
        ("gpuPowerW", Some("W"), "gpupower"),
        ("gpuWatts", Some("Watts"), "gpu"),
        ("current_power", None, "current power"),
        ("P1_W", Some("W"), "p1"),
        ("CPU Package Power [W]", Some("W"), "cpu package power"),
        ("power.draw [W]", Some("W"), "power draw"),
        ("Total_Watts", Some("Watts"), "total"),
        ("Period power (W)", Some("W"), "period power"),
        ("P_W_L1", Some("W"), "p l1"),
        ("W1", None, "w1"),
        ("POWER_KW", Some("KW"), "power"),
        ("Wirkleistung (W)", Some("W"), "wirkleistung"),
        ("kW", Some("kW"), ""),
        ("watts (PSU 1)", Some("watts"), ""),
        ("power (W) (mean)", Some("W"), "power"),
        ("power (mean, kW)", Some("kW"), "power"),
        ("energy (kW h)", Some("kWh"), "energy"),
        ("energy (kW\u{b7}h)", Some("kWh"), "energy"),
        ("apparent_power", Some("apparent"), "power"),
        ("S (VA)", Some("VA"), "s"),
        ("power", None, "power"),
        ("active_power", None, "active power"),
        ("raw", None, "raw"),
        ("load", None, "load"),
    ] {
        let (found, other) = of_name(name);
        let text = found.as_ref().map(|found| found.text.as_str());
        assert_eq!((text, other.as_str()), (unit, rest), "{name}: {found:?}");
        let unclear = found.is_some_and(|found| found.measures == Measures::Unclear);
        assert!(!unclear, "{name}");
    }
    let unclear = "power (dBm)|power_mw|cpuW|peakW|P_W (kW)|pwrkw|power_hp|power (avg)|power (W/10)|\
        power (0.1 W)|power (10 W)|power (W/GPU)|power (W/m2)|power (thousand W)|P [cW]|\
        Power %|P (k W)|P (10^3 W)|P (1000 W)|P (W*1000)|P (W\u{b7}10\u{207b}\u{b3})|\
        P_kilo_watts|P_KiloW|kWAvg|pwr_kw1|P_kWp|P_cW|P_dW|P_daW|P_hW|power_centiwatts|\
        power_deci_watts|P (W/s)|E (W s)|P_W/10|P (W)/10|P (W) x10|P (W) (x10)|P_10W|\
        W per GPU";
    let other = "freq_Hz|voltage|current|GPU temperature|power factor|energy";
    for (names, wanted) in [(unclear, Measures::Unclear), (other, Measures::Other)] {
        for name in names.split('|') {
            let found = of_name(name).0.map(|found| found.measures);
            assert_eq!(found, Some(wanted), "{name}");
        }
    }
}

proptest! {
    #[test]
    fn nothing_panics(name in "([PWkmMVAh\u{b5}_ /()\\[\\]]|power|.){0,20}") {
        let (found, rest) = of_name(&name);
        prop_assert!(found.is_none_or(|found| !found.text.is_empty()));
        prop_assert!(rest.len() <= 4 * name.len());
    }
}

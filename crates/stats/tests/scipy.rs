//! Comparison with SciPy: `golden/make_scipy.py` wrote `golden/scipy.json`.

use perwatt_stats::{
    Outlier, benjamini_hochberg, holm, mann_whitney, median_interval, ratio_interval, ratio_ln,
    trend, tukey,
};
use serde_json::Value;

fn golden(part: &str) -> Vec<Value> {
    let text = include_str!("golden/scipy.json");
    let all: Value = serde_json::from_str(text).unwrap();
    let cases = all[part].as_array().unwrap().clone();
    assert!(!cases.is_empty());
    cases
}

fn floats(case: &Value, field: &str) -> Vec<f64> {
    let all = case[field].as_array().unwrap().iter();
    all.map(|v| v.as_f64().unwrap()).collect()
}

fn float(case: &Value, field: &str) -> f64 {
    case[field].as_f64().unwrap()
}

fn close(found: f64, expected: f64) -> bool {
    (found - expected).abs() <= 1e-10 * expected.abs().max(1e-3)
}

#[test]
fn mann_and_whitney() {
    for case in golden("mann_whitney") {
        let (a, b) = (floats(&case, "a"), floats(&case, "b"));
        let found = mann_whitney(&a, &b).unwrap();
        assert_eq!(found.u, float(&case, "u"));
        assert!(close(found.p_value, float(&case, "p")), "{found:?} {case}");
    }
}

#[test]
fn ratios_and_their_intervals() {
    for case in golden("ratio") {
        let (a, b) = (floats(&case, "a"), floats(&case, "b"));
        assert!(close(ratio_ln(&a, &b).unwrap(), float(&case, "estimate")));
        let found = ratio_interval(&a, &b, float(&case, "confidence")).unwrap();
        assert!(close(found.ln_low, float(&case, "low")));
        assert!(close(found.ln_high, float(&case, "high")));
        assert!(close(found.achieved_confidence, float(&case, "achieved")));
    }
}

#[test]
fn adjusted_p_values() {
    for case in golden("family") {
        let p = floats(&case, "p");
        for (found, expected) in [
            (holm(&p), floats(&case, "holm")),
            (benjamini_hochberg(&p), floats(&case, "bh")),
        ] {
            assert!(found.iter().zip(&expected).all(|(f, e)| close(*f, *e)));
        }
    }
}

#[test]
fn trends() {
    for case in golden("trend") {
        let points = floats(&case, "t").into_iter().zip(floats(&case, "x"));
        let found = trend(&points.collect::<Vec<_>>()).unwrap();
        assert_eq!(found.s as f64, float(&case, "s"));
        assert!(close(found.p_value, float(&case, "p")));
        assert!(close(found.slope, float(&case, "slope")));
    }
}

#[test]
fn intervals_of_the_median() {
    for case in golden("median") {
        let found = median_interval(&floats(&case, "x"), float(&case, "confidence")).unwrap();
        assert_eq!(found.low, float(&case, "low"));
        assert_eq!(found.high, float(&case, "high"));
    }
}

#[test]
fn fences() {
    for case in golden("tukey") {
        let found = tukey(&floats(&case, "x")).unwrap();
        let words = found.iter().map(|outlier| match outlier {
            Some(Outlier::Mild) => "mild".into(),
            Some(Outlier::Severe) => "severe".into(),
            None => Value::Null,
        });
        assert_eq!(Value::Array(words.collect()), case["outliers"]);
    }
}

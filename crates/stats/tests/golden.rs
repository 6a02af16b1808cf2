//! Comparison with SciPy and mpmath; `golden/make.py` generated the values.

use perwatt_stats::{agreement, median_interval, trend};

fn rows(text: &str) -> impl Iterator<Item = Vec<f64>> {
    text.lines()
        .filter(|line| !line.starts_with('#'))
        .map(|line| line.split(',').map(|cell| cell.parse().unwrap()).collect())
}

fn close(ours: f64, theirs: f64, relative: f64) -> bool {
    // Below this a double is subnormal and has lost digits on both sides.
    (ours - theirs).abs() <= relative * theirs.abs() + 1e-300
}

#[test]
fn poisson_tails() {
    let mut seen = 0;
    for row in rows(include_str!("golden/poisson.csv")) {
        let [observed, expected, p_low, p_high] = row[..] else {
            panic!("{row:?}");
        };
        let ours = agreement(observed as u64, expected, 0.999);
        assert!(close(ours.p_low, p_low, 1e-12), "{row:?} {ours:?}");
        assert!(close(ours.p_high, p_high, 1e-12), "{row:?} {ours:?}");
        assert_eq!(ours.agrees, 2.0 * p_low.min(p_high) >= 0.001, "{row:?}");
        seen += 1;
    }
    assert!(seen > 150, "{seen}");
}

#[test]
fn median_intervals() {
    let mut seen = 0;
    for row in rows(include_str!("golden/binomial.csv")) {
        let [n, k, coverage] = row[..] else {
            panic!("{row:?}");
        };
        let values: Vec<f64> = (1..=n as usize).map(|i| i as f64).collect();
        let ours = median_interval(&values, 0.95).unwrap();
        assert_eq!((ours.low, ours.high), (k, n + 1.0 - k), "{row:?}");
        assert!(
            close(ours.achieved_confidence, coverage, 1e-11),
            "{row:?} {ours:?}"
        );
        seen += 1;
    }
    assert_eq!(seen, 12);
}

#[test]
fn trends() {
    let mut seen = 0;
    for row in rows(include_str!("golden/trend.csv")) {
        let points: Vec<(f64, f64)> = row[3..].chunks_exact(2).map(|p| (p[0], p[1])).collect();
        let ours = trend(&points).unwrap();
        assert_eq!(ours.s, row[0] as i64, "{row:?}");
        assert!(close(ours.p_value, row[1], 1e-12), "{row:?} {ours:?}");
        assert!(close(ours.slope, row[2], 1e-12), "{row:?} {ours:?}");
        seen += 1;
    }
    assert_eq!(seen, 45);
}

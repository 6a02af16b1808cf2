//! The places of hashes below their targets.

use std::collections::BTreeMap;

use super::{Finding, Test, finding};
use crate::difficulty::{Difficulty, digits};
use crate::share::{NEAR, Proven};

/// Fewer shares than these say nothing about a distribution.
const FEW: usize = 5;
/// A floor that is a power of two is believed unless its best fit has a chance below this.
const POWER_CHANCE: f64 = 1e-3;

/// The fractions of the shares of the commonest difficulty, and it.
fn commonest(counted: &[Proven]) -> Option<(Difficulty, Vec<f64>)> {
    let mut groups: BTreeMap<Difficulty, Vec<f64>> = BTreeMap::new();
    for it in counted {
        groups.entry(it.difficulty).or_default().push(it.fraction);
    }
    let enough = groups.into_iter().filter(|(_, u)| u.len() >= FEW);
    enough.max_by_key(|(_, fractions)| fractions.len())
}

/// With a floor `F` above the difficulty `D`, no fraction exceeds `D / F`. The largest of n
/// uniform fractions is below x with chance x^n.
pub fn floor(counted: &[Proven]) -> Finding {
    let few = "too few shares to see a difficulty below which the machine reports none";
    let Some((sent, fractions)) = commonest(counted) else {
        return finding(Test::Floor, 1.0, few.into());
    };
    let largest = fractions.iter().copied().fold(0.0, f64::max);
    let power = |x: f64| x.powf(fractions.len() as f64);
    let p = power(largest);
    let lowest = sent.value() / largest;
    let whole = Difficulty::power_below(lowest).map_or(lowest, Difficulty::value);
    let is_power = whole >= sent.value() && power(largest * whole / sent.value()) > POWER_CHANCE;
    let floor = if is_power { whole } else { lowest };
    let named = digits(floor);
    if p > 0.01 {
        let lowest = digits(lowest);
        let seen = format!("the lowest share has difficulty {lowest} where {sent} was sent");
        return finding(Test::Floor, p, seen);
    }
    let seen = format!(
        "no share lies between the difficulty sent, {sent}, and {named}: the machine reports none below {named}, so each share stands for difficulty {named}, and the rate is to be recounted with it"
    );
    Finding {
        recount: Some(floor),
        ..finding(Test::Floor, p, seen)
    }
}

/// The smallest of n uniform fractions exceeds x with chance (1 - x)^n.
pub fn best(counted: &[Proven]) -> Finding {
    let fractions = counted.iter().map(|it| it.fraction);
    let smallest = fractions.fold(1.0, f64::min);
    if counted.len() < FEW {
        let few = "too few shares to see whether the best are missing";
        return finding(Test::Best, 1.0, few.into());
    }
    let p = (counted.len() as f64 * (-smallest).ln_1p()).exp();
    let seen = format!(
        "the best of {} shares has {:.0} times its difficulty",
        counted.len(),
        1.0 / smallest
    );
    finding(Test::Best, p, seen)
}

/// Kolmogorov and Smirnov's test of uniformity, with Stephens' correction for small
/// samples (Journal of the Royal Statistical Society B 32, 1970).
pub fn shape(counted: &[Proven]) -> Finding {
    let mut fractions: Vec<f64> = counted.iter().map(|it| it.fraction).collect();
    if fractions.len() < FEW {
        let few = "too few shares to see whether hashes are uniform below the target";
        return finding(Test::Shape, 1.0, few.into());
    }
    fractions.sort_by(f64::total_cmp);
    let n = fractions.len() as f64;
    let distance = |(i, u): (usize, &f64)| (u - i as f64 / n).max((i + 1) as f64 / n - u);
    let largest = fractions.iter().enumerate().map(distance);
    let largest = largest.fold(0.0, f64::max);
    let root = n.sqrt();
    let lambda = (root + 0.12 + 0.11 / root) * largest;
    let seen = format!(
        "hashes below the target differ from a uniform distribution by at most {:.1} %",
        100.0 * largest
    );
    finding(Test::Shape, kolmogorov(lambda), seen)
}

/// The chance that Kolmogorov's statistic exceeds this.
fn kolmogorov(lambda: f64) -> f64 {
    if lambda < 0.3 {
        return 1.0;
    }
    let terms = (1..=100).map(|k| {
        let sign = if k % 2 == 1 { 2.0 } else { -2.0 };
        sign * (-2.0 * f64::from(k * k) * lambda * lambda).exp()
    });
    terms.sum::<f64>().clamp(0.0, 1.0)
}

/// A hash of garbage lies near the target only by chance; one that was sought for there
/// shows another difficulty.
pub fn other_difficulty(counted: &[Proven], low: &[Proven]) -> Finding {
    let near: Vec<&Proven> = low.iter().filter(|it| it.fraction < NEAR).collect();
    let of = |it: &&Proven| it.difficulty.value() / it.fraction;
    let lowest = digits(near.iter().map(of).fold(f64::INFINITY, f64::min));
    let all = counted.len() + low.len();
    let Some(first) = near.first() else {
        let seen = format!("no submission of {all} was sought for with another difficulty");
        return finding(Test::OtherDifficulty, 1.0, seen);
    };
    let chance = low.iter().map(|it| NEAR / it.difficulty.work()).sum();
    let seen = format!(
        "{} of {all} submissions have less than the difficulty sent, the lowest {lowest} where {} was sent: the miner used another difficulty for them; they do not count",
        near.len(),
        first.difficulty,
    );
    finding(Test::OtherDifficulty, chance, seen)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kolmogorovs_table() {
        for (lambda, p) in [(1.2238, 0.10), (1.3581, 0.05), (1.6276, 0.01)] {
            assert!((kolmogorov(lambda) - p).abs() < 1e-4, "{lambda}");
        }
        assert_eq!(kolmogorov(0.0), 1.0);
    }
}

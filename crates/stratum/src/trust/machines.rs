//! Several machines behind one name.

use std::collections::HashMap;

use super::{Finding, Test, finding};
use crate::share::Proven;

/// Neighbours out of order that one machine may have: its boards answer at different times.
const BORNE_DISORDER: f64 = 0.1;
/// Fewer neighbours than these have no order.
const FEW: u64 = 20;

/// A machine that reconnects leaves its old connection for good; two machines take turns.
pub fn connections(counted: &[Proven]) -> Finding {
    let mut numbers: Vec<u32> = counted.iter().map(|it| it.share.connection).collect();
    numbers.dedup();
    let stretches = numbers.len();
    numbers.sort_unstable();
    numbers.dedup();
    let connections = numbers.len();
    if stretches == connections {
        let seen = match connections {
            0 => "no share, so no connection".to_owned(),
            1 => "all shares came over one connection".to_owned(),
            _ => format!("shares came over {connections} connections, one after the other"),
        };
        return finding(Test::Connections, 1.0, seen);
    }
    let seen = format!(
        "shares of {connections} connections take turns {} times, which one machine cannot do: several machines share the name, and the rate is that of all together",
        stretches - connections
    );
    finding(Test::Connections, 0.0, seen)
}

/// One machine counts extranonce2 up, read from either end. Shares of one job are compared
/// with their neighbours.
pub fn order(counted: &[Proven]) -> Finding {
    let mut last: HashMap<(u32, u32), u64> = HashMap::new();
    let (mut pairs, mut falls) = (0_u64, [0_u64; 2]);
    for Proven { share, .. } in counted {
        let before = last.insert((share.connection, share.job), share.extranonce2);
        if let Some(before) = before.filter(|before| *before != share.extranonce2) {
            pairs += 1;
            let now = share.extranonce2;
            falls[0] += u64::from(now < before);
            falls[1] += u64::from(now.swap_bytes() < before.swap_bytes());
        }
    }
    let falls = falls[0].min(falls[1]);
    if pairs < FEW {
        let few = "too few shares to see the order of extranonce2";
        return finding(Test::Order, 1.0, few.into());
    }
    let p = at_least(falls, pairs, BORNE_DISORDER);
    let share = 100.0 * falls as f64 / pairs as f64;
    let seen = match share / 100.0 > BORNE_DISORDER {
        false => format!("extranonce2 counts up, but for {share:.0} % of neighbours"),
        true => format!(
            "extranonce2 falls between {share:.0} % of neighbours, where one machine counts it up: a proxy, several machines, or firmware that does not count"
        ),
    };
    finding(Test::Order, p, seen)
}

/// An upper bound of the chance of `k` or more of `n` events of chance `q` (Chernoff).
fn at_least(k: u64, n: u64, q: f64) -> f64 {
    let x = k as f64 / n as f64;
    if x <= q {
        return 1.0;
    }
    let term = |a: f64, b: f64| if a > 0.0 { a * (a / b).ln() } else { 0.0 };
    (-(n as f64) * (term(x, q) + term(1.0 - x, 1.0 - q))).exp()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bound_lies_above_the_binomial_tail() {
        // P(X >= 20 | 100, 0.1) = 0.00198; P(X >= 1 | 1, 0.1) = 0.1.
        assert!((0.00198..0.02).contains(&at_least(20, 100, 0.1)));
        assert!((at_least(1, 1, 0.1) - 0.1).abs() < 1e-12);
        assert_eq!(at_least(5, 100, 0.1), 1.0);
    }
}

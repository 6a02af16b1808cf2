//! Passes over a whole program that regroup its sums, so that an invocation has fewer
//! additions.

use super::{Graph, Id, Level, Op, operands};

impl Graph {
    /// The same program with each sum that only one other sum uses merged into that sum, so
    /// that the numbers known early of both are added once.
    pub fn with_long_sums(&self, results: &[Id]) -> (Self, Vec<Id>) {
        let users = self.users(results);
        self.with_sums(results, |id| {
            let mut terms = Vec::new();
            let mut left = vec![id];
            while let Some(next) = left.pop() {
                match self.op(next) {
                    Op::Sum(inner) if next == id || users[next.0 as usize].len() == 1 => {
                        left.extend(inner.iter().rev());
                    }
                    _ => terms.push(vec![next]),
                }
            }
            terms
        })
    }

    /// The same program with the numbers known early of a sum moved to the sums that use
    /// it, where that saves additions: where those sums have such a number anyway, the two
    /// become one; where they add an even count of numbers, one more is free on devices
    /// that add three at a time. With `xor_add`, the device can also add to the exclusive
    /// or of two numbers in one operation, as AMD's GPUs do.
    pub fn with_late_numbers(&self, results: &[Id], xor_add: bool) -> (Self, Vec<Id>) {
        let users = self.users(results);
        let is_early = |id: &Id| self.level(*id) < Level::Nonce;
        let is_split = |id: &Id| {
            let Op::Sum(terms) = self.op(*id) else {
                return false;
            };
            if !terms.iter().any(is_early) {
                return false;
            }
            let mut before = self.additions(terms, terms.len(), xor_add);
            let mut after = self.additions(terms, terms.len() - 1, xor_add);
            for user in &users[id.0 as usize] {
                let Some(Op::Sum(terms)) = user.map(|user| self.op(user)) else {
                    return false;
                };
                let more = usize::from(!terms.iter().any(is_early));
                before += self.additions(terms, terms.len(), xor_add);
                after += self.additions(terms, terms.len() + more, xor_add);
            }
            after < before
        };
        self.with_sums(results, |id| {
            let mut groups = Vec::new();
            for term in operands(self.op(id)) {
                match self.op(term) {
                    Op::Sum(inner) if is_split(&term) => {
                        let (early, late) = inner.iter().copied().partition(is_early);
                        groups.extend([late, early]);
                    }
                    _ => groups.push(vec![term]),
                }
            }
            groups
        })
    }

    /// The cost of adding `numbers` numbers, of which `terms` are the first: the additions
    /// of three, and as a tie-break, of two.
    fn additions(&self, terms: &[Id], numbers: usize, xor_add: bool) -> usize {
        let choices = terms.iter().filter(|id| self.is_choice(**id)).count();
        let with_xor = if xor_add { choices } else { 0 };
        let of_three = numbers / 2 + numbers.saturating_sub(with_xor) / 2;
        100 * of_three + numbers.saturating_sub(1)
    }

    /// True if a value is the last exclusive or of Ch or Maj, which an addition can
    /// absorb; false for that of a Σ, which combines three values.
    pub fn is_choice(&self, id: Id) -> bool {
        match self.op(id) {
            Op::Xor(a, b) => [a, b].iter().any(|id| matches!(self.op(**id), Op::And(..))),
            _ => false,
        }
    }

    /// True if a value is a sum with a term that ends in an exclusive or which AMD's GPUs
    /// can do within the addition. Mesa moves a literal term of a sum to its end, where it needs
    /// an addition of its own.
    pub fn has_choice(&self, id: Id) -> bool {
        match self.op(id) {
            Op::Sum(terms) => terms.iter().any(|id| self.is_choice(*id)),
            _ => false,
        }
    }

    /// The users of each value: operations, and `None` for a result.
    fn users(&self, results: &[Id]) -> Vec<Vec<Option<Id>>> {
        let mut users = vec![Vec::new(); self.ops.len()];
        for id in self.live(results) {
            for operand in operands(self.op(id)) {
                users[operand.0 as usize].push(Some(id));
            }
        }
        for result in results {
            users[result.0 as usize].push(None);
        }
        users
    }

    /// The same program with each sum split into the sums of the groups that `groups`
    /// returns for it.
    fn with_sums(&self, results: &[Id], groups: impl Fn(Id) -> Vec<Vec<Id>>) -> (Self, Vec<Id>) {
        let mut graph = Self::default();
        let mut new = vec![None; self.ops.len()];
        for id in self.live(results) {
            let get = |id: Id| new[id.0 as usize].expect("operands come first");
            let made = match self.op(id) {
                Op::Constant(value) => graph.constant(*value),
                Op::Job(place) => graph.job(*place),
                Op::Nonce => graph.nonce(),
                Op::Sum(_) => {
                    let mut sums = Vec::new();
                    for group in groups(id) {
                        let terms: Vec<Id> = group.into_iter().map(get).collect();
                        sums.push(graph.sum(&terms));
                    }
                    graph.sum(&sums)
                }
                Op::Xor(a, b) => graph.xor(get(*a), get(*b)),
                Op::And(a, b) => graph.and(get(*a), get(*b)),
                Op::Or(a, b) => graph.or(get(*a), get(*b)),
                Op::Not(a) => graph.not(get(*a)),
                Op::Rotate(a, by) => graph.rotate(get(*a), *by),
                Op::Shift(a, by) => graph.shift(get(*a), *by),
            };
            new[id.0 as usize] = Some(made);
        }
        let results = results
            .iter()
            .map(|id| new[id.0 as usize].expect("results are live"))
            .collect();
        (graph, results)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two sums each add a number known early to a third, which has one too.
    #[test]
    fn early_numbers_are_added_once() {
        let mut graph = Graph::default();
        let nonce = graph.nonce();
        let late = [graph.rotate(nonce, 7), graph.rotate(nonce, 18)];
        let early: Vec<Id> = (0..3).map(|place| graph.job(place)).collect();
        let first = graph.sum(&[late[0], early[0]]);
        let users = [
            graph.sum(&[first, early[1]]),
            graph.sum(&[first, late[1], early[2]]),
        ];
        let additions = |graph: &Graph, results: &[Id]| {
            let ops = graph.live(results).into_iter();
            ops.filter(|id| graph.level(*id) == Level::Nonce)
                .filter(|id| matches!(graph.op(*id), Op::Sum(_)))
                .count()
        };
        assert_eq!(additions(&graph, &users), 3);
        let (fewer, results) = graph.with_late_numbers(&users, false);
        assert_eq!(additions(&fewer, &results), 2);
        let job = [5, 70, 900];
        for nonce in [0, 1, 0x8000_0000, u32::MAX] {
            assert_eq!(
                fewer.evaluate(&results, &job, nonce),
                graph.evaluate(&users, &job, nonce)
            );
        }
    }

    /// A sum that a result or a rotation also uses must be computed in any case.
    #[test]
    fn a_sum_that_others_use_keeps_its_early_number() {
        let mut graph = Graph::default();
        let (nonce, job) = (graph.nonce(), graph.job(0));
        let first = graph.sum(&[nonce, job]);
        let turned = graph.rotate(first, 7);
        let other = graph.job(1);
        let second = graph.sum(&[first, other]);
        let (same, _) = graph.with_late_numbers(&[turned, second], true);
        assert_eq!(same.live(&[second]).len(), graph.live(&[second]).len());
    }

    #[test]
    fn a_choice_is_what_can_be_added_with_its_exclusive_or() {
        let mut graph = Graph::default();
        let (nonce, job) = (graph.nonce(), graph.job(0));
        let turned = graph.rotate(nonce, 2);
        let both = graph.and(nonce, job);
        let choice = graph.xor(turned, both);
        let other = graph.xor(turned, nonce);
        assert!(graph.is_choice(choice) && !graph.is_choice(other));
        let (with, without) = (graph.sum(&[choice, job]), graph.sum(&[other, job]));
        assert!(graph.has_choice(with) && !graph.has_choice(without));
    }
}

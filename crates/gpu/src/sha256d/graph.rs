//! A program of 32-bit operations without branches, built by running an
//! algorithm on it once.
//!
//! What is known when the program is built is folded, equal operations are one,
//! and what no result needs is left out. So an algorithm written down plainly
//! comes out with every constant and every common part worked out once.

use std::collections::HashMap;

/// A value: the number of the operation that makes it.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, PartialOrd, Ord)]
pub struct Id(u32);

/// What makes a value.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum Op {
    /// A number.
    Constant(u32),
    /// A number given per job, by its place among them.
    Job(usize),
    /// The number given per invocation.
    Nonce,
    /// Sum modulo 2³² of two or more values.
    Sum(Vec<Id>),
    /// Bitwise exclusive or.
    Xor(Id, Id),
    /// Bitwise and.
    And(Id, Id),
    /// Bitwise or.
    Or(Id, Id),
    /// Bitwise not.
    Not(Id),
    /// Rotation right by 1 to 31.
    Rotate(Id, u32),
    /// Shift right by 1 to 31.
    Shift(Id, u32),
}

/// When a value is known.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Level {
    /// When the program is built.
    Program,
    /// When a job is prepared: the same for all its invocations.
    Job,
    /// In each invocation.
    Nonce,
}

/// The program so far.
#[derive(Default, Debug)]
pub struct Graph {
    ops: Vec<Op>,
    levels: Vec<Level>,
    known: HashMap<Op, Id>,
}

impl Graph {
    /// A number.
    pub fn constant(&mut self, value: u32) -> Id {
        self.insert(Op::Constant(value))
    }

    /// The `place`th number of the job.
    pub fn job(&mut self, place: usize) -> Id {
        self.insert(Op::Job(place))
    }

    /// The invocation's number.
    pub fn nonce(&mut self) -> Id {
        self.insert(Op::Nonce)
    }

    /// Sum modulo 2³². Terms known earlier are added apart, so that an
    /// invocation adds one number for all of them.
    pub fn sum(&mut self, terms: &[Id]) -> Id {
        let mut constant = 0u32;
        let mut of_job = Vec::new();
        let mut of_nonce = Vec::new();
        for &term in terms {
            match (&self.ops[term.0 as usize], self.level(term)) {
                (Op::Constant(value), _) => constant = constant.wrapping_add(*value),
                (_, Level::Nonce) => of_nonce.push(term),
                _ => of_job.push(term),
            }
        }
        if constant != 0 || of_job.is_empty() && of_nonce.is_empty() {
            of_job.push(self.constant(constant));
        }
        let early = self.insert_sum(of_job);
        match early {
            Some(early) if of_nonce.is_empty() => early,
            early => {
                of_nonce.extend(early);
                self.insert_sum(of_nonce)
                    .expect("there is a term, or the sum would be known early")
            }
        }
    }

    /// `None` for a sum of nothing.
    fn insert_sum(&mut self, terms: Vec<Id>) -> Option<Id> {
        match terms[..] {
            [] => None,
            [term] => Some(term),
            _ => Some(self.insert(Op::Sum(terms))),
        }
    }

    /// Bitwise exclusive or.
    pub fn xor(&mut self, a: Id, b: Id) -> Id {
        self.insert(Op::Xor(a.min(b), a.max(b)))
    }

    /// Bitwise and.
    pub fn and(&mut self, a: Id, b: Id) -> Id {
        self.insert(Op::And(a.min(b), a.max(b)))
    }

    /// Bitwise or.
    pub fn or(&mut self, a: Id, b: Id) -> Id {
        self.insert(Op::Or(a.min(b), a.max(b)))
    }

    /// Bitwise not.
    pub fn not(&mut self, a: Id) -> Id {
        self.insert(Op::Not(a))
    }

    /// Rotation right by 1 to 31.
    pub fn rotate(&mut self, a: Id, by: u32) -> Id {
        assert!((1..32).contains(&by), "a rotation by {by} is none");
        self.insert(Op::Rotate(a, by))
    }

    /// Shift right by 1 to 31.
    pub fn shift(&mut self, a: Id, by: u32) -> Id {
        assert!((1..32).contains(&by), "a shift by {by} is none");
        self.insert(Op::Shift(a, by))
    }

    /// The operation that makes a value.
    pub fn op(&self, id: Id) -> &Op {
        &self.ops[id.0 as usize]
    }

    /// When a value is known.
    pub fn level(&self, id: Id) -> Level {
        self.levels[id.0 as usize]
    }

    fn insert(&mut self, op: Op) -> Id {
        if let Some(&id) = self.known.get(&op) {
            return id;
        }
        let level = match &op {
            Op::Constant(_) => Level::Program,
            Op::Job(_) => Level::Job,
            Op::Nonce => Level::Nonce,
            op => operands(op)
                .into_iter()
                .map(|id| self.level(id))
                .max()
                .unwrap_or(Level::Program),
        };
        // Operands known now make a number known now.
        if level == Level::Program && !matches!(op, Op::Constant(_)) {
            let value = compute(&op, |id| match self.op(id) {
                Op::Constant(value) => *value,
                op => unreachable!("{op:?} is not known when the program is built"),
            });
            return self.constant(value);
        }
        let id = Id(self.ops.len() as u32);
        self.ops.push(op.clone());
        self.levels.push(level);
        self.known.insert(op, id);
        id
    }

    /// What `results` need, operands first.
    pub fn live(&self, results: &[Id]) -> Vec<Id> {
        let mut needed = vec![false; self.ops.len()];
        for result in results {
            needed[result.0 as usize] = true;
        }
        for at in (0..self.ops.len()).rev() {
            if needed[at] {
                for operand in operands(&self.ops[at]) {
                    needed[operand.0 as usize] = true;
                }
            }
        }
        (0..self.ops.len() as u32)
            .map(Id)
            .filter(|id| needed[id.0 as usize])
            .collect()
    }

    /// The same program with every sum that only another sum needs made part of
    /// it, so that its numbers known early are added with the other's.
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

    /// The same program with numbers known early added later, to the sums that use
    /// a sum, where that saves additions: where those have such a number anyway,
    /// the two become one, and where they add up an even count of numbers, one
    /// more is free for those who add three at a time. `xor_add`: they add to the
    /// exclusive or of two numbers at a time, too, as AMD's GPUs do.
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

    /// What adding so many numbers costs, of which `terms` are the first: additions
    /// of three, and to break a tie, of two.
    fn additions(&self, terms: &[Id], numbers: usize, xor_add: bool) -> usize {
        let choices = terms.iter().filter(|id| self.is_choice(**id)).count();
        let with_xor = if xor_add { choices } else { 0 };
        let of_three = numbers / 2 + numbers.saturating_sub(with_xor) / 2;
        100 * of_three + numbers.saturating_sub(1)
    }

    /// Whether a value is an exclusive or whose other one is not done with it: that
    /// of Ch and Maj, but not of a Σ, which is of three values.
    pub fn is_choice(&self, id: Id) -> bool {
        match self.op(id) {
            Op::Xor(a, b) => [a, b].iter().any(|id| matches!(self.op(**id), Op::And(..))),
            _ => false,
        }
    }

    /// Whether a value is a sum with a term that AMD's GPUs can take the last
    /// exclusive or of while they add it. Mesa moves a literal term of a sum to
    /// its end, where it needs an addition of its own.
    pub fn has_choice(&self, id: Id) -> bool {
        match self.op(id) {
            Op::Sum(terms) => terms.iter().any(|id| self.is_choice(*id)),
            _ => false,
        }
    }

    /// What uses each value: operations, and `None` for the results.
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

    /// The same program with each sum made of the sums of the groups that `groups`
    /// gives for it.
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

    /// The values of `wanted` for the numbers of a job and of an invocation.
    ///
    /// # Panics
    /// When `job` has fewer numbers than the program uses.
    pub fn evaluate(&self, wanted: &[Id], job: &[u32], nonce: u32) -> Vec<u32> {
        let mut values = vec![0; self.ops.len()];
        for id in self.live(wanted) {
            values[id.0 as usize] = match self.op(id) {
                Op::Job(place) => job[*place],
                Op::Nonce => nonce,
                op => compute(op, |id| values[id.0 as usize]),
            };
        }
        wanted.iter().map(|id| values[id.0 as usize]).collect()
    }
}

/// The values an operation needs.
pub fn operands(op: &Op) -> Vec<Id> {
    match op {
        Op::Constant(_) | Op::Job(_) | Op::Nonce => Vec::new(),
        Op::Sum(terms) => terms.clone(),
        Op::Xor(a, b) | Op::And(a, b) | Op::Or(a, b) => vec![*a, *b],
        Op::Not(a) | Op::Rotate(a, _) | Op::Shift(a, _) => vec![*a],
    }
}

fn compute(op: &Op, value: impl Fn(Id) -> u32) -> u32 {
    match op {
        Op::Constant(number) => *number,
        Op::Job(_) | Op::Nonce => unreachable!("an input is not computed"),
        Op::Sum(terms) => terms
            .iter()
            .fold(0, |sum: u32, term| sum.wrapping_add(value(*term))),
        Op::Xor(a, b) => value(*a) ^ value(*b),
        Op::And(a, b) => value(*a) & value(*b),
        Op::Or(a, b) => value(*a) | value(*b),
        Op::Not(a) => !value(*a),
        Op::Rotate(a, by) => value(*a).rotate_right(*by),
        Op::Shift(a, by) => value(*a) >> by,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_known_is_folded() {
        let mut graph = Graph::default();
        let (two, three) = (graph.constant(2), graph.constant(3));
        let five = graph.sum(&[two, three]);
        assert_eq!(graph.op(five), &Op::Constant(5));
        let turned = graph.rotate(five, 1);
        assert_eq!(graph.op(turned), &Op::Constant(0x8000_0002));
        let nothing = graph.sum(&[]);
        assert_eq!(graph.op(nothing), &Op::Constant(0));
    }

    #[test]
    fn a_sum_adds_what_a_job_knows_apart() {
        let mut graph = Graph::default();
        let (nonce, job, seven) = (graph.nonce(), graph.job(0), graph.constant(7));
        let sum = graph.sum(&[seven, nonce, job]);
        let Op::Sum(terms) = graph.op(sum) else {
            panic!("{:?}", graph.op(sum))
        };
        assert_eq!(terms.len(), 2);
        assert_eq!(
            (graph.level(terms[0]), graph.level(terms[1])),
            (Level::Nonce, Level::Job)
        );
        assert_eq!(graph.evaluate(&[sum], &[100], 5), [112]);
        let zero = graph.constant(0);
        assert_eq!(graph.sum(&[zero, nonce]), nonce);
    }

    #[test]
    fn equal_operations_are_one_and_dead_ones_are_left_out() {
        let mut graph = Graph::default();
        let (nonce, job) = (graph.nonce(), graph.job(3));
        let (one, other) = (graph.xor(nonce, job), graph.xor(job, nonce));
        assert_eq!(one, other);
        let dead = graph.not(one);
        let live = graph.live(&[one]);
        assert!(!live.contains(&dead));
        assert_eq!(live, [nonce, job, one]);
    }
    /// Two sums that each add a number known early to a third, which has one too.
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

    /// Where a result or a rotation uses it, a sum must be there in any case.
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

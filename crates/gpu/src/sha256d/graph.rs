//! A program of 32-bit operations without branches, recorded by running an algorithm on it
//! once.
//!
//! Operations whose operands are known when the program is built are folded, equal
//! operations are merged, and operations that no result needs are removed. An algorithm
//! that is written plainly therefore computes every constant and every common part once.

mod sums;

use std::collections::HashMap;

/// A value: the index of the operation that computes it.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, PartialOrd, Ord)]
pub struct Id(u32);

/// An operation that computes a value.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum Op {
    /// A constant.
    Constant(u32),
    /// A number given per job, by its index among the job's numbers.
    Job(usize),
    /// The nonce, given per invocation.
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

/// The time at which a value is known.
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
    /// Adds a constant.
    pub fn constant(&mut self, value: u32) -> Id {
        self.insert(Op::Constant(value))
    }

    /// The number at index `place` of the job.
    pub fn job(&mut self, place: usize) -> Id {
        self.insert(Op::Job(place))
    }

    /// The invocation's nonce.
    pub fn nonce(&mut self) -> Id {
        self.insert(Op::Nonce)
    }

    /// Sum modulo 2³². Terms that are known earlier are added separately, so that an
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

    /// Returns `None` for a sum without terms.
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

    /// The operation that computes a value.
    pub fn op(&self, id: Id) -> &Op {
        &self.ops[id.0 as usize]
    }

    /// The time at which a value is known.
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
        // An operation on constants is a constant.
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

    /// The operations that `results` need, operands first.
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

/// The values that an operation needs.
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
}

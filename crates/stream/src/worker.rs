//! One thread and its part of the arrays.

use std::hint::black_box;
use std::ops::Range;
use std::sync::Barrier;
use std::sync::mpsc::{Receiver, Sender};

use crate::kernel::{self, Kernel};

/// A command to a thread.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Command {
    /// One pass, with this number (from 1).
    Pass(u64),
    /// Compare the array written by the pass with this number.
    Verify(u64),
}

/// The answer of a thread, once for its start and once for each command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reply {
    /// The command is done, and the result is right.
    Right,
    /// The result is wrong: the global index of the element, or `None` for a sum.
    Wrong(Option<usize>),
    /// The memory could not be allocated.
    NoMemory,
}

/// A thread's part of the arrays: the elements `range` of each.
pub(crate) struct Part {
    kernel: Kernel,
    range: Range<usize>,
    /// Destination of write and triad, source of read.
    a: Vec<f64>,
    /// Sources of triad, empty otherwise.
    b: Vec<f64>,
    c: Vec<f64>,
    /// The expected sum of `a`.
    sum: f64,
}

/// Element `index` of the array that read sums, and of triad's b. Its period is prime, so
/// that a part that is shifted by a block does not look right.
fn source_b(index: usize) -> f64 {
    (index % 251 + 1) as f64
}

/// Element `index` of triad's c.
fn source_c(index: usize) -> f64 {
    (index % 127) as f64
}

/// The value that pass `number` writes, or triad's factor in it. It differs from pass to
/// pass, so that an array left from an earlier pass does not verify.
fn factor(number: u64) -> f64 {
    (number % 1021 + 1) as f64
}

impl Part {
    /// Allocates and fills the arrays: the first touch. `None` when memory is refused.
    pub(crate) fn new(kernel: Kernel, range: Range<usize>) -> Option<Self> {
        let array = |value: fn(usize) -> f64| {
            let mut array = Vec::new();
            array.try_reserve_exact(range.len()).ok()?;
            array.extend(range.clone().map(value));
            Some(array)
        };
        let zero = |_| 0.0;
        let (a, b, c) = match kernel {
            Kernel::Read => (array(source_b)?, Vec::new(), Vec::new()),
            Kernel::Write => (array(zero)?, Vec::new(), Vec::new()),
            Kernel::Triad => (array(zero)?, array(source_b)?, array(source_c)?),
        };
        // Exact: at most 251 per element, far below 2^53 in all.
        let sum = a.iter().sum();
        Some(Self {
            kernel,
            range,
            a,
            b,
            c,
            sum,
        })
    }

    fn pass(&mut self, number: u64) -> Reply {
        // The compiler must assume that the arrays were changed before and are read
        // after every pass.
        match self.kernel {
            Kernel::Read => {
                if kernel::read(black_box(&self.a)) != self.sum {
                    return Reply::Wrong(None);
                }
            }
            Kernel::Write => kernel::write(black_box(&mut self.a), factor(number)),
            Kernel::Triad => kernel::triad(
                black_box(&mut self.a),
                black_box(&self.b),
                black_box(&self.c),
                factor(number),
            ),
        }
        black_box(&self.a);
        Reply::Right
    }

    fn verify(&self, number: u64) -> Reply {
        let expected = |index: usize| match self.kernel {
            Kernel::Read => source_b(index),
            _ if number == 0 => 0.0,
            Kernel::Write => factor(number),
            Kernel::Triad => source_b(index) + factor(number) * source_c(index),
        };
        self.range
            .clone()
            .zip(&self.a)
            .find(|&(index, &value)| value != expected(index))
            .map_or(Reply::Right, |(index, _)| Reply::Wrong(Some(index)))
    }
}

/// Runs the thread: allocates, answers, then executes commands until the sender is dropped.
pub(crate) fn run(
    kernel: Kernel,
    range: Range<usize>,
    start: &Barrier,
    commands: &Receiver<Command>,
    replies: &Sender<Reply>,
) {
    let Some(mut part) = Part::new(kernel, range) else {
        // Sending fails only if the bench is already gone.
        let _ = replies.send(Reply::NoMemory);
        return;
    };
    let mut reply = Reply::Right;
    while replies.send(reply).is_ok() {
        let Ok(command) = commands.recv() else {
            return;
        };
        reply = match command {
            Command::Pass(number) => {
                start.wait();
                part.pass(number)
            }
            Command::Verify(number) => part.verify(number),
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_changed_element_or_a_stale_pass_is_found() {
        for kernel in [Kernel::Write, Kernel::Triad] {
            let mut part = Part::new(kernel, 1000..3000).unwrap();
            assert_eq!(part.verify(0), Reply::Right);
            assert_eq!(part.pass(1), Reply::Right);
            assert_eq!(part.verify(1), Reply::Right);
            assert!(matches!(part.verify(2), Reply::Wrong(Some(_))));
            part.a[777] += 1.0;
            assert_eq!(part.verify(1), Reply::Wrong(Some(1777)));
        }
    }

    #[test]
    fn a_wrong_sum_is_found() {
        let mut part = Part::new(Kernel::Read, 5..1005).unwrap();
        assert_eq!(part.pass(1), Reply::Right);
        part.a[3] = 0.0;
        assert_eq!(part.pass(2), Reply::Wrong(None));
        assert_eq!(part.verify(2), Reply::Wrong(Some(8)));
    }
}

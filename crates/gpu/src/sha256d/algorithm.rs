//! The double hash of a header's nonce as in FIPS 180-4, written once for the [`Graph`] to
//! simplify. This file contains no shortcuts: the graph derives them from values that are
//! known early, equal, or not needed.

use perwatt_sha256d::{IV, K};

use super::graph::{Graph, Id, Level};

/// The operations by which Ch and Maj are computed. Compilers recognise different forms as
/// the single instruction that the device may have for them.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Select {
    /// Ch = g ⊕ (e ∧ (f ⊕ g)), Maj = b ⊕ ((a ⊕ b) ∧ (b ⊕ c)); the next round
    /// uses a ⊕ b again.
    Xor,
    /// Ch = (e ∧ f) ∨ (¬e ∧ g), Maj as above, and sums for Mesa's older compilers for AMD:
    /// these use no instruction for Ch and Maj, but one that adds to an exclusive or, and
    /// they move literals to the end of a sum.
    Or,
}

impl Select {
    /// Every form.
    pub const ALL: [Self; 2] = [Self::Xor, Self::Or];

    /// Its name in the names of variants.
    pub fn name(self) -> &'static str {
        match self {
            Self::Xor => "xor",
            Self::Or => "or",
        }
    }
}

/// The inputs of a job: midstates of eight words, then the last three words of the header's
/// second block before its nonce.
pub fn job_numbers(midstates: &[[u32; 8]], tail: [u32; 3]) -> Vec<u32> {
    midstates.iter().flatten().copied().chain(tail).collect()
}

/// Word 7 of the double hash for each of `midstates` midstates; the invocation's number is
/// the nonce as SHA-256 reads it, byte-swapped.
pub fn last_words(graph: &mut Graph, midstates: usize, select: Select) -> Vec<Id> {
    let states: Vec<[Id; 8]> = (0..midstates)
        .map(|i| std::array::from_fn(|word| graph.job(8 * i + word)))
        .collect();
    let padding = [0x8000_0000, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 80 * 8];
    let mut block: Vec<Id> = (0..3).map(|word| graph.job(8 * midstates + word)).collect();
    block.push(graph.nonce());
    block.extend(padding.map(|word| graph.constant(word)));
    let digests = compress(graph, select, &states, block);

    let padding = [0x8000_0000, 0, 0, 0, 0, 0, 0, 32 * 8].map(|word| graph.constant(word));
    let initial = IV.map(|word| graph.constant(word));
    digests
        .into_iter()
        .map(|digest| {
            let block = [digest, padding].concat();
            compress(graph, select, &[initial], block)[0][7]
        })
        .collect()
}

/// The compression function (FIPS 180-4 §6.2.2) of one block from each of several states.
/// The states advance round by round together, so that at most 16 words of the schedule are
/// needed at a time.
fn compress(graph: &mut Graph, select: Select, states: &[[Id; 8]], block: Vec<Id>) -> Vec<[Id; 8]> {
    let mut w = block;
    let mut working = states.to_vec();
    for t in 0..64 {
        if t >= 16 {
            let sigma1 = sigma(graph, w[t - 2], [17, 19], 10);
            let sigma0 = sigma(graph, w[t - 15], [7, 18], 3);
            let word = graph.sum(&[sigma1, w[t - 7], sigma0, w[t - 16]]);
            w.push(word);
        }
        for working in &mut working {
            *working = round(graph, select, *working, K[t], w[t]);
        }
    }
    let pairs = states.iter().zip(working);
    pairs
        .map(|(state, working)| std::array::from_fn(|i| graph.sum(&[state[i], working[i]])))
        .collect()
}

fn round(graph: &mut Graph, select: Select, working: [Id; 8], k: u32, w: Id) -> [Id; 8] {
    let [a, b, c, d, e, f, g, h] = working;
    let k = graph.constant(k);
    let sum1 = big_sigma(graph, e, [6, 11, 25]);
    let ch = ch(graph, select, e, f, g);
    // Added to the next term where all of this is known before the nonce.
    let t1 = graph.sum(&[h, k, w, sum1, ch]);
    let sum0 = big_sigma(graph, a, [2, 13, 22]);
    let maj = maj(graph, a, b, c);
    let new_e = graph.sum(&[d, t1]);
    let new_a = graph.sum(&[t1, sum0, maj]);
    [new_a, a, b, c, new_e, e, f, g]
}

fn sigma(graph: &mut Graph, x: Id, rotations: [u32; 2], shift: u32) -> Id {
    let [one, two] = rotations.map(|by| graph.rotate(x, by));
    let three = graph.shift(x, shift);
    let pair = graph.xor(one, two);
    graph.xor(pair, three)
}

fn big_sigma(graph: &mut Graph, x: Id, rotations: [u32; 3]) -> Id {
    let [one, two, three] = rotations.map(|by| graph.rotate(x, by));
    let pair = graph.xor(one, two);
    graph.xor(pair, three)
}

fn ch(graph: &mut Graph, select: Select, e: Id, f: Id, g: Id) -> Id {
    // This form has the fewest operations where f ⊕ g is known early.
    if select == Select::Xor || is_early(graph, f) && is_early(graph, g) {
        let either = graph.xor(f, g);
        let chosen = graph.and(e, either);
        graph.xor(g, chosen)
    } else {
        let first = graph.and(e, f);
        let not_e = graph.not(e);
        let second = graph.and(not_e, g);
        graph.or(first, second)
    }
}

fn maj(graph: &mut Graph, a: Id, b: Id, c: Id) -> Id {
    if is_early(graph, b) && is_early(graph, c) {
        // The two terms have no set bit in common, so that they can be added: one of them
        // together with the other numbers that are known early.
        let differ = graph.xor(b, c);
        let chosen = graph.and(a, differ);
        let both = graph.and(b, c);
        graph.sum(&[chosen, both])
    } else if is_early(graph, c) {
        // b ⊕ c is used only here.
        let (differ, both) = (graph.xor(a, b), graph.and(a, b));
        let chosen = graph.and(differ, c);
        graph.or(both, chosen)
    } else {
        let (ab, bc) = (graph.xor(a, b), graph.xor(b, c));
        let differ = graph.and(ab, bc);
        graph.xor(b, differ)
    }
}

fn is_early(graph: &Graph, id: Id) -> bool {
    graph.level(id) < Level::Nonce
}

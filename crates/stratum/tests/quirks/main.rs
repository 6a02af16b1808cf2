//! What firmware in the field does, played to a pool over real sockets.
//!
//! Each row is a habit or fault that somebody reported of a miner or a pool; its script must
//! end with the right counts, and the pool must still answer. Elsewhere or not at all:
//!
//! - 25, 26, 46, 52 (difficulty from the software's name, chips' floors, suggestions cut at
//!   65535): `src/agent.rs`, `src/plan.rs`, `tests/simulated.rs`.
//! - 28 (bits of the mask in the job's version): `src/job.rs`.
//! - 39 (stales of new firmware), 48 (a machine that tunes only with a live pool): nothing
//!   that a pool could do differently; stale shares are counted.
//! - 40 and 50 (what a machine says of itself): nothing of it is asked for. The shares of
//!   garbage of 40 are here.
//! - 47 (Avalon's machines dislike some pools, cause unknown): the transcript is here.

mod difficulty;
mod handshake;
mod liveness;
mod pool;
mod shares;
mod users;

use perwatt_stratum::share::Class;
use pool::Pool;

/// A row: its number, what it is about, what is done, and the counts of worker "w" after it.
struct Row {
    number: u32,
    about: &'static str,
    script: fn(&Pool),
    counts: &'static [(Class, u64)],
}

/// Plays rows, each to a pool of its own.
fn play(rows: &[Row]) {
    for row in rows {
        println!("row {}: {}", row.number, row.about);
        let pool = Pool::fixed();
        (row.script)(&pool);
        assert_eq!(pool.counts("w"), row.counts, "row {}", row.number);
        // The pool still takes miners.
        let mut after = pool.miner();
        after.login("after");
    }
}

//! A Stratum V1 pool that measures the miners pointed at it.
//!
//! A machine that hashes SHA-256d (an ASIC, a Bitaxe, a GPU or a CPU miner) is pointed at
//! this pool. It gets work that is derived from a session ([`job`]), so that its shares
//! exist nowhere else; every share is hashed again ([`share`]); and their count over a
//! window of the clock is its hash rate, with an exact interval ([`rate`]). What the machine
//! says about itself is not asked for.
//!
//! ```no_run
//! use perwatt_stratum::{Config, Server, rate::rate};
//! use std::{thread::sleep, time::{Duration, Instant}};
//!
//! let config = Config::new("192.168.1.10:3333".parse()?, "00ff", Instant::now());
//! let (server, events) = Server::start(config)?;
//! let drain = std::thread::spawn(move || events.iter().count());
//! sleep(Duration::from_secs(300)); // until the share rates and the watts are steady
//! server.freeze();
//! let (before, began_s) = (server.workers(), server.now_s());
//! sleep(Duration::from_secs(3600));
//! let (after, ended_s) = (server.workers(), server.now_s());
//! for (name, counts) in &after {
//!     let shares = counts.shares_since(before.get(name));
//!     println!("{name}: {:?}", rate(&shares, ended_s - began_s, 0.95));
//! }
//! # drop(server); drain.join().unwrap();
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! [`job`], [`difficulty`], [`share`], [`rate`] and [`trust`] have no input, output or
//! clock: the check of an archive uses them as the pool does.
#![forbid(unsafe_code)]

mod agent;
pub mod client;
mod connection;
pub mod difficulty;
mod event;
pub mod job;
mod jobs;
pub mod message;
mod plan;
pub mod rate;
mod server;
pub mod share;
mod shared;
mod transcript;
pub mod trust;
pub mod wire;
mod workers;

pub use client::Times;
pub use event::{Ending, Event, Quirk, What};
pub use jobs::Judged;
pub use server::{Server, StartError};
pub use shared::{Config, Limits};
pub use workers::{OTHERS, Steering, WorkerCounts};

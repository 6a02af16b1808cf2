//! Tests of the `perwatt` program: exit codes, standard output and standard error, and the
//! files that it leaves.

#![forbid(unsafe_code)]
#![allow(clippy::disallowed_macros, reason = "tests print as they like")]

mod answer;
mod asic;
mod bad_input;
mod catalogue;
mod comparable;
mod compare;
mod config;
mod criterion;
#[cfg(unix)]
mod devices;
mod docs;
#[cfg(unix)]
mod energy;
mod export;
mod faults;
mod gap;
mod gpu;
mod hostile;
mod kills;
mod libraries;
mod listing;
mod miners;
mod nodes;
mod processes;
mod proof;
mod quiet;
mod records;
mod report;
mod run;
mod said;
mod sandbox;
mod search;
mod show;
mod site;
mod standing;
mod surface;
mod surroundings;
mod tags;

//! Exact, deterministic statistics for benchmark runs.

//! Tests only: `tests/client.rs`.

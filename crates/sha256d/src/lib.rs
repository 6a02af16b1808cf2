//! The CPU double-SHA-256 nonce search.

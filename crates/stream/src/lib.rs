//! Main-memory bandwidth, counted the STREAM way.

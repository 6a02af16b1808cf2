//! The perwatt result file: schema, reading, checking, writing.

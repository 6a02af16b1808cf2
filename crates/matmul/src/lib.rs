//! The matrix multiplication workload on the CPU: C = A·B in single precision, and in
//! shorter formats by libraries that are found at run time.
//!
//! One product of an m×k matrix with a k×n matrix counts 2·m·n·k floating-point operations
//! ([`Shape::flop`]), whatever algorithm the library uses. Inputs are standard normal from
//! a recorded seed ([`Problem::generate`]), because zeros and other simple contents draw
//! far less power than real data. Every run's result is checked at full size by Freivalds'
//! test ([`freivalds::check`]) and, on small shapes, element by element against a
//! double-precision product ([`mod@reference`]).
//!
//! ```
//! use perwatt_matmul::{Backend, Problem, freivalds};
//!
//! let problem = Problem::generate("64x48x32".parse()?, 7)?;
//! let mut backend = Backend::open("embedded", 2, None)?;
//! let mut c = vec![0.0; problem.shape.c_len()];
//! backend.multiply(&problem, &mut c);
//! let agreement = freivalds::check(&problem, &c, 4, 1)?;
//! assert!(agreement.max_ratio < 1.0);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
#![deny(unsafe_code)]

pub mod backend;
mod element;
pub mod freivalds;
mod integer;
pub mod layers;
mod normal;
pub mod operands;
mod problem;
pub mod reference;
pub mod rounded;
mod rounding;
mod shape;
pub mod shapes;
mod watch;

pub use backend::{Backend, BackendError, BackendStatus, Description, Multiply, ThreadStart};
pub use element::{Element, Format};
pub use freivalds::{Agreement, Mismatch};
pub use half::{bf16, f16};
pub use integer::IntegerProblem;
pub use layers::LayerSet;
pub use problem::Problem;
pub use rounded::InputFormat;
pub use rounding::Rounding;
pub use shape::{Shape, ShapeError};
pub use watch::{Probe, Stale, Watch};

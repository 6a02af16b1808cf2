//! A session: rounds of runs, the meters beside them, and the record they become.

mod idle;
mod meters;
mod observe;
mod rounds;
mod run;
mod start;
mod state;

pub use observe::{Observer, Quiet};
pub use rounds::{Finished, SessionError};
pub use start::{MAX_SEED, NewSession, ResumeError, Session, random_id, random_seed};

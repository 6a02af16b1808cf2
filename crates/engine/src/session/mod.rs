//! A session: rounds of runs, the meters beside them, and the record they become.

mod cpu_time;
mod differences;
mod idle;
mod instruments;
mod mend;
mod meters;
mod mine;
mod observe;
mod resume;
mod rounds;
mod run;
mod start;
mod state;
mod trial;
mod window;

pub use differences::Difference;
pub use instruments::{Instruments, probe};
pub use mine::MineObserver;
pub use observe::Observer;
pub use resume::{Here, ResumeError, Unfinished};
pub use rounds::{Finished, SessionError};
pub use start::{MAX_SEED, NewSession, Session, StartError, random_id, random_seed};
pub use trial::trial_round;

//! Whole sessions with scripted workers.
//!
//! This program is the test harness and, when its first argument says so, one of the
//! workers that the sessions under test start. Therefore it has its own `main`.

/// The tests of a module: its functions by their names.
macro_rules! trials {
    ($($(#[$when:meta])? $test:ident),+ $(,)?) => {
        pub fn trials() -> Vec<libtest_mimic::Trial> {
            let module = module_path!().trim_start_matches("session::");
            let name = |test| format!("{module}::{test}");
            vec![$($(#[$when])? crate::trial(&name(stringify!($test)), $test)),+]
        }
    };
}

mod elsewhere;
mod failures;
mod fake_worker;
mod fixture;
mod meters;
mod real;
mod resume;
mod serving;
mod toy;
mod trial_round;
mod writing;

use libtest_mimic::{Arguments, Trial};

fn main() {
    let mut args = std::env::args().skip(1);
    if args.next().as_deref() == Some(fake_worker::ARGUMENT) {
        fake_worker::main(&args.next().expect("the name of a script"));
        return;
    }
    let trials = [
        elsewhere::trials(),
        failures::trials(),
        meters::trials(),
        real::trials(),
        resume::trials(),
        serving::trials(),
        toy::trials(),
        trial_round::trials(),
        writing::trials(),
    ];
    libtest_mimic::run(
        &Arguments::from_args(),
        trials.into_iter().flatten().collect(),
    )
    .exit();
}

/// One test; it fails by panicking.
fn trial(name: &str, test: impl FnOnce() + Send + 'static) -> Trial {
    Trial::test(name, move || {
        test();
        Ok(())
    })
}

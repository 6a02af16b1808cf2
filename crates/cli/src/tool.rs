//! Source revision, compiler and options of this build.

use perwatt_record::schema::{Git, Tool};

/// The description of this build, from the variables that the build script sets.
pub fn tool() -> Tool {
    Tool {
        name: "perwatt".into(),
        version: env!("CARGO_PKG_VERSION").into(),
        git: option_env!("PERWATT_GIT_COMMIT").map(|commit| Git {
            commit: commit.into(),
            dirty: option_env!("PERWATT_GIT_DIRTY") != Some("false"),
        }),
        rustc: env!("PERWATT_RUSTC").into(),
        target: env!("PERWATT_TARGET").into(),
        profile: env!("PERWATT_PROFILE").into(),
        rustflags: env!("PERWATT_RUSTFLAGS").into(),
        target_features: env!("PERWATT_TARGET_FEATURES").into(),
    }
}

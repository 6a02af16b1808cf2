//! Helpers of `xtask` and of the tools in `tools/`.

#![forbid(unsafe_code)]

pub mod shell;
mod table;

pub use table::table;

/// Defines an enum with the list of its values, in their order, and the name of each.
#[macro_export]
macro_rules! named {
    ($(#[$of:meta])* pub enum $Enum:ident {
        $($(#[$about:meta])* $Value:ident = $name:literal,)*
    }) => {
        $(#[$of])*
        pub enum $Enum {
            $($(#[$about])* $Value,)*
        }

        impl $Enum {
            pub const ALL: &[Self] = &[$(Self::$Value),*];

            pub fn name(self) -> &'static str {
                match self {
                    $(Self::$Value => $name,)*
                }
            }
        }
    };
}

//! Parameters of workloads, and enumerations with names in records.

use std::collections::BTreeMap;

/// Parameters of a workload, by name.
pub type Params = BTreeMap<String, String>;

/// An enumeration whose variants have names in records.
macro_rules! named_enum {
    (
        $(#[$of_type:meta])*
        $type:ident { $($(#[$of_variant:meta])* $variant:ident = $name:literal,)+ }
    ) => {
        $(#[$of_type])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum $type {
            $($(#[$of_variant])* $variant,)+
        }

        impl $type {
            /// Every variant, in the order of tables.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// The name in records.
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => $name,)+
                }
            }

            /// The variant of a name.
            pub fn find(name: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|of| of.name() == name)
            }
        }
    };
}
pub(super) use named_enum;

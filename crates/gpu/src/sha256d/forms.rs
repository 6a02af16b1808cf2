//! The variants of the kernel and their names.

use super::algorithm::Select;
use super::wgsl::{Rotate, Variant};

/// The possible numbers of versions that share a schedule.
const MIDSTATES: [usize; 4] = [1, 2, 4, 8];

impl Variant {
    /// Every variant: first those with one midstate, and among these the ones that are
    /// likely to be fast; the longest, which compile slowly, come last.
    pub fn all() -> Vec<Self> {
        let mut all = Vec::new();
        for midstates in MIDSTATES {
            for rotate in [Rotate::Uniform, Rotate::Literal] {
                for select in Select::ALL {
                    all.push(Self {
                        midstates,
                        rotate,
                        select,
                    });
                }
            }
        }
        all
    }

    /// The variant as text, such as `1-uniform-xor`.
    pub fn name(self) -> String {
        let rotate = match self.rotate {
            Rotate::Literal => "literal",
            Rotate::Uniform => "uniform",
        };
        format!("{}-{rotate}-{}", self.midstates, self.select.name())
    }

    /// The variant with this name.
    pub fn by_name(name: &str) -> Option<Self> {
        Self::all().into_iter().find(|form| form.name() == name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_lead_back_and_none_repeats() {
        let all = Variant::all();
        for form in &all {
            assert_eq!(Variant::by_name(&form.name()), Some(*form));
        }
        let mut names: Vec<String> = all.iter().map(|form| form.name()).collect();
        names.sort();
        names.dedup();
        assert_eq!(names.len(), all.len());
        assert_eq!(Variant::by_name("3-uniform-xor"), None);
    }
}

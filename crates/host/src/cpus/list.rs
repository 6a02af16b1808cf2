//! The kernel's CPU list format: `0-3,8,10-11`.

use thiserror::Error;

/// CPU numbers at or above this are refused: Linux is built for at most 8192
/// CPUs today, and a typing error must not allocate gigabytes.
pub const MAX_CPUS: usize = 1 << 16;

/// The reason that a CPU list could not be parsed.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum CpuListError {
    /// A part that is neither `N` nor `N-M` nor `N-M:USED/GROUP`.
    #[error(
        "`{part}` in the CPU list `{list}` is neither a number nor a range; write it like `0-3,8,10-11`"
    )]
    Malformed {
        /// The whole list.
        list: String,
        /// The part that is wrong.
        part: String,
    },
    /// A range whose end is before its start.
    #[error("`{part}` in the CPU list `{list}` runs backwards; put the lower number first")]
    Reversed {
        /// The whole list.
        list: String,
        /// The part that is wrong.
        part: String,
    },
    /// A number that is too high for any machine.
    #[error("CPU {cpu} in the CPU list `{list}` is too high; numbers go up to {}", MAX_CPUS - 1)]
    TooHigh {
        /// The whole list.
        list: String,
        /// The number that is wrong.
        cpu: usize,
    },
}

/// Parses the kernel's list format (`0-3,8,10-11`, also the strided `0-31:2/8`), as in
/// `Cpus_allowed_list` and `cpuset.cpus`. The result is sorted and without duplicates;
/// an empty text gives an empty list.
///
/// # Errors
/// [`CpuListError`] if a part is not a number or a range, runs backwards, or exceeds
/// [`MAX_CPUS`].
pub fn parse_cpu_list(list: &str) -> Result<Vec<usize>, CpuListError> {
    let mut cpus = Vec::new();
    let trimmed = list.trim();
    if trimmed.is_empty() {
        return Ok(cpus);
    }
    for part in trimmed.split(',').map(str::trim) {
        let malformed = || CpuListError::Malformed {
            list: trimmed.to_owned(),
            part: part.to_owned(),
        };
        let number = |text: &str| {
            // `parse` by itself would accept a leading `+`.
            if text.is_empty() || !text.bytes().all(|b| b.is_ascii_digit()) {
                return Err(malformed());
            }
            let cpu = text.parse().map_err(|_| malformed())?;
            if cpu >= MAX_CPUS {
                return Err(CpuListError::TooHigh {
                    list: trimmed.to_owned(),
                    cpu,
                });
            }
            Ok(cpu)
        };
        let (range, stride) = match part.split_once(':') {
            Some((range, stride)) => (range, Some(stride)),
            None => (part, None),
        };
        let (first, last) = match range.split_once('-') {
            Some((first, last)) => (number(first)?, number(last)?),
            None if stride.is_some() => return Err(malformed()),
            None => (number(range)?, number(range)?),
        };
        if last < first {
            return Err(CpuListError::Reversed {
                list: trimmed.to_owned(),
                part: part.to_owned(),
            });
        }
        match stride {
            None => cpus.extend(first..=last),
            Some(stride) => {
                let (used, group) = stride.split_once('/').ok_or_else(malformed)?;
                let (used, group) = (number(used)?, number(group)?);
                if used == 0 || used > group {
                    return Err(malformed());
                }
                cpus.extend((first..=last).filter(|cpu| (cpu - first) % group < used));
            }
        }
    }
    cpus.sort_unstable();
    cpus.dedup();
    Ok(cpus)
}

/// Writes CPU numbers in the kernel's list format, the inverse of
/// [`parse_cpu_list`]; the input need not be sorted.
#[must_use]
pub fn format_cpu_list(cpus: &[usize]) -> String {
    let mut sorted = cpus.to_vec();
    sorted.sort_unstable();
    sorted.dedup();
    sorted
        .chunk_by(|a, b| a + 1 == *b)
        .map(|run| match run {
            [only] => only.to_string(),
            _ => format!("{}-{}", run[0], run[run.len() - 1]),
        })
        .collect::<Vec<_>>()
        .join(",")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn kernel_examples() {
        assert_eq!(
            parse_cpu_list("0-3,8,10-11\n").unwrap(),
            [0, 1, 2, 3, 8, 10, 11]
        );
        assert_eq!(parse_cpu_list("  ").unwrap(), [0usize; 0]);
        // From the kernel's bitmap documentation.
        assert_eq!(
            parse_cpu_list("0-1023:2/256").unwrap(),
            [0, 1, 256, 257, 512, 513, 768, 769]
        );
        assert_eq!(format_cpu_list(&[11, 10, 8, 3, 2, 1, 0, 3]), "0-3,8,10-11");
    }

    #[test]
    fn nonsense_names_the_part_at_fault() {
        for (list, part) in [
            ("0,,2", "``"),
            ("0-", "`0-`"),
            ("-3", "`-3`"),
            ("a", "`a`"),
            ("+1", "`+1`"),
            ("3-1", "`3-1`"),
            ("0-7:0/2", "`0-7:0/2`"),
            ("0-7:3/2", "`0-7:3/2`"),
            ("4:1/2", "`4:1/2`"),
            ("99999999999999999999999", "`99999999999999999999999`"),
            ("70000", "CPU 70000"),
            ("0-4294967295", "CPU 4294967295"),
        ] {
            let message = parse_cpu_list(list).unwrap_err().to_string();
            assert!(message.contains(part), "{list}: {message}");
        }
    }

    proptest! {
        #[test]
        fn any_set_survives_writing_and_parsing(set in proptest::collection::btree_set(0..MAX_CPUS, 0..200)) {
            let cpus: Vec<usize> = set.into_iter().collect();
            prop_assert_eq!(parse_cpu_list(&format_cpu_list(&cpus)).unwrap(), cpus);
        }

        #[test]
        fn any_text_gives_a_sorted_list_or_an_error(text in "[0-9,:/ -]{0,40}|.{0,20}") {
            if let Ok(cpus) = parse_cpu_list(&text) {
                prop_assert!(cpus.is_sorted_by(|a, b| a < b));
            }
        }
    }
}

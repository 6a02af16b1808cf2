//! The binary file `gpu_metrics`.
//!
//! Layout (Linux `drivers/gpu/drm/amd/include/kgd_pp_interface.h`), little-endian:
//! u16 size, u8 format revision, u8 content revision; then, in 1.1 to 1.3,
//! `average_socket_power` (u16, watts) at 22 and `energy_accumulator` (u64, steps
//! of 2^-16 J) at 24. Other revisions have other fields there. A value with all
//! bits set means that the chip does not have the figure.

/// Microjoules per step are `1e6 / 2^16`.
const STEP_SHIFT: u32 = 16;
/// Joules per step.
pub(super) const STEP_J: f64 = 1.0 / (1u32 << STEP_SHIFT) as f64;

/// The fields that are read from the file.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Metrics {
    /// Microjoules since an unspecified time.
    pub energy_uj: Option<u64>,
    /// Mean power of the socket in watts.
    pub socket_power_w: Option<u16>,
}

/// Format and content revision of the file; `None` if it is too short.
pub(super) fn revision(bytes: &[u8]) -> Option<(u8, u8)> {
    Some((*bytes.get(2)?, *bytes.get(3)?))
}

/// Returns true if the format is that of a processor with graphics.
pub(super) fn is_integrated(bytes: &[u8]) -> bool {
    matches!(revision(bytes), Some((2 | 3, _)))
}

/// Parses the file; the error describes the content that was found instead.
pub(super) fn parse(bytes: &[u8]) -> Result<Metrics, String> {
    let Some((format, content)) = revision(bytes) else {
        return Err(format!("{} bytes are too short", bytes.len()));
    };
    if format != 1 || !(1..=3).contains(&content) {
        return Err(format!(
            "revision {format}.{content}; the energy counter is known in 1.1 to 1.3"
        ));
    }
    let size = usize::from(u16::from_le_bytes([bytes[0], bytes[1]]));
    let (Some(power), Some(energy)) = (field::<2>(bytes, 22), field::<8>(bytes, 24)) else {
        return Err(format!("cut off after {} bytes", bytes.len()));
    };
    if size < 40 || bytes.len() < size {
        return Err(format!("cut off: {} of {size} bytes", bytes.len()));
    }
    let (power, energy) = (u16::from_le_bytes(power), u64::from_le_bytes(energy));
    Ok(Metrics {
        energy_uj: (energy != 0 && energy != u64::MAX)
            .then(|| (u128::from(energy) * 1_000_000) >> STEP_SHIFT)
            .and_then(|uj| u64::try_from(uj).ok()),
        socket_power_w: (power != 0 && power != u16::MAX).then_some(power),
    })
}

fn field<const N: usize>(bytes: &[u8], at: usize) -> Option<[u8; N]> {
    bytes.get(at..at + N)?.try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn file(format: u8, content: u8, power: u16, energy: u64) -> Vec<u8> {
        let mut bytes = vec![0xff; 96];
        bytes[..4].copy_from_slice(&[96, 0, format, content]);
        bytes[22..24].copy_from_slice(&power.to_le_bytes());
        bytes[24..32].copy_from_slice(&energy.to_le_bytes());
        bytes
    }

    #[test]
    fn known_revisions_are_read() {
        for content in 1..=3 {
            let metrics = parse(&file(1, content, 250, 65536 * 12345)).unwrap();
            assert_eq!(metrics.energy_uj, Some(12_345_000_000));
            assert_eq!(metrics.socket_power_w, Some(250));
        }
    }

    #[test]
    fn other_revisions_are_refused_by_name() {
        for (format, content) in [(1, 0), (1, 4), (1, 5), (2, 3), (3, 0), (0, 1)] {
            let why = parse(&file(format, content, 250, 1 << 20)).unwrap_err();
            assert!(why.contains(&format!("{format}.{content}")), "{why}");
        }
        assert!(is_integrated(&file(2, 3, 0, 0)) && !is_integrated(&file(1, 3, 0, 0)));
    }

    #[test]
    fn all_bits_set_is_no_figure() {
        let metrics = parse(&file(1, 3, u16::MAX, u64::MAX)).unwrap();
        assert_eq!((metrics.energy_uj, metrics.socket_power_w), (None, None));
        assert_eq!(parse(&file(1, 3, 0, 0)).unwrap().energy_uj, None);
        assert_eq!(parse(&file(1, 3, 1, u64::MAX - 1)).unwrap().energy_uj, None);
    }

    proptest! {
        #[test]
        fn any_bytes_are_metrics_or_an_error(
            mut bytes in prop::collection::vec(any::<u8>(), 0..130), known: bool,
        ) {
            if known && bytes.len() >= 4 {
                bytes[1..4].copy_from_slice(&[0, 1, 3]);
            }
            match parse(&bytes) {
                Ok(_) => prop_assert!(bytes.len() >= 40 && bytes[2] == 1),
                Err(why) => prop_assert!(!why.is_empty()),
            }
        }
    }
}

//! Untrusted text, made safe to show.

pub use perwatt_record::unseen::is_unseen;

/// The replacement for a character that must not be shown.
pub const MARK: char = '\u{fffd}';

/// The text with [`MARK`] in place of each character that [`is_unseen`], line ends
/// included: the result is one line.
pub fn plain(text: &str) -> String {
    text.chars()
        .map(|c| if is_unseen(c) { MARK } else { c })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_acts_on_a_screen_is_left() {
        let hostile = "a\u{1b}[2J\u{9b}31m\r\n\t\u{7f}\u{85}\u{200d}\u{202e}\u{2066}\u{61c}\u{2028}\u{feff}\u{e0041}b";
        let shown = plain(hostile);
        assert!(!shown.contains(is_unseen), "{shown:?}");
        assert_eq!(shown.chars().count(), hostile.chars().count());
        let harmless = "sha256d · 57 µJ/°C ± ü 漢字 🦀 \u{fffd}";
        assert_eq!(plain(harmless), harmless);
    }
}

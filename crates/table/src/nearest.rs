//! Suggestions for names that do not exist.

/// Least similarity (Jaro-Winkler) of a suggestion; less similar names are different
/// names, not typing errors.
const LEAST_LIKENESS: f64 = 0.75;

/// The name most similar to `wanted`, regardless of case; `None` if none is similar enough.
pub fn nearest<'a>(wanted: &str, names: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let wanted = wanted.to_lowercase();
    names
        .into_iter()
        .map(|name| (strsim::jaro_winkler(&wanted, &name.to_lowercase()), name))
        .filter(|(likeness, _)| *likeness >= LEAST_LIKENESS)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, name)| name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_has_a_nearest_name_and_another_word_has_none() {
        let names = ["power_w", "cooling", "model"];
        assert_eq!(nearest("Powr_W", names), Some("power_w"));
        assert_eq!(nearest("colling", names), Some("cooling"));
        assert_eq!(nearest("xyz", names), None);
        assert_eq!(nearest("", names), None);
    }
}

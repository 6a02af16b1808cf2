//! Names that are similar to a misspelt one.

/// Names that differ from `given` in a letter of three at most, or that it begins.
pub fn near<'a>(given: &str, names: &[&'a str]) -> impl Iterator<Item = &'a str> {
    let given = given.to_lowercase();
    let most = (given.chars().count() / 3).max(1);
    let mut found: Vec<(usize, &str)> = names
        .iter()
        .map(|name| (strsim::osa_distance(&given, name), *name))
        .filter(|(distance, name)| *distance <= most || name.starts_with(given.as_str()))
        .collect();
    found.sort_by_key(|(distance, _)| *distance);
    found.into_iter().map(|(_, name)| name)
}

#[cfg(test)]
mod tests {
    use super::near;

    #[test]
    fn slips_of_the_finger_are_near_and_other_words_are_not() {
        #[rustfmt::skip]
        let names = [
            "run", "show", "compare", "completions", "check", "history", "schema",
        ];
        let found = |given| near(given, &names).collect::<Vec<_>>().join(" ");
        for (given, meant) in [
            ("rnu", "run"),
            ("RUN", "run"),
            ("shwo", "show"),
            ("compair", "compare"),
            ("comp", "compare completions"),
            ("chek", "check"),
            ("hist", "history"),
            ("benchmark", ""),
        ] {
            assert_eq!(found(given), meant, "{given}");
        }
    }
}

//! Shader templates that the program completes.

/// A template with its placeholders replaced. Its comments, which contain the placeholders
/// too, are removed.
pub(crate) fn fill_in(frame: &str, words: &[(&str, String)]) -> String {
    let code: String = frame
        .lines()
        .filter(|line| !line.trim_start().starts_with("//"))
        .flat_map(|line| [line, "\n"])
        .collect();
    words.iter().fold(code, |code, (word, replacement)| {
        code.replace(word, replacement.trim_end())
    })
}

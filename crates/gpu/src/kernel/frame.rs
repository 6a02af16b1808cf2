//! Shaders of which a part is written by the program.

/// A frame with its words replaced. Its comments, which name them too, are left out.
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

//! The shell blocks of a Markdown page.
//!
//! A block of `console` shows a session: lines after `$ ` are commands, and the lines below
//! each are its output. A block of `sh` has only commands. An HTML comment on the line
//! before the fence marks an exception:
//!
//! * `<!-- not run: REASON -->`: it needs a meter, a GPU, the network or a build
//! * `<!-- output differs: REASON -->`: it is run, and only its exit code counts

/// A command of a block, with its expected output.
#[derive(Debug, PartialEq)]
pub struct Step {
    /// Text after the prompt.
    pub command: String,
    /// The line numbers of its output, from 0, the end excluded.
    pub output: std::ops::Range<usize>,
}

/// The treatment of a block.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rule {
    /// The block is run, and its output compared.
    Exact,
    /// The block is run, and only its exit code is compared.
    ExitCode,
    /// The block is not run.
    NotRun,
}

/// A shell block.
#[derive(Debug, PartialEq)]
pub struct Block {
    /// The line number of the opening fence, from 0.
    pub line: usize,
    /// The treatment of the block.
    pub rule: Rule,
    /// The commands in order; a block of `sh` is one step with all its commands.
    pub steps: Vec<Step>,
}

/// The shell blocks of a page, in order.
pub fn blocks(page: &str) -> Vec<Block> {
    let lines: Vec<&str> = page.lines().collect();
    let mut found = Vec::new();
    let mut at = 0;
    while at < lines.len() {
        let Some(language) = lines[at].strip_prefix("```") else {
            at += 1;
            continue;
        };
        let end = (at + 1..lines.len())
            .find(|line| lines[*line].starts_with("```"))
            .unwrap_or_else(|| panic!("the block of line {} has no end", at + 1));
        let steps = match language {
            "console" => session(&lines, at + 1, end),
            "sh" => vec![Step {
                command: lines[at + 1..end].join("\n"),
                output: end..end,
            }],
            _ => Vec::new(),
        };
        if !steps.is_empty() {
            let said = at.checked_sub(1).map_or("", |before| lines[before]);
            let rule = match (said.starts_with("<!-- not run: "), language) {
                (true, _) => Rule::NotRun,
                (_, "console") if !said.starts_with("<!-- output differs: ") => Rule::Exact,
                _ => Rule::ExitCode,
            };
            found.push(Block {
                line: at,
                rule,
                steps,
            });
        }
        at = end + 1;
    }
    found
}

fn session(lines: &[&str], start: usize, end: usize) -> Vec<Step> {
    let mut steps: Vec<Step> = Vec::new();
    for (at, line) in lines.iter().enumerate().take(end).skip(start) {
        if let Some(command) = line.strip_prefix("$ ") {
            steps.push(Step {
                command: command.to_owned(),
                output: at + 1..at + 1,
            });
        } else if let Some(step) = steps.last_mut() {
            step.output.end = at + 1;
        } else {
            panic!("line {} is output of no command", at + 1);
        }
    }
    steps
}

#[test]
fn blocks_are_found_with_their_rules() {
    let page = "# Page\n\n```console\n$ a b\nout\n\nmore\n$ c\n```\n\n<!-- not run: a meter -->\n```sh\nd\ne\n```\n\n```text\n$ f\n```\n";
    let step = |command: &str, output| Step {
        command: command.into(),
        output,
    };
    #[rustfmt::skip]
    let expected = [
        Block { line: 2, rule: Rule::Exact, steps: vec![step("a b", 4..7), step("c", 8..8)], },
        Block { line: 11, rule: Rule::NotRun, steps: vec![step("d\ne", 14..14)], },
    ];
    assert_eq!(blocks(page), expected);
}

//! Output that is generated from the definitions: schema, completions, manual.

use std::io::Write;

use clap::CommandFactory;
use clap_complete::Shell;

use crate::args::Args;
use crate::exit::Exit;
use crate::output;
use crate::output::screen::exact_stdout;

pub fn schema() -> anyhow::Result<Exit> {
    output::json(&perwatt_record::schema::json_schema())?;
    Ok(Exit::Done)
}

pub fn completions(shell: Shell) -> anyhow::Result<Exit> {
    // Through a buffer, as the generator panics if the pipe is closed.
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Args::command(), "perwatt", &mut script);
    exact_stdout().write_all(&script)?;
    Ok(Exit::Done)
}

/// The manual pages of the program and of each subcommand, one after the other.
pub fn man() -> anyhow::Result<Exit> {
    let mut command = Args::command();
    // Sets the full name of each subcommand, such as "perwatt run".
    command.build();
    let mut page = Vec::new();
    clap_mangen::Man::new(command.clone()).render(&mut page)?;
    for verb in command.get_subcommands().filter(|verb| !verb.is_hide_set()) {
        clap_mangen::Man::new(verb.clone()).render(&mut page)?;
    }
    exact_stdout().write_all(&page)?;
    Ok(Exit::Done)
}

//! `plumbline policy`: questions about policies, answered offline.

use std::path::Path;

use anyhow::Result;
use plumbline_policy::simulate_line;

use crate::args::{Policy, Simulate};
use crate::{exit, output};

pub(crate) fn run(given: Policy) -> Result<u8> {
    match given {
        Policy::Simulate(Simulate { cases, out }) => answer(&cases, out.as_deref(), simulate_line),
    }
}

/// Answers every line of a file with a line, in the same order. A blank line asks nothing.
fn answer(questions: &Path, out: Option<&Path>, each: fn(&str) -> String) -> Result<u8> {
    let questions = output::read(questions)?;
    output::stream(out, |place| {
        for line in questions.split(|byte| *byte == b'\n').filter(|line| !line.trim_ascii().is_empty()) {
            // What is no text is not guessed at: it is answered as a line that cannot be read.
            let text = std::str::from_utf8(line).unwrap_or("\u{FFFD}");
            writeln!(place, "{}", each(text))?;
        }
        Ok(())
    })?;
    Ok(exit::FINE)
}

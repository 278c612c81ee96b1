//! Data to standard output or a file, everything else to standard error.

use std::fs;
use std::io::{self, IsTerminal as _};
use std::path::Path;

use anyhow::{Context as _, Result, bail};
use plumbline_render::{Style, escaped};

/// Prints `text`, or writes it to a file.
pub(crate) fn deliver(text: &str, out: Option<&Path>) -> Result<()> {
    stream(out, |place| place.write_all(text.as_bytes()))
}

/// Prints, or writes to a file, what `say` writes piece by piece.
#[expect(clippy::disallowed_methods, reason = "the user named the file")]
pub(crate) fn stream(out: Option<&Path>, say: impl FnOnce(&mut dyn io::Write) -> io::Result<()>) -> Result<()> {
    match out {
        Some(path) => fs::File::create(path)
            .and_then(|mut file| say(&mut file))
            .with_context(|| format!("writing `{}`", path.display())),
        None => match say(&mut io::stdout().lock()) {
            // A reader that has seen enough, such as `head`, is no mistake.
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
            other => other.context("writing to standard output"),
        },
    }
}

/// Writes a file whole: a temporary one beside it takes its place.
#[expect(clippy::disallowed_methods, reason = "the user named the file")]
pub(crate) fn write(path: &Path, bytes: &[u8]) -> Result<()> {
    fs::write(path, bytes).with_context(|| format!("writing `{}`", path.display()))
}

/// Writes a file, and the folders that it lies in.
#[expect(clippy::disallowed_methods, reason = "the user named the place")]
pub(crate) fn write_beside(path: &Path, bytes: &[u8]) -> Result<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).with_context(|| format!("making `{}`", folder.display()))?;
    }
    fs::write(path, bytes).with_context(|| format!("writing `{}`", path.display()))
}

/// Reads a file that the user named.
#[expect(clippy::disallowed_methods, reason = "the user named the file")]
pub(crate) fn read(path: &Path) -> Result<Vec<u8>> {
    if path.is_dir() {
        bail!("reading `{}`: it is a folder", path.display());
    }
    fs::read(path).with_context(|| format!("reading `{}`", path.display()))
}

/// How to print on standard output: colour and folding on a terminal only, `NO_COLOR` honoured.
#[expect(clippy::disallowed_methods, reason = "NO_COLOR is a convention of terminals, not a setting of the product")]
pub(crate) fn style(out: Option<&Path>) -> Style {
    let terminal = out.is_none() && io::stdout().is_terminal();
    let refused = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    let (width, height) = match terminal_size::terminal_size() {
        // A file or a pipe has no screen to fit.
        _ if !terminal => (100, None),
        None => (80, Some(24)),
        Some((width, height)) => (usize::from(width.0), Some(usize::from(height.0))),
    };
    Style { colour: terminal && !refused, width: width.clamp(40, 120), height }
}

/// Says on standard error why it did not work, in one sentence with its causes.
#[expect(clippy::print_stderr, reason = "the one place that speaks to the user about failures")]
pub(crate) fn complain(error: &anyhow::Error) {
    let text = format!("{error:#}");
    let lines: Vec<String> = text.lines().map(escaped).collect();
    eprintln!("plumbline: {}", lines.join("\n"));
}

/// Says something on standard error.
#[expect(clippy::print_stderr, reason = "the one place that speaks to the user beside the data")]
pub(crate) fn tell(text: &str) {
    eprintln!("{text}");
}

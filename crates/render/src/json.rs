//! The report as `plumbline.report/1`, and how JSON is written everywhere in this crate.
//!
//! JSON is lossless and still harmless on a terminal: what `escape.rs` would make visible is written as a JSON escape.

use std::io;

use plumbline_findings::Report;
use serde::Serialize;
use serde_json::Serializer;
use serde_json::ser::{Formatter, PrettyFormatter};

use crate::escape::is_hostile;

/// Why something could not be rendered. Nothing that is made here causes it.
#[derive(Debug, thiserror::Error)]
#[error("writing {what} as JSON: {source}")]
pub struct RenderError {
    /// What was to be written.
    what: &'static str,
    /// What the writer said.
    source: serde_json::Error,
}

/// Writes a stretch of a string, with JSON escapes for what must not be there as it is.
fn write_fragment<W: ?Sized + io::Write>(writer: &mut W, fragment: &str) -> io::Result<()> {
    let mut done = 0;
    for (at, character) in fragment.char_indices().filter(|(_, character)| is_hostile(*character)) {
        writer.write_all(fragment.get(done..at).unwrap_or_default().as_bytes())?;
        for unit in character.encode_utf16(&mut [0; 2]) {
            write!(writer, "\\u{unit:04x}")?;
        }
        done = at + character.len_utf8();
    }
    writer.write_all(fragment.get(done..).unwrap_or_default().as_bytes())
}

/// Without white space.
struct Compact;

impl Formatter for Compact {
    fn write_string_fragment<W: ?Sized + io::Write>(&mut self, writer: &mut W, fragment: &str) -> io::Result<()> {
        write_fragment(writer, fragment)
    }
}

/// Indented by two.
struct Pretty(PrettyFormatter<'static>);

impl Formatter for Pretty {
    fn write_string_fragment<W: ?Sized + io::Write>(&mut self, writer: &mut W, fragment: &str) -> io::Result<()> {
        write_fragment(writer, fragment)
    }

    fn begin_array<W: ?Sized + io::Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.begin_array(writer)
    }

    fn end_array<W: ?Sized + io::Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.end_array(writer)
    }

    fn begin_array_value<W: ?Sized + io::Write>(&mut self, writer: &mut W, first: bool) -> io::Result<()> {
        self.0.begin_array_value(writer, first)
    }

    fn end_array_value<W: ?Sized + io::Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.end_array_value(writer)
    }

    fn begin_object<W: ?Sized + io::Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.begin_object(writer)
    }

    fn end_object<W: ?Sized + io::Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.end_object(writer)
    }

    fn begin_object_key<W: ?Sized + io::Write>(&mut self, writer: &mut W, first: bool) -> io::Result<()> {
        self.0.begin_object_key(writer, first)
    }

    fn begin_object_value<W: ?Sized + io::Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.begin_object_value(writer)
    }

    fn end_object_value<W: ?Sized + io::Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.end_object_value(writer)
    }
}

fn write<T: Serialize, F: Formatter>(value: &T, formatter: F, what: &'static str) -> Result<String, RenderError> {
    let mut bytes = Vec::new();
    let error = |source| RenderError { what, source };
    value.serialize(&mut Serializer::with_formatter(&mut bytes, formatter)).map_err(error)?;
    String::from_utf8(bytes).map_err(|source| error(serde::ser::Error::custom(source)))
}

/// A value on one line.
pub(crate) fn compact<T: Serialize>(value: &T, what: &'static str) -> Result<String, RenderError> {
    write(value, Compact, what)
}

/// A value over many lines, with a newline at its end.
pub(crate) fn pretty<T: Serialize>(value: &T, what: &'static str) -> Result<String, RenderError> {
    let mut text = write(value, Pretty(PrettyFormatter::new()), what)?;
    text.push('\n');
    Ok(text)
}

/// The report as `plumbline.report/1`, indented, with a newline at its end. Equal reports give equal bytes.
///
/// # Errors
/// [`RenderError`], which no report made here causes.
pub fn json(report: &Report) -> Result<String, RenderError> {
    pretty(report, "the report")
}

//! Lines for people: wrapped by words, hung under their first line, coloured only where asked.
//!
//! Every text is escaped on its way in, so that no caller can forget it.

use crate::escape::{CUT, columns, escaped, fitted};

/// The narrowest page that words are wrapped for.
const NARROWEST: usize = 20;

/// How a page for people is to look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Style {
    /// Whether to colour with terminal codes.
    pub colour: bool,
    /// Columns of a line.
    pub width: usize,
    /// Lines that must do, and then no line is wider than the page; none folds nothing and cuts no word.
    pub height: Option<usize>,
}

impl Style {
    /// The same page as long as it takes.
    #[must_use]
    pub(crate) fn unfolded(&self) -> Self {
        Self { height: None, ..*self }
    }
}

impl Default for Style {
    /// A plain screen of 80 by 24.
    fn default() -> Self {
        Self { colour: false, width: 80, height: Some(24) }
    }
}

/// Colours by meaning.
pub(crate) mod ink {
    use anstyle::{AnsiColor, Style};
    use plumbline_findings::Severity;

    pub(crate) const PLAIN: Style = Style::new();
    pub(crate) const GOOD: Style = AnsiColor::Green.on_default();
    pub(crate) const CARE: Style = AnsiColor::Yellow.on_default().bold();
    pub(crate) const HEAD: Style = Style::new().bold();

    /// The colour of a severity.
    pub(crate) fn of(severity: Severity) -> Style {
        match severity {
            Severity::Critical => AnsiColor::BrightRed.on_default().bold(),
            Severity::High => AnsiColor::Red.on_default(),
            Severity::Medium => AnsiColor::Yellow.on_default(),
            Severity::Low => AnsiColor::Cyan.on_default(),
            Severity::Info => Style::new().dimmed(),
        }
    }
}

/// A paragraph on its way to a page.
#[derive(Debug, Clone)]
pub(crate) struct Paragraph {
    /// What its first line begins with, in this colour.
    label: String,
    ink: anstyle::Style,
    text: String,
    /// Blanks before every line.
    indent: usize,
    /// Lines beyond which it is cut.
    most_lines: usize,
}

impl Paragraph {
    pub(crate) fn new(text: impl Into<String>) -> Self {
        Self { label: String::new(), ink: ink::PLAIN, text: text.into(), indent: 0, most_lines: usize::MAX }
    }

    /// With a label before it. A label is one of our words.
    pub(crate) fn labelled(label: impl Into<String>, ink: anstyle::Style, text: impl Into<String>) -> Self {
        Self { label: label.into(), ink, ..Self::new(text) }
    }

    pub(crate) fn indent(self, indent: usize) -> Self {
        Self { indent, ..self }
    }

    /// Cut after so many lines, or fewer if it was so already.
    pub(crate) fn at_most(self, most_lines: usize) -> Self {
        Self { most_lines: most_lines.min(self.most_lines), ..self }
    }

    /// Its lines on a page of this style.
    pub(crate) fn lines(&self, style: &Style) -> Vec<String> {
        let width = style.width.max(NARROWEST);
        let gap = if self.label.is_empty() || self.text.is_empty() { "" } else { " " };
        let whole = format!("{}{gap}{}", self.label, self.text);
        // A following line stands two blanks further in, so that the eye finds the next paragraph.
        let mut lines = wrapped(&escaped(&whole), width, self.indent, self.indent + 2, style.height.is_some());
        if lines.len() > self.most_lines {
            lines.truncate(self.most_lines.max(1));
            match lines.last_mut() {
                // A word that stands out over the line stays whole.
                Some(last) if columns(last) > width => last.push_str(" …"),
                Some(last) => {
                    while columns(last) >= width && last.pop().is_some() {}
                    last.push(CUT);
                }
                None => {}
            }
        }
        if style.colour
            && !self.label.is_empty()
            && let Some(first) = lines.first_mut()
            && let Some(rest) = first.get(self.indent..).and_then(|line| line.strip_prefix(self.label.as_str()))
        {
            *first = format!("{:indent$}{ink}{}{ink:#}{rest}", "", self.label, indent = self.indent, ink = self.ink);
        }
        lines
    }
}

/// The lines of some paragraphs, each cut after so many lines.
pub(crate) fn lines_of(paragraphs: &[Paragraph], style: &Style, most_lines: usize) -> Vec<String> {
    paragraphs.iter().flat_map(|paragraph| paragraph.clone().at_most(most_lines).lines(style)).collect()
}

/// One line of each paragraph, and of the first ones that want more lines as many of the `spare` ones as they want.
pub(crate) fn lines_within(paragraphs: &[Paragraph], style: &Style, spare: &mut usize) -> Vec<String> {
    let mut lines = Vec::new();
    for paragraph in paragraphs {
        let whole = paragraph.lines(style);
        let more = whole.len().saturating_sub(1).min(*spare);
        *spare -= more;
        lines.extend(if more + 1 < whole.len() { paragraph.clone().at_most(more + 1).lines(style) } else { whole });
    }
    lines
}

/// Lines as one text, each line ended by a newline.
pub(crate) fn printed(lines: &[String]) -> String {
    let mut out = String::with_capacity(lines.iter().map(|line| line.len() + 1).sum());
    for line in lines {
        out.push_str(line);
        out.push('\n');
    }
    out
}

/// Escaped text as lines of at most `width` columns, broken between words and never within one: half an ARN can't be
/// copied. A word that is wider than a line is cut with `…` where it must `fit`, and stands out over the line elsewhere.
fn wrapped(text: &str, width: usize, first_indent: usize, indent: usize, fit: bool) -> Vec<String> {
    let mut lines = Vec::new();
    let mut line = " ".repeat(first_indent);
    let mut used = first_indent;
    let mut empty = true;
    for word in text.split(' ').filter(|word| !word.is_empty()) {
        let needs = columns(word);
        if !empty && used + 1 + needs <= width {
            line.push(' ');
            line.push_str(word);
            used += 1 + needs;
            continue;
        }
        if !empty {
            lines.push(std::mem::replace(&mut line, " ".repeat(indent)));
            used = indent;
        }
        if fit && used + needs > width {
            let word = fitted(word, width.saturating_sub(used));
            used += columns(&word);
            line.push_str(&word);
        } else {
            line.push_str(word);
            used += needs;
        }
        empty = false;
    }
    if !empty {
        lines.push(line);
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::{Paragraph, Style, ink, wrapped};
    use crate::escape::columns;

    #[test]
    fn wraps_by_words_and_never_within_one() {
        assert_eq!(wrapped("one two three four", 9, 0, 2, true), ["one two", "  three", "  four"]);
        assert_eq!(wrapped("a bcdefghijkl m", 6, 1, 3, true), [" a", "   bc…", "   m"]);
        assert_eq!(wrapped("a bcdefghijkl m", 6, 1, 3, false), [" a", "   bcdefghijkl", "   m"]);
        assert_eq!(wrapped("日本語日本語", 8, 0, 2, true), ["日本語…"]);
        assert!(wrapped("", 9, 0, 2, true).is_empty());
    }

    #[test]
    fn a_word_that_stands_out_is_not_cut() {
        let arn = format!("arn:aws:iam::111122223333:role/{}", "r".repeat(64));
        let style = Style { width: 40, height: None, ..Style::default() };
        let lines = Paragraph::new(format!("under {arn} and {arn}")).at_most(2).lines(&style);
        assert_eq!(lines, ["under".to_owned(), format!("  {arn} …")]);
    }

    #[test]
    fn no_colour_unless_asked_and_only_on_the_label() {
        let paragraph = Paragraph::labelled("HIGH", ink::HEAD, "x\u{1b}[0m").indent(2);
        let plain = Style { width: 40, ..Style::default() };
        assert_eq!(paragraph.lines(&plain), [r"  HIGH x\u{1b}[0m"]);
        assert_eq!(paragraph.lines(&Style { colour: true, ..plain }), ["  \u{1b}[1mHIGH\u{1b}[0m x\\u{1b}[0m"]);
    }

    #[test]
    fn a_paragraph_is_cut_to_its_lines() {
        let style = Style { width: 20, ..Style::default() };
        let lines = Paragraph::new("word ".repeat(50)).at_most(2).lines(&style);
        assert_eq!(lines, ["word word word word", "  word word word…"]);
        let lines = Paragraph::new("x".repeat(500)).at_most(2).lines(&style);
        assert!(lines.iter().all(|line| columns(line) <= 20), "{lines:?}");
    }
}

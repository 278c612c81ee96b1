//! The mail of a run: what changed, where, and what to do, in the order of severity.

use plumbline_findings::{Because, Change, DigestMessage, Lifecycle, Report, Visibility, digest_of};

use crate::escape::fitted;
use crate::group::{Told, count, groups};
use crate::notes;
use crate::page::{Paragraph, Style, ink, lines_of, printed};

/// The bytes of a mail's text. SNS takes 262,144 for text and subject.
pub const DIGEST_BYTES: usize = 131_072;

/// The characters of a subject, of which SNS takes at most 100.
pub const SUBJECT_CHARACTERS: usize = 99;

/// The bytes kept for what stands below the list of changes.
const TAIL_BYTES: usize = 16_384;

/// Lines of one paragraph.
const PARAGRAPH_LINES: usize = 12;

/// Columns of a line: what mail programs show without breaking it.
const MAIL: Style = Style { colour: false, width: 76, height: None };

/// What happened, as its own section of the mail. The order is that of the sections.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Section {
    Opened,
    Reopened,
    Worse,
    Uncovered,
    Resolved,
}

impl Section {
    const ALL: [Self; 5] = [Self::Opened, Self::Reopened, Self::Worse, Self::Uncovered, Self::Resolved];

    fn of(because: Because) -> Self {
        match because {
            Because::New => Self::Opened,
            Because::Reopened => Self::Reopened,
            Because::SeverityRose { .. } => Self::Worse,
            Because::ExceptionExpired | Because::ExceptionNoLongerFits => Self::Uncovered,
            Because::Resolved => Self::Resolved,
        }
    }

    fn word(self) -> &'static str {
        match self {
            Self::Opened => "new",
            Self::Reopened => "reopened",
            Self::Worse => "worse",
            Self::Uncovered => "no longer excepted",
            Self::Resolved => "resolved",
        }
    }
}

/// The mail of a run, if anything changed: findings that alert, or what can be seen. None where all is as it was.
#[must_use]
pub fn digest(report: &Report, changes: &[Change], report_uri: &str) -> Option<DigestMessage> {
    let told: Vec<Told<'_>> = changes
        .iter()
        .filter_map(|change| {
            let finding = report.findings.iter().find(|finding| finding.id == change.finding)?;
            Some(Told { finding, because: Some(change.because) })
        })
        .collect();
    if told.is_empty() && report.visibility.is_empty() {
        return None;
    }
    Some(DigestMessage {
        id: digest_of(&["digest", report.run.account.as_str(), &report.run.id]),
        subject: subject(report, &told),
        body: body(report, &told, report_uri),
    })
}

/// `2 new, 1 resolved`; what came into view or went out of it where nothing else changed.
fn happened(report: &Report, told: &[Told<'_>]) -> String {
    let words: Vec<String> = Section::ALL
        .into_iter()
        .filter_map(|section| {
            let is = |told: &&Told<'_>| told.because.map(Section::of) == Some(section);
            let number = told.iter().filter(is).count();
            (number > 0).then(|| format!("{number} {}", section.word()))
        })
        .collect();
    if !words.is_empty() {
        return words.join(", ");
    }
    let lost = report.visibility.iter().filter(|change| change.change == Visibility::Lost).count();
    let regained = report.visibility.len() - lost;
    match (lost, regained) {
        (0, regained) => format!("{} in sight again", count(regained, "verdict", "verdicts")),
        (lost, 0) => format!("{} out of sight", count(lost, "verdict", "verdicts")),
        (lost, regained) => format!("{} out of sight, {regained} in sight again", count(lost, "verdict", "verdicts")),
    }
}

/// ASCII, on one line, under 100 characters.
fn subject(report: &Report, told: &[Told<'_>]) -> String {
    let opened = told.iter().filter(|told| told.finding.lifecycle != Some(Lifecycle::Resolved));
    let worst = opened.map(|told| told.finding.severity).max();
    let worst = worst.map_or_else(String::new, |worst| format!(", worst {worst}"));
    let environments = notes::environments(told.iter().map(|told| told.finding));
    let place = match (environments.first(), environments.len()) {
        (Some(only), 1) => format!(" {}", fitted(only, 24)),
        (_, 0) => String::new(),
        (_, many) => format!(" ({many} environments)"),
    };
    let whole = format!("[plumbline] {}{place}: {}{worst}", report.run.account, happened(report, told));
    let ascii = whole.chars().map(|character| if matches!(character, ' '..='~') { character } else { '?' });
    ascii.take(SUBJECT_CHARACTERS).collect()
}

fn body(report: &Report, told: &[Told<'_>], report_uri: &str) -> String {
    let mut lines = Paragraph::labelled("plumbline:", ink::PLAIN, happened(report, told)).lines(&MAIL);
    lines.extend(Paragraph::new(notes::audited(report)).at_most(PARAGRAPH_LINES).lines(&MAIL));
    let open = notes::by_severity(report).unwrap_or_else(|| "none".to_owned());
    lines.extend(Paragraph::labelled("Open drift now:", ink::PLAIN, open).lines(&MAIL));

    let mut tail = vec![String::new()];
    let notes = [
        notes::visibility(report),
        notes::coverage(report, 5),
        notes::exceptions(report),
        notes::selection(report),
        notes::others(report, 5),
    ];
    tail.extend(lines_of(&notes.concat(), &MAIL, PARAGRAPH_LINES));
    tail.push(String::new());
    let uri = fitted(report_uri, 1_000);
    // WHY: a link that is broken over lines can't be followed.
    tail.push("The whole report:".to_owned());
    tail.push(uri);

    lines.extend(changes(told, DIGEST_BYTES - TAIL_BYTES - bytes(&lines)));
    lines.extend(tail);
    printed(&lines)
}

fn bytes(lines: &[String]) -> usize {
    lines.iter().map(|line| line.len() + 1).sum()
}

/// The changes by section and group, in at most `room` bytes; what has no place is counted.
fn changes(told: &[Told<'_>], room: usize) -> Vec<String> {
    let folded = groups(told.iter().copied(), |told| told.because.map(Section::of));
    // What is resolved comes last: nobody has to do anything about it.
    let (open, resolved): (Vec<_>, Vec<_>) = folded
        .into_iter()
        .partition(|group| group.first().and_then(|told| told.because).map(Section::of) != Some(Section::Resolved));
    let groups: Vec<_> = open.into_iter().chain(resolved).collect();
    let mut lines = Vec::new();
    let mut used = 0;
    for (nth, group) in groups.iter().enumerate() {
        let Some(Told { finding, because: Some(because) }) = group.first() else { continue };
        let section = Section::of(*because);
        let mut next = vec![String::new()];
        let title = format!("{} {}, {}", group.severity, section.word().to_uppercase(), group.control());
        next.extend(lines_of(&[Paragraph::new(title)], &MAIL, 2));
        let paragraphs = group.paragraphs();
        // The first is the heading of a terminal.
        let told = paragraphs.get(1..).unwrap_or_default();
        if section == Section::Resolved {
            let text = format!("{}: {}", group.names(), fitted(&finding.title, 300));
            next.extend(lines_of(&[Paragraph::new(text).indent(2)], &MAIL, PARAGRAPH_LINES));
        } else {
            next.extend(lines_of(told, &MAIL, PARAGRAPH_LINES));
        }
        if used + bytes(&next) > room {
            let left: usize = groups.iter().skip(nth).map(|group| group.members.len()).sum();
            lines.push(String::new());
            lines.push(format!("And {}, which the report has.", count(left, "more change", "more changes")));
            break;
        }
        used += bytes(&next);
        lines.extend(next);
    }
    lines
}

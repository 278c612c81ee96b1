//! The report for a terminal. It fits a screen: coverage first, then the worst drift, grouped, each with what to do.

use plumbline_findings::{ExitStatus, Finding, Lifecycle, Report, Severity};

use crate::escape::fitted;
use crate::group::{Group, Told, count, first_few, groups, name_of};
use crate::notes;
use crate::page::{Paragraph, Style, ink, lines_of, printed};

/// Lines that drift gets on a screen, if it needs them, however much else there is to say: one whole group, and what is folded.
const DRIFT_LINES: usize = 8;

/// The line of the shell's prompt.
const PROMPT: usize = 1;

/// The report as text for a terminal, each line ended by a newline.
///
/// Where a height is given (24 lines or more), it is not exceeded: what does not fit is folded, the worst comes first and is
/// always there. Findings below `fail_on` are shown all the same: it is what the last line speaks of.
#[must_use]
pub fn text(report: &Report, style: &Style, fail_on: Severity) -> String {
    let few = if style.height.is_some() { 3 } else { usize::MAX };
    let mut head = vec![Paragraph::labelled("plumbline", ink::HEAD, notes::audited(report)).at_most(3)];
    head.extend(notes::coverage(report, few));
    head.push(notes::verdicts(report));
    head.push(counts(report));

    let mut tail: Vec<Paragraph> = resolved(report).into_iter().collect();
    tail.extend(notes::visibility(report));
    tail.extend(notes::exceptions(report));
    tail.extend(notes::selection(report));
    tail.extend(notes::accepted(report));
    tail.extend(notes::others(report, few));

    let drift = report.findings.iter().filter(|finding| finding.is_drift());
    let groups = groups(drift.map(|finding| Told { finding, because: None }), |_| ());
    let exit = exit(report, fail_on).lines(style);

    let Some(height) = style.height else {
        let mut lines = lines_of(&head, style, usize::MAX);
        lines.extend(folded(&groups, usize::MAX, style));
        lines.extend(lines_of(&tail, style, usize::MAX));
        lines.extend(exit);
        return printed(&lines);
    };
    let height = height.saturating_sub(PROMPT + exit.len());
    let mut lines = lines_of(&head, style, 3);
    let needed = folded(&groups, usize::MAX, style).len();
    if lines.len() + needed.min(DRIFT_LINES) >= height {
        lines = lines_of(&head, style, 1);
    }
    let tail = squeezed(&tail, height.saturating_sub(lines.len() + needed.min(DRIFT_LINES)), style);
    let room = height.saturating_sub(lines.len() + tail.len()).max(DRIFT_LINES);
    lines.extend(folded(&groups, room, style));
    lines.extend(tail);
    lines.extend(exit);
    printed(&lines)
}

/// The paragraphs in as many lines as there is room for; what has no place is counted.
fn squeezed(paragraphs: &[Paragraph], room: usize, style: &Style) -> Vec<String> {
    for most_lines in [3, 2, 1] {
        let lines = lines_of(paragraphs, style, most_lines);
        if lines.len() <= room {
            return lines;
        }
    }
    let shown = room.saturating_sub(1);
    let mut lines = lines_of(paragraphs.get(..shown).unwrap_or(paragraphs), style, 1);
    let rest = count(paragraphs.len().saturating_sub(shown), "more note", "more notes");
    lines.extend(Paragraph::new(format!("and {rest}")).lines(style));
    lines
}

/// As many groups as there is room for, the worst first; the rest in one paragraph.
fn folded(groups: &[Group<'_>], room: usize, style: &Style) -> Vec<String> {
    let most_lines = if room == usize::MAX { usize::MAX } else { 2 };
    let mut lines = Vec::new();
    for (nth, group) in groups.iter().enumerate() {
        let next = lines_of(&group.paragraphs(), style, most_lines);
        let after = groups.get(nth + 1..).unwrap_or_default();
        let reserved = usize::from(!after.is_empty());
        if lines.len() + next.len() + reserved <= room {
            lines.extend(next);
            continue;
        }
        let rest = if nth == 0 {
            // INVARIANT: the worst is always there, if only in its first words.
            lines.extend(lines_of(&group.paragraphs(), style, 1));
            after
        } else {
            groups.get(nth..).unwrap_or_default()
        };
        if !rest.is_empty() {
            let left = room.saturating_sub(lines.len()).max(1);
            lines.extend(fold(rest).at_most(left).lines(style));
        }
        break;
    }
    lines
}

/// Groups that there is no room for: `HIGH SMK-02 (12)`.
fn fold(rest: &[Group<'_>]) -> Paragraph {
    let findings: usize = rest.iter().map(|group| group.members.len()).sum();
    let words = rest.iter().map(|group| {
        let id = group.first().map_or("", |told| told.finding.control.as_str());
        format!("{} {} ({})", group.severity, fitted(id, 16), group.members.len())
    });
    let head = format!("and {findings} more under {}:", count(rest.len(), "control", "controls"));
    Paragraph::new(format!("{head} {}", first_few(words, 8))).at_most(3)
}

/// How much drift there is, and what became of it.
fn counts(report: &Report) -> Paragraph {
    let of = |lifecycle: Lifecycle| report.summary.lifecycle.get(&lifecycle).copied().unwrap_or_default();
    let mut changes: Vec<String> =
        [(Lifecycle::New, "new"), (Lifecycle::Reopened, "reopened"), (Lifecycle::Resolved, "resolved")]
            .into_iter()
            .filter(|(lifecycle, _)| of(*lifecycle) > 0)
            .map(|(lifecycle, word)| format!("{} {word}", of(lifecycle)))
            .collect();
    if report.summary.excepted > 0 {
        changes.push(format!("{} under a live exception", report.summary.excepted));
    }
    let changes = if changes.is_empty() { String::new() } else { format!(" ({})", changes.join(", ")) };
    match notes::by_severity(report) {
        Some(severities) => Paragraph::labelled("Drift:", ink::HEAD, format!("{severities}{changes}")),
        None => Paragraph::labelled("Drift: none", ink::GOOD, changes.trim_start()),
    }
}

/// What was resolved.
fn resolved(report: &Report) -> Option<Paragraph> {
    let resolved: Vec<&Finding> =
        report.findings.iter().filter(|finding| finding.lifecycle == Some(Lifecycle::Resolved)).collect();
    let words = resolved.iter().map(|finding| format!("{} {}", finding.control, name_of(finding)));
    let text = format!("{}: {}", resolved.len(), first_few(words, 4));
    (!resolved.is_empty()).then(|| Paragraph::labelled("RESOLVED", ink::GOOD, text).at_most(2))
}

/// What the exit code will be, and how to see all.
fn exit(report: &Report, fail_on: Severity) -> Paragraph {
    let status = report.exit_status(fail_on);
    let (colour, says) = match status {
        ExitStatus::Clean => (ink::GOOD, format!("nothing of {fail_on} or worse is open, all of it could be judged")),
        ExitStatus::Drift => (ink::CARE, format!("drift of {fail_on} or worse is open")),
        ExitStatus::Blind => (ink::CARE, format!("no drift seen, but not all of {fail_on} or worse could be judged")),
    };
    Paragraph::labelled(format!("Exit {}:", status.code()), colour, format!("{says}. Everything: --format json"))
}

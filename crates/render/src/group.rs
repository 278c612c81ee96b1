//! Findings folded for people: many resources under one control are one thing to do.

use std::collections::BTreeSet;

use plumbline_findings::{Because, Finding, Lifecycle, Reason, Severity, Verdict};

use crate::escape::fitted;
use crate::page::{Paragraph, Style, ink};

/// Columns of one name of a resource.
const NAME_COLUMNS: usize = 48;

/// Columns of whatever else comes from outside: messages are long, and worth it.
const MESSAGE_COLUMNS: usize = 600;

/// How much there is room for of what comes from outside.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Room {
    /// Columns of a name.
    name: usize,
    /// Columns of a sentence.
    message: usize,
}

impl Room {
    /// A screen, or a sentence in a chat.
    pub(crate) const SCREEN: Self = Self { name: NAME_COLUMNS, message: MESSAGE_COLUMNS };

    /// A mail, or a page as long as it takes: an ARN, of at most 2,048 characters, must be whole there to be copied.
    pub(crate) const PAGE: Self = Self { name: 2_048, message: 6_000 };

    /// The room of a page of this style.
    pub(crate) fn of(style: &Style) -> Self {
        if style.height.is_some() { Self::SCREEN } else { Self::PAGE }
    }
}

/// Names that stand for many.
const FIRST_FEW: usize = 3;

/// A finding, and why it is told of, where it is.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Told<'a> {
    pub(crate) finding: &'a Finding,
    pub(crate) because: Option<Because>,
}

/// Findings of one control and severity, the changed ones first.
#[derive(Debug)]
pub(crate) struct Group<'a> {
    pub(crate) severity: Severity,
    pub(crate) members: Vec<Told<'a>>,
}

/// Folds findings by severity, control and `apart`, the worst first.
pub(crate) fn groups<'a, K: Ord>(
    told: impl IntoIterator<Item = Told<'a>>,
    apart: impl Fn(&Told<'a>) -> K,
) -> Vec<Group<'a>> {
    let mut keyed: Vec<_> = told
        .into_iter()
        .map(|told| {
            let Finding { severity, control, .. } = told.finding;
            ((std::cmp::Reverse(*severity), control.as_str(), apart(&told)), told)
        })
        .collect();
    keyed.sort_by(|(a, one), (b, other)| {
        let newest = |told: &Told<'_>| !is_changed(told.finding);
        a.cmp(b)
            .then_with(|| newest(one).cmp(&newest(other)))
            .then_with(|| one.finding.rank().cmp(&other.finding.rank()))
    });
    keyed
        .chunk_by(|(a, _), (b, _)| a == b)
        .filter_map(|chunk| {
            let (_, first) = chunk.first()?;
            Some(Group { severity: first.finding.severity, members: chunk.iter().map(|(_, told)| *told).collect() })
        })
        .collect()
}

fn is_changed(finding: &Finding) -> bool {
    matches!(finding.lifecycle, Some(Lifecycle::New | Lifecycle::Reopened))
}

/// `1 resource`, `2 resources`.
pub(crate) fn count(number: usize, one: &str, many: &str) -> String {
    format!("{number} {}", if number == 1 { one } else { many })
}

/// The first few of some words, and how many more there are: `a, b, c and 9 more`.
pub(crate) fn first_few(words: impl IntoIterator<Item = String>, few: usize) -> String {
    let mut words = words.into_iter();
    let first: Vec<String> = words.by_ref().take(few).collect();
    let rest = words.count();
    let first = first.join(", ");
    if rest == 0 { first } else { format!("{first} and {rest} more") }
}

/// A finding's resource with its aspect: `ds-user [iam:PassRole]`.
pub(crate) fn name_of(finding: &Finding, room: Room) -> String {
    let resource = &finding.resource;
    let name = fitted(if resource.name.is_empty() { &resource.arn } else { &resource.name }, room.name);
    match finding.aspect.as_deref() {
        None | Some("") => name,
        Some(aspect) => format!("{name} [{}]", fitted(aspect, room.name)),
    }
}

/// Environment and Region: `fraud-dev, eu-west-1`.
pub(crate) fn place_of(finding: &Finding) -> String {
    format!("{}, {}", fitted(&finding.environment, NAME_COLUMNS), region_of(finding))
}

/// The Region; `global` for what has none.
pub(crate) fn region_of(finding: &Finding) -> &str {
    finding.region.as_ref().map_or("global", |region| region.as_str())
}

/// What became of a finding that is resolved: it is as it should be, or why it is not judged any more.
pub(crate) fn ending_of(finding: &Finding, room: Room) -> String {
    match (finding.verdict, finding.reason) {
        (Verdict::Compliant, _) => fitted(finding.title.trim_end_matches('.'), room.message),
        (_, Some(Reason::ResourceGone)) => "the resource is gone".to_owned(),
        (_, reason) if finding.message.is_empty() => {
            format!("it is not judged any more ({})", reason.map_or("not applicable", |reason| reason.as_str()))
        }
        _ => message_of(finding, room),
    }
}

/// What is wrong, without its full stop; the desired state where nothing is said.
pub(crate) fn message_of(finding: &Finding, room: Room) -> String {
    let text = if finding.message.is_empty() { &finding.title } else { &finding.message };
    fitted(text.trim_end_matches('.'), room.message)
}

/// Who did it: `alice (CreateRoute at 2025-11-24T10:00:00Z)`; with a warning where that is a guess.
pub(crate) fn author_of(finding: &Finding, room: Room) -> Option<String> {
    let attribution = finding.attribution.as_ref()?;
    let doubt = if attribution.confidence == "high" { "" } else { ", by the time alone" };
    Some(format!(
        "{} ({} at {}{doubt})",
        fitted(&attribution.principal, 2 * room.name),
        fitted(&attribution.event_name, NAME_COLUMNS),
        attribution.event_time
    ))
}

impl Group<'_> {
    /// Its first member, which stands for all.
    pub(crate) fn first(&self) -> Option<&Told<'_>> {
        self.members.first()
    }

    /// `NET-02 no-internet-gateway`.
    pub(crate) fn control(&self) -> String {
        self.first().map_or_else(String::new, |told| {
            let Finding { control, name, .. } = told.finding;
            format!("{} {}", fitted(control, NAME_COLUMNS), fitted(name, NAME_COLUMNS))
        })
    }

    /// Some of its members, and where they are: `nb-1, nb-2 and 3 more (fraud-dev, churn-dev; eu-west-1)`.
    fn names(members: &[Told<'_>], room: Room) -> String {
        let names = first_few(members.iter().map(|told| name_of(told.finding, room)), FIRST_FEW);
        let environments: BTreeSet<&str> = members.iter().map(|told| told.finding.environment.as_str()).collect();
        let environments = environments.into_iter().map(|name| fitted(name, NAME_COLUMNS));
        let regions: BTreeSet<&str> = members.iter().map(|told| region_of(told.finding)).collect();
        let regions = regions.into_iter().map(str::to_owned);
        format!("{names} ({}; {})", first_few(environments, FIRST_FEW), first_few(regions, FIRST_FEW))
    }

    /// What is special about its members, as words: `3 resources, 1 NEW`.
    fn marks(&self) -> Vec<String> {
        let many = self.members.len() > 1;
        let mut marks = Vec::new();
        if many {
            marks.push(count(self.members.len(), "resource", "resources"));
        }
        let mut mark = |word: &str, is: &dyn Fn(&Finding) -> bool| {
            let number = self.members.iter().filter(|told| is(told.finding)).count();
            if number > 0 {
                marks.push(if many { format!("{number} {word}") } else { word.to_owned() });
            }
        };
        mark("NEW", &|finding| finding.lifecycle == Some(Lifecycle::New));
        mark("REOPENED", &|finding| finding.lifecycle == Some(Lifecycle::Reopened));
        mark("not to be seen now", &|finding| finding.verdict == Verdict::InsufficientData);
        marks
    }

    /// Its heading: which control, and what is special.
    pub(crate) fn heading(&self) -> Paragraph {
        let mut head = self.control();
        for (nth, mark) in self.marks().iter().enumerate() {
            head.push_str(if nth == 0 { ": " } else { ", " });
            head.push_str(mark);
        }
        Paragraph::labelled(self.severity.as_str(), ink::of(self.severity), head)
    }

    /// Under the heading: what and where, who, and what to do. `each` members one by one, the others by name.
    pub(crate) fn details(&self, each: usize, room: Room) -> Vec<Paragraph> {
        let mut said = Vec::new();
        for Told { finding, because } in self.members.iter().take(each) {
            let is_over = *because == Some(Because::Resolved);
            let what = if is_over { ending_of(finding, room) } else { message_of(finding, room) };
            let baseline = if finding.baseline_change { ", by a change of the baseline" } else { "" };
            said.push(format!("{}: {what} ({}){baseline}", name_of(finding, room), place_of(finding)));
            said.extend(author_of(finding, room).filter(|_| !is_over).map(|author| format!("by: {author}")));
        }
        if let Some(rest) = self.members.get(each..).filter(|rest| !rest.is_empty()) {
            said.push(format!("and {} more: {}", rest.len(), Self::names(rest, room)));
        }
        if let Some(Told { finding, .. }) = self.first().filter(|told| told.because != Some(Because::Resolved)) {
            said.push(format!("do: {}", fitted(&finding.remediation, room.message)));
        }
        said.into_iter().map(|text| Paragraph::new(text).indent(2)).collect()
    }

    /// Heading and details for a terminal.
    pub(crate) fn paragraphs(&self, room: Room) -> Vec<Paragraph> {
        std::iter::once(self.heading()).chain(self.details(1, room)).collect()
    }
}

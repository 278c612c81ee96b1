//! How answers become a verdict: *a certain violation beats a gap, a gap beats compliance*.
//!
//! A control looks at one subject and tells a [`Say`] what it found. Whatever it could not see is told there too,
//! by `?` or by [`Say::listing`]: there is no way from a gap to COMPLIANT.

use std::fmt::Display;

use plumbline_findings::{Assessment, ControlInfo, Evidence, NotSeen, Reason, Severity, Subject, Verdict};
use plumbline_names::{ResourceRef, Text};
use plumbline_reachability::TooMany;
use plumbline_snapshot::ec2::Vpc;
use plumbline_snapshot::{Collected, Gap, Outcome, Source, Why};

use crate::place::Place;
use crate::world::World;

/// How many of a list a message names.
const FEW: usize = 3;

/// How many of a list one piece of evidence names.
const MANY: usize = 20;

/// Why a question has no answer: a read with a gap, or something that no read would settle.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Unknown<'a> {
    /// A read has no whole answer.
    Gap(&'a Gap),
    /// Another reason: its code, and a sentence with the values seen.
    Because(Reason, String),
}

/// An answer, or why there is none. A [`plumbline_snapshot::Sight`] turns into one by `?`.
pub(crate) type Known<'a, T> = Result<T, Unknown<'a>>;

/// Subjects that were seen, and why there may be more.
#[derive(Debug, Clone)]
pub(crate) struct Set<'a, T> {
    /// What was seen.
    pub(crate) items: Vec<T>,
    /// Why the set may not be whole; none if it is.
    pub(crate) unknown: Option<Unknown<'a>>,
}

/// What one look at one subject found.
#[derive(Debug, Default)]
pub(crate) struct Say<'a> {
    broken: Vec<Broken>,
    unknown: Vec<Unknown<'a>>,
    idle: Option<(Reason, String)>,
    facts: Vec<Evidence>,
    spared: bool,
}

/// One way in which a subject does not hold.
#[derive(Debug)]
struct Broken {
    severity: Option<Severity>,
    message: String,
    evidence: Vec<Evidence>,
}

impl<'a> From<&'a Gap> for Unknown<'a> {
    fn from(gap: &'a Gap) -> Self {
        Self::Gap(gap)
    }
}

impl From<TooMany> for Unknown<'_> {
    fn from(error: TooMany) -> Self {
        Self::Because(Reason::Unresolved, error.to_string())
    }
}

impl<'a> Unknown<'a> {
    /// The baseline lacks `parameter`.
    #[must_use]
    pub(crate) fn baseline_missing(parameter: &str) -> Self {
        Self::Because(Reason::BaselineMissing, format!("the baseline has no `{parameter}`"))
    }

    /// The reason code of the verdict.
    #[must_use]
    pub(crate) fn reason(&self) -> Reason {
        match self {
            Self::Gap(gap) => reason_of(gap.why),
            Self::Because(reason, _) => *reason,
        }
    }

    /// What is not known, in words.
    #[must_use]
    pub(crate) fn words(&self) -> String {
        match self {
            Self::Gap(gap) => {
                let about = gap.target.as_deref().map_or_else(String::new, |target| format!(" of `{target}`"));
                let word = Outcome::from(gap.why).as_str().replace('_', " ");
                if gap.detail.is_empty() {
                    format!("{}{about} was not seen: {word}", gap.operation)
                } else {
                    format!("{}{about} was not seen: {word}, {}", gap.operation, gap.detail)
                }
            }
            Self::Because(_, text) => text.clone(),
        }
    }

    fn evidence(&self) -> Option<Evidence> {
        match self {
            Self::Gap(gap) => Some(Evidence::NotSeen {
                not_seen: NotSeen {
                    operation: gap.operation.to_string().into(),
                    target: gap.target.clone(),
                    outcome: Outcome::from(gap.why).as_str().into(),
                    detail: gap.detail.clone(),
                },
            }),
            Self::Because(..) => None,
        }
    }
}

fn reason_of(why: Why) -> Reason {
    match why {
        Why::Denied => Reason::AccessDenied,
        Why::Failed => Reason::ApiError,
        Why::Throttled => Reason::Throttled,
        Why::Truncated => Reason::Truncated,
        Why::Unsupported => Reason::ServiceUnavailableInRegion,
        Why::NotPlanned => Reason::NotRead,
        Why::OutOfTime => Reason::BudgetExhausted,
    }
}

impl<'a, T> Set<'a, T> {
    /// A whole set.
    #[must_use]
    pub(crate) fn whole(items: Vec<T>) -> Self {
        Self { items, unknown: None }
    }

    /// Nothing seen, for this reason.
    #[must_use]
    pub(crate) fn unknown(unknown: impl Into<Unknown<'a>>) -> Self {
        Self { items: Vec::new(), unknown: Some(unknown.into()) }
    }

    /// Whether some item is such; not known if none seen is and there may be more.
    ///
    /// # Errors
    /// Why the set is not whole.
    pub(crate) fn any(&self, such: impl FnMut(&T) -> bool) -> Known<'a, bool> {
        match (self.items.iter().any(such), &self.unknown) {
            (true, _) => Ok(true),
            (false, None) => Ok(false),
            (false, Some(unknown)) => Err(unknown.clone()),
        }
    }

    /// The items, if the set is whole.
    ///
    /// # Errors
    /// Why it is not.
    pub(crate) fn all(&self) -> Known<'a, &[T]> {
        match &self.unknown {
            None => Ok(&self.items),
            Some(unknown) => Err(unknown.clone()),
        }
    }

    /// Each item turned into another, those without one left out.
    pub(crate) fn filter_map<U>(self, turn: impl FnMut(T) -> Option<U>) -> Set<'a, U> {
        Set { items: self.items.into_iter().filter_map(turn).collect(), unknown: self.unknown }
    }
}

impl<'a> Say<'a> {
    /// A violation, at the control's own severity.
    pub(crate) fn broken(&mut self, message: impl Into<String>, evidence: impl IntoIterator<Item = Evidence>) {
        self.violation(None, message.into(), evidence.into_iter().collect());
    }

    /// A violation at a severity of its own.
    pub(crate) fn broken_as(
        &mut self,
        severity: Severity,
        message: impl Into<String>,
        evidence: impl IntoIterator<Item = Evidence>,
    ) {
        self.violation(Some(severity), message.into(), evidence.into_iter().collect());
    }

    fn violation(&mut self, severity: Option<Severity>, message: String, evidence: Vec<Evidence>) {
        self.broken.push(Broken { severity, message, evidence });
    }

    /// Something that could not be seen or settled.
    pub(crate) fn unknown(&mut self, unknown: impl Into<Unknown<'a>>) {
        self.unknown.push(unknown.into());
    }

    /// The answer, or none after noting that it is not known. For parts that must not hide one another; else use `?`.
    pub(crate) fn see<T, U: Into<Unknown<'a>>>(&mut self, answer: Result<T, U>) -> Option<T> {
        answer.map_err(|unknown| self.unknown(unknown)).ok()
    }

    /// Whatever was listed. If the listing is not whole, that is noted: a violation among it stands, compliance does not.
    pub(crate) fn listing<T>(&mut self, listing: &'a Collected<T>) -> impl Iterator<Item = &'a T> + use<'a, T> {
        if let Some(gap) = listing.gap() {
            self.unknown(gap);
        }
        listing.seen()
    }

    /// The same for a set.
    pub(crate) fn set<T>(&mut self, set: Set<'a, T>) -> Vec<T> {
        if let Some(unknown) = set.unknown {
            self.unknown(unknown);
        }
        set.items
    }

    /// This subject (or part) is nothing to judge. It counts only if no part holds, breaks or is unknown.
    pub(crate) fn not_applicable(&mut self, reason: Reason, message: impl Into<String>) {
        self.idle.get_or_insert((reason, message.into()));
    }

    /// A part that was seen and holds, beside others that are not applicable.
    pub(crate) fn holds(&mut self) {
        self.spared = true;
    }

    /// A fact for the evidence of whatever verdict comes out.
    pub(crate) fn fact(&mut self, evidence: Evidence) {
        self.facts.push(evidence);
    }

    /// What comes of it; `title` is the control's, which many share.
    fn verdict(self, control: &'static ControlInfo, title: Text, subject: Subject) -> Assessment {
        let mut assessment = Assessment {
            control,
            subject,
            verdict: Verdict::Compliant,
            reason: None,
            severity: control.severity,
            message: title,
            evidence: Vec::new(),
            whole_set: false,
            ended: None,
            cause: None,
        };
        if !self.broken.is_empty() {
            assessment.verdict = Verdict::NonCompliant;
            assessment.severity = self
                .broken
                .iter()
                .map(|part| part.severity.unwrap_or(control.severity))
                .max()
                .unwrap_or(control.severity);
            // The worst part speaks first; parts of one severity keep their order.
            let mut parts = self.broken;
            parts.sort_by_key(|part| std::cmp::Reverse(part.severity.unwrap_or(control.severity)));
            assessment.message = few("; ", parts.iter().map(|part| &part.message)).into();
            assessment.evidence = parts.into_iter().flat_map(|part| part.evidence).collect();
            assessment.evidence.extend(self.facts);
        } else if let Some(first) = self.unknown.first() {
            assessment.verdict = Verdict::InsufficientData;
            assessment.reason = Some(first.reason());
            assessment.message = first.words().into();
            let mut seen: Vec<Evidence> = Vec::new();
            for evidence in self.unknown.iter().filter_map(Unknown::evidence) {
                if !seen.contains(&evidence) {
                    seen.push(evidence);
                }
            }
            assessment.evidence = seen;
            assessment.evidence.extend(self.facts);
        } else if let Some((reason, message)) = self.idle.filter(|_| !self.spared) {
            assessment.verdict = Verdict::NotApplicable;
            assessment.reason = Some(reason);
            assessment.message = message.into();
            assessment.evidence = self.facts;
        } else {
            assessment.evidence = self.facts;
        }
        assessment
    }
}

/// The verdict on one subject: `look` tells what it found, and what it cannot see by `?`.
pub(crate) fn subject<'a>(
    control: &'static ControlInfo,
    subject: Subject,
    look: impl FnOnce(&mut Say<'a>) -> Known<'a, ()>,
) -> Assessment {
    titled(control, control.title.into(), subject, look)
}

fn titled<'a>(
    control: &'static ControlInfo,
    title: Text,
    subject: Subject,
    look: impl FnOnce(&mut Say<'a>) -> Known<'a, ()>,
) -> Assessment {
    let mut say = Say::default();
    if let Err(unknown) = look(&mut say) {
        say.unknown(unknown);
    }
    say.verdict(control, title, subject)
}

/// One verdict for each subject; and one on the whole set where it is empty or not whole.
///
/// `name` gives the subject's resource and aspect, `look` judges it.
pub(crate) fn each<'a, T>(
    control: &'static ControlInfo,
    place: &Place<'a>,
    set: Set<'a, T>,
    name: impl Fn(&T) -> (ResourceRef, Option<String>),
    mut look: impl FnMut(&mut Say<'a>, &T) -> Known<'a, ()>,
) -> Vec<Assessment> {
    let title = Text::from(control.title);
    let mut assessments: Vec<Assessment> = set
        .items
        .iter()
        .map(|item| {
            let (resource, aspect) = name(item);
            titled(control, title.clone(), place.subject(resource, aspect), |say| look(say, item))
        })
        .collect();
    match set.unknown {
        Some(unknown) => assessments.push(unknown_set(control, place, unknown)),
        None if assessments.is_empty() => {
            assessments.push(nothing(control, place.subject(place.resource(), None), Reason::NoResources))
        }
        None => {}
    }
    assessments
}

/// NOT_APPLICABLE for the whole set, with its reason.
#[must_use]
pub(crate) fn nothing(control: &'static ControlInfo, subject: Subject, reason: Reason) -> Assessment {
    let mut say = Say::default();
    say.not_applicable(reason, format!("nothing to judge: {}", reason.as_str().replace('_', " ")));
    let mut assessment = say.verdict(control, control.title.into(), subject);
    assessment.whole_set = true;
    assessment
}

/// A list for a message: the first three, and how many more there are: `a, b, c and 197 more`.
#[must_use]
pub(crate) fn few(separator: &str, items: impl IntoIterator<Item = impl Display>) -> String {
    first(FEW, separator, items)
}

/// A list for a piece of evidence: the same with the first twenty.
#[must_use]
pub(crate) fn many(separator: &str, items: impl IntoIterator<Item = impl Display>) -> String {
    first(MANY, separator, items)
}

fn first(most: usize, separator: &str, items: impl IntoIterator<Item = impl Display>) -> String {
    let mut items = items.into_iter();
    let named: Vec<String> = items.by_ref().take(most).map(|item| item.to_string()).collect();
    let named = named.join(separator);
    match items.count() {
        0 => named,
        rest => format!("{named}{} and {rest} more", if separator.starts_with(';') { ";" } else { "" }),
    }
}

/// The message as a sentence: it begins with a capital letter, or else with what is code (in backticks, a digit, an
/// operation such as `ec2:DescribeVpcs`), and ends with a full stop.
#[must_use]
pub(crate) fn sentence(message: &str) -> String {
    let text = message.trim();
    let word = text.split(' ').next().unwrap_or_default();
    let operation = word.split_once(':').is_some_and(|(_, name)| name.starts_with(|first: char| first.is_uppercase()));
    let mut characters = text.chars();
    let mut said = String::with_capacity(text.len() + 1);
    match characters.next() {
        Some(first) if !operation => said.extend(first.to_uppercase()),
        Some(first) => said.push(first),
        None => return said,
    }
    said.push_str(characters.as_str());
    if !text.ends_with(['.', '!', '?', '…']) {
        said.push('.');
    }
    said
}

/// A field that was read: the evidence of most controls.
#[must_use]
pub(crate) fn field(source: &Source, path: impl Into<Text>, saw: impl Into<Text>, wanted: impl Into<Text>) -> Evidence {
    Evidence::field(source.operation().to_string(), path, saw, wanted)
}

/// The verdict on a declared environment's VPC, for controls with one finding an environment.
pub(crate) fn vpc<'a>(
    control: &'static ControlInfo,
    world: &World<'a>,
    place: &Place<'a>,
    look: impl FnOnce(&mut Say<'a>, &'a Vpc) -> Known<'a, ()>,
) -> Vec<Assessment> {
    match world.vpc(place) {
        Ok(vpc) => vec![subject(control, place.subject(world.vpc_ref(place, vpc), None), |say| look(say, vpc))],
        Err(unknown) => vec![unknown_set(control, place, unknown)],
    }
}

/// INSUFFICIENT_DATA for the whole set.
pub(crate) fn unknown_set<'a>(control: &'static ControlInfo, place: &Place<'a>, unknown: Unknown<'a>) -> Assessment {
    let mut assessment = subject(control, place.subject(place.resource(), None), |say| {
        say.unknown(unknown);
        Ok(())
    });
    assessment.whole_set = true;
    assessment
}

#[cfg(test)]
mod tests {
    use super::{few, many, sentence};

    #[test]
    fn a_message_is_a_sentence() {
        for (said, whole) in [
            ("internet gateway `igw-1` is attached", "Internet gateway `igw-1` is attached."),
            ("`igw-1` is attached; it should not be", "`igw-1` is attached; it should not be."),
            ("2 of 3 jobs, such as this: the job runs", "2 of 3 jobs, such as this: the job runs."),
            ("ec2:DescribeVpcs was not seen: denied", "ec2:DescribeVpcs was not seen: denied."),
            ("nothing to judge: no resources", "Nothing to judge: no resources."),
            ("No NAT gateway exists.", "No NAT gateway exists."),
            ("the baseline says: why?", "The baseline says: why?"),
            ("über", "Über."),
            ("", ""),
        ] {
            assert_eq!(sentence(said), whole);
            assert_eq!(sentence(whole), whole, "twice is once");
        }
    }

    #[test]
    fn a_list_is_bounded() {
        assert_eq!(few(", ", [] as [&str; 0]), "");
        assert_eq!(few(", ", ["a", "b", "c"]), "a, b, c");
        assert_eq!(few(", ", 1..=200), "1, 2, 3 and 197 more");
        assert_eq!(few("; ", ["a", "b", "c", "d"]), "a; b; c; and 1 more");
        assert_eq!(few(" or ", ["a", "b", "c", "d"]), "a or b or c and 1 more");
        assert!(many(", ", 1..=200).ends_with(", 19, 20 and 180 more"));
    }
}

//! A comparison of two policies for a person: the answer, in one sentence who may now do what and which statement lets it
//! through, and the witness as it stands.

use plumbline_policy::{Cause, Change, ComparedKind, Comparison, ContextValue, Request};

use crate::page::{Paragraph, Style, ink, printed};

/// What was compared, by the names that the user gave.
#[derive(Debug, Clone, Copy)]
pub struct Compared<'a> {
    /// What both documents are.
    pub kind: ComparedKind,
    /// Whose policy it is: the candidate's name without folder and ending, such as `training_execution`.
    pub subject: &'a str,
    /// The reference, as named by the user.
    pub reference: &'a str,
    /// The candidate, as named by the user.
    pub candidate: &'a str,
    /// How many actions were asked about; none for any action at all.
    pub known_actions: Option<usize>,
}

/// The answer for a terminal, each line ended by a newline.
#[must_use]
pub fn comparison_text(
    compared: &Compared<'_>,
    comparison: &Comparison,
    cause: Option<&Cause>,
    style: &Style,
) -> String {
    let Compared { reference, candidate, .. } = compared;
    let word = comparison.as_str();
    let paragraphs = match comparison {
        Comparison::NoNewAccess => {
            let of = match compared.known_actions {
                None => "any action, ARN and context".to_owned(),
                Some(count) => format!("the {count} actions known and any ARN and context"),
            };
            vec![Paragraph::labelled(
                word,
                ink::GOOD,
                format!("`{candidate}` allows no request that `{reference}` does not: proved for {of}."),
            )]
        }
        Comparison::NewAccess { witness, .. } => vec![
            Paragraph::labelled(word, ink::CARE, sentence(compared, witness, cause)),
            Paragraph::new(format!("A request that `{candidate}` allows and `{reference}` does not:")),
            Paragraph::new(witness.to_string()).indent(2),
        ],
        Comparison::Unknown { because } => vec![Paragraph::labelled(
            word,
            ink::CARE,
            format!("whether `{candidate}` allows what `{reference}` does not is not decided: {because}."),
        )],
    };
    printed(&paragraphs.iter().flat_map(|paragraph| paragraph.lines(style)).collect::<Vec<_>>())
}

/// Who may now do what, and which statement lets it through.
fn sentence(compared: &Compared<'_>, witness: &Request, cause: Option<&Cause>) -> String {
    let subject = compared.subject;
    let who = match compared.kind {
        ComparedKind::Identity => subject.to_owned(),
        ComparedKind::Resource | ComparedKind::Trust | ComparedKind::Key => {
            format!("by {subject} {}", witness.principal())
        }
        ComparedKind::Boundary
        | ComparedKind::Endpoint
        | ComparedKind::Scp
        | ComparedKind::Rcp
        | ComparedKind::Session => {
            format!("what is bound by {subject}")
        }
    };
    let on = if witness.resource() == "*" { String::new() } else { format!(" on {}", witness.resource()) };
    let (without, with, why) = match cause {
        None => (String::new(), String::new(), "the candidate allows it".to_owned()),
        Some(cause) => (without(cause), with(cause, witness), why(cause)),
    };
    format!("{who} may now {}{on}{without}{with}: {why}.", witness.action())
}

fn without(cause: &Cause) -> String {
    if cause.without.is_empty() { String::new() } else { format!(" without {}", cause.without.join(" and ")) }
}

/// The values of the keys that the reference looks at, as the request has them.
fn with(cause: &Cause, witness: &Request) -> String {
    let (Change::LostConditions { keys, .. } | Change::OtherConditions { keys, .. }) = &cause.change else {
        return String::new();
    };
    let value = |key: &String| match witness.value(key)? {
        ContextValue::One(value) => Some(format!("{key} `{value}`")),
        ContextValue::Many(values) => Some(format!("{key} `{}`", values.join("`, `"))),
    };
    let values: Vec<String> = keys.iter().filter_map(value).collect();
    if values.is_empty() { String::new() } else { format!(" with {}", values.join(" and ")) }
}

fn why(cause: &Cause) -> String {
    let statement = match (cause.statement, &cause.sid) {
        (Some(at), Some(sid)) => format!("statement {at} (`{sid}`)"),
        (Some(at), None) => format!("statement {at}"),
        (None, _) => "the candidate".to_owned(),
    };
    let like = |like: &usize| {
        if Some(*like) == cause.statement { String::new() } else { format!(" of statement {like} of the reference") }
    };
    match &cause.change {
        Change::New => format!("{statement} is new"),
        Change::LostConditions { like: at, keys } if keys.len() == 1 => {
            format!("{statement} lost the condition on {}{}", keys.join(""), like(at))
        }
        Change::LostConditions { like: at, keys } => {
            format!("{statement} lost the conditions on {}{}", keys.join(" and "), like(at))
        }
        Change::OtherConditions { keys, .. } => format!("{statement} has another condition on {}", keys.join(" and ")),
        Change::Actions { .. } => format!("{statement} speaks of other actions than before"),
        Change::Resources { .. } => format!("{statement} speaks of other resources than before"),
        Change::Principals { .. } => format!("{statement} speaks of other principals than before"),
        Change::DenyGone { deny } => {
            format!("{statement} allows it, and statement {deny} of the reference, a Deny, is gone")
        }
        Change::DenyChanged { deny, now } if deny == now => {
            format!("{statement} allows it, and statement {now} no longer denies it")
        }
        Change::DenyChanged { deny, now } => {
            format!("{statement} allows it, and statement {now}, once statement {deny}, no longer denies it")
        }
    }
}

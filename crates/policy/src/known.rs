//! Comparison over the actions known today, where `compare` counts any action at all. Actions that no pattern tells
//! apart are as one: one of each kind is enough. A service of which no action is known is not taken for one without any.

use std::collections::{BTreeMap, BTreeSet};

use crate::compare::compare_effective;
use crate::comparison::{ComparedKind, Comparison};
use crate::compiled::{Policy, PolicyKind};
use crate::decide::Cited;
use crate::document::{Actions, Document, Effect, Sense, Statement};
use crate::effective::Effective;
use crate::pattern::Pattern;

/// Names of actions, such as `s3:GetObject`, in the order of their lower-case spelling.
#[derive(Clone, Debug, Default)]
pub struct KnownActions {
    /// Sorted.
    folded: Vec<String>,
    named: Vec<String>,
    /// Their prefixes, in lower case.
    services: BTreeSet<String>,
}

impl<T: Into<String>> FromIterator<T> for KnownActions {
    fn from_iter<I: IntoIterator<Item = T>>(actions: I) -> Self {
        let each = actions.into_iter().map(Into::into).map(|named: String| (named.to_ascii_lowercase(), named));
        let sorted: BTreeMap<String, String> = each.collect();
        let prefix = |folded: &String| folded.split_once(':').map(|(service, _)| service.to_owned());
        let services = sorted.keys().filter_map(prefix).collect();
        let (folded, named) = sorted.into_iter().unzip();
        KnownActions { folded, named, services }
    }
}

impl KnownActions {
    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.named.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.named.is_empty()
    }

    /// Whether this action is known; case does not matter.
    #[must_use]
    pub fn contains(&self, action: &str) -> bool {
        self.folded.binary_search(&action.to_ascii_lowercase()).is_ok()
    }

    /// The places of those that begin with a lower-case text.
    fn beginning(&self, with: &str) -> std::ops::Range<usize> {
        let start = self.folded.partition_point(|known| known.as_str() < with);
        let rest = self.folded.get(start..).unwrap_or_default();
        start..start + rest.partition_point(|known| known.starts_with(with))
    }

    /// One action of each kind that the patterns tell apart.
    fn representatives(&self, patterns: &[&Pattern]) -> Vec<&str> {
        let ranges: Vec<_> =
            patterns.iter().map(|pattern| self.beginning(&pattern.fixed_start().to_ascii_lowercase())).collect();
        let mut ends: BTreeSet<usize> = ranges.iter().flat_map(|range| [range.start, range.end]).collect();
        ends.extend([0, self.folded.len()]);
        let mut found: BTreeMap<Vec<bool>, usize> = BTreeMap::new();
        for (start, end) in ends.iter().zip(ends.iter().skip(1)) {
            // Within such a stretch a pattern that does not begin so matches nothing.
            let meets = |range: &std::ops::Range<usize>| range.start <= *start && *end <= range.end;
            let here: Vec<(usize, &&Pattern)> =
                patterns.iter().enumerate().filter(|(at, _)| ranges.get(*at).is_some_and(meets)).collect();
            let (mut first, mut plain) = (true, true);
            for place in *start..*end {
                if !first && plain {
                    break;
                }
                let Some(action) = self.folded.get(place) else { break };
                let mut row = vec![false; patterns.len()];
                for (at, pattern) in &here {
                    plain &= is_prefix(pattern);
                    if let Some(cell) = row.get_mut(*at) {
                        *cell = pattern.matches(action).is_yes();
                    }
                }
                first = false;
                found.entry(row).or_insert(place);
            }
        }
        found.values().filter_map(|place| self.named.get(*place)).map(String::as_str).collect()
    }
}

/// Whether a pattern matches all that begins as it does.
fn is_prefix(pattern: &Pattern) -> bool {
    let text = pattern.text();
    text.strip_suffix('*').is_some_and(|start| !start.contains(['*', '?', '$']))
}

/// As [`compare_effective`], over requests for the known actions, and for any action of a service of which none is known:
/// what is new access today. A pattern that lets in nothing but actions that AWS has not made yet is none.
///
/// ```
/// use plumbline_policy::{ComparedKind, KnownActions, Policy, compare_known, parse};
///
/// let policy = |action: &str| -> Result<Policy, Box<dyn std::error::Error>> {
///     let text = r#"{"Statement": {"Effect": "Allow", "Action": ACTION, "Resource": "*"}}"#;
///     Ok(parse(&text.replace("ACTION", action))?.into())
/// };
/// let known: KnownActions = ["s3:GetObject", "s3:GetObjectAcl"].into_iter().collect();
/// let (listed, wild) = (policy(r#"["s3:GetObject", "s3:GetObjectAcl"]"#)?, policy(r#""s3:Get*""#)?);
/// let compared = compare_known(ComparedKind::Identity, &(&listed).into(), &(&wild).into(), &known);
/// assert_eq!(compared.as_str(), "NO_NEW_ACCESS");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[must_use]
pub fn compare_known(
    kind: ComparedKind,
    reference: &Effective<'_>,
    candidate: &Effective<'_>,
    known: &KnownActions,
) -> Comparison {
    let open = compare_effective(kind, reference, candidate);
    match &open {
        // What is proved for any action is proved for these.
        Comparison::NoNewAccess => return open,
        Comparison::NewAccess { witness, .. } if known.contains(witness.action()) => return open,
        _ => {}
    }
    let statements = || documents(reference).chain(documents(candidate)).flat_map(|document| &document.statements);
    let mut seen = BTreeSet::new();
    let patterns: Vec<&Pattern> = statements()
        .flat_map(|statement| &statement.actions.patterns)
        .filter(|pattern| seen.insert(pattern.text().to_ascii_lowercase()))
        .collect();
    let kinds = known.representatives(&patterns);
    let old = Narrowed::of(reference, candidate, Effect::Deny, &kinds, known);
    let new = Narrowed::of(candidate, reference, Effect::Allow, &kinds, known);
    match compare_effective(kind, &old.effective(), &new.effective()) {
        Comparison::NewAccess { witness, mut by, mut denied_by, lacks } => {
            by.iter_mut().for_each(|cited| new.lead_back(cited));
            denied_by.iter_mut().for_each(|cited| old.lead_back(cited));
            Comparison::NewAccess { witness, by, denied_by, lacks }
        }
        settled => settled,
    }
}

fn documents<'a>(all: &'a Effective<'_>) -> impl Iterator<Item = &'a Document> {
    all.policies.iter().copied().chain(all.boundary).map(Policy::document)
}

/// Policies in which what the other side lacks speaks of nothing unknown.
struct Narrowed {
    policies: Vec<Policy>,
    boundary: Option<Policy>,
    /// Of each policy, the boundary last: where its further statements come from.
    origins: Vec<Vec<usize>>,
}

impl Narrowed {
    /// The statements of `effect` that `other` lacks are narrowed. What both have is no news, whatever it speaks of.
    fn of(own: &Effective<'_>, other: &Effective<'_>, effect: Effect, actions: &[&str], known: &KnownActions) -> Self {
        let theirs: Vec<Statement> = documents(other).flat_map(|document| &document.statements).map(bare).collect();
        let mut origins = Vec::new();
        let mut turn = |policy: &Policy| {
            let mut document = policy.document().clone();
            let mut further = Vec::new();
            for statement in &mut document.statements {
                if statement.effect != effect || theirs.contains(&bare(statement)) {
                    continue;
                }
                further.extend(elsewhere(statement, known));
                let meant = actions.iter().filter(|action| statement.matches_action(action).is_yes());
                let patterns = meant.map(|action| Pattern::action(action)).collect();
                statement.actions = Actions { sense: Sense::Only, patterns };
            }
            origins.push(further.iter().map(|statement| statement.index).collect());
            let first = document.statements.len();
            for (at, mut statement) in further.into_iter().enumerate() {
                statement.index = first + at;
                document.statements.push(statement);
            }
            Policy::from(document)
        };
        let policies = own.policies.iter().map(|policy| turn(policy)).collect();
        let boundary = own.boundary.map(&mut turn);
        Narrowed { policies, boundary, origins }
    }

    fn effective(&self) -> Effective<'_> {
        Effective { policies: self.policies.iter().collect(), boundary: self.boundary.as_ref() }
    }

    /// Names the statement that a further one comes from.
    fn lead_back(&self, cited: &mut Cited) {
        let at = match &self.boundary {
            Some(_) if cited.kind == PolicyKind::Boundary => self.policies.len(),
            _ => cited.policy,
        };
        let (Some(policy), Some(further)) = (self.policies.get(at).or(self.boundary.as_ref()), self.origins.get(at))
        else {
            return;
        };
        let first = policy.document().statements.len().saturating_sub(further.len());
        if let Some(origin) = cited.statement.checked_sub(first).and_then(|place| further.get(place)) {
            cited.statement = *origin;
        }
    }
}

fn bare(statement: &Statement) -> Statement {
    let mut bare = statement.clone();
    (bare.index, bare.sid) = (0, None);
    bare
}

/// What a statement says of services of which no action is known; none if it speaks of known ones only. A pattern with
/// wildcards in the service stays as it is.
fn elsewhere(statement: &Statement, known: &KnownActions) -> Option<Statement> {
    let mut rest = statement.clone();
    let covered = || known.services.iter().map(|service| Pattern::action(&format!("{service}:*")));
    match statement.actions.sense {
        Sense::AllBut => rest.actions.patterns.extend(covered()),
        Sense::Only if statement.actions.patterns.iter().any(|pattern| pattern.text() == "*") => {
            rest.actions = Actions { sense: Sense::AllBut, patterns: covered().collect() };
        }
        Sense::Only => rest.actions.patterns.retain(|pattern| match pattern.text().split_once(':') {
            Some((service, _)) => !known.services.contains(&service.to_ascii_lowercase()),
            None => true,
        }),
    }
    (!rest.actions.patterns.is_empty()).then_some(rest)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parse;

    fn known() -> KnownActions {
        ["s3:GetObject", "s3:GetObjectAcl", "s3:PutObject", "iam:PassRole", "iam:CreateRole"].into_iter().collect()
    }

    fn asked(reference: &str, candidate: &str) -> (&'static str, &'static str) {
        let read = |text: &str| Policy::from(parse(&format!(r#"{{"Statement":[{text}]}}"#)).unwrap());
        let (reference, candidate) = (read(reference), read(candidate));
        let known = compare_known(ComparedKind::Identity, &(&reference).into(), &(&candidate).into(), &known());
        if let Comparison::NewAccess { witness, by, .. } = &known {
            let service = witness.action().split(':').next().unwrap();
            assert!(self::known().contains(witness.action()) || !["s3", "iam"].contains(&service), "{witness}");
            let [cited] = by.as_slice() else { panic!("{by:?}") };
            let statement = &candidate.document().statements[cited.statement];
            assert!(statement.matches_action(witness.action()).is_yes(), "{witness} by {statement}");
        }
        (crate::compare(ComparedKind::Identity, &reference, &candidate).as_str(), known.as_str())
    }

    fn allow(element: &str, actions: &str) -> String {
        format!(r#"{{"Effect":"Allow","{element}":{actions},"Resource":"*"}}"#)
    }

    #[test]
    fn what_lets_in_nothing_known_is_no_new_access() {
        let listed = allow("Action", r#"["s3:getobject","s3:GetObjectAcl"]"#);
        assert_eq!(asked(&listed, &allow("Action", r#""s3:Get*""#)), ("NEW_ACCESS", "NO_NEW_ACCESS"));
        assert_eq!(asked(&listed, &allow("Action", r#""s3:*t""#)), ("NEW_ACCESS", "NEW_ACCESS"));
        assert_eq!(asked(&listed, &allow("Action", r#""s3:?et*""#)), ("NEW_ACCESS", "NO_NEW_ACCESS"));
        assert_eq!(asked(&listed, &allow("Action", r#""iam:Delete*""#)), ("NEW_ACCESS", "NO_NEW_ACCESS"));
    }

    #[test]
    fn a_service_of_which_nothing_is_known_may_have_any_action() {
        let all_but = |actions: &str| allow("NotAction", actions);
        let (iam, both) = (all_but(r#"["iam:*"]"#), all_but(r#"["iam:*","athena:*"]"#));
        assert_eq!(asked(&both, &iam), ("NEW_ACCESS", "NEW_ACCESS"));
        assert_eq!(
            asked(&allow("Action", r#"["s3:*"]"#), &allow("Action", r#""athena:Get*""#)),
            ("NEW_ACCESS", "NEW_ACCESS")
        );
        assert_eq!(asked(&allow("Action", r#""s3:*""#), &allow("Action", r#""*""#)), ("NEW_ACCESS", "NEW_ACCESS"));
        let listed = all_but(r#"["iam:PassRole","iam:CreateRole"]"#);
        assert_eq!(asked(&iam, &listed), ("NEW_ACCESS", "NO_NEW_ACCESS"));
        assert_eq!(asked(&iam, &all_but(r#"["iam:PassRole"]"#)), ("NEW_ACCESS", "NEW_ACCESS"));
    }

    #[test]
    fn a_deny_that_is_gone_counts_for_known_actions_only() {
        let all = allow("Action", r#""*""#);
        let with = |deny: &str| format!(r#"{all},{{"Effect":"Deny","Action":{deny},"Resource":"*"}}"#);
        assert_eq!(asked(&with(r#""iam:Delete*""#), &all), ("NEW_ACCESS", "NO_NEW_ACCESS"));
        assert_eq!(asked(&with(r#"["iam:Delete*","iam:Pass*"]"#), &all), ("NEW_ACCESS", "NEW_ACCESS"));
        assert_eq!(
            asked(&with(r#""iam:*Role""#), &with(r#"["iam:Pass*","iam:Cr*"]"#)),
            ("NEW_ACCESS", "NO_NEW_ACCESS")
        );
    }
}

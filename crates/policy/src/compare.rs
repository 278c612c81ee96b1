//! Does one document allow a request that another does not? Decided over all requests at once:
//! the statements are boxes over the tables of what they look at, and what is left of the new
//! ones without the old is a request, or nothing.

use std::collections::BTreeMap;

use crate::boxes::{CUT_BUDGET, Cells, Left, left};
use crate::columns::{COLONS, Held, Reading, Valuation, Value, holds_no_colon};
use crate::compiled::{Policy, PolicyKind};
use crate::document::{Effect, Sense, Statement};
use crate::pattern::{Pattern, Token, lower};
use crate::request::Request;
use crate::tables::{Tables, Variable, hints, tables, variables_of};
use crate::witness;

/// Most values of variables that are tried for a witness.
const MOST_VALUATIONS: usize = 100;
/// Most patterns and values of the statements that matter.
const MOST_PATTERNS: usize = 5_000;
/// Most pairs of statements that a search may begin with.
const MOST_BASES: usize = 2_000;
/// Most ways in which variables may be there or not.
const MOST_CASES: usize = 16;

/// What `decide` leaves open and is read in one way here (tests/differential/README.md): as
/// notes of a decision begin.
const READINGS: &[&str] = &[
    "a wildcard inside a segment of a Resource, and a colon after the fifth",
    "a wildcard in the resource type of ",
    "a wildcard in the partition or the service of ",
    "a principal {\"AWS\": \"*\"} against ",
    "`Null` on an empty value of ",
];

/// What both documents are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ComparedKind {
    /// Of a user, a group or a role.
    Identity,
    /// Of a resource.
    Resource,
    /// Who may assume a role.
    Trust,
    /// A permissions boundary.
    Boundary,
    /// Of a VPC endpoint.
    Endpoint,
    /// Of a KMS key.
    Key,
    /// A service control policy.
    Scp,
    /// A resource control policy; all that it does not deny is allowed.
    Rcp,
    /// Passed when a session is made.
    Session,
}

impl ComparedKind {
    /// By the name that the command `policy compare` takes.
    #[must_use]
    pub fn of_name(name: &str) -> Option<Self> {
        Some(match name {
            "identity" => ComparedKind::Identity,
            "resource" => ComparedKind::Resource,
            "trust" => ComparedKind::Trust,
            "boundary" => ComparedKind::Boundary,
            "endpoint" => ComparedKind::Endpoint,
            "key" => ComparedKind::Key,
            "scp" => ComparedKind::Scp,
            "rcp" => ComparedKind::Rcp,
            "session" => ComparedKind::Session,
            _ => return None,
        })
    }

    fn policy(self) -> PolicyKind {
        match self {
            ComparedKind::Identity => PolicyKind::Identity,
            ComparedKind::Resource | ComparedKind::Trust | ComparedKind::Key => PolicyKind::Resource,
            ComparedKind::Boundary => PolicyKind::Boundary,
            ComparedKind::Endpoint => PolicyKind::Endpoint,
            ComparedKind::Scp => PolicyKind::ServiceControl,
            ComparedKind::Rcp => PolicyKind::ResourceControl,
            ComparedKind::Session => PolicyKind::Session,
        }
    }
}

/// Whether the candidate allows what the reference does not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Comparison {
    /// No request is allowed by the candidate alone. A proof, under the assumptions of
    /// [`compare`].
    NoNewAccess,
    /// The witness is.
    NewAccess {
        /// A request that the candidate allows and the reference does not.
        witness: Box<Request>,
        /// The statement of the candidate that allows it; None for what a resource control policy
        /// no longer denies.
        statement: Option<usize>,
        /// The statement of the reference that denies it; None when none allows it.
        denied_by: Option<usize>,
    },
    /// Neither is shown.
    Unknown {
        /// The construct or the budget that leaves it open.
        because: String,
    },
}

impl Comparison {
    /// As the command prints it: `NO_NEW_ACCESS`, `NEW_ACCESS` or `UNKNOWN`.
    #[must_use]
    pub fn as_str(&self) -> &'static str {
        match self {
            Comparison::NoNewAccess => "NO_NEW_ACCESS",
            Comparison::NewAccess { .. } => "NEW_ACCESS",
            Comparison::Unknown { .. } => "UNKNOWN",
        }
    }

    /// Why, in words.
    #[must_use]
    pub fn reason(&self) -> String {
        match self {
            Comparison::NoNewAccess => "no request is allowed by the candidate alone".to_owned(),
            Comparison::NewAccess { statement, denied_by, .. } => {
                let candidate = match statement {
                    Some(index) => format!("statement {index} of the candidate allows it"),
                    None => "the candidate does not deny it".to_owned(),
                };
                match denied_by {
                    Some(index) => format!("{candidate}; statement {index} of the reference denies it"),
                    None => format!("{candidate}; no statement of the reference does"),
                }
            }
            Comparison::Unknown { because } => because.clone(),
        }
    }
}

/// A statement of either document, and where it stands.
#[derive(Clone, Copy)]
struct Entry<'a> {
    statement: &'a Statement,
    reference: Option<usize>,
    candidate: Option<usize>,
}

impl Entry<'_> {
    fn is(&self, effect: Effect) -> bool {
        self.statement.effect == effect
    }
}

/// What a search begins with: positions of statements among those that matter.
#[derive(Clone, Copy)]
struct Base {
    /// An Allow of the candidate.
    allow: Option<usize>,
    /// A Deny of the reference that the candidate lacks; None for what no Allow of the
    /// reference speaks of.
    deny: Option<usize>,
}

/// Compares two documents of a kind: is there a request that the candidate allows and the
/// reference does not?
///
/// Any action, ARN and value counts, known to AWS or not. Relations between the keys of a
/// request, and between them and its caller or resource, are not looked at (`aws:PrincipalArn`
/// against the caller, `aws:ResourceAccount` against the ARN, `aws:SourceVpce` against
/// `aws:SourceVpc`, ..). Values of a key have the kind that the operators on it compare; numbers
/// and times are dense; an empty value of a multivalued key counts as none.
///
/// ```
/// use plumbline_policy::{ComparedKind, Policy, compare, parse};
///
/// let policy = |resource: &str| -> Result<Policy, Box<dyn std::error::Error>> {
///     let text = r#"{"Statement": {"Effect": "Allow", "Action": "s3:Get*", "Resource": "NAME"}}"#;
///     Ok(parse(&text.replace("NAME", resource))?.into())
/// };
/// let (narrow, wide) = (policy("arn:aws:s3:::records/*")?, policy("arn:aws:s3:::*")?);
/// assert_eq!(compare(ComparedKind::Identity, &wide, &narrow).as_str(), "NO_NEW_ACCESS");
/// assert_eq!(compare(ComparedKind::Identity, &narrow, &wide).as_str(), "NEW_ACCESS");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[must_use]
pub fn compare(kind: ComparedKind, reference: &Policy, candidate: &Policy) -> Comparison {
    let entries = entries(reference, candidate);
    let changed = |entry: &&Entry<'_>| match entry.statement.effect {
        Effect::Allow => entry.reference.is_none() && kind != ComparedKind::Rcp,
        Effect::Deny => entry.candidate.is_none(),
    };
    if !entries.iter().any(|entry| changed(&entry)) {
        return Comparison::NoNewAccess;
    }
    for (name, policy) in [("reference", reference), ("candidate", candidate)] {
        // What is refused for these reasons still has a meaning, or cancels.
        let readable = |why: &str| why.contains(": the operator `") || why.ends_with("its principal is not everyone");
        if let Some(why) = policy.refused_as(kind.policy(), kind == ComparedKind::Trust)
            && !readable(why)
        {
            return Comparison::Unknown { because: format!("{name}: {why}") };
        }
    }
    let question = Question::new(kind, reference, candidate, &entries);
    question.answer().unwrap_or_else(|because| Comparison::Unknown { because })
}

/// The statements of both documents, those that are the same as one.
fn entries<'a>(reference: &'a Policy, candidate: &'a Policy) -> Vec<Entry<'a>> {
    let old = &reference.document().statements;
    let mut all: Vec<Entry<'a>> = old
        .iter()
        .enumerate()
        .map(|(at, statement)| Entry { statement, reference: Some(at), candidate: None })
        .collect();
    for (at, statement) in candidate.document().statements.iter().enumerate() {
        let twin = |entry: &&mut Entry<'_>| same(entry.statement, statement);
        // The same place first: most statements stay where they are.
        let place = match all.get_mut(at).filter(|entry| twin(entry)) {
            Some(entry) => Some(entry),
            None => all.iter_mut().find(twin),
        };
        match place {
            Some(entry) => entry.candidate = entry.candidate.or(Some(at)),
            None => all.push(Entry { statement, reference: None, candidate: Some(at) }),
        }
    }
    all
}

/// Whether two statements say the same, order, case and repetition aside. `false` may be wrong.
fn same(a: &Statement, b: &Statement) -> bool {
    fn each<T>(a: &[T], b: &[T], alike: impl Fn(&T, &T) -> bool) -> bool {
        let within = |a: &[T], b: &[T]| {
            a.iter().enumerate().all(|(at, own)| {
                b.get(at).is_some_and(|other| alike(own, other)) || b.iter().any(|other| alike(own, other))
            })
        };
        within(a, b) && within(b, a)
    }
    let actions = |a: &Pattern, b: &Pattern| a.text().eq_ignore_ascii_case(b.text());
    let resources = |a: &Pattern, b: &Pattern| a.text() == b.text() && a.tokens() == b.tokens();
    let lone = |text: &str| !text.contains("${");
    a.effect == b.effect
        && a.actions.sense == b.actions.sense
        && each(&a.actions.patterns, &b.actions.patterns, actions)
        && match (&a.principals, &b.principals) {
            (None, None) => true,
            (Some(a), Some(b)) => {
                a.sense == b.sense
                    && each(&a.members, &b.members, |a, b| a == b || (a.is_everyone() && b.is_everyone()))
            }
            _ => false,
        }
        && match (&a.resources, &b.resources) {
            (None, None) => true,
            (Some(a), Some(b)) => a.sense == b.sense && each(&a.patterns, &b.patterns, resources),
            _ => false,
        }
        && each(&a.conditions, &b.conditions, |a, b| {
            a.operator.text().eq_ignore_ascii_case(b.operator.text())
                && a.key.eq_ignore_ascii_case(&b.key)
                && (a.variables == b.variables || a.values.iter().all(|value| lone(value)))
                && each(&a.values, &b.values, |a, b| a == b)
        })
}

fn size(statement: &Statement) -> usize {
    let resources = statement.resources.as_ref().map_or(0, |resources| resources.patterns.len());
    let principals = statement.principals.as_ref().map_or(0, |principals| principals.members.len());
    let values = statement.conditions.iter().map(|condition| condition.values.len()).sum::<usize>();
    statement.actions.patterns.len() + resources + principals + values
}

/// Whether no request meets both statements: a cheap test that may say no.
fn apart(a: &Statement, b: &Statement) -> bool {
    let differ = |a: &Pattern, b: &Pattern, whole: bool| {
        let mut both = (a.tokens().iter(), b.tokens().iter());
        loop {
            match (both.0.next(), both.1.next()) {
                (Some(Token::Literal(a)), Some(Token::Literal(b))) => {
                    if a != b && (!whole || lower(*a) != lower(*b)) {
                        return true;
                    }
                }
                // One has ended where the other goes on.
                (None, Some(Token::Literal(_))) | (Some(Token::Literal(_)), None) => return whole,
                _ => return false,
            }
        }
    };
    let all = |a: &[Pattern], b: &[Pattern], whole: bool| a.iter().all(|a| b.iter().all(|b| differ(a, b, whole)));
    let actions = a.actions.sense == Sense::Only
        && b.actions.sense == Sense::Only
        && all(&a.actions.patterns, &b.actions.patterns, true);
    if actions {
        return true;
    }
    match (&a.resources, &b.resources) {
        (Some(a), Some(b)) if a.sense == Sense::Only && b.sense == Sense::Only => all(&a.patterns, &b.patterns, false),
        _ => false,
    }
}

/// One comparison: the statements that matter, and what the searches begin with.
struct Question<'a> {
    kind: ComparedKind,
    reference: &'a Policy,
    candidate: &'a Policy,
    entries: Vec<Entry<'a>>,
    bases: Vec<Base>,
}

impl<'a> Question<'a> {
    fn new(kind: ComparedKind, reference: &'a Policy, candidate: &'a Policy, all: &[Entry<'a>]) -> Self {
        let mut bases: Vec<Base> = Vec::new();
        let denies = |entry: &Entry<'_>| entry.is(Effect::Deny) && entry.candidate.is_none();
        let gone: Vec<usize> = all.iter().enumerate().filter(|(_, entry)| denies(entry)).map(|(at, _)| at).collect();
        if kind == ComparedKind::Rcp {
            bases.extend(gone.iter().map(|at| Base { allow: None, deny: Some(*at) }));
        } else {
            for (at, entry) in all.iter().enumerate() {
                if !entry.is(Effect::Allow) || entry.candidate.is_none() {
                    continue;
                }
                if entry.reference.is_none() {
                    bases.push(Base { allow: Some(at), deny: None });
                }
                let meets = |deny: &&usize| all.get(**deny).is_some_and(|deny| !apart(entry.statement, deny.statement));
                bases.extend(gone.iter().filter(meets).map(|deny| Base { allow: Some(at), deny: Some(*deny) }));
            }
        }
        if bases.len() > MOST_BASES {
            return Question { kind, reference, candidate, entries: Vec::new(), bases };
        }
        // Statements that no base meets cannot cut it.
        let begins = |at: usize| bases.iter().any(|base| base.allow == Some(at) || base.deny == Some(at));
        let cuts = |entry: &Entry<'_>| match entry.statement.effect {
            Effect::Allow => entry.reference.is_some(),
            Effect::Deny => entry.candidate.is_some(),
        };
        let meets = |entry: &Entry<'_>| {
            bases.iter().any(|base| {
                let parts = [base.allow, base.deny].into_iter().flatten();
                parts.filter_map(|at| all.get(at)).all(|part| !apart(part.statement, entry.statement))
            })
        };
        let mut places = Vec::new();
        let mut entries = Vec::new();
        for (at, entry) in all.iter().enumerate() {
            if begins(at) || (cuts(entry) && meets(entry)) {
                places.push(at);
                entries.push(*entry);
            }
        }
        let place = |at: Option<usize>| at.and_then(|at| places.binary_search(&at).ok());
        let bases = bases.iter().map(|base| Base { allow: place(base.allow), deny: place(base.deny) }).collect();
        Question { kind, reference, candidate, entries, bases }
    }

    fn answer(&self) -> Result<Comparison, String> {
        let statements: Vec<&Statement> = self.entries.iter().map(|entry| entry.statement).collect();
        if self.bases.len() > MOST_BASES {
            return Err(format!("more than {MOST_BASES} pairs of statements that changed"));
        }
        if statements.iter().map(|statement| size(statement)).sum::<usize>() > MOST_PATTERNS {
            return Err(format!("more than {MOST_PATTERNS} patterns and values"));
        }
        let variables = variables_of(&statements).ok_or("a variable has a form that is not documented")?;
        let mut budget = CUT_BUDGET;
        let mut found = None;
        for valuation in cases(&variables)? {
            let reading = Reading { valuation, strict: false };
            let tables = self.tables(&reading)?;
            if let Some(first) = self.search(&tables, false, &mut budget)? {
                found = Some((reading, tables, first));
                break;
            }
        }
        let Some((reading, tables, first)) = found else {
            return Ok(Comparison::NoNewAccess);
        };
        if variables.is_empty() {
            return self.certain(&reading, &tables, first, &mut budget);
        }
        let names: Vec<&str> = variables.keys().map(String::as_str).collect();
        let mut why = format!("the variable `${{{}}}`", names.join("}`, `${"));
        for valuation in valuations(&names, &statements, &tables) {
            let reading = Reading { valuation, strict: false };
            let tables = self.tables(&reading)?;
            let Some(first) = self.search(&tables, false, &mut budget)? else {
                continue;
            };
            match self.certain(&reading, &tables, first, &mut budget)? {
                Comparison::Unknown { because } => why = because,
                settled => return Ok(settled),
            }
        }
        Ok(Comparison::Unknown { because: why })
    }

    fn tables(&self, reading: &Reading) -> Result<Tables, String> {
        let statements: Vec<&Statement> = self.entries.iter().map(|entry| entry.statement).collect();
        tables(&statements, self.kind.policy(), reading)
    }

    /// The witness of tables without variables, of which this is a cell where open questions may
    /// be answered in favour of new access.
    fn certain(
        &self,
        reading: &Reading,
        tables: &Tables,
        first: (Base, Cells),
        budget: &mut usize,
    ) -> Result<Comparison, String> {
        if tables.opens.is_empty() {
            return Ok(self.confirmed(tables, &first));
        }
        if let Some(found) = self.search(tables, true, budget)? {
            return Ok(self.confirmed(tables, &found));
        }
        if tables.opens.iter().any(|question| question == COLONS) {
            let strict = self.tables(&Reading { strict: true, ..reading.clone() })?;
            if let Some(found) = self.search(&strict, true, budget)? {
                return Ok(self.confirmed(&strict, &found));
            }
        }
        Ok(Comparison::Unknown { because: tables.opens.join("; ") })
    }

    /// The request of a cell, if an evaluation of both documents says the same.
    fn confirmed(&self, tables: &Tables, (base, cells): &(Base, Cells)) -> Comparison {
        let witness = match witness::request(tables, cells, self.kind == ComparedKind::Trust) {
            Ok(witness) => witness,
            Err(error) => return Comparison::Unknown { because: format!("a witness cannot be written: {error}") },
        };
        let kind = self.kind.policy();
        let (new, notes) = witness::allows(self.candidate, kind, &witness);
        let (old, more) = witness::allows(self.reference, kind, &witness);
        let odd = |note: &&String| {
            !READINGS.iter().any(|reading| note.starts_with(reading)) && !note.ends_with("is neither `*` nor an ARN")
        };
        let because: Vec<String> = notes.iter().chain(&more).filter(odd).cloned().collect();
        if new.is_no() || old.is_yes() || !because.is_empty() {
            return Comparison::Unknown { because: format!("a witness is not certain: {}", because.join("; ")) };
        }
        let entry = |at: Option<usize>| at.and_then(|at| self.entries.get(at));
        Comparison::NewAccess {
            witness: Box::new(witness),
            statement: entry(base.allow).and_then(|entry| entry.candidate),
            denied_by: entry(base.deny).and_then(|entry| entry.reference),
        }
    }

    /// The first cell of new access. `certain`: open questions are answered against it.
    fn search(&self, tables: &Tables, certain: bool, budget: &mut usize) -> Result<Option<(Base, Cells)>, String> {
        let cuts = |effect: Effect, of: &dyn Fn(&Entry<'_>) -> bool| {
            let mut all: Vec<Cells> = Vec::new();
            for (entry, boxed) in self.entries.iter().zip(&tables.statements) {
                if entry.is(effect) && of(entry) {
                    if certain {
                        all.push(boxed.perhaps.clone());
                    } else {
                        all.extend(boxed.exact.iter().cloned());
                    }
                }
            }
            all
        };
        let denied = cuts(Effect::Deny, &|entry| entry.candidate.is_some());
        let mut allowed = cuts(Effect::Allow, &|entry| entry.reference.is_some());
        allowed.extend(denied.iter().cloned());
        let boxes = |at: Option<usize>| -> Option<Vec<&Cells>> {
            let boxed = tables.statements.get(at?)?;
            Some(if certain { vec![&boxed.surely] } else { boxed.exact.iter().collect() })
        };
        for base in &self.bases {
            let wholes: Vec<Cells> = match (boxes(base.allow), boxes(base.deny)) {
                (Some(allows), Some(denies)) => {
                    allows.iter().flat_map(|a| denies.iter().map(|d| a.and(d)).collect::<Vec<_>>()).collect()
                }
                (Some(only), None) | (None, Some(only)) => only.into_iter().cloned().collect(),
                (None, None) => Vec::new(),
            };
            let taken = if base.deny.is_some() { &denied } else { &allowed };
            for whole in &wholes {
                match left(whole, taken, budget) {
                    Left::Nothing => {}
                    Left::Some(cells) => return Ok(Some((*base, cells))),
                    Left::Open => return Err(format!("more than {CUT_BUDGET} cuts")),
                }
            }
        }
        Ok(None)
    }
}

/// Without and with a value, for each variable of which that matters elsewhere.
fn cases(variables: &BTreeMap<String, bool>) -> Result<Vec<Valuation>, String> {
    let mut all = vec![Valuation::new()];
    for (variable, _) in variables.iter().filter(|(_, matters)| **matters) {
        let both = |own: &Valuation| {
            [Held::Something, Held::Nothing]
                .map(|held| own.clone().into_iter().chain([(variable.clone(), held)]).collect())
        };
        all = all.iter().flat_map(both).collect();
        if all.len() > MOST_CASES {
            return Err("too many variables that have defaults or conditions".to_owned());
        }
    }
    Ok(all)
}

/// Values of variables to try: something new, the same for all, with a colon too, what its own conditions tell
/// apart, what other patterns have in its place, and none.
fn valuations(variables: &[&str], statements: &[&Statement], tables: &Tables) -> Vec<Valuation> {
    let mut all: Vec<Valuation> = vec![Valuation::new()];
    for (at, variable) in variables.iter().enumerate() {
        let mut values: Vec<Held> = vec![Held::Text(format!("plumbline{at}"))];
        if variables.len() > 1 {
            values.push(Held::Text("plumbline".to_owned()));
        }
        if !holds_no_colon(variable) {
            values.push(Held::Text(format!("plumbline{at}:x")));
        }
        let named = |(own, _): &&(Variable, Vec<Value>)| matches!(own, Variable::Key(key) if key.eq_ignore_ascii_case(variable));
        for value in tables.variables.iter().find(named).into_iter().flat_map(|(_, values)| values) {
            if let Value::One(text) = value {
                values.push(Held::Text(text.clone()));
            }
        }
        values.extend(hints(statements, variable).into_iter().map(Held::Text));
        values.push(Held::Nothing);
        let each = |value: &Held| {
            let with =
                |own: &Valuation| own.clone().into_iter().chain([((*variable).to_owned(), value.clone())]).collect();
            all.iter().map(with).collect::<Vec<Valuation>>()
        };
        all = values.iter().flat_map(each).take(MOST_VALUATIONS).collect();
    }
    all
}

#[cfg(test)]
mod tests;

//! Do policies allow a request that others do not? Decided over all requests at once: the
//! statements are boxes over the tables of what they look at, and what is left of the new ones
//! without the old is a request, or nothing.

use crate::boxes::{CUT_BUDGET, Cells, Left, left};
use crate::classes::Steps;
use crate::columns::{Reading, Valuation};
use crate::comparison::{ComparedKind, Comparison};
use crate::compiled::{Policy, PolicyKind};
use crate::decide::Cited;
use crate::document::{Effect, Statement};
use crate::effective::{Effective, Place};
use crate::entries::{Entry, apart, covers, entries, is_everything, size};
use crate::request::Request;
use crate::tables::{Boxed, Tables, Variable, tables, variables_of};
use crate::valuations::{cases, valuations};
use crate::witness;

/// Most patterns and values of the statements that matter.
const MOST_PATTERNS: usize = 5_000;
/// Most groups of statements that a search may begin with.
const MOST_BASES: usize = 2_000;

/// What a comparison is about, besides the policies.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Terms<'a> {
    /// What the policies are, boundaries aside.
    pub(crate) kind: PolicyKind,
    /// They say who may assume a role.
    pub(crate) trust: bool,
    /// No Allow is needed: whatever they do not deny is allowed.
    pub(crate) granted: bool,
    /// A key, in lower case, that has one value at most whatever operators are on it.
    pub(crate) single: Option<&'a str>,
    /// The statements that prove that there is no new access are wanted.
    pub(crate) proven: bool,
    /// What the reference and the candidate are called where IAM refuses one.
    pub(crate) names: [&'static str; 2],
}

impl Terms<'_> {
    pub(crate) fn of(kind: ComparedKind) -> Self {
        let (trust, granted) = (kind == ComparedKind::Trust, kind == ComparedKind::Rcp);
        let names = ["reference", "candidate"];
        Terms { kind: kind.policy(), trust, granted, single: None, proven: false, names }
    }
}

/// Compares two documents of a kind: is there a request that the candidate allows and the
/// reference does not?
///
/// Any action, ARN and value counts, known to AWS or not. Relations between the keys of a
/// request, and between them and its caller or resource, are not looked at (`aws:PrincipalArn`
/// against the caller, `aws:ResourceAccount` against the ARN, `aws:SourceVpce` against
/// `aws:SourceVpc`, ..). Values of a key have the kind that the operators on it compare; numbers
/// and times are dense; an empty value of a multivalued key counts as none. New access comes with a
/// request of which [`decide`](crate::decide) says the same; where each such request rests on what
/// `decide` leaves open, the comparison is `Unknown`.
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
    compare_effective(kind, &reference.into(), &candidate.into())
}

/// Compares all policies of a user or role, with its boundary, with others: as [`compare`], for
/// any number of documents on either side. Only policies of [`ComparedKind::Identity`] have a
/// boundary beside them.
///
/// ```
/// use plumbline_policy::{ComparedKind, Effective, Policy, compare_effective, parse};
///
/// let policy = |action: &str| -> Result<Policy, Box<dyn std::error::Error>> {
///     let text = r#"{"Statement": {"Effect": "Allow", "Action": "NAME", "Resource": "*"}}"#;
///     Ok(parse(&text.replace("NAME", action))?.into())
/// };
/// let (all, reads, deletes) = (policy("s3:*")?, policy("s3:Get*")?, policy("s3:Delete*")?);
/// let bounded = Effective { policies: vec![&all], boundary: Some(&reads) };
/// let own = Effective { policies: vec![&reads, &deletes], boundary: None };
/// assert_eq!(compare_effective(ComparedKind::Identity, &own, &bounded).as_str(), "NO_NEW_ACCESS");
/// let found = compare_effective(ComparedKind::Identity, &bounded, &own);
/// assert!(found.reason().starts_with("the candidate's statement 0 of the identity policy 1 allows it"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[must_use]
pub fn compare_effective(kind: ComparedKind, reference: &Effective<'_>, candidate: &Effective<'_>) -> Comparison {
    let bounded = reference.boundary.is_some() || candidate.boundary.is_some();
    if bounded && kind != ComparedKind::Identity {
        return Comparison::Unknown { because: format!("a boundary beside a {}", kind.policy()) };
    }
    weighed(Terms::of(kind), reference, candidate).0
}

/// The comparison, and where it shows no new access and a proof is wanted, the candidate's
/// statements that matter for it: Denies that took something away or stand in the reference too,
/// and Allows that their own conditions keep from what the reference denies.
pub(crate) fn weighed(
    terms: Terms<'_>,
    reference: &Effective<'_>,
    candidate: &Effective<'_>,
) -> (Comparison, Vec<Cited>) {
    let entries = entries(terms.kind, reference, candidate);
    let changed = |entry: &Entry<'_>| match entry.statement.effect {
        Effect::Allow => entry.reference.is_none() && (entry.bounds || !terms.granted),
        Effect::Deny => entry.candidate.is_none(),
    };
    let unbound = reference.boundary.is_some() && candidate.boundary.is_none();
    if !unbound && !entries.iter().any(changed) {
        return (Comparison::NoNewAccess, proof(terms, candidate, &entries, &[]));
    }
    for (name, policies) in terms.names.iter().zip([reference, candidate]) {
        if let Some(why) = policies.refused(terms.kind, terms.trust) {
            return (Comparison::Unknown { because: format!("{name}: {why}") }, Vec::new());
        }
    }
    let question = Question::new(terms, reference, candidate, &entries);
    if question.bases.is_empty() && !terms.proven {
        return (Comparison::NoNewAccess, Vec::new());
    }
    let mut spent = Spent { budget: CUT_BUDGET, used: vec![false; question.entries.len()] };
    match question.answer(&mut spent) {
        Ok(Comparison::NoNewAccess) => {
            let used = question.entries.iter().zip(&spent.used).filter(|(_, used)| **used);
            let used: Vec<Place> = used.filter_map(|(entry, _)| entry.candidate).collect();
            (Comparison::NoNewAccess, proof(terms, candidate, &entries, &used))
        }
        Ok(other) => (other, Vec::new()),
        Err(because) => (Comparison::Unknown { because }, Vec::new()),
    }
}

fn proof(terms: Terms<'_>, candidate: &Effective<'_>, entries: &[Entry<'_>], used: &[Place]) -> Vec<Cited> {
    if !terms.proven {
        return Vec::new();
    }
    let matters = |entry: &&Entry<'_>| {
        let twin = entry.is(Effect::Deny) && entry.reference.is_some();
        twin || entry.candidate.is_some_and(|place| used.contains(&place))
    };
    let places = entries.iter().filter(matters).filter_map(|entry| entry.candidate);
    places.map(|place| candidate.cited(place, terms.kind)).collect()
}

/// Why the reference does not allow what a search looks for.
#[derive(Clone, Copy)]
enum Lacks {
    /// Its Deny applies, which the candidate lacks: a position among the statements that matter.
    Deny(usize),
    /// None of its Allows does, the boundary's aside.
    Allow,
    /// None of the boundary's does.
    Bound,
}

/// What a search begins with: positions of statements among those that matter.
#[derive(Clone, Copy)]
struct Base {
    /// An Allow of the candidate; None where none is needed.
    allow: Option<usize>,
    /// An Allow of its boundary; None without one.
    bound: Option<usize>,
    lacks: Lacks,
}

impl Base {
    fn deny(&self) -> Option<usize> {
        match self.lacks {
            Lacks::Deny(at) => Some(at),
            Lacks::Allow | Lacks::Bound => None,
        }
    }

    fn parts(&self) -> impl Iterator<Item = usize> {
        [self.allow, self.bound, self.deny()].into_iter().flatten()
    }
}

/// The bases of all searches, one more than the limit at most.
fn bases(terms: Terms<'_>, bounded: [bool; 2], all: &[Entry<'_>]) -> Vec<Base> {
    let of = |effect: Effect, wanted: &dyn Fn(&Entry<'_>) -> bool| -> Vec<usize> {
        let chosen = all.iter().enumerate().filter(|(_, entry)| entry.is(effect) && wanted(entry));
        chosen.map(|(at, _)| at).collect()
    };
    let or_none = |list: Vec<usize>, none: bool| -> Vec<Option<usize>> {
        if none { vec![None] } else { list.into_iter().map(Some).collect() }
    };
    let [reference_is_bounded, candidate_is_bounded] = bounded;
    let allows = or_none(of(Effect::Allow, &|entry| !entry.bounds && entry.candidate.is_some()), terms.granted);
    let bounds = or_none(of(Effect::Allow, &|entry| entry.bounds && entry.candidate.is_some()), !candidate_is_bounded);
    // What one statement sees to needs no search; a proof needs to know all of them.
    let seen_to = |at: usize, by: &dyn Fn(&Entry<'_>) -> bool| {
        let narrow = all.get(at).filter(|_| !terms.proven);
        narrow.is_some_and(|narrow| all.iter().any(|wide| by(wide) && covers(wide, narrow)))
    };
    let mut gone = of(Effect::Deny, &|entry| entry.candidate.is_none());
    gone.retain(|at| !seen_to(*at, &|wide| wide.is(Effect::Deny) && wide.candidate.is_some()));
    // What allows everything lacks no Allow.
    let whole = |bounds: bool| {
        let allowing = |entry: &&Entry<'_>| entry.bounds == bounds && entry.is(Effect::Allow);
        let mut own = all.iter().filter(allowing).filter(|entry| entry.reference.is_some());
        own.any(|entry| is_everything(entry.statement))
    };
    let lacking = [!terms.granted && !whole(false), reference_is_bounded && !whole(true)];
    let is_new = |at: Option<usize>| {
        let Some((at, own)) = at.and_then(|at| Some((at, all.get(at)?))) else {
            return true;
        };
        let wide = |wide: &Entry<'_>| wide.is(Effect::Allow) && wide.bounds == own.bounds && wide.reference.is_some();
        own.reference.is_none() && !seen_to(at, &wide)
    };
    let apart_at = |a: usize, b: usize| match (all.get(a), all.get(b)) {
        (Some(a), Some(b)) => apart(a.statement, b.statement),
        _ => true,
    };
    let new_bounds: Vec<bool> = bounds.iter().map(|bound| lacking[1] && is_new(*bound)).collect();
    let mut found = Vec::new();
    for allow in allows {
        let new_allow = lacking[0] && allow.is_some() && is_new(allow);
        for (bound, new_bound) in bounds.iter().zip(&new_bounds) {
            if allow.zip(*bound).is_some_and(|(a, b)| apart_at(a, b)) {
                continue;
            }
            if new_allow {
                found.push(Base { allow, bound: *bound, lacks: Lacks::Allow });
            }
            if *new_bound {
                found.push(Base { allow, bound: *bound, lacks: Lacks::Bound });
            }
            let meets = |deny: &&usize| [allow, *bound].into_iter().flatten().all(|at| !apart_at(at, **deny));
            let denied = gone.iter().filter(meets);
            found.extend(denied.map(|deny| Base { allow, bound: *bound, lacks: Lacks::Deny(*deny) }));
            if found.len() > MOST_BASES {
                return found;
            }
        }
    }
    found
}

/// What a comparison has used up, and which statements took something away.
struct Spent {
    budget: usize,
    used: Vec<bool>,
}

impl Spent {
    fn uses(&mut self, at: usize) {
        if let Some(used) = self.used.get_mut(at) {
            *used = true;
        }
    }
}

/// One comparison: the statements that matter, and what the searches begin with.
struct Question<'a> {
    terms: Terms<'a>,
    reference: &'a Effective<'a>,
    candidate: &'a Effective<'a>,
    entries: Vec<Entry<'a>>,
    bases: Vec<Base>,
    steps: Steps,
}

impl<'a> Question<'a> {
    fn new(terms: Terms<'a>, reference: &'a Effective<'a>, candidate: &'a Effective<'a>, all: &[Entry<'a>]) -> Self {
        let bases = bases(terms, [reference.boundary.is_some(), candidate.boundary.is_some()], all);
        let steps = Steps::default();
        if bases.len() > MOST_BASES {
            return Question { terms, reference, candidate, entries: Vec::new(), bases, steps };
        }
        // Statements that no base meets cannot cut it.
        let begins = |at: usize| bases.iter().any(|base| base.parts().any(|part| part == at));
        let cuts = |entry: &Entry<'_>| match entry.statement.effect {
            Effect::Allow => entry.reference.is_some(),
            Effect::Deny => entry.candidate.is_some(),
        };
        let meets = |entry: &Entry<'_>| {
            bases.iter().any(|base| {
                let mut parts = base.parts().filter_map(|at| all.get(at));
                parts.all(|part| !apart(part.statement, entry.statement))
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
        let place = |at: usize| places.binary_search(&at).ok();
        let moved = |base: &Base| {
            let lacks = match base.lacks {
                Lacks::Deny(at) => Lacks::Deny(place(at)?),
                other => other,
            };
            Some(Base { allow: base.allow.and_then(place), bound: base.bound.and_then(place), lacks })
        };
        let bases = bases.iter().filter_map(moved).collect();
        Question { terms, reference, candidate, entries, bases, steps }
    }

    fn answer(&self, spent: &mut Spent) -> Result<Comparison, String> {
        let statements: Vec<&Statement> = self.entries.iter().map(|entry| entry.statement).collect();
        if self.bases.len() > MOST_BASES {
            return Err(format!("more than {MOST_BASES} groups of statements that changed"));
        }
        if statements.iter().map(|statement| size(statement)).sum::<usize>() > MOST_PATTERNS {
            return Err(format!("more than {MOST_PATTERNS} patterns and values"));
        }
        let variables = variables_of(&statements).ok_or("a variable has a form that is not documented")?;
        let mut found = None;
        for valuation in cases(&variables)? {
            let reading = self.reading(valuation);
            let tables = self.tables(&reading)?;
            if let Some(first) = self.search(&tables, false, spent)? {
                found = Some((reading, tables, first));
                break;
            }
        }
        let Some((reading, tables, first)) = found else {
            return Ok(Comparison::NoNewAccess);
        };
        if variables.is_empty() {
            return self.certain(&reading, &tables, first, spent);
        }
        let names: Vec<&str> = variables.keys().map(String::as_str).collect();
        let mut why = format!("the variable `${{{}}}`", names.join("}`, `${"));
        for valuation in valuations(&names, &statements, &tables) {
            let reading = self.reading(valuation);
            let tables = self.tables(&reading)?;
            let Some(first) = self.search(&tables, false, spent)? else {
                continue;
            };
            match self.certain(&reading, &tables, first, spent)? {
                Comparison::Unknown { because } => why = because,
                settled => return Ok(settled),
            }
        }
        Ok(Comparison::Unknown { because: why })
    }

    fn reading(&self, valuation: Valuation) -> Reading {
        let single = self.terms.single.map(str::to_owned);
        Reading { valuation, plain: false, single, steps: self.steps.clone() }
    }

    fn tables(&self, reading: &Reading) -> Result<Tables, String> {
        let statements: Vec<(&Statement, PolicyKind)> =
            self.entries.iter().map(|entry| (entry.statement, entry.kind)).collect();
        tables(&statements, reading)
    }

    /// The witness of tables without variables, of which this is a cell where open questions may
    /// be answered in favour of new access.
    fn certain(
        &self,
        reading: &Reading,
        tables: &Tables,
        first: (Base, Cells),
        spent: &mut Spent,
    ) -> Result<Comparison, String> {
        let found = if tables.opens.is_empty() { Some(first) } else { self.search(tables, true, spent)? };
        let Some(found) = found else {
            return Ok(Comparison::Unknown { because: tables.opens.join("; ") });
        };
        let because = match self.confirmed(tables, &found) {
            Ok(confirmed) => return Ok(confirmed),
            Err(because) => because,
        };
        // Another one may not rest on what `decide` leaves open.
        let plain = self.tables(&Reading { plain: true, ..reading.clone() })?;
        if let Some(found) = self.search(&plain, true, spent)?
            && let Ok(confirmed) = self.confirmed(&plain, &found)
        {
            return Ok(confirmed);
        }
        Ok(Comparison::Unknown { because })
    }

    /// The request of a cell, if an evaluation of both sides says the same.
    ///
    /// # Errors
    /// Why it does not.
    fn confirmed(&self, tables: &Tables, (base, cells): &(Base, Cells)) -> Result<Comparison, String> {
        let Terms { kind, trust, granted, .. } = self.terms;
        let request = witness::request(tables, cells, trust);
        let request = request.map_err(|error| format!("a witness cannot be written: {error}"))?;
        let mut because = Vec::new();
        let mut confirms = |witness: &Request| {
            let (new, notes) = self.candidate.allows(kind, granted, witness);
            let (old, more) = self.reference.allows(kind, granted, witness);
            because = notes.into_iter().chain(more).collect();
            new.is_yes() && old.is_no()
        };
        let witness = match witness::consistent(&request).filter(&mut confirms) {
            Some(consistent) => consistent,
            None if confirms(&request) => request,
            None => return Err(format!("a witness is not certain: {}", because.join("; "))),
        };
        let entry = |at: usize| self.entries.get(at);
        let allows = [base.allow, base.bound].into_iter().flatten().filter_map(entry);
        let (denied_by, lacks) = match base.lacks {
            Lacks::Deny(at) => (entry(at).and_then(|entry| entry.reference), None),
            Lacks::Allow => (None, Some(kind)),
            Lacks::Bound => (None, Some(PolicyKind::Boundary)),
        };
        Ok(Comparison::NewAccess {
            witness: Box::new(witness),
            by: allows.filter_map(|entry| entry.candidate).map(|at| self.candidate.cited(at, kind)).collect(),
            denied_by: denied_by.map(|at| self.reference.cited(at, kind)),
            lacks,
        })
    }

    /// The first cell of new access. `certain`: open questions are answered against it.
    fn search(&self, tables: &Tables, certain: bool, spent: &mut Spent) -> Result<Option<(Base, Cells)>, String> {
        let boxes = |at: usize| -> &[Cells] {
            let boxed = tables.statements.get(at);
            boxed.map_or(&[], |boxed| if certain { std::slice::from_ref(boxed.surely()) } else { boxed.exact() })
        };
        let mut cuts: Cuts<'_> = Cuts::default();
        for (at, (entry, boxed)) in self.entries.iter().zip(&tables.statements).enumerate() {
            let list = match (entry.statement.effect, entry.bounds) {
                (Effect::Deny, _) if entry.candidate.is_some() => &mut cuts.denied,
                (Effect::Allow, false) if entry.reference.is_some() => &mut cuts.allowed,
                (Effect::Allow, true) if entry.reference.is_some() => &mut cuts.bound,
                _ => continue,
            };
            if certain {
                list.push((at, boxed.perhaps()));
            } else {
                list.extend(boxed.exact().iter().map(|cells| (at, cells)));
            }
        }
        for base in &self.bases {
            let mut parts = base.parts();
            let Some(first) = parts.next() else {
                continue;
            };
            let mut wholes: Vec<Cells> = boxes(first).to_vec();
            for part in parts {
                let joined = |own: &Cells| boxes(part).iter().map(|other| own.and(other)).collect::<Vec<Cells>>();
                wholes = wholes.iter().flat_map(joined).collect();
            }
            let first_cuts = match base.lacks {
                Lacks::Deny(_) => &[],
                Lacks::Allow => cuts.allowed.as_slice(),
                Lacks::Bound => cuts.bound.as_slice(),
            };
            // Of no statement.
            let impossible = tables.impossible.iter().map(|cells| (usize::MAX, cells));
            let taken: Vec<(usize, &Cells)> =
                impossible.chain(first_cuts.iter().chain(&cuts.denied).copied()).collect();
            if self.terms.proven && kept_by_keys(tables, base) {
                base.allow.iter().chain(&base.bound).for_each(|at| spent.uses(*at));
            }
            for whole in wholes {
                match left(whole, &taken, &mut spent.budget, &mut spent.used) {
                    Left::Nothing => {}
                    Left::Some(cells) => return Ok(Some((*base, cells))),
                    Left::Open => return Err(format!("more than {CUT_BUDGET} cuts")),
                }
            }
        }
        Ok(None)
    }
}

/// What is taken away in a search, each with the position of its statement.
#[derive(Default)]
struct Cuts<'a> {
    denied: Vec<(usize, &'a Cells)>,
    allowed: Vec<(usize, &'a Cells)>,
    bound: Vec<(usize, &'a Cells)>,
}

/// Whether nothing but conditions keeps the statements of a base apart.
fn kept_by_keys(tables: &Tables, base: &Base) -> bool {
    let parts: Vec<&Cells> = base.parts().filter_map(|at| tables.statements.get(at)).map(Boxed::perhaps).collect();
    let mut all = parts.iter().copied().cloned();
    let Some(first) = all.next() else {
        return false;
    };
    let joined = all.fold(first, |joined, own| joined.and(&own));
    let is_key = |variable: &Variable| matches!(variable, Variable::Key(_));
    let mut both = tables.variables.iter().zip(&joined.0);
    joined.is_empty() && both.all(|((variable, _), rows)| is_key(variable) || !rows.is_empty())
}

#[cfg(test)]
mod tests;

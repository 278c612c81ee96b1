//! What a principal's policies may grant, conditions of an Allow left aside, and whether conditions confine all of it.

use crate::answer::Answer;
use crate::condition::Condition;
use crate::document::{Document, Sense, Statement};
use crate::gated::{Confinement, Question, confines_with, same_key};
use crate::pattern::Pattern;

/// An Allow that no Deny and no boundary takes back.
#[derive(Clone, Copy, Debug)]
pub struct Grant<'a> {
    /// Position of its document among those that were asked about.
    pub policy: usize,
    /// The Allow.
    pub statement: &'a Statement,
    /// `Yes`, or `Undecidable` where the budget of steps ends.
    pub sure: Answer,
}

/// The Allows of `policies` that may let `action` through on a resource of the pattern `resource`: the action matches,
/// the resources can meet, no Deny without conditions of these documents or of the boundary covers all that they have in
/// common, and the boundary, if there is one, has an Allow that meets them too (IAM User Guide, "Policy evaluation
/// logic" and "Permissions boundaries for IAM entities").
///
/// None is a proof that the principal's own policies do not allow the action. What is found may still be narrowed by
/// conditions, and by policies that are not here.
///
/// ```
/// use plumbline_policy::{Pattern, Variables, grants, parse};
///
/// let policy = parse(r#"{"Statement": {"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}}"#)?;
/// let any = Pattern::glob("*", Variables::Plain);
/// assert_eq!(grants(&[&policy], None, "s3:GetObject", &any).len(), 1);
/// assert!(grants(&[&policy], None, "iam:CreateUser", &any).is_empty());
/// # Ok::<(), plumbline_policy::ParseError>(())
/// ```
#[must_use]
pub fn grants<'a>(
    policies: &[&'a Document],
    boundary: Option<&'a Document>,
    action: &str,
    resource: &Pattern,
) -> Vec<Grant<'a>> {
    Asking::of(policies, boundary, action).on(resource)
}

/// One action asked of a principal's policies, to be answered for one resource after the other.
#[derive(Clone, Debug)]
pub struct Asking<'a> {
    /// Allows that speak of it, each with the position of its document.
    allows: Vec<(usize, &'a Statement, Answer)>,
    /// Denies without conditions that do.
    denies: Vec<&'a Statement>,
    /// Allows of the boundary that do; None without a boundary.
    caps: Option<Vec<(&'a Statement, Answer)>>,
}

impl<'a> Asking<'a> {
    /// As [`grants`] is asked, the resource left out.
    #[must_use]
    pub fn of(policies: &[&'a Document], boundary: Option<&'a Document>, action: &str) -> Self {
        let speaks = |allow: &'a Statement| match allow.matches_action(action) {
            Answer::No => None,
            matched => Some((allow, matched)),
        };
        let mut allows = Vec::new();
        for (policy, document) in policies.iter().enumerate() {
            allows.extend(document.allows().filter_map(speaks).map(|(allow, matched)| (policy, allow, matched)));
        }
        if allows.is_empty() {
            return Asking { allows, denies: Vec::new(), caps: None };
        }
        let documents = policies.iter().copied().chain(boundary);
        let denies = documents
            .flat_map(Document::denies)
            .filter(|deny| deny.conditions.is_empty() && deny.matches_action(action).is_yes())
            .collect();
        let caps = boundary.map(|boundary| boundary.allows().filter_map(speaks).collect());
        Asking { allows, denies, caps }
    }

    /// How the resources begin that the Allows list, each up to its first wildcard or variable: only what begins so can be
    /// found. None where some Allow lists none.
    #[must_use]
    pub fn starts(&self) -> Option<Vec<String>> {
        let mut starts = Vec::new();
        for (_, allow, _) in &self.allows {
            starts.extend(own(allow)?.iter().map(Pattern::fixed_start));
        }
        Some(starts)
    }

    /// What [`grants`] says of a resource.
    #[must_use]
    pub fn on(&self, resource: &Pattern) -> Vec<Grant<'a>> {
        let grant = |(policy, allow, matched): &(usize, &'a Statement, Answer)| {
            let asked = matched.and(allow.meets_resources(resource));
            if asked.is_no() {
                return None;
            }
            let sure = asked.and(taken_back(&self.denies, allow, resource).negated());
            let sure = match &self.caps {
                _ if sure.is_no() => Answer::No,
                Some(caps) => {
                    sure.and(Answer::any(caps.iter().map(|(cap, matched)| capped(cap, *matched, allow, resource))))
                }
                None => sure,
            };
            (!sure.is_no()).then_some(Grant { policy: *policy, statement: allow, sure })
        };
        self.allows.iter().filter_map(grant).collect()
    }
}

/// How far each of these grants is confined by its own conditions, by the boundary's, and by all Denies that cover the
/// action on all of the grant's resources. What the Allow, each Deny and the boundary confine adds up; of the boundary's
/// Allows the weakest counts, since one is enough to let a request through.
#[must_use]
pub fn confined<'a>(
    policies: &[&'a Document],
    boundary: Option<&'a Document>,
    action: &str,
    resource: &Pattern,
    question: &Question<'_>,
) -> Vec<(Grant<'a>, Confinement)> {
    confined_by_any(policies, boundary, action, resource, std::slice::from_ref(question))
}

/// The same for several keys, of which one with a wanted value is enough. A Deny whose conditions are on several of them,
/// and would each confine their own key alone, lets through only what has a wanted value of one.
#[must_use]
pub fn confined_by_any<'a>(
    policies: &[&'a Document],
    boundary: Option<&'a Document>,
    action: &str,
    resource: &Pattern,
    questions: &[Question<'_>],
) -> Vec<(Grant<'a>, Confinement)> {
    let found = grants(policies, boundary, action, resource);
    if found.is_empty() {
        return Vec::new();
    }
    let documents = || policies.iter().copied().chain(boundary);
    let denies: Vec<&Statement> =
        documents().flat_map(Document::denies).filter(|deny| deny.matches_action(action).is_yes()).collect();
    let best = |allow: &Statement, denies: &[&Statement]| {
        if denies.iter().any(|deny| leaves_one_of(deny, questions)) {
            return Confinement::Confined;
        }
        // Of equals the first, which is the last of those that come in reverse; a reason is better than none.
        let each = questions.iter().rev().map(|question| confines_with(Some(allow), denies, question));
        let silent = Confinement::Open { reason: None };
        each.max_by_key(|confinement| (confinement.rank(), *confinement != silent)).unwrap_or(silent)
    };
    let confinement = |grant: &Grant<'a>| {
        let allow = grant.statement;
        let denies: Vec<&Statement> =
            denies.iter().copied().filter(|deny| taken_back(&[deny], allow, resource).is_yes()).collect();
        let Some(boundary) = boundary else { return best(allow, &denies) };
        let caps = boundary.allows().filter(|cap| !capped(cap, cap.matches_action(action), allow, resource).is_no());
        let weakest = caps.map(|cap| {
            if cap.conditions.is_empty() {
                return best(allow, &denies);
            }
            let mut both = allow.clone();
            both.conditions.extend(cap.conditions.iter().cloned());
            best(&both, &denies)
        });
        weakest.min_by_key(|confinement| confinement.rank()).unwrap_or(Confinement::Undecidable)
    };
    found.into_iter().map(|grant| (grant, confinement(&grant))).collect()
}

/// Whether a Deny has conditions on several of the keys and on no other, each of which confines its key if it stands alone:
/// it fires unless one of the keys has a wanted value.
fn leaves_one_of(deny: &Statement, questions: &[Question<'_>]) -> bool {
    let asked = |question: &&Question<'_>| deny.conditions.iter().any(|it| same_key(&it.key, question.key));
    let asked: Vec<&Question<'_>> = questions.iter().filter(asked).collect();
    let of_one = |it: &Condition| asked.iter().any(|question| same_key(&it.key, question.key));
    let alone = |question: &&Question<'_>| {
        let mut part = deny.clone();
        part.conditions.retain(|it| same_key(&it.key, question.key));
        confines_with(None, &[&part], question).is_confined()
    };
    asked.len() > 1 && deny.conditions.iter().all(of_one) && asked.iter().all(alone)
}

/// Whether these documents take back what something else allows, such as a policy on the resource: a Deny without conditions
/// of theirs or of the boundary covers the action on all of the resource, or the boundary has no Allow that meets it.
#[must_use]
pub fn bars(policies: &[&Document], boundary: Option<&Document>, action: &str, resource: &Pattern) -> Answer {
    let denies = policies.iter().copied().chain(boundary).flat_map(Document::denies);
    let covers = |deny: &&Statement| deny.conditions.is_empty() && deny.matches_action(action).is_yes();
    let denied = Answer::any(denies.filter(covers).map(|deny| deny.covers_resources(resource)));
    let left = boundary
        .map_or(Answer::Yes, |boundary| Answer::any(boundary.allows().map(|cap| speaks(cap, action, resource))));
    denied.or(left.negated())
}

/// Whether a statement can speak of the action on such a resource.
fn speaks(statement: &Statement, action: &str, resource: &Pattern) -> Answer {
    match statement.matches_action(action) {
        Answer::No => Answer::No,
        matched => matched.and(statement.meets_resources(resource)),
    }
}

/// Whether an Allow of the boundary, which matches the action so, can let through what an Allow of the policies does.
fn capped(cap: &Statement, matched: Answer, allow: &Statement, resource: &Pattern) -> Answer {
    if matched.is_no() {
        return Answer::No;
    }
    let asked = matched.and(cap.meets_resources(resource));
    if asked.is_no() {
        return Answer::No;
    }
    match own(allow) {
        Some(patterns) => asked.and(Answer::any(met(patterns, resource).map(|pattern| cap.meets_resources(pattern)))),
        None => asked,
    }
}

/// Whether Denies cover all that the Allow grants of what is asked.
fn taken_back(denies: &[&Statement], allow: &Statement, resource: &Pattern) -> Answer {
    let covered = |what: &Pattern| Answer::any(denies.iter().map(|deny| deny.covers_resources(what)));
    let asked = covered(resource);
    match own(allow) {
        Some(patterns) if !asked.is_yes() && !denies.is_empty() => {
            let each = met(patterns, resource).map(covered).reduce(Answer::and);
            asked.or(each.unwrap_or(Answer::No))
        }
        _ => asked,
    }
}

/// The resources that an Allow lists; None for `NotResource` and where it has none.
fn own(allow: &Statement) -> Option<&[Pattern]> {
    let resources = allow.resources.as_ref()?;
    (resources.sense == Sense::Only).then_some(resources.patterns.as_slice())
}

/// Those of the patterns that can meet what is asked.
fn met<'a>(patterns: &'a [Pattern], asked: &'a Pattern) -> impl Iterator<Item = &'a Pattern> {
    patterns.iter().filter(|pattern| {
        let longer = || pattern.completed_arn().map_or(Answer::No, |longer| longer.intersects(asked));
        !pattern.intersects(asked).or(longer()).is_no()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Variables, parse};

    fn asked(policies: &[&str], boundary: Option<&str>, action: &str, resource: &str) -> Vec<(usize, usize, Answer)> {
        let read = |text: &&str| parse(&format!(r#"{{"Version":"2012-10-17","Statement":[{text}]}}"#)).unwrap();
        let policies: Vec<Document> = policies.iter().map(read).collect();
        let boundary = boundary.map(|text| read(&text));
        let policies: Vec<&Document> = policies.iter().collect();
        let resource = Pattern::glob(resource, Variables::Plain);
        let found = grants(&policies, boundary.as_ref(), action, &resource);
        found.iter().map(|grant| (grant.policy, grant.statement.index, grant.sure)).collect()
    }

    const GET: &str = r#"{"Effect":"Allow","Action":"s3:Get*","Resource":"arn:aws:s3:::data/*"}"#;

    #[test]
    fn wildcards_complements_and_second_policies_count() {
        assert_eq!(asked(&[GET], None, "s3:GetObject", "arn:aws:s3:::data/*"), [(0, 0, Answer::Yes)]);
        assert_eq!(asked(&[GET], None, "s3:GetObject", "arn:aws:s3:::other/*"), []);
        assert_eq!(asked(&[GET], None, "s3:PutObject", "*"), []);
        let all_but = r#"{"Effect":"Allow","NotAction":"iam:*","NotResource":"arn:aws:s3:::data/*"}"#;
        assert_eq!(asked(&[GET, all_but], None, "S3:GETOBJECT", "*"), [(0, 0, Answer::Yes), (1, 0, Answer::Yes)]);
        assert_eq!(asked(&[all_but], None, "s3:GetObject", "arn:aws:s3:::data/*"), []);
    }

    #[test]
    fn a_deny_counts_only_if_it_covers_all_and_has_no_condition() {
        let deny = |rest: &str| format!(r#"{{"Effect":"Deny","Action":"s3:*",{rest}}}"#);
        let whole = deny(r#""Resource":"*""#);
        let same = deny(r#""Resource":"arn:aws:s3:::data*""#);
        let part = deny(r#""Resource":"arn:aws:s3:::data/secret/*""#);
        let conditional = deny(r#""Resource":"*","Condition":{"Bool":{"aws:SecureTransport":"false"}}"#);
        for deny in [&whole, &same] {
            assert_eq!(asked(&[GET, deny], None, "s3:GetObject", "*"), [], "{deny}");
        }
        for deny in [&part, &conditional] {
            assert_eq!(asked(&[GET, deny], None, "s3:GetObject", "*").len(), 1, "{deny}");
        }
    }

    #[test]
    fn a_boundary_has_to_meet_the_same_resources() {
        let cap = |resource: &str| format!(r#"{{"Effect":"Allow","Action":"*","Resource":"{resource}"}}"#);
        let ask = |boundary: &str| asked(&[GET], Some(boundary), "s3:GetObject", "*").len();
        assert_eq!(ask(&cap("*")), 1);
        assert_eq!(ask(&cap("arn:aws:s3:::da*")), 1);
        assert_eq!(ask(&cap("arn:aws:s3:::other/*")), 0);
        assert_eq!(ask(r#"{"Effect":"Allow","Action":"ec2:*","Resource":"*"}"#), 0);
        let denying = r#"{"Effect":"Allow","Action":"*","Resource":"*"},{"Effect":"Deny","Action":"s3:GetObject","Resource":"*"}"#;
        assert_eq!(ask(denying), 0);
    }

    #[test]
    fn conditions_of_the_allow_the_boundary_and_denies_add_up() {
        use crate::{CarveOuts, Ineffective, KeyKind, Wanted};
        let read = |text: &str| parse(&format!(r#"{{"Version":"2012-10-17","Statement":[{text}]}}"#)).unwrap();
        let wanted = Wanted::values(["a"]);
        let ask = |policies: &[&str], boundary: Option<&str>| {
            let policies: Vec<Document> = policies.iter().map(|text| read(text)).collect();
            let policies: Vec<&Document> = policies.iter().collect();
            let boundary = boundary.map(read);
            let question = Question { key: "k:v", kind: KeyKind::Single, wanted: &wanted, carve_outs: CarveOuts::NONE };
            let any = Pattern::glob("*", Variables::Plain);
            let found = confined(&policies, boundary.as_ref(), "s3:GetObject", &any, &question);
            found.iter().map(|(_, confinement)| *confinement).collect::<Vec<_>>()
        };
        let when =
            |condition: &str| format!(r#"{{"Effect":"Allow","Action":"s3:*","Resource":"*","Condition":{condition}}}"#);
        let (exact, there) = (when(r#"{"StringEquals":{"k:v":"a"}}"#), when(r#"{"Null":{"k:v":"false"}}"#));
        let (if_exists, free) = (when(r#"{"StringEqualsIfExists":{"k:v":"a"}}"#), when("{}"));
        let absent = Confinement::Open { reason: Some(Ineffective::IfExistsOnAllow) };
        assert_eq!(ask(&[&exact], None), [Confinement::Confined]);
        assert_eq!(ask(&[&exact, &free], None), [Confinement::Confined, Confinement::Open { reason: None }]);
        assert_eq!(ask(&[&free], Some(&exact)), [Confinement::Confined]);
        assert_eq!(ask(&[&free], Some(&format!("{exact},{free}"))), [Confinement::Open { reason: None }]);
        assert_eq!(ask(&[&if_exists], None), [absent]);
        assert_eq!(ask(&[&if_exists], Some(&there)), [Confinement::Confined]);
        let deny = r#"{"Effect":"Deny","Action":"*","Resource":"*","Condition":{"StringNotEquals":{"k:v":"a"}}}"#;
        assert_eq!(ask(&[&free, deny], None), [Confinement::Confined]);
        assert_eq!(ask(&[&free], Some(&format!("{free},{deny}"))), [Confinement::Confined]);
        let elsewhere = deny.replace(r#""Resource":"*""#, r#""Resource":"arn:aws:s3:::data/*""#);
        assert_eq!(ask(&[&free, &elsewhere], None), [Confinement::Open { reason: None }]);
    }

    #[test]
    fn one_of_several_keys_is_enough() {
        use crate::{CarveOuts, KeyKind, Wanted};
        let ask = |statements: &str| {
            let policy = parse(&format!(r#"{{"Version":"2012-10-17","Statement":[{statements}]}}"#)).unwrap();
            let wanted = Wanted::values(["good"]);
            let question = |key| Question { key, kind: KeyKind::Single, wanted: &wanted, carve_outs: CarveOuts::NONE };
            let any = Pattern::glob("*", Variables::Plain);
            let found = confined_by_any(&[&policy], None, "s3:GetObject", &any, &[question("k:a"), question("k:b")]);
            found.iter().map(|(_, confinement)| confinement.is_confined()).collect::<Vec<_>>()
        };
        let statement = |effect: &str, condition: &str| {
            format!(r#"{{"Effect":"{effect}","Action":"s3:*","Resource":"*","Condition":{condition}}}"#)
        };
        let allow = |condition: &str| statement("Allow", condition);
        let (a, b) = (allow(r#"{"StringEquals":{"k:a":"good"}}"#), allow(r#"{"StringEquals":{"k:b":"good"}}"#));
        assert_eq!(ask(&format!("{a},{b},{}", allow("{}"))), [true, true, false]);
        let denied = |condition: &str| ask(&format!("{},{}", allow("{}"), statement("Deny", condition)));
        assert_eq!(denied(r#"{"StringNotEquals":{"k:a":"good","k:b":"good"}}"#), [true]);
        assert_eq!(denied(r#"{"StringNotEquals":{"k:a":"good","k:b":"bad"}}"#), [false]);
        assert_eq!(denied(r#"{"StringNotEquals":{"k:a":"good","k:b":"good","k:c":"good"}}"#), [false]);
        assert_eq!(denied(r#"{"StringNotEquals":{"k:a":"good"},"StringEquals":{"k:b":"bad"}}"#), [false]);
        assert_eq!(denied(r#"{"StringNotEquals":{"k:a":"good","k:c":"good"}}"#), [false]);
    }

    #[test]
    fn what_bars_an_action_that_others_allow() {
        let read = |text: &str| parse(&format!(r#"{{"Version":"2012-10-17","Statement":[{text}]}}"#)).unwrap();
        let ask = |policy: &str, boundary: Option<&str>| {
            let (policy, boundary) = (read(policy), boundary.map(read));
            bars(&[&policy], boundary.as_ref(), "s3:GetObject", &Pattern::glob("arn:aws:s3:::data/*", Variables::Plain))
        };
        let deny = r#"{"Effect":"Deny","Action":"s3:*","Resource":"arn:aws:s3:::data*"}"#;
        let other = GET.replace("data", "other");
        assert_eq!(ask(&other, None), Answer::No);
        assert_eq!(ask(deny, None), Answer::Yes);
        assert_eq!(ask(&deny.replace("data*", "data/secret"), None), Answer::No);
        assert_eq!(ask(&other, Some(GET)), Answer::No);
        assert_eq!(ask(GET, Some(&other)), Answer::Yes);
        assert_eq!(ask(&other, Some(&format!("{GET},{deny}"))), Answer::Yes);
    }

    #[test]
    fn a_variable_may_be_anything() {
        let own = r#"{"Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::${aws:username}/*"}"#;
        assert_eq!(asked(&[own], None, "s3:GetObject", "arn:aws:s3:::data/*"), [(0, 0, Answer::Yes)]);
    }
}

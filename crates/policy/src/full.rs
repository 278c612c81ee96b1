//! Full access in an endpoint or resource policy: everyone, every action of a service, every
//! resource, and nothing that confines who or whose. Whether that is bad is a control's
//! business.

use crate::denies::CarveOuts;
use crate::document::{Actions, Document, Principals, Resources, Sense, Statement};
use crate::gated::{Confinement, KeyKind, Question, confines_with};
use crate::pattern::{Pattern, Variables};
use crate::principal::PARTITIONS;
use crate::wanted::Wanted;
use crate::{Answer, ArnPattern};

/// Keys that confine who calls (IAM User Guide, "AWS global condition context keys").
const PRINCIPAL_KEYS: &[&str] =
    &["aws:PrincipalArn", "aws:PrincipalAccount", "aws:PrincipalOrgID", "aws:PrincipalOrgPaths"];
/// Keys that confine whose resources are reached.
const RESOURCE_KEYS: &[&str] =
    &["aws:ResourceAccount", "s3:ResourceAccount", "aws:ResourceOrgID", "aws:ResourceOrgPaths"];

/// One Allow that grants everything of a service to everyone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FullAccess {
    /// Position of the statement, from 0.
    pub statement: usize,
    /// Its `Sid`.
    pub sid: Option<String>,
    /// `Yes`, or `Undecidable` where a variable, an unknown operator or a principal that is
    /// not stated may yet confine it.
    pub full: Answer,
    /// What `NotPrincipal` leaves out.
    pub principals_left_out: Vec<String>,
    /// What `NotAction` leaves out of the service.
    pub actions_left_out: Vec<String>,
    /// What `NotResource` leaves out.
    pub resources_left_out: Vec<String>,
    /// What the statement and the policy's Denies do together about who calls.
    pub principal: Confinement,
    /// The same about whose resources are reached.
    pub resource: Confinement,
}

/// The full-access Allows of a policy, as [`full_access_with`] when any principal that is
/// named may be exempt from a Deny.
///
/// ```
/// let default = r#"{"Statement":[{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"}]}"#;
/// let found = plumbline_policy::full_access(&plumbline_policy::parse(default)?, "sagemaker");
/// assert_eq!(found.len(), 1);
/// # Ok::<(), plumbline_policy::ParseError>(())
/// ```
#[must_use]
pub fn full_access(document: &Document, service: &str) -> Vec<FullAccess> {
    full_access_with(document, service, &Wanted::naming())
}

/// The Allows with everyone as principal, every action of the service (its prefix, such as
/// `s3`), every resource, and no confinement.
///
/// An Allow is left out when its own conditions confine who calls or whose resources are
/// reached, or when the policy's Denies, with it, confine both. Only a value that names
/// something confines: no negated operator, no `IfExists`, no `*`. `NotPrincipal`, `NotAction`
/// and `NotResource` count as everything, with what they leave out. `exempt` are the principals
/// that a Deny may leave out by `aws:PrincipalArn`, besides AWS services.
#[must_use]
pub fn full_access_with(document: &Document, service: &str, exempt: &Wanted) -> Vec<FullAccess> {
    let denies: Vec<&Statement> = document.denies().filter(|deny| speaks_of_everyone(deny, service)).collect();
    let asked = |allow| full(allow, &denies, service, exempt);
    document.allows().filter_map(asked).collect()
}

/// Whether a Deny speaks of all resources of a service, or at least of those of the Allow.
fn is_over(deny: &Statement, allow: &Statement, service: &str) -> bool {
    let own = match &allow.resources {
        Some(own) if own.sense == Sense::Only => own.patterns.as_slice(),
        _ => &[],
    };
    speaks_of_all_resources(deny, service) || (!own.is_empty() && own.iter().all(|p| deny.covers_resources(p).is_yes()))
}

/// Whether a statement speaks of everyone and of every action of a service.
fn speaks_of_everyone(statement: &Statement, service: &str) -> bool {
    let principals = statement.principals.as_ref();
    principals.is_some_and(Principals::is_everyone)
        && covers_service_actions(&statement.actions, service) == Some(Vec::new())
}

/// Whether a statement speaks of everyone, of every action of a service and of all its
/// resources.
pub(crate) fn speaks_of_all(statement: &Statement, service: &str) -> bool {
    speaks_of_everyone(statement, service) && speaks_of_all_resources(statement, service)
}

fn speaks_of_all_resources(statement: &Statement, service: &str) -> bool {
    let every_arn = |partition: &&str| {
        let arns = Pattern::glob(&format!("arn:{partition}:{service}:*"), Variables::Plain);
        statement.covers_resources(&arns).is_yes()
    };
    statement.covers_all_resources().is_yes() || PARTITIONS.iter().any(every_arn)
}

fn full(allow: &Statement, denies: &[&Statement], service: &str, exempt: &Wanted) -> Option<FullAccess> {
    let (stated, principals_left_out) = everyone(allow.principals.as_ref())?;
    let actions_left_out = covers_service_actions(&allow.actions, service)?;
    let resources_left_out = covers_service_resources(allow.resources.as_ref(), service)?;
    let denies: Vec<&Statement> = denies.iter().copied().filter(|deny| is_over(deny, allow, service)).collect();
    let carve_outs = CarveOuts { services: true, principals: Some(exempt) };
    let best = |allow: Option<&Statement>, denies: &[&Statement], keys: &[&str]| {
        let wanted = Wanted::naming();
        let asked = |key: &&str| {
            let question = Question { key, kind: KeyKind::Single, wanted: &wanted, carve_outs };
            confines_with(allow, denies, &question)
        };
        let answers = keys.iter().map(asked);
        let open = Confinement::Open { reason: None };
        answers.fold(open, stronger)
    };
    let alone = stronger(best(Some(allow), &[], PRINCIPAL_KEYS), best(Some(allow), &[], RESOURCE_KEYS));
    let principal = best(Some(allow), &denies, PRINCIPAL_KEYS);
    let resource = best(Some(allow), &denies, RESOURCE_KEYS);
    if alone.is_confined() || (principal.is_confined() && resource.is_confined()) {
        return None;
    }
    let may_confine = alone == Confinement::Undecidable || (principal.rank() >= 2 && resource.rank() >= 2);
    let full = Answer::from(stated && !may_confine);
    Some(FullAccess {
        statement: allow.index,
        sid: allow.sid.clone(),
        full: if full.is_yes() { full } else { Answer::Undecidable },
        principals_left_out,
        actions_left_out,
        resources_left_out,
        principal,
        resource,
    })
}

/// The stronger of two, the one with a reason if they are alike.
fn stronger(a: Confinement, b: Confinement) -> Confinement {
    if b.rank() > a.rank() || a == (Confinement::Open { reason: None }) && b.rank() == 0 {
        return b;
    }
    a
}

/// Whether everyone is meant (else None), whether it is stated, and who is left out.
fn everyone(principals: Option<&Principals>) -> Option<(bool, Vec<String>)> {
    match principals {
        None => Some((false, Vec::new())),
        Some(listed) if listed.is_everyone() => Some((true, Vec::new())),
        Some(listed) if listed.sense == Sense::AllBut && !listed.lists_everyone() => {
            Some((true, listed.members.iter().map(|p| p.value.clone()).collect()))
        }
        Some(_) => None,
    }
}

/// Whether actions are all of a service's, and which patterns are left out of it.
///
/// The union of the listed patterns counts where it covers the service by first letters:
/// action names begin with a letter.
fn covers_service_actions(actions: &Actions, service: &str) -> Option<Vec<String>> {
    let of_service = Pattern::action(&format!("{service}:?*"));
    let covered = |what: &Pattern| actions.patterns.iter().any(|p| p.covers(what).is_yes());
    match actions.sense {
        Sense::Only => {
            let letter = |c: char| covered(&Pattern::action(&format!("{service}:{c}*")));
            (covered(&of_service) || ('a'..='z').all(letter)).then(Vec::new)
        }
        Sense::AllBut if covered(&of_service) => None,
        Sense::AllBut => {
            let left_out = |p: &&Pattern| !p.intersects(&of_service).is_no();
            let texts = actions.patterns.iter().filter(left_out).map(|p| p.text().to_owned());
            Some(texts.collect())
        }
    }
}

/// Whether resources are all of a service's, and which patterns are left out. A region
/// may be stated, since an endpoint serves one.
pub(crate) fn covers_service_resources(resources: Option<&Resources>, service: &str) -> Option<Vec<String>> {
    let Some(resources) = resources else {
        return Some(Vec::new());
    };
    let all = resources.patterns.iter().any(|p| is_all_of(p, service));
    match resources.sense {
        Sense::Only => all.then(Vec::new),
        Sense::AllBut if all => None,
        Sense::AllBut => Some(resources.patterns.iter().map(|p| p.text().to_owned()).collect()),
    }
}

fn is_all_of(pattern: &Pattern, service: &str) -> bool {
    let whole = PARTITIONS.iter().any(|partition| {
        let arns = format!("arn:{partition}:{service}:*");
        pattern.covers(&Pattern::glob(&arns, Variables::Plain)).is_yes()
    });
    whole || ArnPattern::of(pattern).is_some_and(|arn| is_all_of_parts(&arn, service))
}

fn is_all_of_parts(arn: &ArnPattern, service: &str) -> bool {
    let service = Pattern::literal(service, Variables::Plain);
    let names_service = arn.service().is_some_and(|p| p.covers(&service).is_yes());
    let any_account = arn.account().is_some_and(|p| p.is_wild() || p.tokens().is_empty());
    // `*/*` is every object of every bucket.
    let any_resource = arn.resource().is_some_and(|p| {
        let text = p.text_of_tokens();
        text.contains('*') && text.chars().all(|c| matches!(c, '*' | '?' | '/' | ':'))
    });
    names_service && any_account && any_resource
}

#[cfg(test)]
mod tests;

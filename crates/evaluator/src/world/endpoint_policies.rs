//! Whom the Allows of endpoint policies let in, and what they reach.

use plumbline_findings::Severity;
use plumbline_policy::{
    ArnPattern, CarveOuts, Confinement, Document, KeyKind, Pattern, Sense, Statement, Variables, Wanted, confines,
    denies_over, resources_reached,
};
use plumbline_snapshot::ec2::VpcEndpoint;

use crate::judge::{Known, Unknown, few};
use crate::place::Place;
use crate::tables::endpoints::{action_prefix, is_s3};
use crate::tables::resourceless::{only_reads_of_s3, only_without_resources};
use crate::world::World;
use crate::world::callers::{Held, Ours, Who, held};
use crate::world::endpoints::is_gateway;
use crate::world::policies::hangs;

/// Whom an Allow lets in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Callers {
    /// Whether they are confined to the environment's accounts and organization.
    pub(crate) held: Held,
    /// What is odd about its principals, where that is why they are not.
    pub(crate) odd: Option<String>,
}

/// Whom an Allow lets in through an endpoint, the policy's Denies with it.
///
/// The principals that a gateway endpoint's policy names do not count: an account there is its root user alone, and others
/// are to be tested by aws:PrincipalArn (AWS PrivateLink, "Control access to VPC endpoints using endpoint policies",
/// Principals for gateway endpoints).
pub(crate) fn callers_of(place: &Place<'_>, endpoint: &VpcEndpoint, document: &Document, allow: &Statement) -> Callers {
    let ours = Ours::of(place);
    let service = action_prefix(&endpoint.service_name);
    let denies = denies_over(document, allow, service);
    // Services sign for themselves, and a Deny may leave out principals that belong here anyway.
    let exempt = ours.arns();
    let carve_outs = CarveOuts { services: true, principals: Some(&exempt) };
    let mut held = held(allow, &denies, &ours.callers(), carve_outs);
    if held.how.is_confined() || is_for_services(allow) {
        return Callers { held: Held { how: Confinement::Confined, ..held }, odd: None };
    }
    let Some(named) = allow.principals.as_ref().filter(|all| all.sense == Sense::Only && !all.lists_everyone()) else {
        return Callers { held, odd: None };
    };
    if is_gateway(endpoint) {
        let odd = "of the principals that it names, a gateway endpoint knows root users alone, and nothing confines who calls";
        return Callers { held, odd: (held.by.is_none()).then(|| odd.to_owned()) };
    }
    let mut strangers = Vec::new();
    let mut unclear = false;
    for principal in &named.members {
        match ours.who(principal) {
            Who::Nobody | Who::Ours | Who::Service(_) => {}
            Who::Everyone | Who::Foreign(_) => strangers.push(principal.value.as_str()),
            Who::Unclear => unclear = true,
        }
    }
    let odd = (!strangers.is_empty()).then(|| format!("it names {}", few(", ", &strangers)));
    if odd.is_none() {
        held.how = if unclear { Confinement::Undecidable } else { Confinement::Confined };
    }
    Callers { held, odd }
}

/// Whether an Allow is only for requests that a service of AWS's signs itself (IAM User Guide, "AWS global condition context
/// keys", aws:PrincipalIsAWSService).
fn is_for_services(allow: &Statement) -> bool {
    confines(allow, &[], "aws:PrincipalIsAWSService", KeyKind::Boolean, &Wanted::yes()).is_confined()
}

/// What of an Allow leaves the environment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Escape {
    /// In words, to follow the statement's name: `reaches ..`.
    pub(crate) message: String,
    /// How bad that is, where it is not as bad as usual.
    pub(crate) severity: Option<Severity>,
}

impl Escape {
    fn of(message: String) -> Self {
        Self { message, severity: None }
    }
}

/// Whether an Allow of the S3 endpoint only reads buckets that the baseline lists beside the data buckets: AWS's own, which
/// are read with signatures of other accounts.
pub(crate) fn reads_known_buckets(
    place: &Place<'_>,
    endpoint: &VpcEndpoint,
    document: &Document,
    allow: &Statement,
) -> bool {
    if !is_s3(&endpoint.service_name, place.region.as_str()) || !only_reads_of_s3(allow) {
        return false;
    }
    let extra = extra_buckets(place);
    resources_reached(document, allow, Some("s3")).iter().any(|list| list.iter().all(|own| is_among(&extra, own)))
}

/// What of an Allow of the S3 endpoint leaves the environment's buckets; none if nothing does.
///
/// # Errors
/// Its conditions or the environment's buckets are not known, and they decide.
pub(crate) fn escape_from_buckets<'a>(
    world: &World<'a>,
    place: &Place<'a>,
    endpoint: &VpcEndpoint,
    document: &Document,
    allow: &Statement,
) -> Known<'a, Option<Escape>> {
    let held = resources_held(place, document, allow, Some("s3"));
    if held.how.is_confined() {
        return Ok(None);
    }
    let buckets = world.data_buckets(place);
    let own: Vec<Pattern> = buckets.items.iter().flat_map(|bucket| bucket_arns(place, bucket.name)).collect();
    let extra = extra_buckets(place);
    let lists = resources_reached(document, allow, Some("s3"));
    let beyond = |list: &[Pattern]| -> Vec<Pattern> {
        list.iter().filter(|pattern| !is_among(&own, pattern) && !is_among(&extra, pattern)).cloned().collect()
    };
    if let Some(list) = lists.iter().find(|list| beyond(list).is_empty()) {
        let foreign: Vec<&str> = list.iter().filter(|pattern| !is_among(&own, pattern)).map(Pattern::text).collect();
        let escape = if !foreign.is_empty() && !only_reads_of_s3(allow) {
            Some(format!("does more than read {}, which the environment may only read", few(", ", &foreign)))
        } else if allow.covers_actions(&Pattern::action("s3:?*")).is_yes() {
            // Also those that delete a bucket, so that its name is free for a stranger, or change its policy.
            Some("admits every action of S3 on buckets that it knows by their names alone".to_owned())
        } else {
            None
        };
        return match escape {
            Some(_) if held.how == Confinement::Undecidable => Err(undecided(endpoint, allow)),
            escape => Ok(escape.map(Escape::of)),
        };
    }
    if held.how == Confinement::Undecidable {
        return Err(undecided(endpoint, allow));
    }
    let reached = lists.first().map(|list| beyond(list));
    if only_variables(&reached) {
        return Err(undecided(endpoint, allow));
    }
    // A bucket chosen by tags may be this one; a pattern of buckets reaches others for certain.
    let may_be_own = reached.as_ref().is_some_and(|reached| reached.iter().all(names_a_bucket));
    match buckets.unknown {
        Some(unknown) if may_be_own => Err(unknown),
        _ => Ok(Some(Escape::of(reaches(allow, reached, &held)))),
    }
}

/// What of an Allow of another service's endpoint leaves the environment's accounts; none if nothing does.
///
/// # Errors
/// Its conditions are not known, and they decide.
pub(crate) fn escape_from_accounts<'a>(
    place: &Place<'a>,
    endpoint: &VpcEndpoint,
    document: &Document,
    allow: &Statement,
) -> Known<'a, Option<Escape>> {
    let service = action_prefix(&endpoint.service_name);
    let held = resources_held(place, document, allow, service);
    if held.how.is_confined() {
        return Ok(None);
    }
    let ours = Ours::of(place);
    let lists = resources_reached(document, allow, service);
    let beyond = |list: &[Pattern]| -> Vec<Pattern> {
        list.iter().filter(|pattern| !is_of_account(&ours, pattern)).cloned().collect()
    };
    if lists.iter().any(|list| beyond(list).is_empty()) {
        return Ok(None);
    }
    if only_without_resources(allow) {
        let callers = callers_of(place, endpoint, document, allow);
        return match callers.held.how {
            Confinement::Confined => Ok(None),
            Confinement::Undecidable => Err(hangs(&format!("`{}`", endpoint.id), allow, "who calls")),
            _ => Ok(Some(Escape {
                message: "admits actions that have no resources, for callers of other accounts".to_owned(),
                severity: Some(Severity::Medium),
            })),
        };
    }
    if held.how == Confinement::Undecidable {
        return Err(undecided(endpoint, allow));
    }
    let reached = lists.first().map(|list| beyond(list));
    if only_variables(&reached) {
        return Err(undecided(endpoint, allow));
    }
    Ok(Some(Escape::of(reaches(allow, reached, &held))))
}

/// What an Allow, and the policy's Denies with it, say about whose resources are reached.
fn resources_held(place: &Place<'_>, document: &Document, allow: &Statement, service: Option<&str>) -> Held {
    let denies = denies_over(document, allow, service);
    held(allow, &denies, &Ours::of(place).resources(), CarveOuts::SERVICES)
}

fn undecided<'a>(endpoint: &VpcEndpoint, allow: &Statement) -> Unknown<'a> {
    hangs(&format!("`{}`", endpoint.id), allow, "whose resources are reached")
}

/// `reaches a, b: nothing confines whose resources are reached`.
fn reaches(allow: &Statement, beyond: Option<Vec<Pattern>>, held: &Held) -> String {
    let what = match (beyond, &allow.resources) {
        (Some(beyond), _) => few(", ", beyond.iter().map(Pattern::text)),
        (None, Some(own)) => format!("everything but {}", few(", ", own.patterns.iter().map(Pattern::text))),
        (None, None) => "everything".to_owned(),
    };
    format!("reaches {what}: {}", held.why("whose resources are reached"))
}

/// The ARNs of a bucket and of its objects.
fn bucket_arns(place: &Place<'_>, name: &str) -> [Pattern; 2] {
    let arn = format!("arn:{}:s3:::{name}", place.partition);
    [Pattern::glob(&arn, Variables::Plain), Pattern::glob(&format!("{arn}/*"), Variables::Plain)]
}

/// The buckets that the baseline lists beside the data buckets. Names of buckets are anybody's: one that begins or ends
/// with a wildcard would be a stranger's, too.
fn extra_buckets(place: &Place<'_>) -> Vec<Pattern> {
    let named = place.environments.iter().flat_map(|environment| &environment.s3_endpoint_extra_buckets);
    let wild = ['*', '?'];
    let whole = named.filter(|name| !name.starts_with(wild) && !name.ends_with(wild));
    whole.flat_map(|name| bucket_arns(place, name)).collect()
}

fn is_among(known: &[Pattern], pattern: &Pattern) -> bool {
    known.iter().any(|known| known.covers(pattern).is_yes())
}

/// Whether what is reached hangs on policy variables alone.
fn only_variables(reached: &Option<Vec<Pattern>>) -> bool {
    reached.as_ref().is_some_and(|reached| reached.iter().all(Pattern::has_variables))
}

/// Whether a resource names one bucket, or objects of one.
fn names_a_bucket(resource: &Pattern) -> bool {
    let Some((_, name)) = resource.text().split_once(":::") else { return false };
    !name.split('/').next().unwrap_or_default().contains(['*', '?', '$'])
}

/// Whether a resource is of one of the environment's accounts.
fn is_of_account(ours: &Ours, resource: &Pattern) -> bool {
    let arn = ArnPattern::of(resource);
    arn.as_ref().and_then(ArnPattern::account).is_some_and(|account| ours.has_all(account))
}

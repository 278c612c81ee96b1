//! What the Denies of a resource policy do to everyone's requests: a perimeter around its resources, and what of an Allow
//! lies within. Which perimeter is wanted is a control's business.

use crate::answer::Answer;
use crate::condition::Condition;
use crate::denies::CarveOuts;
use crate::document::{Actions, Document, Sense, Statement};
use crate::gated::{Confinement, Question, confines_present, confines_with, same_key};
use crate::pattern::{Pattern, Variables};
use crate::principal::{PrincipalClass, classify};

/// What becomes of requests that lack a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Absent {
    /// They must be denied, too.
    Denied,
    /// They may pass; or there are none, since the key is in every request.
    Passes,
}

/// A question about the requests that a resource policy's Denies leave.
#[derive(Clone, Copy, Debug)]
pub struct Perimeter<'a> {
    /// The actions asked about: one, or all of a pattern.
    pub action: &'a Pattern,
    /// The resources asked about: one, or all of a pattern.
    pub resources: &'a Pattern,
    /// The key, its wanted values, and whom a Deny may leave out.
    pub question: Question<'a>,
    /// What must become of requests without the key.
    pub absent: Absent,
}

/// Whether the policy's Denies leave, of everyone's requests for these actions on these resources, only those with wanted
/// values of the key. Allows do not count: they grant beside one another.
///
/// A Deny counts that speaks of everyone, of all the actions and of all the resources. `spared` tells conditions of a Deny
/// that do not weaken it: they hold for whatever is asked about, or leave out only what may pass.
///
/// ```
/// use plumbline_policy::{Absent, CarveOuts, KeyKind, Pattern, Perimeter, Question, Variables, Wanted, parse, perimeter};
///
/// let policy = parse(
///     r#"{"Statement": [{"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "arn:aws:s3:::lake*",
///         "Condition": {"Bool": {"aws:SecureTransport": "false"}}}]}"#,
/// )?;
/// let (action, objects) = (Pattern::action("s3:*"), Pattern::glob("arn:aws:s3:::lake/*", Variables::Plain));
/// let wanted = Wanted::yes();
/// let question =
///     Question { key: "aws:SecureTransport", kind: KeyKind::Boolean, wanted: &wanted, carve_outs: CarveOuts::NONE };
/// // The key is in every request.
/// let asked = Perimeter { action: &action, resources: &objects, question, absent: Absent::Passes };
/// assert!(perimeter(&policy, &asked, &|_| false).is_confined());
/// # Ok::<(), plumbline_policy::ParseError>(())
/// ```
#[must_use]
pub fn perimeter(document: &Document, asked: &Perimeter<'_>, spared: &dyn Fn(&Condition) -> bool) -> Confinement {
    let (mut sure, mut perhaps) = (Vec::new(), Vec::new());
    for deny in document.denies() {
        let conditions: Vec<Condition> =
            deny.conditions.iter().filter(|condition| !spared(condition)).cloned().collect();
        // One that tests other keys alone says nothing of this one.
        if !conditions.is_empty() && !conditions.iter().any(|it| same_key(&it.key, asked.question.key)) {
            continue;
        }
        let speaks = deny
            .covers_actions(asked.action)
            .and(deny.covers_resources(asked.resources))
            .and(means_everyone(deny, &asked.question.carve_outs));
        if speaks.is_no() {
            continue;
        }
        let bare = Statement { conditions, ..deny.clone() };
        if speaks.is_yes() {
            sure.push(bare.clone());
        }
        perhaps.push(bare);
    }
    let with = |denies: &[Statement]| {
        let denies: Vec<&Statement> = denies.iter().collect();
        match asked.absent {
            Absent::Denied => confines_with(None, &denies, &asked.question),
            Absent::Passes => confines_present(None, &denies, &asked.question),
        }
    };
    let found = with(&sure);
    if !found.is_confined() && perhaps.len() > sure.len() && with(&perhaps).is_confined() {
        return Confinement::Undecidable;
    }
    found
}

/// The Denies that speak of everyone and, for certain, of all actions and resources that an Allow speaks of. In a policy
/// of one service, `service` is its prefix, and `*` means its actions.
#[must_use]
pub fn denies_over<'a>(document: &'a Document, allow: &Statement, service: Option<&str>) -> Vec<&'a Statement> {
    let everything = everything_of(service);
    let all_resources = [Pattern::glob("?*", Variables::Plain)];
    let resources = match &allow.resources {
        Some(own) if own.sense == Sense::Only => own.patterns.as_slice(),
        _ => &all_resources,
    };
    let over = |deny: &&Statement| {
        means_everyone(deny, &CarveOuts::NONE).is_yes()
            && covers_actions_of(deny, allow, &everything)
            && resources.iter().all(|own| deny.covers_resources(own).is_yes())
    };
    document.denies().filter(over).collect()
}

/// What an Allow reaches: lists of patterns, of which each holds every resource that it can still grant. Its own list, and
/// what the policy's Denies of everything else (`NotResource`, without conditions) leave of it. None if it reaches
/// everything, or everything but some.
#[must_use]
pub fn resources_reached<'a>(
    document: &'a Document,
    allow: &'a Statement,
    service: Option<&str>,
) -> Vec<&'a [Pattern]> {
    let listed = |statement: &'a Statement, wanted: Sense| {
        let resources = statement.resources.as_ref().filter(|resources| resources.sense == wanted);
        resources.map(|resources| resources.patterns.as_slice())
    };
    let everything = everything_of(service);
    let leaves = |deny: &&Statement| {
        deny.conditions.is_empty()
            && means_everyone(deny, &CarveOuts::NONE).is_yes()
            && covers_actions_of(deny, allow, &everything)
    };
    let left = document.denies().filter(leaves).filter_map(|deny| listed(deny, Sense::AllBut));
    listed(allow, Sense::Only).into_iter().chain(left).collect()
}

fn everything_of(service: Option<&str>) -> Pattern {
    match service {
        Some(service) => Pattern::action(&format!("{service}:?*")),
        None => Pattern::action("?*"),
    }
}

/// Whether a Deny speaks of all actions that an Allow speaks of, where `*` means `everything`.
fn covers_actions_of(deny: &Statement, allow: &Statement, everything: &Pattern) -> bool {
    let Actions { sense, patterns } = &allow.actions;
    match sense {
        Sense::Only => {
            let meant = |own: &Pattern| deny.covers_actions(if own.is_wild() { everything } else { own }).is_yes();
            patterns.iter().all(meant)
        }
        Sense::AllBut => deny.covers_actions(everything).is_yes(),
    }
}

/// Whether a Deny speaks of everyone, or of all but principals that may be left out.
///
/// With `NotPrincipal` an account that is listed beside its role or user keeps that one from being denied with its account,
/// and the page does not say what else of the account it leaves (IAM User Guide, "IAM JSON policy elements: NotPrincipal").
fn means_everyone(deny: &Statement, carve_outs: &CarveOuts<'_>) -> Answer {
    let Some(principals) = &deny.principals else { return Answer::No };
    if principals.sense == Sense::Only {
        return Answer::from(principals.lists_everyone());
    }
    Answer::all(principals.members.iter().map(|member| {
        let literal = Pattern::literal(&member.value, Variables::Plain);
        let exempt = carve_outs.principals.map_or(Answer::No, |exempt| exempt.admits("aws:PrincipalArn", &literal));
        match classify(member) {
            PrincipalClass::Deleted(_) => Answer::Yes,
            PrincipalClass::Account(_) if !exempt.is_yes() => Answer::Undecidable,
            _ => exempt,
        }
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gated::KeyKind;
    use crate::parse::parse;
    use crate::wanted::Wanted;

    const BUCKET: &str = "arn:aws:s3:::lake";
    const OBJECTS: &str = "arn:aws:s3:::lake/*";

    fn document(statements: &[&str]) -> Document {
        parse(&format!(r#"{{"Version":"2012-10-17","Statement":[{}]}}"#, statements.join(","))).unwrap()
    }

    fn deny(principal: &str, action: &str, resource: &str, condition: &str) -> String {
        format!(
            r#"{{"Effect":"Deny",{principal},"Action":{action},"Resource":{resource},"Condition":{{{condition}}}}}"#
        )
    }

    fn through_endpoint(document: &Document, absent: Absent, resources: &str) -> Confinement {
        let (action, resources) = (Pattern::action("s3:GetObject"), Pattern::glob(resources, Variables::Plain));
        let (wanted, exempt) = (Wanted::values(["vpce-1"]), Wanted::values(["arn:aws:iam::111122223333:role/ingest"]));
        let carve_outs = CarveOuts { services: true, principals: Some(&exempt) };
        let question = Question { key: "aws:SourceVpce", kind: KeyKind::Single, wanted: &wanted, carve_outs };
        let asked = Perimeter { action: &action, resources: &resources, question, absent };
        let own_vpc = |condition: &Condition| condition.key == "aws:SourceVpc" && condition.values == ["vpc-1"];
        perimeter(document, &asked, &own_vpc)
    }

    const EVERYONE: &str = r#""Principal":"*""#;
    const AWAY: &str = r#""StringNotEquals":{"aws:SourceVpce":"vpce-1"}"#;

    #[test]
    fn a_deny_to_everyone_of_the_action_on_the_resources() {
        let both = format!(r#"["{BUCKET}","{OBJECTS}"]"#);
        let good = document(&[&deny(EVERYONE, r#""s3:Get*""#, &both, AWAY)]);
        assert!(through_endpoint(&good, Absent::Denied, OBJECTS).is_confined());
        for bad in [
            deny(EVERYONE, r#""s3:GetObjectVersion""#, &both, AWAY),
            deny(EVERYONE, r#""s3:*""#, &format!(r#""{BUCKET}""#), AWAY),
            deny(r#""Principal":{"AWS":"arn:aws:iam::111122223333:role/x"}"#, r#""s3:*""#, &both, AWAY),
            deny(EVERYONE, r#""s3:*""#, &both, r#""StringEquals":{"aws:SourceVpce":"vpce-1"}"#),
            deny(EVERYONE, r#""s3:*""#, &both, r#""StringNotEquals":{"aws:SourceVpce":"vpce-1","aws:username":"x"}"#),
        ] {
            let found = through_endpoint(&document(&[&bad]), Absent::Denied, OBJECTS);
            assert!(matches!(found, Confinement::Open { .. }), "{bad}: {found:?}");
        }
        let prefix = deny(EVERYONE, r#""s3:*""#, &format!(r#""{BUCKET}*""#), AWAY);
        assert!(through_endpoint(&document(&[&prefix]), Absent::Denied, BUCKET).is_confined());
    }

    #[test]
    fn what_may_be_absent_is_told() {
        let present = r#""StringNotEquals":{"aws:SourceVpce":"vpce-1"},"Null":{"aws:SourceVpce":"false"}"#;
        let document = document(&[&deny(EVERYONE, r#""s3:*""#, r#""*""#, present)]);
        assert!(through_endpoint(&document, Absent::Passes, OBJECTS).is_confined());
        assert!(!through_endpoint(&document, Absent::Denied, OBJECTS).is_confined());
    }

    #[test]
    fn what_is_spared_does_not_weaken() {
        let either = r#""StringNotEquals":{"aws:SourceVpce":"vpce-1","aws:SourceVpc":"vpc-1"}"#;
        let vpc_alone = r#""StringNotEquals":{"aws:SourceVpc":"vpc-1"}"#;
        let other = r#""StringNotEquals":{"aws:SourceVpce":"vpce-1","aws:SourceVpc":"vpc-2"}"#;
        for (condition, confined) in [(either, true), (vpc_alone, true), (other, false)] {
            let document = document(&[&deny(EVERYONE, r#""s3:*""#, r#""*""#, condition)]);
            assert_eq!(through_endpoint(&document, Absent::Denied, OBJECTS).is_confined(), confined, "{condition}");
        }
    }

    #[test]
    fn all_but_principals_that_may_be_left_out() {
        let but = |who: &str| {
            let principal = format!(r#""NotPrincipal":{{"AWS":[{who}]}}"#);
            let document = document(&[&deny(&principal, r#""s3:*""#, r#""*""#, AWAY)]);
            through_endpoint(&document, Absent::Denied, OBJECTS)
        };
        let ingest = r#""arn:aws:iam::111122223333:role/ingest""#;
        assert!(but(ingest).is_confined());
        assert_eq!(but(&format!(r#"{ingest},"arn:aws:iam::111122223333:root""#)), Confinement::Undecidable);
        assert_eq!(but(r#""arn:aws:iam::111122223333:role/x""#), Confinement::Open { reason: None });
    }

    #[test]
    fn denies_over_an_allow() {
        let document = document(&[
            r#"{"Effect":"Allow","Principal":"*","Action":["s3:GetObject","s3:ListBucket"],"Resource":["arn:aws:s3:::lake","arn:aws:s3:::lake/*"]}"#,
            r#"{"Effect":"Deny","Principal":"*","Action":"s3:*","Resource":"arn:aws:s3:::lake*"}"#,
            r#"{"Effect":"Deny","Principal":"*","Action":"s3:GetObject","Resource":"*"}"#,
            r#"{"Effect":"Deny","Principal":"*","Action":"*","Resource":"arn:aws:s3:::lake/*"}"#,
            r#"{"Effect":"Deny","Principal":{"AWS":"111122223333"},"Action":"*","Resource":"*"}"#,
            r#"{"Effect":"Deny","Principal":{"AWS":"*"},"NotAction":"iam:*","NotResource":"arn:aws:s3:::other"}"#,
            r#"{"Effect":"Allow","Principal":"*","Action":"*","Resource":"arn:aws:s3:::lake/*"}"#,
        ]);
        let over = |index: usize, service| -> Vec<usize> {
            denies_over(&document, &document.statements[index], service).iter().map(|deny| deny.index).collect()
        };
        assert_eq!(over(0, None), [1, 5]);
        assert_eq!(over(6, None), [3]);
        assert_eq!(over(6, Some("s3")), [1, 3, 5]);
    }

    #[test]
    fn what_an_allow_reaches() {
        let document = document(&[
            r#"{"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":["arn:aws:s3:::lake/*","*"]}"#,
            r#"{"Effect":"Allow","Principal":"*","Action":"*","NotResource":"arn:aws:s3:::lake/*"}"#,
            r#"{"Effect":"Deny","Principal":"*","Action":"s3:GetObject","NotResource":"arn:aws:s3:::lake/*"}"#,
            r#"{"Effect":"Deny","Principal":"*","Action":"*","NotResource":"a","Condition":{"Null":{"aws:username":"true"}}}"#,
        ]);
        let reached = |index: usize| -> Vec<Vec<&str>> {
            let lists = resources_reached(&document, &document.statements[index], Some("s3"));
            lists.iter().map(|list| list.iter().map(Pattern::text).collect()).collect()
        };
        assert_eq!(reached(0), [vec!["arn:aws:s3:::lake/*", "*"], vec!["arn:aws:s3:::lake/*"]]);
        assert!(reached(1).is_empty());
    }
}

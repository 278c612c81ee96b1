//! Power over a whole service: wildcards, of one statement or of several together, that reach each of some actions on all of
//! the service's resources. Which actions tell of a service is the caller's business.

use crate::answer::Answer;
use crate::document::{Document, Sense, Statement};
use crate::full::covers_service_resources;
use crate::pattern::{Pattern, Variables};
use crate::principal::PARTITIONS;

/// What wildcards give of a service.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sweep<'a> {
    /// The Allows that give it, each with the position of its document; empty where they do not give all that was asked for.
    pub by: Vec<(usize, &'a Statement)>,
    /// Whether the boundary leaves only a part of it, or names it action by action.
    pub cut: bool,
}

/// Whether wildcards in the Allows of `policies` reach every one of these actions of one service, each on all resources of
/// the service, and whether the boundary leaves it so. An action that is named without a wildcard does not count; what
/// `NotAction` leaves does. Conditions are left aside, and a Deny without conditions counts only if it takes all back.
///
/// ```
/// use plumbline_policy::{parse, sweep};
///
/// let policy = parse(r#"{"Statement": {"Effect": "Allow", "Action": ["s3:Get*", "s3:Put*"], "Resource": "*"}}"#)?;
/// assert!(!sweep(&[&policy], None, &["s3:GetObject", "s3:PutBucketPolicy"]).by.is_empty());
/// assert!(sweep(&[&policy], None, &["s3:GetObject", "s3:DeleteObject"]).by.is_empty());
/// # Ok::<(), plumbline_policy::ParseError>(())
/// ```
#[must_use]
pub fn sweep<'a>(policies: &[&'a Document], boundary: Option<&Document>, actions: &[&str]) -> Sweep<'a> {
    let denies: Vec<&Statement> = policies.iter().copied().chain(boundary).flat_map(Document::denies).collect();
    let taken_back = |action: &&str| {
        denies.iter().any(|deny| {
            deny.conditions.is_empty() && deny.matches_action(action).is_yes() && denies_all_resources(deny, action)
        })
    };
    let numbered = policies.iter().enumerate();
    let allows: Vec<(usize, &'a Statement)> =
        numbered.flat_map(|(policy, document)| document.allows().map(move |allow| (policy, allow))).collect();
    let given = |action: &&str| allows.iter().any(|(_, allow)| reaches(allow, action).is_yes());
    if actions.iter().all(taken_back) || !actions.iter().all(given) {
        return Sweep::default();
    }
    let gives = |(_, allow): &(usize, &'a Statement)| actions.iter().any(|action| reaches(allow, action).is_yes());
    let left =
        |action: &&str| boundary.is_none_or(|boundary| boundary.allows().any(|allow| reaches(allow, action).is_yes()));
    Sweep { by: allows.iter().copied().filter(gives).collect(), cut: !actions.iter().all(left) }
}

/// Whether a statement reaches the action by a wildcard, or by what `NotAction` leaves, on all resources of its service.
fn reaches(statement: &Statement, action: &str) -> Answer {
    let wild = |pattern: &&Pattern| pattern.has_wildcards();
    let by_wildcard = match statement.actions.sense {
        Sense::Only => {
            Answer::any(statement.actions.patterns.iter().filter(wild).map(|pattern| pattern.matches(action)))
        }
        Sense::AllBut => statement.matches_action(action),
    };
    let everywhere = covers_service_resources(statement.resources.as_ref(), service_of(action)).is_some();
    by_wildcard.and(Answer::from(everywhere))
}

fn denies_all_resources(deny: &Statement, action: &str) -> bool {
    let arns = |partition: &&str| {
        let arns = format!("arn:{partition}:{}:*", service_of(action));
        deny.covers_resources(&Pattern::glob(&arns, Variables::Plain)).is_yes()
    };
    deny.covers_all_resources().is_yes() || PARTITIONS.iter().any(arns)
}

fn service_of(action: &str) -> &str {
    action.split(':').next().unwrap_or(action)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parse;

    const S3: [&str; 3] = ["s3:GetObject", "s3:PutObject", "s3:PutBucketPolicy"];

    fn swept(policies: &[&str], boundary: Option<&str>) -> Option<(usize, bool)> {
        let read = |text: &&str| parse(&format!(r#"{{"Version":"2012-10-17","Statement":[{text}]}}"#)).unwrap();
        let policies: Vec<Document> = policies.iter().map(read).collect();
        let boundary = boundary.map(|text| read(&text));
        let policies: Vec<&Document> = policies.iter().collect();
        let found = sweep(&policies, boundary.as_ref(), &S3);
        (!found.by.is_empty()).then_some((found.by.len(), found.cut))
    }

    fn statement(effect: &str, action: &str, resource: &str) -> String {
        format!(r#"{{"Effect":"{effect}","Action":{action},"Resource":{resource}}}"#)
    }

    fn allow(action: &str, resource: &str) -> String {
        statement("Allow", action, resource)
    }

    #[test]
    fn all_of_a_service_by_one_wildcard_or_by_several() {
        for (action, resource) in [
            (r#""*""#, r#""*""#),
            (r#""S3:*""#, r#""arn:aws:s3:::*""#),
            (r#"["s3:Get*","s3:Put*","s3:*Policy"]"#, r#"["arn:aws:s3:::one/*","*"]"#),
            (r#""s3:?*""#, r#"["arn:aws:s3:::*","arn:aws:s3:::*/*"]"#),
        ] {
            assert_eq!(swept(&[&allow(action, resource)], None), Some((1, false)), "{action} {resource}");
        }
        let halves = [allow(r#""s3:Get*""#, r#""*""#), allow(r#""s3:Put*""#, r#""*""#)];
        assert_eq!(swept(&[&halves[0], &halves[1]], None), Some((2, false)));
        assert_eq!(swept(&[&halves[0]], None), None);
        let all_but = r#"{"Effect":"Allow","NotAction":"iam:*","NotResource":"arn:aws:s3:::kept/*"}"#;
        assert_eq!(swept(&[all_but], None), Some((1, false)));
        let conditional =
            r#"{"Effect":"Allow","Action":"s3:*","Resource":"*","Condition":{"StringLike":{"aws:PrincipalArn":"*"}}}"#;
        assert_eq!(swept(&[conditional], None), Some((1, false)));
    }

    #[test]
    fn named_actions_and_named_resources_are_no_wildcards() {
        assert_eq!(swept(&[&allow(r#"["s3:GetObject","s3:PutObject","s3:PutBucketPolicy"]"#, r#""*""#)], None), None);
        assert_eq!(swept(&[&allow(r#""s3:*""#, r#"["arn:aws:s3:::one","arn:aws:s3:::one/*"]"#)], None), None);
        assert_eq!(swept(&[r#"{"Effect":"Allow","NotAction":"s3:*","Resource":"*"}"#], None), None);
    }

    #[test]
    fn a_deny_counts_only_if_it_takes_all_back() {
        let all = allow(r#""s3:*""#, r#""*""#);
        let deny = |action: &str, resource: &str| statement("Deny", action, resource);
        assert_eq!(swept(&[&all, &deny(r#""s3:*""#, r#""*""#)], None), None);
        assert_eq!(swept(&[&all, &deny(r#""s3:*""#, r#""arn:aws:s3:*""#)], None), None);
        assert_eq!(swept(&[&all, &deny(r#""s3:PutBucketPolicy""#, r#""*""#)], None), Some((1, false)));
        assert_eq!(swept(&[&all, &deny(r#""s3:*""#, r#""arn:aws:s3:::one/*""#)], None), Some((1, false)));
        let unless =
            r#"{"Effect":"Deny","Action":"*","Resource":"*","Condition":{"Bool":{"aws:SecureTransport":"false"}}}"#;
        assert_eq!(swept(&[&all, unless], None), Some((1, false)));
    }

    #[test]
    fn a_boundary_cuts_it_down_to_named_actions_or_resources() {
        let all = allow(r#""*""#, r#""*""#);
        for (action, resource, cut) in [
            (r#""*""#, r#""*""#, false),
            (r#"["s3:*","ec2:*"]"#, r#""*""#, false),
            (r#"["s3:GetObject","s3:PutObject","s3:PutBucketPolicy"]"#, r#""*""#, true),
            (r#""s3:Get*""#, r#""*""#, true),
            (r#""s3:*""#, r#""arn:aws:s3:::one/*""#, true),
        ] {
            assert_eq!(swept(&[&all], Some(&allow(action, resource))), Some((1, cut)), "{action} {resource}");
        }
    }
}

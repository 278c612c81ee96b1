//! Tests of full access, its traps included.

use super::*;
use crate::gated::Ineffective;
use crate::parse::parse;

fn found(service: &str, statements: &[&str]) -> Vec<FullAccess> {
    let text = format!(r#"{{"Version":"2012-10-17","Statement":[{}]}}"#, statements.join(","));
    full_access(&parse(&text).unwrap(), service)
}

/// An Allow to everyone of these actions and resources.
fn allow(actions: &str, resources: &str) -> String {
    format!(r#"{{"Effect":"Allow","Principal":"*","Action":{actions},"Resource":{resources}}}"#)
}

fn full_alone(service: &str, statement: &str) -> bool {
    found(service, &[statement]).iter().any(|f| f.full.is_yes())
}

/// A full Allow with this condition block.
fn with(block: &str) -> String {
    format!(r#"{{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*","Condition":{block}}}"#)
}

/// A Deny to everyone with this condition block.
fn deny(block: &str) -> String {
    format!(r#"{{"Effect":"Deny","Principal":"*","Action":"*","Resource":"*","Condition":{block}}}"#)
}

#[test]
fn everyone_in_all_spellings() {
    for principal in [
        r#""Principal":"*""#,
        r#""Principal":{"AWS":"*"}"#,
        r#""Principal":{"AWS":["111122223333","*"]}"#,
        r#""NotPrincipal":{"AWS":"111122223333"}"#,
    ] {
        let text = format!(r#"{{"Effect":"Allow",{principal},"Action":"*","Resource":"*"}}"#);
        assert!(full_alone("s3", &text), "{principal}");
    }
    for principal in
        [r#""Principal":{"AWS":"111122223333"}"#, r#""Principal":{"Service":"*"}"#, r#""NotPrincipal":"*""#]
    {
        let text = format!(r#"{{"Effect":"Allow",{principal},"Action":"*","Resource":"*"}}"#);
        assert!(found("s3", &[&text]).is_empty(), "{principal}");
    }
    let unstated = r#"{"Effect":"Allow","Action":"*","Resource":"*"}"#;
    assert_eq!(found("s3", &[unstated])[0].full, Answer::Undecidable);
}

#[test]
fn every_action_in_all_spellings() {
    let letters: Vec<String> = ('a'..='z').map(|c| format!(r#""s3:{c}*""#)).collect();
    let letters = format!("[{}]", letters.join(","));
    for actions in [
        r#""*""#,
        r#""**""#,
        r#""s3:*""#,
        r#""S3:*""#,
        r#""s3:?*""#,
        r#""*:*""#,
        r#"["s3:Get*","s3:*"]"#,
        r#""s*""#,
        &letters,
    ] {
        assert!(full_alone("s3", &allow(actions, r#""*""#)), "{actions}");
    }
    for actions in [r#""s3:Get*""#, r#"["s3:Get*","s3:Put*"]"#, r#""kms:*""#, r#""s3-outposts:*""#, r#""s3:a??*""#] {
        assert!(!full_alone("s3", &allow(actions, r#""*""#)), "{actions}");
    }
}

#[test]
fn not_action_counts_with_what_it_leaves_out() {
    let not = |actions: &str| {
        let text = format!(r#"{{"Effect":"Allow","Principal":"*","NotAction":{actions},"Resource":"*"}}"#);
        found("s3", &[&text])
    };
    assert_eq!(not(r#""iam:*""#)[0].actions_left_out, [] as [&str; 0]);
    assert_eq!(not(r#"["iam:*","s3:DeleteBucket"]"#)[0].actions_left_out, ["s3:DeleteBucket"]);
    assert!(not(r#""S3:*""#).is_empty());
}

#[test]
fn every_resource_in_all_spellings() {
    for resources in [
        r#""*""#,
        r#""**""#,
        r#""?*""#,
        r#""arn:aws:s3:::*""#,
        r#""arn:aws:s3:*""#,
        r#""arn:*""#,
        r#""arn:aws:s3:::*/*""#,
        r#"["arn:aws:s3:::a","arn:aws:s3:::**"]"#,
        r#""arn:aws:s3:*:*:*""#,
        r#""arn:*:s3:::*""#,
    ] {
        assert!(full_alone("s3", &allow(r#""s3:*""#, resources)), "{resources}");
    }
    for resources in [r#""arn:aws:s3:::a*""#, r#"["arn:aws:s3:::a","arn:aws:s3:::a/*"]"#, r#""arn:aws:kms:*:*:*""#] {
        assert!(!full_alone("s3", &allow(r#""s3:*""#, resources)), "{resources}");
    }
    assert!(full_alone("sagemaker", &allow(r#""*""#, r#""arn:aws:sagemaker:eu-west-1:*:*""#)));
    assert!(!full_alone("sagemaker", &allow(r#""*""#, r#""arn:aws:sagemaker:*:111122223333:*""#)));
    let not = r#"{"Effect":"Allow","Principal":"*","Action":"*","NotResource":"arn:aws:s3:::a"}"#;
    assert_eq!(found("s3", &[not])[0].resources_left_out, ["arn:aws:s3:::a"]);
}

#[test]
fn pass_trap_a_broad_statement_beside_narrow_ones() {
    let narrow = allow(r#""s3:GetObject""#, r#""arn:aws:s3:::a/*""#);
    let broad = allow(r#""*""#, r#""*""#);
    let found = found("s3", &[&narrow, &broad]);
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].statement, 1);
}

#[test]
fn conditions_on_principal_or_resource_confine() {
    for block in [
        r#"{"StringEquals":{"aws:PrincipalAccount":"111122223333"}}"#,
        r#"{"StringEquals":{"AWS:principalorgid":["o-abcdefghij"]}}"#,
        r#"{"StringLike":{"aws:PrincipalOrgPaths":"o-abcdefghij/*"}}"#,
        r#"{"ForAnyValue:StringLike":{"aws:PrincipalOrgPaths":"o-abcdefghij/r-x/*"}}"#,
        r#"{"ArnLike":{"aws:PrincipalArn":"arn:aws:iam::111122223333:role/*"}}"#,
        r#"{"StringEquals":{"aws:ResourceAccount":"111122223333"}}"#,
        r#"{"StringEquals":{"s3:ResourceAccount":"111122223333"}}"#,
        r#"{"StringEquals":{"aws:ResourceOrgID":"o-abcdefghij"}}"#,
    ] {
        assert!(found("s3", &[&with(block)]).is_empty(), "{block}");
    }
}

#[test]
fn conditions_that_confine_nothing() {
    for (block, reason) in [
        (r#"{"StringNotEquals":{"aws:PrincipalAccount":"111122223333"}}"#, Some(Ineffective::AllowNegated)),
        (r#"{"StringEqualsIfExists":{"aws:PrincipalOrgID":"o-abcdefghij"}}"#, Some(Ineffective::IfExistsOnAllow)),
        (
            r#"{"ForAllValues:StringEquals":{"aws:PrincipalAccount":"111122223333"}}"#,
            Some(Ineffective::VacuousForAllValues),
        ),
        (r#"{"StringEquals":{"aws:SourceVpce":"vpce-1"}}"#, None),
    ] {
        let found = found("s3", &[&with(block)]);
        assert_eq!(found.len(), 1, "{block}");
        assert!(found[0].full.is_yes());
        assert_eq!(found[0].principal, Confinement::Open { reason }, "{block}");
    }
    for block in [
        r#"{"StringLike":{"aws:PrincipalArn":"*"}}"#,
        r#"{"ArnLike":{"aws:PrincipalArn":"arn:aws:iam::*:role/*"}}"#,
        r#"{"StringLike":{"aws:PrincipalAccount":"*"}}"#,
        r#"{"StringLike":{"aws:ResourceAccount":["111122223333","*"]}}"#,
        r#"{"Null":{"aws:PrincipalAccount":"false"}}"#,
    ] {
        assert!(full_alone("s3", &with(block)), "{block}");
    }
}

#[test]
fn what_may_confine_is_undecidable() {
    for block in [
        r#"{"StringEquals":{"aws:ResourceAccount":"${aws:PrincipalAccount}"}}"#,
        r#"{"StringResembles":{"aws:PrincipalAccount":"111122223333"}}"#,
    ] {
        let found = found("s3", &[&with(block)]);
        assert_eq!(found[0].full, Answer::Undecidable, "{block}");
    }
}

const ORG: &str = r#"{"StringNotEquals":{"aws:PrincipalOrgID":"o-abcdefghij"}}"#;
const ACCOUNT: &str = r#"{"StringNotEquals":{"aws:ResourceAccount":"111122223333"}}"#;

#[test]
fn fail_trap_denies_that_confine_principal_and_resource() {
    let broad = allow(r#""*""#, r#""*""#);
    assert!(found("s3", &[&broad, &deny(ORG), &deny(ACCOUNT)]).is_empty());
    let one = found("s3", &[&broad, &deny(ORG)]);
    assert_eq!(one.len(), 1);
    assert!(one[0].full.is_yes() && one[0].principal.is_confined());
    assert_eq!(one[0].resource, Confinement::Open { reason: None });
    let carved = r#"{"StringNotEqualsIfExists":{"aws:PrincipalOrgID":"o-abcdefghij"},
        "BoolIfExists":{"aws:PrincipalIsAWSService":"false","aws:ViaAWSService":"false"},
        "ArnNotLike":{"aws:PrincipalArn":"arn:aws:iam::111122223333:role/break-glass"}}"#;
    assert!(found("s3", &[&broad, &deny(carved), &deny(ACCOUNT)]).is_empty());
}

#[test]
fn denies_that_do_not_confine() {
    let broad = allow(r#""*""#, r#""*""#);
    let in_one = r#"{"StringNotEquals":{"aws:PrincipalOrgID":"o-abcdefghij","aws:ResourceAccount":"111122223333"}}"#;
    let positive = r#"{"StringEquals":{"aws:PrincipalOrgID":"o-strangerxx"}}"#;
    let wild = r#"{"StringNotLike":{"aws:PrincipalOrgID":"*"}}"#;
    let narrowed = r#"{"StringNotEquals":{"aws:PrincipalOrgID":"o-abcdefghij","aws:RequestedRegion":"eu-west-1"}}"#;
    for block in [in_one, positive, wild, narrowed] {
        let found = found("s3", &[&broad, &deny(block), &deny(ACCOUNT)]);
        assert!(found.iter().any(|f| f.full.is_yes()), "{block}");
    }
    for partial in [
        r#"{"Effect":"Deny","Principal":"*","Action":"s3:Get*","Resource":"*","Condition":"#,
        r#"{"Effect":"Deny","Principal":"*","NotAction":"s3:PutObject","Resource":"*","Condition":"#,
        r#"{"Effect":"Deny","Principal":"*","Action":"*","Resource":"arn:aws:s3:::a/*","Condition":"#,
        r#"{"Effect":"Deny","Principal":{"AWS":"111122223333"},"Action":"*","Resource":"*","Condition":"#,
    ] {
        let partial = format!("{partial}{ORG}}}");
        let found = found("s3", &[&broad, &partial, &deny(ACCOUNT)]);
        assert!(found.iter().any(|f| f.full.is_yes()), "{partial}");
    }
    let odd = r#"{"StringNotEquals":{"aws:PrincipalOrgID":"o-abcdefghij"},"Odd":{"x":"y"}}"#;
    let found = found("s3", &[&broad, &deny(odd), &deny(ACCOUNT)]);
    assert_eq!(found[0].full, Answer::Undecidable);
}

#[test]
fn a_deny_over_the_same_resources_is_enough() {
    let broad = allow(r#""s3:*""#, r#""arn:aws:s3:::*""#);
    let over = |block: &str| {
        format!(
            r#"{{"Effect":"Deny","Principal":"*","Action":"s3:*","Resource":"arn:aws:s3:::*","Condition":{block}}}"#
        )
    };
    assert!(found("s3", &[&broad, &over(ORG), &over(ACCOUNT)]).is_empty());
    let wider = allow(r#""s3:*""#, r#""*""#);
    assert_eq!(found("s3", &[&wider, &over(ORG), &over(ACCOUNT)]).len(), 1);
}

#[test]
fn exempt_principals_may_be_given() {
    let broad = allow(r#""*""#, r#""*""#);
    let carved = r#"{"StringNotEquals":{"aws:PrincipalOrgID":"o-abcdefghij"},
        "ArnNotLike":{"aws:PrincipalArn":"arn:aws:iam::111122223333:role/x"}}"#;
    let text = format!(r#"{{"Statement":[{broad},{},{}]}}"#, deny(carved), deny(ACCOUNT));
    let document = parse(&text).unwrap();
    let exempt = Wanted::values(["arn:aws:iam::111122223333:role/x"]);
    assert!(full_access_with(&document, "s3", &exempt).is_empty());
    let nobody = Wanted::values(Vec::<String>::new());
    assert_eq!(full_access_with(&document, "s3", &nobody).len(), 1);
}

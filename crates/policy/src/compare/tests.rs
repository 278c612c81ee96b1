//! Pairs written by hand: each construct of the language, and each way to leave a pair open.

use super::*;
use crate::parse::parse;

fn policy(statements: &str) -> Policy {
    parse(&format!(r#"{{"Version":"2012-10-17","Statement":[{statements}]}}"#)).unwrap().into()
}

fn asked(kind: ComparedKind, reference: &str, candidate: &str) -> Comparison {
    compare(kind, &policy(reference), &policy(candidate))
}

/// An Allow with this block of conditions.
fn under(conditions: &str) -> String {
    format!(r#"{{"Effect":"Allow","Action":"s3:GetObject","Resource":"*","Condition":{{{conditions}}}}}"#)
}

fn on(action: &str, resource: &str) -> String {
    format!(r#"{{"Effect":"Allow","Action":{action},"Resource":{resource}}}"#)
}

fn results(kind: ComparedKind, a: &str, b: &str) -> (&'static str, &'static str) {
    (asked(kind, a, b).as_str(), asked(kind, b, a).as_str())
}

const NEW: &str = "NEW_ACCESS";
const NONE: &str = "NO_NEW_ACCESS";
const OPEN: &str = "UNKNOWN";

#[test]
fn actions_and_resources() {
    for (a, b, forth, back) in [
        (on(r#""s3:Get*""#, r#""*""#), on(r#"["s3:Get","s3:Get?*"]"#, r#""*""#), NONE, NONE),
        (on(r#""s3:Get*""#, r#""*""#), on(r#""S3:get*""#, r#""**""#), NONE, NONE),
        (on(r#""s3:Get*""#, r#""*""#), on(r#""s3:G*""#, r#""*""#), NEW, NONE),
        (on(r#""s3:*""#, r#""arn:aws:s3:::a/*""#), on(r#""s3:*""#, r#""arn:aws:s3:::A/*""#), NEW, NEW),
        (
            on(r#""s3:*""#, r#""arn:aws:s3:::a*""#),
            on(r#""s3:*""#, r#"["arn:aws:s3:::a","arn:aws:s3:::a?*"]"#),
            NONE,
            OPEN,
        ),
        (on(r#""s3:*""#, r#""arn:aws:s3:::*/x""#), on(r#""s3:*""#, r#""arn:aws:s3:::a*/x""#), NONE, NEW),
        (on(r#""s3:*""#, r#""arn:aws:s3:::*""#), on(r#""s3:*""#, r#""*""#), NEW, NONE),
        (on(r#""s3:*""#, r#""*""#), on(r#"["*:*"]"#, r#""*""#), NEW, NONE),
        (on(r#""s3:*""#, r#""arn:aws:s3""#), on(r#""s3:*""#, r#""arn:aws:s3:*:*:*""#), NONE, NONE),
    ] {
        assert_eq!(results(ComparedKind::Identity, &a, &b), (forth, back), "{a} {b}");
    }
    let short = (on(r#""s3:*""#, r#""arn:aws:s3""#), on(r#""s3:*""#, r#""arn:aws:s3:::x""#));
    assert_eq!(results(ComparedKind::Boundary, &short.0, &short.1).0, OPEN);
    let without = r#"{"Effect":"Allow","NotAction":"iam:*","NotResource":["arn:aws:s3:::a*","arn:aws:s3:::b"]}"#;
    let wider = r#"{"Effect":"Allow","NotAction":["iam:*"],"NotResource":"arn:aws:s3:::ab*"}"#;
    assert_eq!(results(ComparedKind::Identity, without, wider), (NEW, NONE));
}

#[test]
fn conditions_by_operator() {
    for (a, b, forth, back) in [
        (r#""StringEquals":{"k":"a"}"#, r#""StringLike":{"K":"a"}"#, NONE, NONE),
        (r#""StringEquals":{"k":"a"}"#, r#""StringEqualsIgnoreCase":{"k":"A"}"#, NEW, NONE),
        (r#""StringEquals":{"k":"a"}"#, r#""StringEqualsIfExists":{"k":"a"}"#, NEW, NONE),
        (r#""StringNotEquals":{"k":"a"}"#, r#""StringNotEqualsIfExists":{"k":"a"}"#, NONE, NONE),
        (r#""StringNotEquals":{"k":["a","b"]}"#, r#""StringNotEquals":{"k":"a"}"#, NEW, NONE),
        (r#""StringLike":{"k":"*"}"#, r#""Null":{"k":"false"}"#, NONE, NONE),
        (r#""StringLike":{"k":"?*"}"#, r#""StringLike":{"k":"*"}"#, NEW, NONE),
        (r#""StringLike":{"k":"a*"},"Null":{"k":"true"}"#, r#""StringEquals":{"j":"x"}"#, NEW, NONE),
        (r#""Null":{"k":["true","false"]}"#, r#""StringEqualsIfExists":{"j":"x"}"#, NONE, NEW),
        (r#""NumericLessThan":{"k":"10"}"#, r#""NumericLessThanEquals":{"k":"9"}"#, NONE, NEW),
        (r#""NumericLessThan":{"k":"10"}"#, r#""NumericLessThanEquals":{"k":"10.0"}"#, NEW, NONE),
        (r#""NumericLessThan":{"k":10}"#, r#""NumericLessThan":{"k":"10.00"}"#, NONE, NONE),
        (r#""NumericNotEquals":{"k":"1"}"#, r#""NumericGreaterThan":{"k":"1"}"#, NONE, NEW),
        (r#""DateLessThan":{"k":"2026-01-01"}"#, r#""DateLessThan":{"k":"2026-01-01T01:00:00+01:00"}"#, NONE, NONE),
        (r#""DateLessThan":{"k":"2026-01-01"}"#, r#""DateLessThan":{"k":"2026-01-01T00:00:00.001Z"}"#, NEW, NONE),
        (r#""IpAddress":{"k":"10.0.0.0/8"}"#, r#""IpAddress":{"k":["10.0.0.0/9","10.128.0.0/9"]}"#, NONE, NONE),
        (r#""IpAddress":{"k":"0.0.0.0/0"}"#, r#""NotIpAddress":{"k":"::/0"}"#, NEW, NONE),
        (r#""IpAddress":{"k":["0.0.0.0/0","::/0"]}"#, r#""Null":{"k":"false"}"#, NONE, NONE),
        (r#""Bool":{"k":"true"}"#, r#""BoolIfExists":{"k":"true"}"#, NEW, NONE),
        (r#""Bool":{"k":["true","false"]}"#, r#""Null":{"k":"false"}"#, NONE, NONE),
        (r#""BinaryEquals":{"k":"AQID"}"#, r#""BinaryEquals":{"k":["AQID","AQIE"]}"#, NEW, NONE),
        (r#""ArnLike":{"k":"arn:*:s3:::a*"}"#, r#""ArnEquals":{"k":"arn:aws:s3:::a*"}"#, NONE, NEW),
        (r#""ArnLike":{"k":"arn:aws:iam::*:role/x"}"#, r#""StringLike":{"k":"arn:aws:iam::*:role/x"}"#, NEW, NONE),
        (r#""ForAllValues:StringEquals":{"k":["a","b"]}"#, r#""ForAllValues:StringEquals":{"k":"a"}"#, NONE, NEW),
        (r#""ForAllValues:StringEquals":{"k":"a"}"#, r#""ForAnyValue:StringEquals":{"k":"a"}"#, NEW, NEW),
        (
            r#""ForAllValues:StringLike":{"k":["a*","b*"]},"Null":{"k":"false"}"#,
            r#""ForAllValues:StringLike":{"k":["a*","b*"]},"ForAnyValue:StringLike":{"k":["a*","b*"]}"#,
            NONE,
            NONE,
        ),
        (
            r#""ForAnyValue:StringEquals":{"k":"a"},"ForAllValues:StringNotEquals":{"k":"b"}"#,
            r#""ForAnyValue:StringEquals":{"k":"a"}"#,
            NEW,
            NONE,
        ),
    ] {
        assert_eq!(results(ComparedKind::Identity, &under(a), &under(b)), (forth, back), "{a} {b}");
    }
}

#[test]
fn what_has_no_settled_meaning_cancels_or_is_named() {
    for (a, b, forth) in [
        // The same question on both sides.
        (r#""StringResembles":{"k":"a"}"#, r#""StringResembles":{"k":"a"},"Bool":{"j":"true"}"#, NONE),
        (r#""NumericLessThan":{"k":"1e3"}"#, r#""NumericLessThan":{"k":"1e3"},"Bool":{"j":"true"}"#, NONE),
        (r#""NumericLessThan":{"k":"1e3"}"#, r#""NumericLessThan":{"k":"5"}"#, OPEN),
        (r#""StringEquals":{"k":"1"}"#, r#""NumericEquals":{"k":"1"}"#, OPEN),
        (r#""ForAnyValue:StringEqualsIfExists":{"k":"a"}"#, r#""ForAllValues:StringEquals":{"k":"a"}"#, OPEN),
        (r#""StringEquals":{"k":"${}"}"#, r#""StringEquals":{"k":"a"}"#, OPEN),
    ] {
        let comparison = asked(ComparedKind::Identity, &under(a), &under(b));
        assert_eq!(comparison.as_str(), forth, "{a} {b}: {}", comparison.reason());
        assert!(!comparison.reason().is_empty());
    }
    let comparison = asked(ComparedKind::Trust, &on(r#""*""#, r#""*""#), &on(r#""s3:*""#, r#""*""#));
    assert!(comparison.reason().starts_with("reference: IAM refuses"), "{}", comparison.reason());
}

#[test]
fn variables() {
    let of = |resource: &str| on(r#""s3:GetObject""#, &format!(r#""arn:aws:s3:::{resource}""#));
    for (a, b, forth, back) in [
        ("b/*", "b/${aws:username}/*", NONE, NEW),
        ("b/*/*", "b/${aws:username}/*", NONE, NEW),
        ("b/${aws:username}/*", "b/${aws:username}/x", NONE, NEW),
        ("b/${aws:username}/*", "b/${AWS:UserName}/*", NONE, NONE),
        ("b/${aws:username}/*", "b/${aws:userid}/*", NEW, NEW),
        ("b/${aws:PrincipalTag/x}", "b/${aws:PrincipalTag/x, 'y'}", NEW, NONE),
        ("b/${aws:username}", "b/alice", NEW, NEW),
        ("b/?", "b/${aws:username}", NEW, NEW),
        ("b/${*}", "b/*", NEW, NONE),
    ] {
        assert_eq!(results(ComparedKind::Identity, &of(a), &of(b)), (forth, back), "{a} {b}");
    }
    let tag = |operator: &str| under(&format!(r#""{operator}":{{"aws:ResourceTag/t":"${{aws:PrincipalTag/t}}"}}"#));
    assert_eq!(results(ComparedKind::Identity, &tag("StringEquals"), &tag("StringEqualsIgnoreCase")), (NEW, NONE));
    assert_eq!(results(ComparedKind::Identity, &tag("StringEquals"), &tag("StringLike")), (NONE, NONE));
    // A Deny of a value, and an Allow for any.
    let deny = r#"{"Effect":"Deny","Action":"*","Resource":"arn:aws:s3:::b/alice/*"}"#;
    let home = of("b/${aws:username}/*");
    assert_eq!(results(ComparedKind::Identity, &home, &format!("{home},{deny}")), (NONE, NEW));
}

#[test]
fn callers() {
    let for_whom = |who: &str| format!(r#"{{"Effect":"Allow","Principal":{who},"Action":"s3:Get*","Resource":"*"}}"#);
    for (a, b, forth, back) in [
        (r#"{"AWS":"111122223333"}"#, r#"{"AWS":"arn:aws:iam::111122223333:root"}"#, NONE, NONE),
        (r#"{"AWS":"111122223333"}"#, r#"{"AWS":"arn:aws:iam::111122223333:role/a/x"}"#, NONE, NEW),
        (
            r#"{"AWS":"arn:aws:iam::111122223333:role/x"}"#,
            r#"{"AWS":"arn:aws:sts::111122223333:assumed-role/x/s"}"#,
            NONE,
            NEW,
        ),
        (r#"{"Service":"ec2.amazonaws.com"}"#, r#"{"Service":"EC2.amazonaws.com"}"#, NONE, NONE),
        (r#""*""#, r#"{"AWS":["*","444455556666"]}"#, NONE, NONE),
        (r#"{"AWS":"444455556666"}"#, r#""*""#, NEW, NONE),
        (r#"{"AWS":"AROAEXAMPLEID1234567"}"#, r#"{"AWS":"444455556666"}"#, NEW, NONE),
    ] {
        assert_eq!(results(ComparedKind::Resource, &for_whom(a), &for_whom(b)), (forth, back), "{a} {b}");
    }
    let odd = for_whom(r#"{"AWS":"arn:aws:iam::111122223333:role/*"}"#);
    assert_eq!(results(ComparedKind::Resource, &for_whom(r#"{"AWS":"111122223333"}"#), &odd).0, OPEN);
    let deny = |sense: &str| {
        let all = for_whom(r#""*""#);
        let named = r#"{"AWS":["111122223333","arn:aws:iam::111122223333:user/a"]}"#;
        format!(r#"{all},{{"Effect":"Deny","{sense}":{named},"Action":"*","Resource":"*"}}"#)
    };
    assert_eq!(results(ComparedKind::Resource, &deny("NotPrincipal"), &deny("Principal")), (NEW, NEW));
}

#[test]
fn denies_and_control_policies() {
    let allow = on(r#""*""#, r#""*""#);
    let deny = |resource: &str| format!(r#"{{"Effect":"Deny","Action":"s3:*","Resource":"{resource}"}}"#);
    let (narrow, wide) =
        (format!("{allow},{}", deny("arn:aws:s3:::a*")), format!("{allow},{}", deny("arn:aws:s3:::*")));
    for kind in [ComparedKind::Scp, ComparedKind::Identity, ComparedKind::Boundary, ComparedKind::Session] {
        assert_eq!(results(kind, &narrow, &wide), (NONE, NEW));
    }
    let Comparison::NewAccess { witness, by, denied_by, lacks } = asked(ComparedKind::Scp, &wide, &narrow) else {
        panic!("the wider Deny is gone");
    };
    let by: Vec<usize> = by.iter().map(|cited| cited.statement).collect();
    assert_eq!((by, denied_by.map(|cited| cited.statement), lacks), (vec![0], Some(1), None));
    assert!(witness.resource().starts_with("arn:aws:s3:::"), "{witness}");
    let rcp = |resource: &str| deny(resource).replace(r#""Action""#, r#""Principal":"*","Action""#);
    assert_eq!(results(ComparedKind::Rcp, &rcp("arn:aws:s3:::a*"), &rcp("arn:aws:s3:::*")), (NONE, NEW));
}

#[test]
fn a_witness_rests_on_nothing_that_decide_leaves_open() {
    let nothing = r#"{"Effect":"Deny","Action":"*","Resource":"*"}"#;
    let witness = |kind, reference: &str, candidate: &str| match asked(kind, reference, candidate) {
        Comparison::NewAccess { witness, .. } => witness.to_string(),
        other => other.reason(),
    };
    // Wildcards where resources have their type: another resource, or none.
    let typed = |resource: &str| witness(ComparedKind::Identity, nothing, &on(r#""sagemaker:*""#, resource));
    assert!(typed(r#""arn:aws:sagemaker:*:111122223333:*""#).contains("arn:aws:sagemaker:"));
    let either = r#"["arn:aws:sagemaker:*:111122223333:*/x","arn:aws:sagemaker:*:111122223333:app/x"]"#;
    assert!(typed(either).contains(":app/x\""), "{}", typed(either));
    assert!(typed(r#""arn:aws:sagemaker:*:111122223333:*/x""#).contains("a wildcard in the resource type"));
    assert!(typed(r#"["arn:aws:s*:::x","arn:aws:s3:::x"]"#).contains("arn:aws:s3:::x"));
    assert!(typed(r#""arn:aws:s*:::x""#).contains("a wildcard in the partition or the service"));
    assert!(typed(r#"["*x","arn:aws:s3:::x"]"#).contains("arn:aws:s3:::x"));
    assert!(typed(r#""*x""#).contains("neither `*` nor an ARN"));
    // Whether a wildcard passes a colon.
    let colon = |a: &str, b: &str| witness(ComparedKind::Identity, &on(r#""s3:*""#, a), &on(r#""s3:*""#, b));
    let all = r#""arn:aws:s3:::b/*""#;
    assert!(colon(r#"["arn:aws:s3:::b/","arn:aws:s3:::b/?*"]"#, all).contains("passes a colon"));
    assert!(colon(r#""arn:aws:s3:::b/?*""#, all).contains("arn:aws:s3:::b/\""));
    // An empty value, where another one does as well.
    let empty = |values: &str| {
        let own = under(&format!(r#""StringEquals":{{"k":[{values}]}},"Null":{{"k":"false"}}"#));
        witness(ComparedKind::Identity, nothing, &own)
    };
    assert!(empty(r#""","a""#).contains(r#""k":"a""#));
    assert!(empty(r#""""#).contains("`Null` on an empty value"));
    // Keys that requests have, with what follows from their caller.
    let account = |operator: &str| under(&format!(r#""{operator}":{{"aws:PrincipalAccount":"444455556666"}}"#));
    let found = witness(ComparedKind::Identity, &account("StringEquals"), &account("StringEqualsIfExists"));
    assert!(found.contains("the verdict depends on `aws:PrincipalAccount`"), "{found}");
    let found = witness(ComparedKind::Identity, nothing, &account("StringNotEquals"));
    assert!(found.contains(r#""aws:PrincipalAccount":"111122223333""#), "{found}");
    let found = witness(ComparedKind::Identity, nothing, &on(r#""s3:*""#, r#""arn:aws:sqs:r:444455556666:q""#));
    assert!(found.contains(r#""principal":"arn:aws:iam::444455556666:role/"#), "{found}");
    let both = r#""IpAddress":{"aws:SourceIp":"10.0.0.0/8"},"StringEquals":{"aws:SourceVpce":"vpce-1"}"#;
    let found = witness(ComparedKind::Identity, nothing, &under(both));
    assert!(found.contains("the verdict depends on `aws:SourceIp`"), "{found}");
}

#[test]
fn a_witness_is_of_a_caller_for_whom_it_is_certain() {
    let whose = |statement: String, who: &str| statement.replace(r#""Action""#, &format!(r#"{who},"Action""#));
    let everyone = r#""Principal":"*""#;
    let nothing = whose(r#"{"Effect":"Deny","Action":"*","Resource":"*"}"#.to_owned(), everyone);
    // Who has an account, has this key.
    let account =
        |operator: &str| whose(under(&format!(r#""{operator}":{{"aws:PrincipalAccount":"444455556666"}}"#)), everyone);
    let found = asked(ComparedKind::Resource, &account("StringEquals"), &account("StringEqualsIfExists"));
    let Comparison::NewAccess { witness, .. } = found else {
        panic!("{}", found.reason());
    };
    assert_eq!(witness.principal(), "plumbline.amazonaws.com");
    // Of all callers a service is left, of whom it is not certain that `{"AWS": "*"}` means it.
    let all = whose(on(r#""s3:*""#, r#""*""#), r#""Principal":{"AWS":"*"}"#);
    let others = r#"{"Effect":"Deny","NotPrincipal":{"Service":"ec2.amazonaws.com"},"Action":"*","Resource":"*"}"#;
    let found = asked(ComparedKind::Resource, &nothing, &format!("{all},{others}"));
    assert!(found.reason().contains(r#"a principal {"AWS": "*"} against a service"#), "{}", found.reason());
    let bare = whose(on(r#""s3:*""#, r#""*""#), everyone);
    assert_eq!(asked(ComparedKind::Resource, &nothing, &format!("{bare},{others}")).as_str(), NEW);
    // A statement for every role is one for those of the witness's account.
    let roles = whose(on(r#""s3:*""#, r#""*""#), r#""Principal":{"AWS":"arn:aws:iam::444455556666:role/x"}"#);
    assert_eq!(asked(ComparedKind::Resource, &roles, &all).as_str(), NEW);
}

#[test]
fn a_budget_is_named() {
    let many: Vec<String> = (0..24_u8).map(|at| format!("\"*{0}*{0}*\"", char::from(b'a' + at))).collect();
    let (a, b) = (on(&format!("[{}]", many.join(",")), r#""*""#), on(r#""*""#, r#""*""#));
    let comparison = asked(ComparedKind::Identity, &a, &b);
    assert!(comparison.reason().contains("too many ways"), "{}", comparison.reason());
}

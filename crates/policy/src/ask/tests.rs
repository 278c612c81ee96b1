//! `may`, `gated` and `denies` decided exactly: the rows of the table that `gated` reads, held
//! against its answers, and what only a search can tell.

use super::*;
use crate::denies::CarveOuts;
use crate::document::Statement;
use crate::gated::{Confinement, Ineffective, confines_with};
use crate::may::{may, may_any};
use crate::parse::parse;
use crate::wanted::Wanted;

fn document(statements: &str) -> Document {
    parse(&format!(r#"{{"Version":"2012-10-17","Statement":[{statements}]}}"#)).unwrap()
}

fn policy(statements: &str) -> Policy {
    document(statements).into()
}

fn under(effect: &str, block: &str) -> String {
    format!(r#"{{"Effect":"{effect}","Action":"sagemaker:Create*","Resource":"*","Condition":{block}}}"#)
}

/// By name: `confined`, `open`, and for what is neither, `unknown`.
fn by_search(question: &Question<'_>, allow: &str, denies: &[&str]) -> (&'static str, String) {
    let mut all = vec![under("Allow", allow)];
    all.extend(denies.iter().map(|block| under("Deny", block)));
    let policy = policy(&all.join(","));
    match gated_exactly(&Effective::from(&policy), "sagemaker:CreateApp", question) {
        Claim::Proven { by } => ("confined", format!("{by:?}")),
        Claim::Refuted { witness, .. } => ("open", witness.to_string()),
        Claim::Unknown { because } => ("unknown", because),
    }
}

fn by_table(question: &Question<'_>, allow: &str, denies: &[&str]) -> Confinement {
    let mut all = vec![under("Allow", allow)];
    all.extend(denies.iter().map(|block| under("Deny", block)));
    let document = document(&all.join(","));
    let denies: Vec<&Statement> = document.denies().collect();
    confines_with(document.allows().next(), &denies, question)
}

/// Kind and wanted values, the conditions of the Allow and of each Deny, and what both say.
type Row<'a> = (KeyKind, &'a Wanted, String, Vec<String>, Confinement, &'static str);

#[test]
fn every_row_of_the_table_is_decided_as_it_says() {
    let open = |reason| Confinement::Open { reason: Some(reason) };
    let values = Wanted::values(["good", "fine"]);
    let arns = Wanted::arns(["arn:aws:kms:eu-west-1:111122223333:key/*"]);
    let (yes, networks) = (Wanted::yes(), Wanted::networks(["10.0.0.0/8".parse().unwrap()]));
    let two = Wanted::values(["Disabled"]).among(["Enabled", "Disabled"]);
    let key_arn = r#""k":"arn:aws:kms:eu-west-1:111122223333:key/a""#;
    let deny_absent = r#"{"Null":{"k":"true"}}"#;
    let any = "{}";
    let (present, confined) = (Confinement::PresenceOnly, Confinement::Confined);
    let mut rows: Vec<Row<'_>> = Vec::new();
    let mut row = |kind, wanted, allow: &str, denies: &[&str], table, search| {
        let denies = denies.iter().map(|block| (*block).to_owned()).collect();
        rows.push((kind, wanted, allow.to_owned(), denies, table, search));
    };
    // Single-valued.
    use KeyKind::{Address, Boolean, Multi, Single};
    for operator in ["StringEquals", "StringLike"] {
        row(Single, &values, &format!(r#"{{"{operator}":{{"k":["good"]}}}}"#), &[], confined, "confined");
        row(Single, &values, &format!(r#"{{"{operator}":{{"k":["good","bad"]}}}}"#), &[], present, "open");
    }
    for operator in ["ArnEquals", "ArnLike"] {
        row(Single, &arns, &format!(r#"{{"{operator}":{{{key_arn}}}}}"#), &[], confined, "confined");
    }
    for operator in ["StringNotEquals", "StringNotLike", "StringNotEqualsIfExists", "StringNotLikeIfExists"] {
        row(Single, &values, any, &[&format!(r#"{{"{operator}":{{"k":"good"}}}}"#)], confined, "confined");
    }
    for operator in ["ArnNotEquals", "ArnNotLike", "ArnNotLikeIfExists"] {
        row(Single, &arns, any, &[&format!(r#"{{"{operator}":{{{key_arn}}}}}"#)], confined, "confined");
    }
    let one_arn = Wanted::values(["arn:aws:kms:eu-west-1:111122223333:key/a"]);
    row(Single, &one_arn, any, &[&format!(r#"{{"ArnNotEquals":{{{key_arn}}}}}"#)], confined, "confined");
    row(Single, &one_arn, any, &[&format!(r#"{{"StringNotEquals":{{{key_arn}}}}}"#)], confined, "confined");
    row(Single, &values, r#"{"Null":{"k":"false"}}"#, &[], present, "open");
    row(Single, &values, any, &[deny_absent], present, "open");
    row(Single, &values, r#"{"StringNotEquals":{"k":"bad"}}"#, &[], open(Ineffective::AllowNegated), "open");
    row(Single, &values, r#"{"StringEqualsIfExists":{"k":"good"}}"#, &[], open(Ineffective::IfExistsOnAllow), "open");
    row(Single, &values, r#"{"StringEqualsIfExists":{"k":"good"}}"#, &[deny_absent], confined, "confined");
    row(Single, &two, any, &[r#"{"StringEquals":{"k":"Enabled"}}"#], open(Ineffective::DenyMissesAbsent), "open");
    row(Single, &two, any, &[r#"{"StringEquals":{"k":"Enabled"}}"#, deny_absent], confined, "confined");
    row(Single, &values, r#"{"StringLike":{"k":"*"}}"#, &[], present, "open");
    row(Single, &values, r#"{"ForAnyValue:StringEquals":{"k":"good"}}"#, &[], confined, "confined");
    let vacuous = open(Ineffective::VacuousForAllValues);
    row(Single, &values, r#"{"ForAllValues:StringEquals":{"k":"good"}}"#, &[], vacuous, "open");
    // Boolean.
    row(Boolean, &yes, r#"{"Bool":{"k":"true"}}"#, &[], confined, "confined");
    row(Boolean, &yes, any, &[r#"{"BoolIfExists":{"k":"false"}}"#], confined, "confined");
    row(Boolean, &yes, any, &[r#"{"Bool":{"k":"false"}}"#, deny_absent], confined, "confined");
    row(Boolean, &yes, any, &[r#"{"Bool":{"k":"false"}}"#], open(Ineffective::DenyMissesAbsent), "open");
    row(Boolean, &yes, r#"{"BoolIfExists":{"k":"true"}}"#, &[], open(Ineffective::IfExistsOnAllow), "open");
    // Multivalued.
    let all = r#"{"ForAllValues:StringEquals":{"k":["good","fine"]},"Null":{"k":"false"}}"#;
    row(Multi, &values, all, &[], confined, "confined");
    row(Multi, &values, r#"{"ForAllValues:StringEquals":{"k":"good"}}"#, &[deny_absent], confined, "confined");
    let deny_any = r#"{"ForAnyValue:StringNotEquals":{"k":"good"}}"#;
    row(Multi, &values, any, &[deny_any, deny_absent], confined, "confined");
    row(Multi, &values, any, &[deny_absent], present, "open");
    row(Multi, &values, r#"{"ForAllValues:StringEquals":{"k":"good"}}"#, &[], vacuous, "open");
    row(Multi, &values, r#"{"ForAnyValue:StringEquals":{"k":"good"}}"#, &[], open(Ineffective::AnyNotAll), "open");
    let mixed = r#"{"ForAllValues:StringNotEquals":{"k":"good"}}"#;
    row(Multi, &values, any, &[mixed], open(Ineffective::MixedSetPasses), "open");
    // What several values mean without set operator is not said, and one would be confined.
    let missing = open(Ineffective::MissingSetOperator);
    row(Multi, &values, r#"{"StringEquals":{"k":"good"}}"#, &[], missing, "unknown");
    // Addresses.
    row(Address, &networks, r#"{"IpAddress":{"k":"10.1.0.0/16"}}"#, &[], confined, "confined");
    row(Address, &networks, r#"{"IpAddress":{"k":"0.0.0.0/0"}}"#, &[], present, "open");
    row(Address, &networks, any, &[r#"{"NotIpAddress":{"k":["10.1.0.0/16","10.2.3.4"]}}"#], confined, "confined");
    for (kind, wanted, allow, denies, table, search) in rows {
        let denies: Vec<&str> = denies.iter().map(String::as_str).collect();
        let question = Question { key: "k", kind, wanted, carve_outs: CarveOuts::NONE };
        assert_eq!(by_table(&question, &allow, &denies), table, "{allow} {denies:?}");
        let (found, why) = by_search(&question, &allow, &denies);
        assert_eq!(found, search, "{allow} {denies:?}: {why}");
    }
}

#[test]
fn statements_confine_together_what_none_does_alone() {
    let values = Wanted::values(["good"]);
    let question = Question { key: "k", kind: KeyKind::Single, wanted: &values, carve_outs: CarveOuts::NONE };
    // Two narrowed Denies, which leave no gap.
    let denies = [
        r#"{"StringNotEquals":{"k":"good"},"StringEquals":{"aws:PrincipalTag/team":"red"}}"#,
        r#"{"StringNotEquals":{"k":"good","aws:PrincipalTag/team":"red"}}"#,
    ];
    assert_eq!(by_table(&question, "{}", &denies), Confinement::Open { reason: Some(Ineffective::DenyNarrowed) });
    assert_eq!(by_search(&question, "{}", &denies).0, "confined");
    assert_eq!(by_search(&question, "{}", &denies[..1]).0, "open");
    // What the Denies leave of each Allow.
    let held = policy(&format!(
        r#"{{"Effect":"Allow","Action":"sagemaker:*","Resource":"*","Condition":{{"StringEquals":{{"k":"good"}}}}}},
           {{"Sid":"Other","Effect":"Allow","Action":"sagemaker:CreateApp","Resource":"arn:aws:sagemaker:*:*:app/*"}},
           {{"Sid":"Apps","Effect":"Deny","Action":"*","Resource":"*","Condition":{}}}"#,
        r#"{"StringNotEquals":{"k":["good","fine"]}}"#
    ));
    let wider = Wanted::values(["good", "fine"]);
    let asked =
        |wanted| gated_exactly(&Effective::from(&held), "sagemaker:CreateApp", &Question { wanted, ..question });
    let Claim::Proven { by } = asked(&wider) else {
        panic!("{:?}", asked(&wider));
    };
    // The first Allow by its own condition, the second by the Deny.
    assert_eq!(by.iter().map(|cited| cited.statement).collect::<Vec<_>>(), [0, 2]);
    let Claim::Refuted { witness, by } = asked(&values) else {
        panic!("{:?}", asked(&values));
    };
    assert_eq!(by[0].sid.as_deref(), Some("Other"));
    assert_eq!(witness.value("k"), Some(&crate::request::ContextValue::One("fine".to_owned())));
}

#[test]
fn boundaries_gate_too() {
    let values = Wanted::values(["good"]);
    let question = Question { key: "k", kind: KeyKind::Single, wanted: &values, carve_outs: CarveOuts::NONE };
    let (own, bound) = (policy(&under("Allow", "{}")), policy(&under("Allow", r#"{"StringEquals":{"k":"good"}}"#)));
    let held = Effective { policies: vec![&own], boundary: Some(&bound) };
    assert!(matches!(gated_exactly(&held, "sagemaker:CreateApp", &question), Claim::Proven { .. }));
    assert!(matches!(gated_exactly(&Effective::from(&own), "sagemaker:CreateApp", &question), Claim::Refuted { .. }));
    // An action that is not allowed at all is gated.
    assert_eq!(gated_exactly(&held, "sagemaker:DeleteApp", &question), Claim::Proven { by: Vec::new() });
}

#[test]
fn carve_outs_leave_requests_out() {
    let org = Wanted::values(["o-abcdefghij"]);
    let exempt = Wanted::values(["arn:aws:iam::111122223333:role/break-glass"]);
    let carve_outs = CarveOuts { services: true, principals: Some(&exempt) };
    let question = Question { key: "aws:PrincipalOrgID", kind: KeyKind::Single, wanted: &org, carve_outs };
    let deny = r#"{"StringNotEquals":{"aws:PrincipalOrgID":"o-abcdefghij"},
        "Bool":{"aws:PrincipalIsAWSService":"false","aws:ViaAWSService":"false"},
        "ArnNotLike":{"aws:PrincipalArn":"arn:aws:iam::111122223333:role/break-glass"}}"#;
    assert_eq!(by_search(&question, "{}", &[deny]).0, "confined");
    let strict = Question { carve_outs: CarveOuts::NONE, ..question };
    assert_eq!(by_search(&strict, "{}", &[deny]).0, "open");
    let naming = Wanted::naming();
    assert_eq!(by_search(&Question { wanted: &naming, ..strict }, "{}", &[deny]).0, "unknown");
}

#[test]
fn values_with_odd_letters_are_taken_as_they_are() {
    for (wanted, allow, expected) in [
        (Wanted::values(["a*"]), r#"{"StringEquals":{"k":"a*"}}"#, "confined"),
        (Wanted::values(["a*"]), r#"{"StringLike":{"k":"a*"}}"#, "open"),
        (Wanted::patterns([Pattern::glob("a*", Variables::Live)]), r#"{"StringLike":{"k":"a*b"}}"#, "confined"),
        (Wanted::patterns([Pattern::glob("a${*}*", Variables::Live)]), r#"{"StringLike":{"k":"a*b"}}"#, "open"),
        (Wanted::patterns([Pattern::glob("a${*}*", Variables::Live)]), r#"{"StringLike":{"k":"a${*}b"}}"#, "confined"),
        (Wanted::values(["$x"]), r#"{"StringEquals":{"k":"$x"}}"#, "confined"),
        (
            Wanted::patterns([Pattern::glob("${aws:PrincipalTag/t}", Variables::Live)]),
            r#"{"StringEquals":{"k":"${aws:PrincipalTag/t}"}}"#,
            "confined",
        ),
        (Wanted::values([""; 0]), r#"{"StringEquals":{"k":"a"}}"#, "open"),
        (Wanted::values([""; 0]), r#"{"StringEquals":{"k":"a"},"Null":{"k":"true"}}"#, "confined"),
    ] {
        let question = Question { key: "k", kind: KeyKind::Single, wanted: &wanted, carve_outs: CarveOuts::NONE };
        let (found, why) = by_search(&question, allow, &[]);
        assert_eq!(found, expected, "{allow}: {why}");
    }
}

#[test]
fn may_is_exact() {
    let held = policy(
        r#"{"Effect":"Allow","Action":["s3:*","iam:PassRole"],"Resource":"arn:aws:s3:::records/*"},
           {"Effect":"Allow","NotAction":"iam:*","NotResource":"arn:aws:s3:::*"},
           {"Effect":"Allow","Action":"iam:PassRole","Resource":"*",
            "Condition":{"StringEquals":{"iam:PassedToService":"x"},"StringNotEquals":{"iam:PassedToService":"x"}}},
           {"Effect":"Deny","Action":"s3:PutObject","Resource":"*","Condition":{"Bool":{"aws:SecureTransport":"false"}}},
           {"Effect":"Deny","Action":"s3:Delete*","Resource":"arn:aws:s3:::records/a*"},
           {"Effect":"Deny","Action":"s3:Delete*","NotResource":"arn:aws:s3:::records/a*"}"#,
    );
    let held = Effective::from(&held);
    for (action, resource, expected) in [
        ("s3:GetObject", "*", "yes"),
        ("s3:GetObject", "arn:aws:s3:::records/x", "yes"),
        ("s3:GetObject", "arn:aws:s3:::others/*", "no"),
        ("S3:getobject", "arn:aws:s3:::*/y", "yes"),
        // A Deny under conditions leaves the requests that it does not fire on.
        ("s3:PutObject", "arn:aws:s3:::records/*", "yes"),
        // Two Denies leave nothing; one of them would.
        ("s3:DeleteObject", "*", "no"),
        ("s3:DeleteObject", "arn:aws:s3:::records/b", "no"),
        ("iam:CreateUser", "*", "no"),
        // By one Allow on objects of a bucket, of which it is not; by the other under a contradiction.
        ("iam:PassRole", "arn:aws:iam::*:role/*", "no"),
        ("kms:Decrypt", "*", "yes"),
        ("kms:Decrypt", "arn:aws:kms:eu-west-1:111122223333:key/1", "yes"),
        ("kms:Decrypt", "arn:aws:s3:::others/x", "no"),
        // Without resource types.
        ("s3:ListAllMyBuckets", "*", "yes"),
        ("s3:*", "arn:aws:s3:::records/z", "yes"),
        ("iam:*", "arn:aws:iam::111122223333:*", "no"),
    ] {
        let found = may(&held, action, resource);
        let name = match &found {
            Asked::Yes { witness, .. } => {
                assert!(witness.action().to_lowercase().starts_with(&action.to_lowercase().replace('*', "")));
                "yes"
            }
            Asked::No { .. } => "no",
            Asked::Unknown { .. } => "unknown",
        };
        assert_eq!(name, expected, "{action} {resource}: {found:?}");
    }
    let Asked::No { by } = may(&held, "s3:DeleteObject", "*") else {
        panic!("both Denies");
    };
    assert_eq!(by.iter().map(|cited| cited.statement).collect::<Vec<_>>(), [4, 5]);
    let Asked::No { by } = may(&held, "iam:PassRole", "arn:aws:iam::*:role/*") else {
        panic!("a contradiction");
    };
    assert_eq!(by.iter().map(|cited| cited.statement).collect::<Vec<_>>(), [2]);
    let Asked::Yes { by, .. } = may(&held, "s3:GetObject", "arn:aws:s3:::records/*") else {
        panic!("the first");
    };
    assert_eq!(by[0].to_string(), "statement 0 of the identity policy 0");
    // A request in its own words.
    let requests = |block: &str| {
        document(&format!(r#"{{"Effect":"Allow","Action":"s3:Put*","Resource":"*","Condition":{block}}}"#))
    };
    let plaintext = requests(r#"{"Bool":{"aws:SecureTransport":"false"}}"#);
    assert!(matches!(may_any(&held, &plaintext), Asked::Yes { .. }), "s3:PutObjectAcl");
    let none = Effective { policies: Vec::new(), boundary: None };
    assert_eq!(may(&none, "s3:GetObject", "*"), Asked::No { by: Vec::new() });
}

#[test]
fn may_leaves_open_what_a_witness_would_need() {
    let held = policy(
        r#"{"Effect":"Allow","Action":"s3:GetObject","Resource":"*","Condition":{"StringResembles":{"k":"a"}}}"#,
    );
    let Asked::Unknown { because } = may(&Effective::from(&held), "s3:GetObject", "*") else {
        panic!("an operator that is not known");
    };
    assert!(because.contains("StringResembles"), "{because}");
    assert_eq!(may(&Effective::from(&held), "s3:PutObject", "*"), Asked::No { by: Vec::new() });
    for odd in ["s3", "", "s3:Get Object", "GetObject"] {
        let Asked::Unknown { because } = may(&Effective::from(&held), odd, "*") else {
            panic!("{odd} is no action");
        };
        assert!(because.contains("not one action"), "{because}");
    }
    assert_eq!(may(&Effective::from(&held), "sqs*", "*"), Asked::No { by: Vec::new() });
    let refused = policy(r#"{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"}"#);
    let Asked::Unknown { because } = may(&Effective::from(&refused), "s3:GetObject", "*") else {
        panic!("a principal");
    };
    assert!(because.starts_with("what is held: IAM refuses"), "{because}");
}

#[test]
fn denies_are_exact() {
    let deny = |rest: &str| format!(r#"{{"Effect":"Deny","Principal":"*",{rest}}}"#);
    let everything = r#""Action":"s3:*","Resource":["arn:aws:s3:::b","arn:aws:s3:::b/*"]"#;
    let foreign = r#""Condition":{"StringNotEquals":{"aws:SourceVpce":"vpce-1"}}"#;
    let requests = document(&deny(&format!("{everything},{foreign}")));
    for (statements, expected) in [
        (vec![format!("{everything},{foreign}")], true),
        (vec![format!(r#""Action":"*","Resource":"*",{foreign}"#)], true),
        (vec![everything.to_owned()], true),
        (vec![format!(r#""Action":"s3:Get*","Resource":"*",{foreign}"#)], false),
        // In two parts, by actions and by the presence of the key.
        (
            vec![
                format!(r#""Action":"s3:Get*","Resource":"*",{foreign}"#),
                format!(r#""NotAction":"s3:Get*","Resource":"arn:aws:s3:::b*",{foreign}"#),
            ],
            true,
        ),
        (
            vec![
                format!(r#"{everything},"Condition":{{"Null":{{"aws:SourceVpce":"true"}}}}"#),
                format!(
                    r#"{everything},"Condition":{{"StringNotLike":{{"aws:SourceVpce":"vpce-1"}},"Null":{{"aws:SourceVpce":"false"}}}}"#
                ),
            ],
            true,
        ),
        (
            vec![format!(r#"{everything},"Condition":{{"StringNotEquals":{{"aws:SourceVpce":["vpce-1","vpce-2"]}}}}"#)],
            false,
        ),
        (
            vec![format!(
                r#"{everything},"Condition":{{"StringNotEquals":{{"aws:SourceVpce":"vpce-1","aws:PrincipalArn":"x"}}}}"#
            )],
            false,
        ),
    ] {
        let texts: Vec<String> = statements.iter().map(|rest| deny(rest)).collect();
        let allow = r#"{"Effect":"Allow","Principal":{"AWS":"111122223333"},"Action":"s3:*","Resource":"*"}"#;
        let policy = policy(&format!("{allow},{}", texts.join(",")));
        let claim = denies_exactly(ComparedKind::Resource, &policy, &requests);
        assert_eq!(matches!(claim, Claim::Proven { .. }), expected, "{texts:?}: {claim:?}");
        match claim {
            Claim::Proven { by } => assert_eq!(by.len(), texts.len()),
            Claim::Refuted { by, .. } => assert!(by.is_empty()),
            Claim::Unknown { because } => panic!("{because}"),
        }
    }
    let unnamed = document(r#"{"Effect":"Deny","Action":"s3:*","Resource":"*"}"#);
    let claim = denies_exactly(ComparedKind::Resource, &policy(&deny(everything)), &unnamed);
    let Claim::Unknown { because } = claim else {
        panic!("no principal");
    };
    assert!(because.starts_with("what is asked: IAM refuses"), "{because}");
}

//! Tests of the table: each cell and each trap by name, and soundness against a naive
//! evaluator.

use proptest::prelude::*;

use super::*;
use crate::ask::{Claim, gated_exactly};
use crate::compiled::Policy;
use crate::effective::Effective;
use crate::parse::parse;
use crate::pattern::{Pattern, Variables};
use crate::request::ContextValue;

const OPEN: Confinement = Confinement::Open { reason: None };

fn open(reason: Ineffective) -> Confinement {
    Confinement::Open { reason: Some(reason) }
}

/// Asks about the key `k` with an Allow and Denies that have these condition blocks; `{}` is
/// an unconditional Allow.
fn ask(kind: KeyKind, wanted: &Wanted, allow: &str, denies: &[&str]) -> Confinement {
    let statement = |effect: &str, block: &str| {
        format!(r#"{{"Effect":"{effect}","Action":"*","Resource":"*","Condition":{block}}}"#)
    };
    let mut all = vec![statement("Allow", allow)];
    all.extend(denies.iter().map(|block| statement("Deny", block)));
    let text = format!(r#"{{"Version":"2012-10-17","Statement":[{}]}}"#, all.join(","));
    let document = parse(&text).unwrap();
    let allow = document.allows().next().unwrap();
    let denies: Vec<&Statement> = document.denies().collect();
    confines(allow, &denies, "k", kind, wanted)
}

fn single(allow: &str, denies: &[&str]) -> Confinement {
    ask(KeyKind::Single, &Wanted::values(["good", "fine"]), allow, denies)
}

fn boolean(allow: &str, denies: &[&str]) -> Confinement {
    ask(KeyKind::Boolean, &Wanted::yes(), allow, denies)
}

fn multi(allow: &str, denies: &[&str]) -> Confinement {
    ask(KeyKind::Multi, &Wanted::values(["good", "fine"]), allow, denies)
}

#[test]
fn single_allow_positive_is_effective() {
    assert_eq!(single(r#"{"StringEquals":{"k":"good"}}"#, &[]), Confinement::Confined);
    assert_eq!(single(r#"{"StringEquals":{"K":["good","fine"]}}"#, &[]), Confinement::Confined);
    assert_eq!(single(r#"{"StringLike":{"k":"good"}}"#, &[]), Confinement::Confined);
    let keys = Wanted::values(["arn:aws:kms:r:1:key/a"]);
    for operator in ["ArnEquals", "ArnLike", "StringEquals", "StringLike"] {
        let allow = format!(r#"{{"{operator}":{{"k":"arn:aws:kms:r:1:key/a"}}}}"#);
        assert_eq!(ask(KeyKind::Single, &keys, &allow, &[]), Confinement::Confined, "{operator}");
    }
    let wide = r#"{"ArnLike":{"k":"arn:aws:kms:r:1:key/*"}}"#;
    assert_eq!(ask(KeyKind::Single, &keys, wide, &[]), Confinement::PresenceOnly);
}

#[test]
fn single_deny_negated_is_effective_with_and_without_if_exists() {
    for operator in ["StringNotEquals", "StringNotEqualsIfExists", "StringNotLike", "StringNotLikeIfExists"] {
        let deny = format!(r#"{{"{operator}":{{"k":["good"]}}}}"#);
        assert_eq!(single("{}", &[&deny]), Confinement::Confined, "{operator}");
    }
    let keys = Wanted::values(["arn:aws:kms:r:1:key/a"]);
    for operator in ["ArnNotEquals", "ArnNotLike", "ArnNotLikeIfExists"] {
        let deny = format!(r#"{{"{operator}":{{"k":"arn:aws:kms:r:1:key/a"}}}}"#);
        assert_eq!(ask(KeyKind::Single, &keys, "{}", &[&deny]), Confinement::Confined);
    }
}

#[test]
fn single_values_outside_the_wanted_do_not_confine() {
    assert_eq!(single(r#"{"StringEquals":{"k":["good","bad"]}}"#, &[]), Confinement::PresenceOnly);
    assert_eq!(single("{}", &[r#"{"StringNotEquals":{"k":["good","bad"]}}"#]), Confinement::PresenceOnly);
    assert_eq!(single(r#"{"StringLike":{"k":"*"}}"#, &[]), Confinement::PresenceOnly);
    assert_eq!(single("{}", &[]), OPEN);
    assert_eq!(single(r#"{"StringEquals":{"other":"good"}}"#, &[]), OPEN);
}

#[test]
fn single_presence_only() {
    assert_eq!(single(r#"{"Null":{"k":"false"}}"#, &[]), Confinement::PresenceOnly);
    assert_eq!(single(r#"{"Null":{"k":false}}"#, &[]), Confinement::PresenceOnly);
    assert_eq!(single("{}", &[r#"{"Null":{"k":"true"}}"#]), Confinement::PresenceOnly);
    assert_eq!(single(r#"{"Null":{"k":"true"}}"#, &[]), OPEN);
    assert_eq!(single("{}", &[r#"{"Null":{"k":"false"}}"#]), OPEN);
}

#[test]
fn single_ineffective() {
    assert_eq!(single(r#"{"StringNotEquals":{"k":"bad"}}"#, &[]), open(Ineffective::AllowNegated));
    assert_eq!(single(r#"{"StringNotLikeIfExists":{"k":"bad"}}"#, &[]), open(Ineffective::AllowNegated));
    assert_eq!(single(r#"{"StringEqualsIfExists":{"k":"good"}}"#, &[]), open(Ineffective::IfExistsOnAllow));
    assert_eq!(single("{}", &[r#"{"StringEquals":{"k":"bad"}}"#]), open(Ineffective::DenyMissesAbsent));
}

#[test]
fn single_what_is_missing_may_stand_elsewhere() {
    let null = r#"{"Null":{"k":"true"}}"#;
    assert_eq!(single(r#"{"StringEqualsIfExists":{"k":"good"}}"#, &[null]), Confinement::Confined);
    let both = r#"{"StringEqualsIfExists":{"k":"good"},"Null":{"k":"false"}}"#;
    assert_eq!(single(both, &[]), Confinement::Confined);
    // In one Deny the two tests are ANDed: it no longer fires without the key.
    let anded = r#"{"StringNotEquals":{"k":"good"},"Null":{"k":"false"}}"#;
    assert_eq!(single("{}", &[anded]), open(Ineffective::DenyMissesAbsent));
    assert_eq!(single("{}", &[anded, null]), Confinement::Confined);
}

#[test]
fn single_two_valued_keys_may_deny_the_other_value() {
    let wanted = Wanted::values(["Disabled"]).among(["Enabled", "Disabled"]);
    let ask = |denies: &[&str]| ask(KeyKind::Single, &wanted, "{}", denies);
    let enabled = r#"{"StringEquals":{"k":"Enabled"}}"#;
    assert_eq!(ask(&[enabled]), open(Ineffective::DenyMissesAbsent));
    assert_eq!(ask(&[enabled, r#"{"Null":{"k":"true"}}"#]), Confinement::Confined);
    assert_eq!(ask(&[r#"{"StringEqualsIfExists":{"k":"Enabled"}}"#]), Confinement::Confined);
    // Without the closed list, denying one value leaves the others.
    let null = r#"{"Null":{"k":"true"}}"#;
    assert_eq!(single("{}", &[r#"{"StringEquals":{"k":"bad"}}"#, null]), Confinement::PresenceOnly);
}

#[test]
fn single_set_operators_on_one_value() {
    assert_eq!(single(r#"{"ForAllValues:StringEquals":{"k":"good"}}"#, &[]), open(Ineffective::VacuousForAllValues));
    assert_eq!(single(r#"{"ForAnyValue:StringEquals":{"k":"good"}}"#, &[]), Confinement::Confined);
    assert_eq!(single("{}", &[r#"{"ForAnyValue:StringNotEquals":{"k":"good"}}"#]), open(Ineffective::DenyMissesAbsent));
}

#[test]
fn boolean_effective() {
    assert_eq!(boolean(r#"{"Bool":{"k":"true"}}"#, &[]), Confinement::Confined);
    assert_eq!(boolean(r#"{"Bool":{"k":true}}"#, &[]), Confinement::Confined);
    assert_eq!(boolean(r#"{"Bool":{"k":"True"}}"#, &[]), Confinement::Confined);
    assert_eq!(boolean("{}", &[r#"{"BoolIfExists":{"k":"false"}}"#]), Confinement::Confined);
    let pair = [r#"{"Bool":{"k":"false"}}"#, r#"{"Null":{"k":"true"}}"#];
    assert_eq!(boolean("{}", &pair), Confinement::Confined);
    let unwanted = ask(KeyKind::Boolean, &Wanted::no(), r#"{"Bool":{"k":"true"}}"#, &[]);
    assert_eq!(unwanted, Confinement::PresenceOnly);
}

#[test]
fn boolean_ineffective() {
    assert_eq!(boolean("{}", &[r#"{"Bool":{"k":"false"}}"#]), open(Ineffective::DenyMissesAbsent));
    assert_eq!(boolean(r#"{"BoolIfExists":{"k":"true"}}"#, &[]), open(Ineffective::IfExistsOnAllow));
    // In one Deny the two exclude each other: it never fires.
    let never = r#"{"Bool":{"k":"false"},"Null":{"k":"true"}}"#;
    assert_eq!(boolean("{}", &[never]), open(Ineffective::DenyMissesAbsent));
    assert_eq!(boolean(r#"{"StringEquals":{"k":"true"}}"#, &[]), Confinement::Undecidable);
}

#[test]
fn multi_effective() {
    let all = r#"{"ForAllValues:StringEquals":{"k":["good","fine"]},"Null":{"k":"false"}}"#;
    assert_eq!(multi(all, &[]), Confinement::Confined);
    let null = r#"{"Null":{"k":"true"}}"#;
    assert_eq!(multi(r#"{"ForAllValues:StringEquals":{"k":"good"}}"#, &[null]), Confinement::Confined);
    let any = r#"{"ForAnyValue:StringNotEquals":{"k":["good"]}}"#;
    assert_eq!(multi("{}", &[any, null]), Confinement::Confined);
    assert_eq!(multi(r#"{"Null":{"k":"false"}}"#, &[any]), Confinement::Confined);
}

#[test]
fn multi_presence_only() {
    assert_eq!(multi(r#"{"Null":{"k":"false"}}"#, &[]), Confinement::PresenceOnly);
    assert_eq!(multi("{}", &[r#"{"Null":{"k":"true"}}"#]), Confinement::PresenceOnly);
    let all = r#"{"ForAllValues:StringEquals":{"k":["good","bad"]},"Null":{"k":"false"}}"#;
    assert_eq!(multi(all, &[]), Confinement::PresenceOnly);
}

#[test]
fn multi_ineffective() {
    for (allow, reason) in [
        (r#"{"ForAllValues:StringEquals":{"k":"good"}}"#, Ineffective::VacuousForAllValues),
        (r#"{"ForAnyValue:StringEquals":{"k":"good"}}"#, Ineffective::AnyNotAll),
        (r#"{"StringEquals":{"k":"good"}}"#, Ineffective::MissingSetOperator),
        (r#"{"ForAllValues:StringNotEquals":{"k":"bad"}}"#, Ineffective::AllowNegated),
    ] {
        assert_eq!(multi(allow, &[]), open(reason), "{allow}");
    }
    for (deny, reason) in [
        (r#"{"ForAllValues:StringNotEquals":{"k":"good"}}"#, Ineffective::MixedSetPasses),
        (r#"{"ForAnyValue:StringNotEquals":{"k":"good"}}"#, Ineffective::DenyMissesAbsent),
        (r#"{"StringNotEquals":{"k":"good"}}"#, Ineffective::MissingSetOperator),
    ] {
        assert_eq!(multi("{}", &[deny]), open(reason), "{deny}");
    }
}

#[test]
fn row_4_any_value_if_exists_on_a_missing_key_is_undecidable() {
    let deny = r#"{"ForAnyValue:StringNotEqualsIfExists":{"k":"good"}}"#;
    assert_eq!(multi("{}", &[deny]), Confinement::Undecidable);
    assert_eq!(multi("{}", &[deny, r#"{"Null":{"k":"true"}}"#]), Confinement::Confined);
}

#[test]
fn addresses() {
    let wanted = Wanted::networks(["10.0.0.0/8".parse().unwrap()]);
    let ask = |allow: &str, denies: &[&str]| ask(KeyKind::Address, &wanted, allow, denies);
    assert_eq!(ask(r#"{"IpAddress":{"k":"10.1.0.0/16"}}"#, &[]), Confinement::Confined);
    assert_eq!(ask("{}", &[r#"{"NotIpAddress":{"k":["10.1.0.0/16","10.2.3.4"]}}"#]), Confinement::Confined);
    assert_eq!(ask(r#"{"NotIpAddress":{"k":"10.0.0.0/8"}}"#, &[]), open(Ineffective::AllowNegated));
    assert_eq!(ask(r#"{"IpAddress":{"k":"0.0.0.0/0"}}"#, &[]), Confinement::PresenceOnly);
    assert_eq!(ask(r#"{"StringLike":{"k":"10.*"}}"#, &[]), Confinement::Undecidable);
}

#[test]
fn what_is_not_understood_is_undecidable_unless_it_does_not_matter() {
    for allow in [
        r#"{"StringResembles":{"k":"good"}}"#,
        r#"{"StringEquals":{"k":"${aws:PrincipalTag/x}"}}"#,
        r#"{"Bool":{"k":"true"}}"#,
        r#"{"Null":{"k":"perhaps"}}"#,
        r#"{"NumericEquals":{"k":"1"}}"#,
    ] {
        assert_eq!(single(allow, &[]), Confinement::Undecidable, "{allow}");
        let deny = r#"{"StringNotEquals":{"k":"good"}}"#;
        assert_eq!(single(allow, &[deny]), Confinement::Confined, "{allow}");
    }
}

#[test]
fn a_narrowed_deny_does_not_count() {
    let narrowed = r#"{"StringNotEquals":{"k":"good","aws:PrincipalTag/x":"y"}}"#;
    assert_eq!(single("{}", &[narrowed]), open(Ineffective::DenyNarrowed));
    let odd = r#"{"StringNotEquals":{"k":"good"},"Odd":{"other":"y"}}"#;
    assert_eq!(single("{}", &[odd]), Confinement::Undecidable);
    assert_eq!(single("{}", &["{}"]), Confinement::Confined, "everything is denied");
    assert_eq!(single("{}", &[r#"{"StringEquals":{"other":"y"}}"#]), OPEN);
    let carved = r#"{"StringNotEquals":{"k":"good"},"BoolIfExists":{"aws:ViaAWSService":"false"}}"#;
    assert_eq!(single("{}", &[carved]), open(Ineffective::DenyNarrowed));
}

#[test]
fn carve_outs_count_where_they_are_allowed() {
    let text = r#"{"Statement":{"Effect":"Deny","Principal":"*","Action":"*","Resource":"*","Condition":
        {"StringNotEqualsIfExists":{"aws:PrincipalOrgID":"o-abcdefghij"},
         "BoolIfExists":{"aws:PrincipalIsAWSService":"false","aws:ViaAWSService":"false"}}}}"#;
    let document = parse(text).unwrap();
    let denies: Vec<&Statement> = document.denies().collect();
    let wanted = Wanted::values(["o-abcdefghij"]);
    let mut question =
        Question { key: "aws:principalorgid", kind: KeyKind::Single, wanted: &wanted, carve_outs: CarveOuts::SERVICES };
    assert_eq!(confines_with(None, &denies, &question), Confinement::Confined);
    question.carve_outs = CarveOuts::NONE;
    assert_eq!(confines_with(None, &denies, &question), open(Ineffective::DenyNarrowed));
}

#[test]
fn a_wild_deny_leaves_nothing_present_but_arn_like_star_matches_nothing() {
    let all = r#"{"StringLike":{"k":"*"}}"#;
    assert_eq!(single("{}", &[all, r#"{"Null":{"k":"true"}}"#]), Confinement::Confined);
    let none = r#"{"ArnLike":{"k":"*"}}"#;
    assert_eq!(single("{}", &[none, r#"{"Null":{"k":"true"}}"#]), Confinement::PresenceOnly);
}

#[test]
fn source_arns_are_confined_by_part() {
    let wanted = Wanted::arns(["arn:aws:*:*:111122223333:*"]);
    let ask = |block: &str| ask(KeyKind::Single, &wanted, block, &[]);
    assert_eq!(ask(r#"{"ArnLike":{"k":"arn:aws:sagemaker:*:111122223333:*"}}"#), Confinement::Confined);
    assert_eq!(ask(r#"{"ArnLike":{"k":"arn:aws:sagemaker:*:*:*"}}"#), Confinement::PresenceOnly);
    assert_eq!(ask(r#"{"StringLike":{"k":"arn:aws:sagemaker:*:111122223333:*"}}"#), Confinement::Undecidable);
}

#[test]
fn deprecated_spellings_count_and_are_named() {
    let text = r#"{"Statement":{"Effect":"Allow","Action":"*","Resource":"*","Condition":
        {"StringEquals":{"sagemaker:volumekmskey":"good"}}}}"#;
    let document = parse(text).unwrap();
    let wanted = Wanted::values(["good"]);
    let question = Question {
        key: "sagemaker:VolumeKmsKeyArn",
        kind: KeyKind::Single,
        wanted: &wanted,
        carve_outs: CarveOuts::NONE,
    };
    let allow = document.allows().next();
    assert_eq!(confines_with(allow, &[], &question), OPEN);
    assert_eq!(
        confines_by_any_spelling(allow, &[], &question),
        (Confinement::Confined, Some("sagemaker:VolumeKmsKey"))
    );
    let spellings: Vec<_> = deprecated_spellings("sagemaker:VolumeKmsKeyArn").collect();
    assert_eq!(spellings, ["sagemaker:VolumeKmsKey", "sagemaker:HomeEfsFileSystemKmsKey"]);
}

#[test]
fn unsupported_keys_block_or_pass_vacuously() {
    let ask = |effect: &str, block: &str| {
        let text =
            format!(r#"{{"Statement":{{"Effect":"{effect}","Action":"*","Resource":"*","Condition":{block}}}}}"#);
        on_unsupported_key(&parse(&text).unwrap().statements[0], "k")
    };
    let code = |effect, block| ask(effect, block).map(Ineffective::as_str);
    assert_eq!(code("Deny", r#"{"Null":{"k":"true"}}"#), Some("blocks_action"));
    assert_eq!(code("Deny", r#"{"StringNotEquals":{"k":"x"}}"#), Some("blocks_action"));
    assert_eq!(code("Deny", r#"{"StringEquals":{"k":"x"}}"#), Some("deny_misses_absent"));
    assert_eq!(code("Allow", r#"{"StringEquals":{"k":"x"}}"#), Some("never_matches"));
    assert_eq!(code("Allow", r#"{"Null":{"k":"false"}}"#), Some("never_matches"));
    assert_eq!(code("Allow", r#"{"StringEqualsIfExists":{"k":"x"}}"#), Some("passes_vacuously"));
    assert_eq!(code("Allow", r#"{"ForAllValues:StringEquals":{"k":"x"}}"#), Some("passes_vacuously"));
    assert_eq!(code("Deny", r#"{"Null":{"k":"true"},"StringEquals":{"o":"x"}}"#), Some("passes_vacuously"));
    assert_eq!(code("Allow", r#"{"StringEquals":{"o":"x"}}"#), None);
    assert_eq!(code("Allow", r#"{"Odd":{"k":"x"}}"#), None);
}

#[test]
fn reason_codes_are_the_catalogues() {
    let codes = [
        (Ineffective::AllowNegated, "allow_negated"),
        (Ineffective::IfExistsOnAllow, "ifexists_on_allow"),
        (Ineffective::DenyMissesAbsent, "deny_misses_absent"),
        (Ineffective::VacuousForAllValues, "vacuous_forallvalues"),
        (Ineffective::AnyNotAll, "any_not_all"),
        (Ineffective::MixedSetPasses, "mixed_set_passes"),
        (Ineffective::MissingSetOperator, "missing_set_operator"),
        (Ineffective::BlocksAction, "blocks_action"),
    ];
    for (reason, code) in codes {
        assert_eq!(reason.as_str(), code);
    }
}

// The naive evaluator: a request's values of `k` against conditions, by the text of the guide.

const UNIVERSE: [&str; 6] = ["w1", "w2", "bad", "zz", "w*", "*"];
const WANTED: [&str; 2] = ["w1", "w2"];

#[derive(Clone, Debug)]
struct Test {
    operator: &'static str,
    values: Vec<&'static str>,
}

/// `request` is None without the key, else its values.
fn holds(test: &Test, request: Option<&[&str]>) -> bool {
    let (set, base) = test.operator.split_once(':').unwrap_or(("", test.operator));
    if base == "Null" {
        return test.values.iter().any(|v| (*v == "true") == request.is_none());
    }
    let if_exists = base.ends_with("IfExists");
    let base = base.trim_end_matches("IfExists");
    let one = |value: &str| {
        let like = base.ends_with("Like");
        let equal = |own: &&str| match own.strip_suffix('*') {
            Some(start) if like => value.starts_with(start),
            _ => value == *own,
        };
        test.values.iter().any(equal) != base.contains("Not")
    };
    match (set, request) {
        ("ForAllValues", values) => values.unwrap_or_default().iter().all(|v| one(v)),
        ("ForAnyValue", values) => values.unwrap_or_default().iter().any(|v| one(v)),
        (_, None) => if_exists || base.contains("Not"),
        (_, Some(values)) => values.iter().all(|v| one(v)),
    }
}

fn block(tests: &[Test]) -> String {
    let by_operator: std::collections::BTreeMap<_, _> = tests.iter().map(|t| (t.operator, t)).collect();
    let texts: Vec<String> =
        by_operator.values().map(|t| format!(r#""{}":{{"k":["{}"]}}"#, t.operator, t.values.join(r#"",""#))).collect();
    format!("{{{}}}", texts.join(","))
}

fn tests(operators: &'static [&'static str]) -> impl Strategy<Value = Vec<Test>> {
    let values = proptest::sample::subsequence(vec!["w1", "w2", "bad", "w*", "*"], 1..3);
    let null = proptest::sample::subsequence(vec!["true", "false"], 1..=1);
    let test = (proptest::sample::select(operators), values, null)
        .prop_map(|(operator, values, null)| Test { operator, values: if operator == "Null" { null } else { values } });
    proptest::collection::vec(test, 1..3).prop_map(|mut all| {
        all.sort_by_key(|t| t.operator);
        all.dedup_by_key(|t| t.operator);
        all
    })
}

const SINGLE: &[&str] = &[
    "StringEquals",
    "StringNotEquals",
    "StringLike",
    "StringNotLike",
    "StringEqualsIfExists",
    "StringNotEqualsIfExists",
    "StringLikeIfExists",
    "StringNotLikeIfExists",
    "Null",
];
const MULTI: &[&str] = &[
    "ForAllValues:StringEquals",
    "ForAllValues:StringNotEquals",
    "ForAllValues:StringLike",
    "ForAnyValue:StringEquals",
    "ForAnyValue:StringNotEquals",
    "ForAnyValue:StringLike",
    "ForAnyValue:StringNotLike",
    "ForAllValues:StringNotLike",
    "Null",
];

/// Every request: without the key, and with one or several of the values.
fn requests(several: bool) -> Vec<Option<Vec<&'static str>>> {
    let mut all = vec![None];
    for mask in 1_usize..(1 << UNIVERSE.len()) {
        let chosen = |(i, v): (usize, &&'static str)| (mask & (1 << i) != 0).then_some(*v);
        let values: Vec<_> = UNIVERSE.iter().enumerate().filter_map(chosen).collect();
        if several || values.len() == 1 {
            all.push(Some(values));
        }
    }
    all
}

/// What passes has to be as the search says: all of it, or the witness is an exception.
fn check_search(
    question: &Question<'_>,
    allow: &[Test],
    denies: &[Vec<Test>],
    passing: &[Option<Vec<&'static str>>],
    good: impl Fn(&Option<Vec<&'static str>>) -> bool,
) -> Result<Claim, TestCaseError> {
    let statement = |(effect, block): (&str, String)| {
        format!(r#"{{"Effect":"{effect}","Action":"*","Resource":"*","Condition":{block}}}"#)
    };
    let all = [("Allow", block(allow))].into_iter().chain(denies.iter().map(|own| ("Deny", block(own))));
    let text = format!(r#"{{"Statement":[{}]}}"#, all.map(statement).collect::<Vec<_>>().join(","));
    let policy = Policy::from(parse(&text).unwrap());
    let claim = gated_exactly(&Effective::from(&policy), "s3:GetObject", question);
    match &claim {
        Claim::Proven { .. } => prop_assert!(passing.iter().all(good), "{:?}", passing),
        Claim::Refuted { witness, .. } => {
            let values: Option<Vec<&str>> = witness.value("k").map(|value| match value {
                ContextValue::One(text) => vec![text.as_str()],
                ContextValue::Many(texts) => texts.iter().map(String::as_str).collect(),
            });
            let holds = |tests: &[Test]| tests.iter().all(|t| holds(t, values.as_deref()));
            prop_assert!(holds(allow) && !denies.iter().any(|own| holds(own)), "{:?}", values);
            let within = |values: &Vec<&str>| values.iter().all(|value| WANTED.contains(value));
            prop_assert!(!values.as_ref().is_some_and(within), "{:?}", values);
        }
        Claim::Unknown { because } => prop_assert!(false, "{}", because),
    }
    Ok(claim)
}

/// What passes; the answer must be true of it.
fn check(kind: KeyKind, wanted: &Wanted, allow: &[Test], denies: &[Vec<Test>]) -> Result<(), TestCaseError> {
    let blocks: Vec<String> = denies.iter().map(|d| block(d)).collect();
    let blocks: Vec<&str> = blocks.iter().map(String::as_str).collect();
    let answer = ask(kind, wanted, &block(allow), &blocks);
    let passes = |r: &Option<Vec<&'static str>>| {
        let all = |tests: &[Test]| tests.iter().all(|t| holds(t, r.as_deref()));
        all(allow) && !denies.iter().any(|d| all(d))
    };
    let passing: Vec<_> = requests(kind == KeyKind::Multi).into_iter().filter(passes).collect();
    let good =
        |r: &Option<Vec<&'static str>>| r.as_ref().is_some_and(|values| values.iter().all(|v| WANTED.contains(v)));
    let question = Question { key: "k", kind, wanted, carve_outs: CarveOuts::NONE };
    let claim = check_search(&question, allow, denies, &passing, good)?;
    match answer {
        Confinement::Confined => {
            prop_assert!(passing.iter().all(good), "{:?}", passing);
            prop_assert!(matches!(claim, Claim::Proven { .. }), "{:?}", claim);
        }
        Confinement::PresenceOnly => {
            prop_assert!(passing.iter().all(Option::is_some), "{:?}", passing);
        }
        Confinement::Open { .. } | Confinement::Undecidable => {}
    }
    // One statement alone is decided exactly.
    let alone = (allow.is_empty() && denies.len() == 1) || denies.is_empty();
    let few = allow.len() <= 1 && denies.iter().all(|d| d.len() <= 1);
    if alone && few && !passing.is_empty() && passing.iter().all(good) {
        prop_assert_eq!(answer, Confinement::Confined);
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn single_answers_are_true(
        allow in prop_oneof![Just(Vec::new()), tests(SINGLE)],
        denies in proptest::collection::vec(tests(SINGLE), 0..3),
    ) {
        check(KeyKind::Single, &Wanted::values(WANTED), &allow, &denies)?;
        check(KeyKind::Single, &Wanted::values(WANTED).among(UNIVERSE), &allow, &denies)?;
    }

    #[test]
    fn multi_answers_are_true(
        allow in prop_oneof![Just(Vec::new()), tests(MULTI)],
        denies in proptest::collection::vec(tests(MULTI), 0..3),
    ) {
        check(KeyKind::Multi, &Wanted::values(WANTED), &allow, &denies)?;
        check(KeyKind::Multi, &Wanted::values(WANTED).among(UNIVERSE), &allow, &denies)?;
    }

    #[test]
    fn a_further_deny_never_opens(
        allow in tests(SINGLE),
        denies in proptest::collection::vec(tests(SINGLE), 0..3),
        further in tests(SINGLE),
    ) {
        let wanted = Wanted::values(WANTED);
        let mut blocks: Vec<String> = denies.iter().map(|d| block(d)).collect();
        let asked = |blocks: &[String]| {
            let blocks: Vec<&str> = blocks.iter().map(String::as_str).collect();
            ask(KeyKind::Single, &wanted, &block(&allow), &blocks)
        };
        let before = asked(&blocks);
        blocks.push(block(&further));
        prop_assert!(asked(&blocks).rank() >= before.rank());
    }
}

#[test]
fn a_pattern_with_a_variable_of_an_old_version_is_plain_text() {
    let text = r#"{"Version":"2008-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*",
        "Condition":{"StringEquals":{"k":"${aws:username}"}}}}"#;
    let document = parse(text).unwrap();
    let wanted = Wanted::patterns([Pattern::literal("${aws:username}", Variables::Plain)]);
    let allow = document.allows().next().unwrap();
    assert_eq!(confines(allow, &[], "k", KeyKind::Single, &wanted), Confinement::Confined);
    let other = Wanted::values(["x"]);
    assert_eq!(confines(allow, &[], "k", KeyKind::Single, &other), Confinement::PresenceOnly);
}

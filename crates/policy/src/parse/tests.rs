//! Tests of the grammar: what is read, what is refused and where, and that printing loses
//! nothing.

use proptest::prelude::*;

use super::*;
use crate::answer::Answer;

fn refusal(text: &str) -> String {
    match parse(text) {
        Ok(document) => panic!("{text} was read as {document}"),
        Err(error) => error.to_string(),
    }
}

fn statement_of(rest: &str) -> String {
    format!(r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow",{rest}}}]}}"#)
}

#[test]
fn scalars_stand_for_lists_of_one() {
    let scalars = parse(
        r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"AWS":"111122223333"},
           "Action":"s3:*","Resource":"*","Condition":{"Bool":{"aws:SecureTransport":true},
           "NumericLessThan":{"s3:TlsVersion":1.2},"StringEquals":{"k":["a",7]}}}}"#,
    )
    .unwrap();
    let lists = parse(
        r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":["111122223333"]},
           "Action":["s3:*"],"Resource":["*"],"Condition":{"Bool":{"aws:SecureTransport":["true"]},
           "NumericLessThan":{"s3:TlsVersion":["1.2"]},"StringEquals":{"k":["a","7"]}}}]}"#,
    )
    .unwrap();
    assert_eq!(scalars, lists);
    assert_eq!(scalars.statements[0].conditions[1].values, ["1.2"]);
}

#[test]
fn everything_is_kept() {
    let document = parse(
        r#"{"Version":"2008-10-17","Id":"x","Statement":[
            {"Sid":"a","Effect":"Deny","NotPrincipal":{"AWS":["1","2"],"Service":"s"},
             "NotAction":["S3:Get*"],"NotResource":"arn:aws:s3:::b/*",
             "Condition":{"ForAnyValue:StringNotLikeIfExists":{"K":"v"},"Odd":{"k":"v"}}},
            {"Effect":"Allow","Principal":"*","Action":"sts:AssumeRole"}]}"#,
    )
    .unwrap();
    assert_eq!(document.version, Some(Version::V2008));
    assert_eq!(document.id.as_deref(), Some("x"));
    let [first, second] = document.statements.as_slice() else {
        panic!("two statements");
    };
    assert_eq!((first.index, second.index), (0, 1));
    assert_eq!(first.actions.sense, Sense::AllBut);
    assert_eq!(first.actions.patterns[0].text(), "S3:Get*");
    assert_eq!(first.principals.as_ref().unwrap().members.len(), 3);
    assert_eq!(first.conditions[1].operator.text(), "Odd");
    assert!(second.resources.is_none() && second.sid.is_none());
    assert!(second.principals.as_ref().unwrap().is_everyone());
    assert_eq!(
        document.to_string(),
        concat!(
            r#"{"Version":"2008-10-17","Id":"x","Statement":[{"Sid":"a","Effect":"Deny","#,
            r#""NotPrincipal":{"AWS":["1","2"],"Service":["s"]},"NotAction":["S3:Get*"],"#,
            r#""NotResource":["arn:aws:s3:::b/*"],"Condition":{"#,
            r#""ForAnyValue:StringNotLikeIfExists":{"K":["v"]},"Odd":{"k":["v"]}}},"#,
            r#"{"Effect":"Allow","Principal":"*","Action":["sts:AssumeRole"]}]}"#
        )
    );
}

#[test]
fn row_39_both_spellings_of_everyone() {
    for principal in [r#""*""#, r#"{"AWS":"*"}"#, r#"{"AWS":["*"]}"#] {
        let text = statement_of(&format!(r#""Principal":{principal},"Action":"*""#));
        let document = parse(&text).unwrap();
        let statement = &document.statements[0];
        assert!(statement.principals.as_ref().unwrap().is_everyone(), "{principal}");
    }
    let text = statement_of(r#""NotPrincipal":"*","Action":"*""#);
    let document = parse(&text).unwrap();
    assert!(!document.statements[0].principals.as_ref().unwrap().is_everyone());
}

#[test]
fn row_59_repeated_keys_are_refused_at_every_level() {
    for (text, place) in [
        (r#"{"Statement":[],"Statement":[]}"#.to_owned(), "Statement"),
        (statement_of(r#""Effect":"Deny","Action":"*""#), "Statement[0].Effect"),
        (statement_of(r#""Action":"*","Principal":{"AWS":"1","AWS":"2"}"#), "Statement[0].Principal.AWS"),
        (
            statement_of(r#""Action":"*","Condition":{"Null":{"a":"true"},"Null":{"b":"true"}}"#),
            "Statement[0].Condition.Null",
        ),
        (
            statement_of(r#""Action":"*","Condition":{"Null":{"a":"true","a":"false"}}"#),
            "Statement[0].Condition.Null.a",
        ),
    ] {
        assert_eq!(refusal(&text), format!("`{place}`: given more than once"));
    }
}

#[test]
fn row_59_repeated_sids_are_refused_where_iam_does() {
    let two = |principal: &str| {
        let one = format!(r#"{{"Sid":"x","Effect":"Allow",{principal}"Action":"*","Resource":"*"}}"#);
        format!(r#"{{"Statement":[{one},{one}]}}"#)
    };
    assert_eq!(refusal(&two("")), "`Statement[1].Sid`: given more than once");
    assert!(parse(&two(r#""Principal":"*","#)).is_ok());
}

#[test]
fn row_59_empty_lists_are_refused() {
    for (rest, place) in [
        (r#""Action":[]"#, "Statement[0].Action"),
        (r#""Action":"*","Resource":[]"#, "Statement[0].Resource"),
        (r#""Action":"*","Principal":{}"#, "Statement[0].Principal"),
        (r#""Action":"*","Principal":{"AWS":[]}"#, "Statement[0].Principal.AWS"),
        (r#""Action":"*","Condition":{"Null":{"k":[]}}"#, "Statement[0].Condition.Null.k"),
    ] {
        assert_eq!(refusal(&statement_of(rest)), format!("`{place}`: empty"));
    }
    assert_eq!(refusal(r#"{"Statement":[]}"#), "`Statement`: empty");
    // An empty block is what consoles write for none.
    assert!(parse(&statement_of(r#""Action":"*","Condition":{}"#)).is_ok());
}

#[test]
fn refusals_name_the_place() {
    for (text, message) in [
        ("[]", "`document`: a list where an object belongs"),
        ("{}", "`Statement`: missing"),
        (r#"{"Statement":"x"}"#, "`Statement`: a string where a statement belongs"),
        (r#"{"statement":[]}"#, "`statement`: unknown element"),
        (
            r#"{"Version":"2012-10-18","Statement":[]}"#,
            "`Version`: `2012-10-18` is not a version of the policy language",
        ),
        (r#"{"Version":2012,"Statement":[]}"#, "`Version`: a number where a string belongs"),
        (r#"{"Statement":[{"Action":"*"}]}"#, "`Statement[0].Effect`: missing"),
        (
            r#"{"Statement":[{"Effect":"allow","Action":"*"}]}"#,
            "`Statement[0].Effect`: `allow` is not `Allow` or `Deny`",
        ),
        (r#"{"Statement":[{"Effect":"Allow"}]}"#, "`Statement[0].Action`: missing"),
        (
            &statement_of(r#""Action":"*","NotAction":"*""#),
            "`Statement[0].Action`: `Action` and `NotAction` exclude each other",
        ),
        (
            &statement_of(r#""Action":"*","Resource":"*","NotResource":"*""#),
            "`Statement[0].Resource`: `Resource` and `NotResource` exclude each other",
        ),
        (
            &statement_of(r#""Action":"*","Principal":"*","NotPrincipal":"*""#),
            "`Statement[0].Principal`: `Principal` and `NotPrincipal` exclude each other",
        ),
        (&statement_of(r#""Action":"GetObject""#), "`Statement[0].Action`: `GetObject` is not an action"),
        (&statement_of(r#""Action":["s3:*",5]"#), "`Statement[0].Action[1]`: a number where a string belongs"),
        (&statement_of(r#""Action":"*","Resource":null"#), "`Statement[0].Resource`: null where a string belongs"),
        (
            &statement_of(r#""Action":"*","Resource":[["*"]]"#),
            "`Statement[0].Resource[0]`: a list where a string belongs",
        ),
        (
            &statement_of(r#""Action":"*","Principal":"111122223333""#),
            "`Statement[0].Principal`: `111122223333` is not `*` or an object",
        ),
        (&statement_of(r#""Action":"*","Principal":{"aws":"*"}"#), "`Statement[0].Principal.aws`: unknown element"),
        (&statement_of(r#""Action":"*","Condition":[]"#), "`Statement[0].Condition`: a list where an object belongs"),
        (
            &statement_of(r#""Action":"*","Condition":{"Null":{"k":{}}}"#),
            "`Statement[0].Condition.Null.k`: an object where a string belongs",
        ),
        (&statement_of(r#""Action":"*","Conditions":{}"#), "`Statement[0].Conditions`: unknown element"),
        (&statement_of(r#""action":"*""#), "`Statement[0].action`: unknown element"),
    ] {
        assert_eq!(refusal(text), message);
    }
}

#[test]
fn large_documents_are_refused_unread() {
    let large = format!(r#"{{"Statement":"{}"}}"#, "x".repeat(10_000_000));
    assert_eq!(refusal(&large), "the document has 10000016 bytes, more than 262144");
    let error = parse_encoded(&large).unwrap_err().to_string();
    assert!(error.ends_with("more than 786432"), "{error}");
    let many = vec!["{}"; MAX_STATEMENTS + 1].join(",");
    assert_eq!(refusal(&format!(r#"{{"Statement":[{many}]}}"#)), "`Statement`: more than 2000 statements");
    let long = statement_of(&format!(r#""Action":"*","Resource":"{}""#, "x".repeat(5_000)));
    assert_eq!(refusal(&long), "`Statement[0].Resource`: longer than 4096 characters");
}

#[test]
fn deep_documents_are_refused() {
    for deep in [
        "[".repeat(200_000),
        r#"{"Statement":"#.repeat(10_000),
        statement_of(&format!(r#""Condition":{}{}"#, r#"{"a":"#.repeat(20), "}".repeat(20))),
    ] {
        let message = refusal(&deep);
        assert!(message.contains("nested deeper than 16 levels"), "{message}");
    }
}

#[test]
fn messages_do_not_carry_what_deceives_a_reader() {
    for text in [
        r#"{"Version":"\u202Egnol","Statement":[]}"#.to_owned(),
        r#"{"\u0000\u001b[2J":1}"#.to_owned(),
        statement_of("\"Action\":\"\u{202e}x\u{2066}\""),
        statement_of(r#""Action":"*","Condition":{"\u200b":[]}"#),
    ] {
        let message = refusal(&text);
        let clean = |c: char| c.is_ascii() && !c.is_control();
        assert!(message.chars().all(clean), "{message:?}");
    }
    let long = refusal(&format!(r#"{{"{}":1}}"#, "y".repeat(1_000)));
    assert_eq!(long, format!("`{}..`: unknown element", "y".repeat(64)));
}

#[test]
fn odd_characters_in_values_are_kept() {
    let text = statement_of("\"Action\":\"s3:*\",\"Resource\":\"a\\u0000\u{202e}b\"");
    let document = parse(&text).unwrap();
    assert_eq!(document.statements[0].resources.as_ref().unwrap().patterns[0].text(), "a\0\u{202e}b");
    assert_eq!(parse(&document.to_string()).unwrap(), document);
}

#[test]
fn encoded_documents_are_decoded_once_and_a_plus_stays() {
    let encoded = "%7B%22Statement%22%3A%7B%22Effect%22%3A%22Allow%22%2C%22Action%22%3A%22s3%3A%2A%22%2C%22Resource%22%3A%22a+b%2520c%22%7D%7D";
    let document = parse_encoded(encoded).unwrap();
    assert_eq!(document.statements[0].resources.as_ref().unwrap().patterns[0].text(), "a+b%20c");
    assert_eq!(parse_encoded("%ff").unwrap_err(), ParseError::NotUtf8);
    assert!(parse(encoded).is_err());
    // What is not encoded reads as it is.
    let plain = statement_of(r#""Action":"*""#);
    assert_eq!(parse_encoded(&plain).unwrap(), parse(&plain).unwrap());
}

#[test]
fn not_action_and_not_resource_are_complements() {
    let text = statement_of(r#""NotAction":["iam:*","s3:Get*"],"NotResource":"arn:aws:s3:::a*""#);
    let document = parse(&text).unwrap();
    let statement = &document.statements[0];
    assert_eq!(statement.matches_action("IAM:PassRole"), Answer::No);
    assert_eq!(statement.matches_action("s3:PutObject"), Answer::Yes);
    let glob = |text: &str| Pattern::glob(text, Variables::Plain);
    assert_eq!(statement.covers_actions(&Pattern::action("kms:*")), Answer::Yes);
    assert_eq!(statement.covers_actions(&Pattern::action("s3:*")), Answer::No);
    assert_eq!(statement.meets_resources(&glob("arn:aws:s3:::abc")), Answer::No);
    assert_eq!(statement.meets_resources(&glob("arn:aws:s3:::*")), Answer::Yes);
    assert_eq!(statement.covers_resources(&glob("arn:aws:s3:::b")), Answer::Yes);
    assert_eq!(statement.covers_all_resources(), Answer::No);
}

#[test]
fn rows_17_18_resources_meet_by_language() {
    let text = statement_of(r#""Action":"*","Resource":["arn:aws:kms","arn:aws:s3:::ds-*/x"]"#);
    let document = parse(&text).unwrap();
    let statement = &document.statements[0];
    let glob = |text: &str| Pattern::glob(text, Variables::Plain);
    assert_eq!(statement.meets_resources(&glob("arn:aws:kms:eu-west-1:1:key/2")), Answer::Yes);
    assert_eq!(statement.meets_resources(&glob("arn:aws:s3:::ds-a/b:c/x")), Answer::Yes);
    assert_eq!(statement.meets_resources(&glob("arn:aws:s3:::*-data/*")), Answer::Yes);
    assert_eq!(statement.meets_resources(&glob("arn:aws:s3:::other/*")), Answer::No);
}

fn word() -> impl Strategy<Value = String> {
    prop_oneof!["[a-z*?:${}/.-]{0,12}", any::<String>()]
}

fn json(text: &str) -> String {
    serde_json::to_string(text).unwrap()
}

fn list(of: impl Strategy<Value = String>) -> impl Strategy<Value = String> {
    proptest::collection::vec(of, 1..4).prop_map(|items| match items.as_slice() {
        [one] => one.clone(),
        many => format!("[{}]", many.join(",")),
    })
}

fn quoted() -> impl Strategy<Value = String> {
    word().prop_map(|text| json(&text))
}

fn conditions_block() -> impl Strategy<Value = String> {
    let operators = prop_oneof![
        Just("StringEquals".to_owned()),
        Just("stringequals".to_owned()),
        Just("ForAllValues:ArnNotLikeIfExists".to_owned()),
        Just("Null".to_owned()),
        word(),
    ];
    let scalar = prop_oneof![
        quoted(),
        Just("true".to_owned()),
        Just("-12".to_owned()),
        any::<f64>().prop_filter("finite", |f| f.is_finite()).prop_map(|f| format!("{f:e}")),
    ];
    let keys = proptest::collection::btree_map(word(), list(scalar), 0..3);
    proptest::collection::btree_map(operators, keys, 0..4).prop_map(|block| {
        let block: Vec<String> = block
            .iter()
            .map(|(operator, keys)| {
                let keys: Vec<String> = keys.iter().map(|(k, v)| format!("{}:{v}", json(k))).collect();
                format!("{}:{{{}}}", json(operator), keys.join(","))
            })
            .collect();
        format!("{{{}}}", block.join(","))
    })
}

fn statements() -> impl Strategy<Value = String> {
    let action = word().prop_map(|text| json(&format!("s3:{text}")));
    let not = prop_oneof![Just(""), Just("Not")];
    let principal = prop_oneof![
        Just(r#""*""#.to_owned()),
        (list(quoted()), list(quoted())).prop_map(|(a, b)| format!(r#"{{"Service":{a},"AWS":{b}}}"#)),
    ];
    (
        prop_oneof![Just("Allow"), Just("Deny")],
        (not.clone(), list(action)),
        proptest::option::of((not.clone(), list(quoted()))),
        (not, principal),
        proptest::option::of(conditions_block()),
        proptest::option::of(quoted()),
    )
        .prop_map(|(effect, (na, action), resource, (np, principal), condition, sid)| {
            let mut text = format!(r#"{{"Effect":"{effect}","{na}Action":{action},"{np}Principal":{principal}"#);
            if let Some((nr, resource)) = resource {
                text.push_str(&format!(r#","{nr}Resource":{resource}"#));
            }
            if let Some(condition) = condition {
                text.push_str(&format!(r#","Condition":{condition}"#));
            }
            if let Some(sid) = sid {
                text.push_str(&format!(r#","Sid":{sid}"#));
            }
            text.push('}');
            text
        })
}

fn documents() -> impl Strategy<Value = String> {
    let version = prop_oneof![Just(""), Just(r#""Version":"2012-10-17","#), Just(r#""Version":"2008-10-17","#),];
    (version, proptest::collection::vec(statements(), 1..4))
        .prop_map(|(version, all)| format!(r#"{{{version}"Statement":[{}]}}"#, all.join(",")))
}

proptest! {
    #[test]
    fn print_after_parse_loses_nothing(text in documents()) {
        let document = parse(&text).map_err(|e| TestCaseError::fail(format!("{e}: {text}")))?;
        let printed = document.to_string();
        prop_assert_eq!(&parse(&printed).unwrap(), &document);
        prop_assert_eq!(parse(&printed).unwrap().to_string(), printed);
    }

    #[test]
    fn any_text_gives_an_answer(text in any::<String>()) {
        let _ = parse(&text);
        let _ = parse_encoded(&text);
    }

    #[test]
    fn broken_documents_give_an_answer(text in documents(), at in 0_usize..400, with in any::<char>()) {
        let mut chars: Vec<char> = text.chars().collect();
        let at = at % chars.len();
        chars[at] = with;
        let broken: String = chars.into_iter().collect();
        if let Ok(document) = parse(&broken) {
            prop_assert_eq!(parse(&document.to_string()).unwrap(), document);
        }
    }
}

//! The settled corners of conditions, by row of the table of corners.

use super::*;
use crate::request::Request;
use crate::trial::World;

/// Whether a condition block of version 2012-10-17 holds in a context.
fn holds(block: &str, context: &str) -> Answer {
    holds_in("2012-10-17", block, context)
}

fn holds_in(version: &str, block: &str, context: &str) -> Answer {
    let text = format!(
        r#"{{"Version":"{version}","Statement":{{"Effect":"Allow","Action":"*","Resource":"*","Condition":{{{block}}}}}}}"#
    );
    let request = format!(
        r#"{{"principal":"anonymous","action":"s3:GetObject","resource":"arn:aws:s3:::b/k",
        "resource_account":"111122223333","context":{{{context}}}}}"#
    );
    let (document, request) = (crate::parse::parse(&text).unwrap(), Request::parse(&request).unwrap());
    let trial = Trial::new(&request, World::default());
    Answer::all(document.statements[0].conditions.iter().map(|c| Check::new(c).holds(&trial)))
}

fn each(cases: &[(&str, &str, Answer)]) {
    for (block, context, expected) in cases {
        assert_eq!(holds(block, context), *expected, "{block} on {context}");
    }
}

use Answer::{No, Undecidable, Yes};

const TAGS: &str = r#""aws:TagKeys":["owner","cost"]"#;

#[test]
fn rows_1_2_3_4_8_9_set_operators() {
    each(&[
        (r#""ForAllValues:StringEquals":{"aws:TagKeys":"owner"}"#, "", Yes),
        (r#""ForAllValues:StringEquals":{"aws:TagKeys":"owner"},"Null":{"aws:TagKeys":"false"}"#, "", No),
        (r#""ForAllValues:StringEquals":{"aws:TagKeys":"owner"}"#, r#""aws:TagKeys":[""]"#, Yes),
        (r#""ForAllValues:StringEquals":{"aws:TagKeys":"owner"}"#, r#""aws:TagKeys":[]"#, Yes),
        (r#""ForAllValues:StringEquals":{"aws:TagKeys":"owner"}"#, r#""aws:TagKeys":["owner",""]"#, Undecidable),
        (r#""ForAllValues:StringEquals":{"aws:TagKeys":"x"}"#, r#""aws:TagKeys":["owner",""]"#, No),
        (r#""ForAllValues:StringEquals":{"aws:TagKeys":"owner"}"#, TAGS, No),
        (r#""ForAnyValue:StringEquals":{"aws:TagKeys":"owner"}"#, "", No),
        (r#""ForAnyValue:StringNotEquals":{"aws:TagKeys":"owner"}"#, "", No),
        (r#""ForAnyValue:StringEquals":{"aws:TagKeys":""}"#, r#""aws:TagKeys":[""]"#, No),
        (r#""ForAnyValue:StringEqualsIfExists":{"aws:TagKeys":"owner"}"#, "", Undecidable),
        (r#""ForAnyValue:StringEqualsIfExists":{"aws:TagKeys":"owner"}"#, TAGS, Yes),
        (r#""ForAllValues:StringNotEquals":{"aws:TagKeys":["owner","x"]}"#, TAGS, No),
        (r#""ForAnyValue:StringNotEquals":{"aws:TagKeys":["owner","x"]}"#, TAGS, Yes),
        (r#""ForAnyValue:StringNotEquals":{"aws:TagKeys":["owner","cost"]}"#, TAGS, No),
        (r#""StringEquals":{"aws:TagKeys":"owner"}"#, TAGS, Undecidable),
        (r#""ForAnyValue:StringEquals":{"aws:SourceVpc":"vpc-1"}"#, r#""aws:SourceVpc":"vpc-1""#, Yes),
    ]);
}

#[test]
fn rows_5_6_7_10_11_absent_keys_and_lists() {
    each(&[
        (r#""StringNotEquals":{"k:v":["a","b"]}"#, r#""k:v":"b""#, No),
        (r#""StringNotEquals":{"k:v":["a","b"]}"#, r#""k:v":"c""#, Yes),
        (r#""StringNotEquals":{"k:v":"a"}"#, "", Yes),
        (r#""StringEquals":{"k:v":"a"}"#, "", No),
        (r#""NotIpAddress":{"aws:SourceIp":"192.0.2.0/24"}"#, "", Yes),
        (r#""NumericLessThan":{"s3:max-keys":"5"}"#, "", No),
        (r#""StringNotEqualsIfExists":{"k:v":"a"}"#, "", Yes),
        (r#""StringEqualsIfExists":{"k:v":"a"}"#, "", Yes),
        (r#""Bool":{"aws:MultiFactorAuthPresent":"false"}"#, "", No),
        (r#""BoolIfExists":{"aws:MultiFactorAuthPresent":"false"}"#, "", Yes),
        (r#""Bool":{"k:v":false}"#, r#""k:v":false"#, Yes),
        (r#""Bool":{"k:v":"true"}"#, r#""k:v":"True""#, Undecidable),
        (r#""Bool":{"k:v":"true"}"#, r#""k:v":"yes""#, No),
        (r#""Null":{"k:v":"false"}"#, r#""k:v":"a""#, Yes),
        (r#""Null":{"k:v":"false"}"#, "", No),
        (r#""Null":{"k:v":["true","false"]}"#, "", Yes),
        (r#""Null":{"k:v":"true"}"#, r#""k:v":[]"#, Undecidable),
        (r#""StringIs":{"k:v":"a"}"#, r#""k:v":"a""#, Undecidable),
    ]);
}

#[test]
fn rows_12_13_14_15_16_20_texts_and_arns() {
    let arn = r#""k:v":"arn:aws:some:eu-west-1:444455556666:store/abc:111122223333:finance/a.txt""#;
    each(&[
        (r#""StringEquals":{"k:v":"a*"}"#, r#""k:v":"ab""#, No),
        (r#""StringEquals":{"k:v":"a*"}"#, r#""k:v":"a*""#, Yes),
        (r#""StringLike":{"k:v":"a?"}"#, r#""k:v":"ab""#, Yes),
        (r#""StringEqualsIgnoreCase":{"k:v":"A*"}"#, r#""k:v":"ab""#, No),
        (r#""StringEqualsIgnoreCase":{"k:v":"AB"}"#, r#""k:v":"ab""#, Yes),
        (r#""StringNotEqualsIgnoreCase":{"k:v":"AB"}"#, r#""k:v":"ab""#, No),
        (r#""StringEqualsIgnoreCase":{"k:v":"É"}"#, r#""k:v":"é""#, Undecidable),
        (r#""StringEqualsIgnoreCase":{"k:v":"É"}"#, r#""k:v":"É""#, Yes),
        (r#""StringEqualsIgnoreCase":{"k:v":"É"}"#, r#""k:v":"e""#, No),
        (r#""ArnEquals":{"k:v":"arn:aws:some:*:*:store/*.txt"}"#, arn, Yes),
        (r#""ArnLike":{"k:v":"arn:aws:some:*:111122223333:finance/*"}"#, arn, No),
        (r#""StringLike":{"k:v":"arn:aws:some:*:111122223333:finance/*"}"#, arn, Yes),
        (r#""ArnLike":{"k:v":"arn:aws:some:*"}"#, arn, No),
        (r#""ArnNotLike":{"k:v":"arn:aws:some:*"}"#, arn, Undecidable),
        (r#""ArnNotLike":{"k:v":["arn:*","arn:*:*:*:*:*"]}"#, arn, No),
        (r#""ArnLike":{"k:v":"arn:*:*:*:*:*"}"#, r#""k:v":"vpc-1""#, No),
        (r#""StringEquals":{"K:V":"a"}"#, r#""k:v":"a""#, Yes),
        (r#""StringEquals":{"k:v":"A"}"#, r#""k:v":"a""#, No),
    ]);
}

#[test]
fn rows_22_to_29_variables() {
    let context = r#""aws:username":"alice","k:v":"alice/a""#;
    let like = r#""StringLike":{"k:v":"${aws:username}/*"}"#;
    assert_eq!(holds(like, context), Yes);
    assert_eq!(holds_in("2008-10-17", like, context), No);
    assert_eq!(holds_in("2008-10-17", like, r#""k:v":"${aws:username}/x""#), Yes);
    each(&[
        (r#""StringLike":{"k:v":"*${k:none}*"}"#, context, No),
        (r#""StringNotEquals":{"k:v":"${k:none}"}"#, context, Yes),
        (r#""StringNotLike":{"k:v":["${k:none}","alice*"]}"#, context, No),
        (r#""StringLike":{"k:v":"${k:none, 'alice'}/?"}"#, context, Yes),
        (r#""StringLike":{"k:v":"${k:none,'alice'}/?"}"#, context, Undecidable),
        (r#""StringLike":{"k:v":"bob/${k:none,'alice'}"}"#, context, No),
        (r#""StringLike":{"k:v":"a${*}b"}"#, r#""k:v":"axb""#, No),
        (r#""StringEqualsIgnoreCase":{"k:v":"X${k:t}"}"#, r#""k:v":"xA*","k:t":"a*""#, Yes),
        (r#""StringLike":{"k:v":"a${k:t"}"#, r#""k:v":"ab""#, Undecidable),
        (r#""StringEquals":{"k:v":"a${?}${$}"}"#, r#""k:v":"a?$""#, Yes),
        (r#""StringLike":{"k:v":"${k:t}"}"#, r#""k:v":"ab","k:t":"a*""#, Undecidable),
        (r#""StringLike":{"k:v":"${k:t}"}"#, r#""k:v":"a*","k:t":"a*""#, Yes),
        (r#""StringEquals":{"k:v":"${k:t}"}"#, r#""k:v":"ab","k:t":"a*""#, No),
        (r#""NumericEquals":{"k:v":"${k:t}"}"#, r#""k:v":"5","k:t":"5""#, Undecidable),
        (r#""StringEquals":{"k:v":"${aws:TagKeys}"}"#, r#""k:v":"a","aws:TagKeys":["a"]"#, Undecidable),
        (r#""ArnLike":{"k:v":"arn:aws:iam::${k:t}:role/*"}"#, r#""k:v":"arn:aws:iam::1:role/x","k:t":"1""#, Yes),
        (r#""ArnLike":{"k:v":"${k:t}"}"#, r#""k:v":"arn:aws:iam::1:role/x","k:t":"arn:aws:iam::1:role/x""#, Yes),
    ]);
}

#[test]
fn rows_30_31_32_33_measures() {
    each(&[
        (r#""NumericEquals":{"k:v":"1.50"}"#, r#""k:v":1.5"#, Yes),
        (r#""NumericLessThan":{"k:v":"300"}"#, r#""k:v":"299s""#, No),
        (r#""NumericNotEquals":{"k:v":"300"}"#, r#""k:v":"299s""#, Undecidable),
        (r#""NumericGreaterThanEquals":{"k:v":10}"#, r#""k:v":9"#, No),
        (r#""NumericEquals":{"k:v":"1e3"}"#, r#""k:v":"1000""#, Undecidable),
        (r#""NumericEquals":{"k:v":["1e3","1000"]}"#, r#""k:v":"1000""#, Yes),
        (r#""DateEquals":{"k:v":"2026-01-01T02:00:00+02:00"}"#, r#""k:v":"2026-01-01T00:00:00Z""#, Yes),
        (r#""DateLessThan":{"k:v":"2026-01-01T00:00:01Z"}"#, r#""k:v":1767225600"#, Yes),
        (r#""DateGreaterThan":{"k:v":"2026-01-01"}"#, r#""k:v":"2026-01-01T00:00:00Z""#, No),
        (r#""DateLessThan":{"k:v":"2027"}"#, r#""k:v":"2026-01-01""#, Undecidable),
        (r#""IpAddress":{"k:v":"0.0.0.0/0"}"#, r#""k:v":"203.0.113.9""#, Yes),
        (r#""IpAddress":{"k:v":"203.0.113.77/24"}"#, r#""k:v":"203.0.113.9""#, Yes),
        (r#""IpAddress":{"k:v":"2001:DB8::/32"}"#, r#""k:v":"2001:0db8:0:0::1""#, Yes),
        (r#""NotIpAddress":{"k:v":"2001:db8::/32"}"#, r#""k:v":"203.0.113.9""#, Yes),
        (r#""IpAddress":{"k:v":"203.0.113.0/24"}"#, r#""k:v":"::ffff:203.0.113.9""#, Undecidable),
        (r#""BinaryEquals":{"k:v":"AAEC"}"#, r#""k:v":"AAEC""#, Yes),
        (r#""BinaryEquals":{"k:v":"AAEC"}"#, r#""k:v":"AAED""#, No),
    ]);
}

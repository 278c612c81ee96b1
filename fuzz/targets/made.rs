//! Documents built from the fuzzer's bytes, which the parser nearly always accepts: hostile wildcards, variables and
//! conditions reach the engines. The two are held against each other: what `compare` calls newly allowed, `decide` does not
//! deny by a statement of the candidate, nor allow by the reference.
#![no_main]

mod comparisons;
mod decisions;

use libfuzzer_sys::fuzz_target;
use serde_json::{Map, Value, json};

const PIECES: &[&str] = &[
    "*",
    "?",
    "**",
    "*?",
    "a",
    "b",
    "ab",
    "/",
    ":",
    "é",
    "s3:",
    "s3:Get",
    "iam:PassRole",
    "Object",
    "arn:aws:s3:::",
    "arn:aws:iam::111122223333:role/",
    "arn:*:*:*:*:",
    "${aws:username}",
    "${*}",
    "${?}",
    "${$}",
    "${aws:PrincipalTag/a}",
    "${aws:PrincipalTag/b, 'a*'}",
    "${",
    "}",
    "111122223333",
];
const OPERATORS: &[&str] = &[
    "StringEquals",
    "StringNotEquals",
    "StringLike",
    "StringNotLike",
    "StringEqualsIgnoreCase",
    "ArnLike",
    "ArnNotLike",
    "NumericLessThan",
    "NumericEquals",
    "DateGreaterThan",
    "Bool",
    "IpAddress",
    "NotIpAddress",
    "BinaryEquals",
    "Null",
    "StringLikeIfExists",
    "StringNotLikeIfExists",
    "ForAllValues:StringLike",
    "ForAnyValue:StringNotLike",
    "ForAnyValue:StringLike",
    "ForAllValues:StringNotEquals",
    "BoolIfExists",
    "NotIpAddressIfExists",
];
const KEYS: &[&str] = &[
    "aws:username",
    "aws:PrincipalTag/a",
    "aws:PrincipalTag/b",
    "aws:SourceIp",
    "aws:SourceVpce",
    "aws:TagKeys",
    "aws:PrincipalArn",
    "aws:SecureTransport",
    "aws:CurrentTime",
    "s3:max-keys",
    "sagemaker:VpcSubnets",
    "s3:prefix",
];
const VALUES: &[&str] = &[
    "true",
    "false",
    "0",
    "5",
    "5.0",
    "-1e9",
    "2026-03-01T00:00:00Z",
    "1772323200",
    "10.0.0.0/8",
    "0.0.0.0/0",
    "::/0",
    "203.0.113.9",
    "vpce-1",
    "YQ==",
    "",
    "alice",
];
const KINDS: &[&str] = &["identity", "resource", "trust", "boundary", "endpoint", "key", "scp", "rcp", "session"];

/// The fuzzer's bytes, one after the other; zero when they have run out.
struct Bytes<'a>(&'a [u8]);

impl Bytes<'_> {
    fn next(&mut self) -> usize {
        let Some((first, rest)) = self.0.split_first() else {
            return 0;
        };
        self.0 = rest;
        usize::from(*first)
    }

    fn pick(&mut self, from: &[&'static str]) -> &'static str {
        from[self.next() % from.len()]
    }

    fn pattern(&mut self) -> String {
        (0..=self.next() % 12).map(|_| self.pick(PIECES)).collect()
    }

    fn patterns(&mut self) -> Value {
        (0..=self.next() % 4).map(|_| Value::from(self.pattern())).collect()
    }

    fn conditions(&mut self) -> Value {
        let mut block = Map::new();
        for _ in 0..self.next() % 4 {
            let (operator, key) = (self.pick(OPERATORS), self.pick(KEYS));
            let values: Value = (0..=self.next() % 3)
                .map(|_| match self.next() % 2 {
                    0 => Value::from(self.pick(VALUES)),
                    _ => Value::from(self.pattern()),
                })
                .collect();
            let operands = block.entry(operator).or_insert_with(|| json!({}));
            operands[key] = values;
        }
        Value::Object(block)
    }

    fn statement(&mut self, kind: &str) -> Value {
        let shape = self.next();
        let mut statement = json!({"Effect": if shape & 1 == 0 { "Allow" } else { "Deny" }});
        let action = if shape & 6 == 6 { "NotAction" } else { "Action" };
        statement[action] = match self.next() % 3 {
            0 => json!("*"),
            1 => json!(["s3:Get*", "s3:*Object"]),
            _ => self.patterns(),
        };
        if kind != "trust" {
            statement[if shape & 24 == 24 { "NotResource" } else { "Resource" }] = match self.next() % 3 {
                0 => json!("*"),
                1 => json!(["arn:aws:s3:::a*b/*", "arn:aws:s3:::*a/b*"]),
                _ => self.patterns(),
            };
        }
        if ["resource", "trust", "endpoint", "key", "rcp"].contains(&kind) {
            statement[if shape & 96 == 96 { "NotPrincipal" } else { "Principal" }] = match self.next() % 4 {
                0 => json!("*"),
                1 => json!({"AWS": "111122223333"}),
                2 => json!({"AWS": ["arn:aws:iam::111122223333:role/a", "arn:aws:sts::111122223333:assumed-role/a/b"]}),
                _ => json!({"Service": "sagemaker.amazonaws.com"}),
            };
        }
        let conditions = self.conditions();
        if conditions.as_object().is_some_and(|block| !block.is_empty()) {
            statement["Condition"] = conditions;
        }
        statement
    }

    fn document(&mut self, kind: &str) -> Value {
        let version = if self.next() % 4 == 0 { "2008-10-17" } else { "2012-10-17" };
        let statements: Value = (0..=self.next() % 5).map(|_| self.statement(kind)).collect();
        json!({"Version": version, "Statement": statements})
    }
}

fuzz_target!(|data: &[u8]| {
    let mut bytes = Bytes(data);
    let kind = bytes.pick(KINDS);
    let (reference, candidate) = (bytes.document(kind), bytes.document(kind));
    let pair = json!({"id": "1", "type": kind, "reference": reference, "candidate": candidate}).to_string();
    if std::env::var_os("SHOW").is_some() {
        eprintln!("{pair}");
    }
    let answer = plumbline_policy::compare_line(&pair);
    comparisons::compared(&pair);
    let same = json!({"id": "1", "type": kind, "reference": candidate, "candidate": candidate}).to_string();
    assert_ne!(comparisons::compared(&same), "NEW_ACCESS", "a document against itself: {same}");

    let witness = serde_json::from_str::<Value>(&answer).map(|answer| answer["witness"].clone()).unwrap_or_default();
    if kind == "identity" && witness.is_object() {
        let ask = |document: &Value| json!({"request": witness, "identity_policies": [document]}).to_string();
        // A resource of another account, a key or a role has a say of its own, so that it may still be denied implicitly.
        assert_ne!(decisions::decided(&ask(&candidate)), "EXPLICIT_DENY", "{pair}\n{answer}");
        assert_ne!(decisions::decided(&ask(&reference)), "ALLOW", "{pair}\n{answer}");
    }
    let request = json!({
        "principal": "arn:aws:iam::111122223333:role/a", "action": bytes.pick(&["s3:GetObject", "iam:PassRole", "s3:ab"]),
        "resource": "arn:aws:s3:::aab/abab", "resource_account": "111122223333",
        "context": {"aws:username": bytes.pattern(), "aws:TagKeys": ["a", "b"], "aws:SourceIp": "203.0.113.9"},
    });
    let line = json!({"id": "1", "request": request, "identity_policies": [reference], "resource_policy": candidate,
                      "permission_boundary": reference, "scps": [[candidate]]});
    decisions::decided(&line.to_string());
});

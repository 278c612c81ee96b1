//! Strategies: the known-good environment with random gaps, and texts that a hostile account may hold.

use plumbline_snapshot::{Read, Source, Why};
use proptest::prelude::*;
use proptest::sample::select;

use crate::{Env, ec2, hidable, iam, known_good, sagemaker};

/// One read taken away.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hidden {
    /// The read.
    pub source: Source,
    /// Why it has no whole answer.
    pub why: Why,
    /// Whether a listing kept what it had listed.
    pub cut: bool,
}

/// An environment with gaps, and which.
#[derive(Debug, Clone)]
pub struct Gapped {
    /// The environment.
    pub env: Env,
    /// What was hidden, in this order.
    pub hidden: Vec<Hidden>,
}

/// Any reason for a gap but truncation, which belongs to cut listings.
pub fn any_why() -> impl Strategy<Value = Why> {
    select(vec![Why::Denied, Why::Failed, Why::Throttled, Why::Unsupported, Why::NotPlanned, Why::OutOfTime])
}

/// The known-good environment with a random set of reads hidden or cut; often none, seldom many.
pub fn any_gaps() -> impl Strategy<Value = Gapped> {
    gaps_in(known_good())
}

/// An environment with a random set of reads hidden or cut.
pub fn gaps_in(env: Env) -> impl Strategy<Value = Gapped> {
    let all: Vec<Source> = hidable().copied().collect();
    let choices = proptest::collection::vec(proptest::option::weighted(0.12, (any_why(), any::<bool>())), all.len());
    choices.prop_map(move |choices| {
        let mut env = env.clone();
        let chosen = all.iter().zip(choices).filter_map(|(source, choice)| Some((*source, choice?)));
        let hidden: Vec<Hidden> = chosen.map(|(source, (why, cut))| Hidden { source, why, cut }).collect();
        for Hidden { source, why, cut } in &hidden {
            if *cut {
                env.cut(source);
            } else {
                env.hide_with(source, *why);
            }
        }
        Gapped { env, hidden }
    })
}

/// Texts that break terminals, layouts and parsers: bidirectional marks, control characters, escapes, markup, spreadsheet
/// formulas, and very long ones.
pub fn hostile_text() -> impl Strategy<Value = String> {
    let known = select(vec![
        "",
        " ",
        "\u{202e}drowssap\u{202c}",
        "\u{2066}isolated\u{2069}\u{200f}",
        "\u{1b}[2J\u{1b}[31mred",
        "\u{1b}]0;title\u{7}",
        "\u{1b}]8;;https://example.com\u{1b}\\link\u{1b}]8;;\u{1b}\\",
        "\u{9b}31m",
        "line\r\nbreak\u{85}next\u{2028}and\u{2029}more",
        "nul\0byte\u{8}\u{8}\u{8}\u{7f}",
        "\u{feff}bom",
        "zero\u{200b}width\u{200d}joined",
        "e\u{301}\u{301}\u{301}\u{301}",
        "\u{1f469}\u{200d}\u{1f52c}",
        "<script>alert(1)</script>",
        "\"'`\\&<>;|$(id)",
        "=HYPERLINK(\"https://example.com\")",
        "@SUM(1)",
        "%00%0a%1b%zz%",
        "../../etc/passwd",
        "{account}{region}{nothing}",
        "arn:aws:iam::*:*",
        "::error file=a::b",
    ]);
    prop_oneof![
        4 => known.prop_map(str::to_owned),
        2 => proptest::collection::vec(any::<char>(), 0..64).prop_map(String::from_iter),
        1 => (any::<char>(), 1_000_usize..20_000).prop_map(|(letter, times)| letter.to_string().repeat(times)),
    ]
}

/// Documents in the place of policies: no JSON, deep, long, of wrong types, or with hostile texts in them.
pub fn hostile_document() -> impl Strategy<Value = String> {
    let known = select(vec![
        "null",
        "[]",
        "{}",
        "{\"Statement\":",
        "{\"Version\":2012,\"Statement\":\"Allow\"}",
        "{\"Statement\":[{}]}",
        "{\"Statement\":{\"Effect\":\"allow\",\"Action\":1,\"Resource\":[[\"*\"]]}}",
        "{\"Statement\":[{\"Effect\":\"Allow\",\"Effect\":\"Deny\",\"Action\":\"*\",\"Resource\":\"*\"}]}",
        "{\"Statement\":[{\"Effect\":\"Allow\",\"NotAction\":[],\"NotResource\":[],\"NotPrincipal\":{\"AWS\":[]}}]}",
    ]);
    let nested = (1_usize..20_000).prop_map(|depth| format!("{}1{}", "[".repeat(depth), "]".repeat(depth)));
    let quoted = hostile_text().prop_map(|text| {
        let statement =
            serde_json::json!({"Sid": text, "Effect": "Allow", "Action": text, "Resource": text, "Principal": text});
        serde_json::json!({"Version": "2012-10-17", "Statement": [statement]}).to_string()
    });
    prop_oneof![3 => known.prop_map(str::to_owned), 1 => nested, 2 => quoted, 2 => hostile_text()]
}

/// The known-good environment with hostile texts where AWS lets people write: names, tags, states, keys, documents.
pub fn hostile_env() -> impl Strategy<Value = Env> {
    (hostile_text(), hostile_text(), hostile_document()).prop_map(|(text, other, document)| {
        let mut env = known_good();
        env.subnet(ec2::SUBNET_B, |subnet| {
            subnet.tags.insert(text.clone(), other.clone());
            subnet.state = other.clone();
            subnet.cidr = Some(text.clone());
        });
        env.add_group(ec2::plain_group("sg-0added00000000001", &text));
        env.add_route(ec2::TABLE_MAIN, &text, &other, &text);
        env.endpoint("kms", |endpoint| endpoint.policy = Some(document.clone()));
        env.role("endpoint_creation", |role| role.trust = Some(document.as_str().into()));
        env.role("endpoint_hosting", |role| role.trust = Some(iam::encode(&document).into()));
        env.add_notebook(&text, sagemaker::plain_notebook());
        env.notebook(sagemaker::NOTEBOOK, |notebook| {
            notebook.kms_key = Some(text.clone());
            notebook.role_arn = Some(other.clone());
            notebook.direct_internet = Some(text.clone());
        });
        env.notebook_resource(sagemaker::NOTEBOOK, |notebook| {
            notebook.status = Some(other.clone().into());
            notebook.tags = Read::Seen([(other.clone(), text.clone())].into());
        });
        env.user_profile(sagemaker::studio::USER_PROFILE, |profile| {
            profile.arn = Some(text.clone());
            profile.settings.role_arn = Some(other.clone());
        });
        env.monitoring_schedule(sagemaker::studio::SCHEDULE_INLINE, |schedule| {
            schedule.monitors = Some(text.clone());
            schedule.definition_name = Some(other.clone());
        });
        env.add_counted("pipelines", &text);
        env.key_metadata(crate::kms::KEY_DATA, |key| key.state = Some(other.clone()));
        env
    })
}

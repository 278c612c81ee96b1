//! Not seen is never fine, over all controls: what is hidden makes a control that needs it unsure, leaves every other as it
//! was, and hides no violation that does not rest on it. This keeps the declared sources, and so plans and permissions, true.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::collections::BTreeMap;

use plumbline_evaluator::baseline::{self, LoadContext};
use plumbline_evaluator::{Baseline, Scope, controls, evaluate};
use plumbline_findings::Verdict;
use plumbline_names::Text;
use plumbline_snapshot::ec2 as ec2_reads;
use plumbline_snapshot::{Snapshot, Source, Why, sources, sts};
use plumbline_testkit::{Env, ec2, known_good};

/// Reads that a control needs in situations that the known-good is not in; its own tests show them.
const ELSEWHERE: [(&str, &str); 106] = [
    ("IAM-09", "GetPolicy"),
    ("IAM-09", "GetPolicyVersion"),
    ("IAM-15", "GetPolicy"),
    ("IAM-15", "GetPolicyVersion"),
    ("IAM-16", "GetPolicy"),
    ("IAM-16", "GetPolicyVersion"),
    ("IAMC-01", "GetPolicy"),
    ("IAMC-01", "GetPolicyVersion"),
    ("IAMC-02", "GetPolicy"),
    ("IAMC-02", "GetPolicyVersion"),
    ("IAMC-03", "GetPolicy"),
    ("IAMC-03", "GetPolicyVersion"),
    ("IAMC-04", "GetPolicy"),
    ("IAMC-04", "GetPolicyVersion"),
    ("IAMC-05", "GetPolicy"),
    ("IAMC-05", "GetPolicyVersion"),
    ("IAMC-06", "GetPolicy"),
    ("IAMC-06", "GetPolicyVersion"),
    ("IAMC-07", "GetPolicy"),
    ("IAMC-07", "GetPolicyVersion"),
    ("IAMC-08", "GetPolicy"),
    ("IAMC-08", "GetPolicyVersion"),
    ("IAMC-09", "GetPolicy"),
    ("IAMC-09", "GetPolicyVersion"),
    ("IAMC-01", "ListDomains"),
    ("IAMC-02", "ListDomains"),
    ("IAM-05", "GetPolicy"),
    ("IAM-05", "GetPolicyVersion"),
    ("IAM-05", "ListAliases"),
    ("IAM-05", "ListResourceTags"),
    ("IAM-05", "DescribeTrails"),
    ("IAM-05", "DescribeFlowLogs"),
    ("IAM-06", "GetPolicy"),
    ("IAM-06", "GetPolicyVersion"),
    ("IAM-06", "ListAliases"),
    ("IAM-06", "GetKeyPolicy"),
    ("IAM-06", "GetBucketPolicy"),
    ("IAM-07", "GetPolicy"),
    ("IAM-07", "GetPolicyVersion"),
    ("IAM-09", "GetPolicy"),
    ("IAM-10", "GetPolicy"),
    ("IAM-10", "GetPolicyVersion"),
    ("IAM-11", "GetPolicy"),
    ("IAM-11", "GetPolicyVersion"),
    ("IAM-11", "ListAliases"),
    ("IAM-11", "ListResourceTags"),
    ("IAM-11", "DescribeTrails"),
    ("IAM-11", "DescribeFlowLogs"),
    ("IAM-12", "GetPolicy"),
    ("IAM-12", "GetPolicyVersion"),
    ("IAM-13", "GetPolicy"),
    ("IAM-13", "GetPolicyVersion"),
    ("IAM-14", "GetPolicy"),
    ("IAM-14", "GetPolicyVersion"),
    ("NET-10", "DescribeEgressOnlyInternetGateways"),
    ("NET-10", "DescribeCarrierGateways"),
    ("NET-17", "DescribeManagedPrefixLists"),
    ("NET-17", "GetManagedPrefixListEntries"),
    ("NET-18", "DescribeSubnets"),
    ("VPE-01", "DescribeSubnets"),
    ("VPE-01", "DescribeNotebookInstance"),
    ("VPE-01", "ListTags"),
    ("VPE-02", "DescribeSubnets"),
    ("VPE-02", "DescribeNotebookInstance"),
    ("VPE-02", "ListTags"),
    ("VPE-02", "ListModels"),
    ("VPE-02", "DescribeModel"),
    ("VPE-02", "Search"),
    ("VPE-06", "DescribeManagedPrefixLists"),
    ("VPE-06", "GetManagedPrefixListEntries"),
    ("VPE-10", "DescribeNetworkInterfaces"),
    ("VPE-10", "GetManagedPrefixListEntries"),
    ("VPE-10", "DescribeSubnets"),
    ("VPE-10", "ListNotebookInstances"),
    ("VPE-10", "DescribeNotebookInstance"),
    ("VPE-10", "ListDomains"),
    ("VPE-10", "DescribeDomain"),
    ("VPE-10", "ListModels"),
    ("VPE-10", "DescribeModel"),
    ("VPE-10", "Search"),
    ("VPE-10", "ListTags"),
    ("DATA-09", "GetPublicAccessBlock"),
    ("DATA-10", "ListModels"),
    ("DATA-10", "DescribeModel"),
    ("DATA-11", "ListModels"),
    ("DATA-11", "DescribeModel"),
    ("DATA-12", "ListModels"),
    ("DATA-12", "DescribeModel"),
    ("SMK-19", "ListModels"),
    ("SMK-19", "DescribeModel"),
    ("SMK-19", "DescribeVpcs"),
    ("SMK-19", "DescribeSubnets"),
    ("SMK-12", "ListTags"),
    ("SMK-13", "ListTags"),
    ("SMK-14", "ListTags"),
    ("SMK-18", "ListTags"),
    ("LOG-08", "ListEndpointConfigs"),
    ("LOG-08", "DescribeEndpointConfig"),
    ("LOG-08", "ListModels"),
    ("LOG-08", "DescribeModel"),
    ("LOG-08", "DescribeNotebookInstance"),
    ("LOG-08", "DescribeTrainingJob"),
    ("LOG-08", "DescribeEndpoint"),
    ("LOG-08", "ListTags"),
    ("LOG-08", "DescribeVpcs"),
    ("LOG-08", "DescribeSubnets"),
];

/// Every reason why a read may have no answer, but for one that says the service is not there.
const REASONS: [Why; 6] = [Why::Denied, Why::Failed, Why::Throttled, Why::Truncated, Why::NotPlanned, Why::OutOfTime];

type Key = (Text, String, Text, Option<Text>);

#[derive(Debug, Clone, PartialEq)]
struct Seen {
    verdicts: BTreeMap<Key, Verdict>,
    unsure_of_the_set: bool,
}

fn baseline(env: &Env) -> Baseline {
    let loaded = baseline::load(&env.baseline, "baseline.yaml", &LoadContext::on(jiff::civil::date(2026, 9, 14)));
    loaded.unwrap().with_references(&env.references).unwrap()
}

/// The verdicts of every control, by its id.
fn judged(snapshot: &Snapshot, baseline: &Baseline) -> BTreeMap<&'static str, Seen> {
    let last = BTreeMap::new();
    let evaluation = evaluate(snapshot, baseline, &Scope::default(), &last);
    let mut all: BTreeMap<&'static str, Seen> = controls()
        .map(|control| (control.info.id, Seen { verdicts: BTreeMap::new(), unsure_of_the_set: false }))
        .collect();
    for assessment in evaluation.assessments {
        let seen = all.get_mut(assessment.control.id).unwrap();
        seen.unsure_of_the_set |= assessment.whole_set && assessment.verdict == Verdict::InsufficientData;
        let subject = assessment.subject;
        // Not by name: a key goes by its alias where that was seen.
        let region = subject.region.map(|region| region.to_string()).unwrap_or_default();
        let key = (subject.environment, region, subject.resource.arn, subject.aspect);
        let before = seen.verdicts.insert(key.clone(), assessment.verdict);
        assert!(before.is_none(), "{}: two verdicts on {key:?}", assessment.control.id);
    }
    all
}

/// Sources but the caller's identity, without which there is no snapshot.
fn readable() -> impl Iterator<Item = &'static Source> {
    sources().filter(|source| **source != sts::GET_CALLER_IDENTITY)
}

/// `after` has no verdict that is better than `before`'s.
fn assert_no_better(what: &str, before: &Seen, after: &Seen) {
    for (key, verdict) in &after.verdicts {
        let was = before.verdicts.get(key);
        assert!(
            *verdict == Verdict::InsufficientData || was == Some(verdict),
            "{what}: {key:?} was {was:?} and is {verdict} though less was seen"
        );
    }
    for key in before.verdicts.keys().filter(|key| !after.verdicts.contains_key(*key)) {
        assert!(after.unsure_of_the_set, "{what}: {key:?} is gone, and the set counts as whole");
    }
}

#[test]
fn the_known_good_is_clean_under_every_control() {
    let env = known_good();
    for (control, seen) in judged(&env.snapshot, &baseline(&env)) {
        assert!(!seen.verdicts.is_empty(), "{control} is silent");
        for (key, verdict) in &seen.verdicts {
            assert!(matches!(verdict, Verdict::Compliant | Verdict::NotApplicable), "{control} {key:?}: {verdict}");
        }
        assert!(seen.verdicts.values().any(|verdict| *verdict == Verdict::Compliant), "{control} judges nothing");
    }
}

#[test]
fn hiding_a_declared_source_makes_its_control_unsure_and_no_other() {
    let env = known_good();
    let baseline = baseline(&env);
    let clean = judged(&env.snapshot, &baseline);
    let mut wrong = Vec::new();
    for source in readable() {
        let mut hidden = env.clone();
        hidden.hide(source);
        let now = judged(&hidden.snapshot, &baseline);
        for control in controls() {
            let id = control.info.id;
            let unsure = now[id].verdicts.values().any(|verdict| *verdict == Verdict::InsufficientData);
            let declared = control.sources.contains(&source);
            if declared && !unsure && !ELSEWHERE.contains(&(id, source.operation)) {
                wrong.push(format!("{id} declares {} and does not miss it", source.operation));
            }
            if !declared && now[id] != clean[id] {
                wrong.push(format!("{id} does not declare {} and changes without it", source.operation));
            }
            assert_no_better(&format!("{id} without {}", source.operation), &clean[id], &now[id]);
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn no_reason_for_a_gap_makes_a_verdict_better() {
    let env = known_good();
    let baseline = baseline(&env);
    let clean = judged(&env.snapshot, &baseline);
    for source in readable() {
        for why in REASONS {
            let mut hidden = env.clone();
            hidden.hide_with(source, why);
            let now = judged(&hidden.snapshot, &baseline);
            for control in controls() {
                let id = control.info.id;
                assert_no_better(&format!("{id} without {} ({why:?})", source.operation), &clean[id], &now[id]);
            }
        }
        let mut cut = env.clone();
        cut.cut(source);
        let now = judged(&cut.snapshot, &baseline);
        for control in controls() {
            let id = control.info.id;
            assert_no_better(&format!("{id} with {} cut", source.operation), &clean[id], &now[id]);
        }
    }
}

/// A Region that is not enabled has no service: each read there says so, and what was there before is still there.
#[test]
fn a_region_that_is_closed_makes_no_verdict_better() {
    let env = known_good();
    let baseline = baseline(&env);
    let clean = judged(&env.snapshot, &baseline);
    let mut closed = env.clone();
    let global = ["iam", "s3control"];
    for source in readable().filter(|source| !global.contains(&source.service) && **source != ec2_reads::REGIONS) {
        closed.hide_with(source, Why::Unsupported);
    }
    let now = judged(&closed.snapshot, &baseline);
    for control in controls() {
        let id = control.info.id;
        assert_no_better(&format!("{id} in a closed Region"), &clean[id], &now[id]);
        if control.sources.iter().all(|source| !global.contains(&source.service)) {
            let fine = now[id].verdicts.values().filter(|verdict| **verdict == Verdict::Compliant).count();
            assert_eq!(fine, 0, "{id} is COMPLIANT in a closed Region");
        }
    }
}

#[test]
fn a_violation_shows_through_every_gap_it_does_not_rest_on() {
    let mut env = known_good();
    env.add_internet_gateway(ec2::VPC)
        .add_route(ec2::TABLE_MAIN, "0.0.0.0/0", "GatewayId", "igw-1")
        .dns(true, false)
        .ebs_encryption(false)
        .add_peering(ec2::plain_peering("pcx-0added", ec2::OTHER_VPC))
        .add_transit_attachment(ec2::plain_attachment("tgw-attach-0added", "tgw-0theirs"))
        .network_interface(ec2::ENI_INSTANCE, |interface| interface.public_ip = Some("198.51.100.7".to_owned()))
        .add_egress(ec2::SG_WORKLOAD, ec2::with_cidr(ec2::all_traffic(), "0.0.0.0/0"))
        .vpc_block(|block| block.mode = "off".to_owned())
        .network_acl(ec2::ACL, |acl| acl.entries.push(ec2::acl_entry(20, "allow", "-1", "0.0.0.0/0")))
        .endpoint("sts", |endpoint| {
            endpoint.subnet_ids.remove(ec2::SUBNET_B);
        })
        .group(ec2::SG_ENDPOINTS, |group| group.ingress.clear());
    let baseline = baseline(&env);
    let broken = judged(&env.snapshot, &baseline);
    let open = |all: &BTreeMap<&'static str, Seen>, id: &str| {
        all[id].verdicts.values().any(|verdict| *verdict == Verdict::NonCompliant)
    };
    let expected: Vec<&str> = broken.keys().copied().filter(|id| open(&broken, id)).collect();
    for id in [
        "NET-02", "NET-06", "NET-07", "NET-08", "NET-09", "NET-11", "NET-13", "NET-16", "NET-17", "NET-18", "VPE-07",
        "VPE-10", "DATA-13",
    ] {
        assert!(expected.contains(&id), "{id} does not see it: {expected:?}");
    }
    for source in readable() {
        let mut hidden = env.clone();
        hidden.hide(source);
        let now = judged(&hidden.snapshot, &baseline);
        for id in &expected {
            let control = controls().find(|control| control.info.id == *id).unwrap();
            if !control.sources.contains(&source) {
                assert!(open(&now, id), "{id} no longer sees it without {}", source.operation);
            }
        }
    }
}

#[test]
fn the_same_snapshot_gives_the_same_assessments() {
    let env = known_good();
    let baseline = baseline(&env);
    let last = BTreeMap::new();
    let once = evaluate(&env.snapshot, &baseline, &Scope::default(), &last);
    let back = Snapshot::from_bytes(&env.snapshot.to_bytes().unwrap()).unwrap();
    assert_eq!(once, evaluate(&back, &baseline, &Scope::default(), &last));
}

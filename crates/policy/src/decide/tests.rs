//! The settled corners of how policies combine, by row of the table of corners. Corners of
//! conditions are in the tests of `checks`.

use super::*;
use crate::parse::parse;

const OWN: &str = "111122223333";
const ROOT: &str = "arn:aws:iam::111122223333:root";
const ALICE: &str = "arn:aws:iam::111122223333:user/alice";
const ROLE: &str = "arn:aws:iam::111122223333:role/team/reader";
const SESSION: &str = "arn:aws:sts::111122223333:assumed-role/reader/job-1";
const BOB: &str = "arn:aws:iam::444455556666:user/bob";
const FEDERATED: &str = "arn:aws:sts::111122223333:federated-user/carol";
const OBJECT: &str = "arn:aws:s3:::records/2026/a.csv";
const KEY: &str = "arn:aws:kms:eu-west-1:111122223333:key/1234";
const TARGET: &str = "arn:aws:iam::111122223333:role/deployer";
const LINKED: &str = "arn:aws:iam::111122223333:role/aws-service-role/backup.amazonaws.com/AWSServiceRoleForBackup";

/// A case under construction: an s3:GetObject of Alice that nothing allows.
#[derive(Clone)]
struct Case {
    principal: &'static str,
    action: &'static str,
    resource: &'static str,
    context: String,
    policies: PolicySet,
}

fn case() -> Case {
    let policies = PolicySet::default();
    Case { principal: ALICE, action: "s3:GetObject", resource: OBJECT, context: String::new(), policies }
}

fn policy(statements: &str) -> Policy {
    parse(&format!(r#"{{"Version":"2012-10-17","Statement":[{statements}]}}"#)).unwrap().into()
}

fn allow(action: &str) -> Policy {
    policy(&format!(r#"{{"Effect":"Allow","Action":"{action}","Resource":"*"}}"#))
}

fn deny(action: &str) -> Policy {
    policy(&format!(r#"{{"Effect":"Deny","Action":"{action}","Resource":"*"}}"#))
}

/// A resource policy that allows everything to a principal, or to `*`.
fn to(principal: &str) -> Policy {
    let principal = if principal == "*" { "\"*\"".to_owned() } else { format!(r#"{{"AWS":"{principal}"}}"#) };
    policy(&format!(r#"{{"Effect":"Allow","Principal":{principal},"Action":"*","Resource":"*"}}"#))
}

fn trust(principal: &str) -> Policy {
    policy(&format!(r#"{{"Effect":"Allow","Principal":{principal},"Action":"sts:AssumeRole*"}}"#))
}

impl Case {
    fn of(mut self, principal: &'static str) -> Self {
        self.principal = principal;
        self
    }

    fn asks(mut self, action: &'static str, resource: &'static str) -> Self {
        (self.action, self.resource) = (action, resource);
        self
    }

    fn with(mut self, context: &str) -> Self {
        self.context = context.to_owned();
        self
    }

    fn identity(mut self, policy: Policy) -> Self {
        self.policies.identity.push(policy);
        self
    }

    fn resource(mut self, policy: Policy) -> Self {
        self.policies.resource = Some(policy);
        self
    }

    fn boundary(mut self, policy: Policy) -> Self {
        self.policies.boundary = Some(policy);
        self
    }

    fn session(mut self, policy: Policy) -> Self {
        self.policies.session.push(policy);
        self
    }

    fn scps(mut self, levels: Vec<Vec<Policy>>) -> Self {
        self.policies.scps = levels;
        self
    }

    fn rcp(mut self, policy: Policy) -> Self {
        self.policies.rcps = vec![Vec::new(), vec![policy]];
        self
    }

    fn endpoint(mut self, policy: Policy) -> Self {
        self.policies.endpoint = Some(policy);
        self
    }

    fn decision(&self) -> Decision {
        let text = format!(
            r#"{{"principal":"{}","action":"{}","resource":"{}","resource_account":"{OWN}","context":{{{}}}}}"#,
            self.principal, self.action, self.resource, self.context
        );
        decide(&self.policies, &Request::parse(&text).unwrap())
    }

    #[track_caller]
    fn is(self, expected: &str) {
        let decision = self.decision();
        assert_eq!(decision.as_str(), expected, "{}", decision.reason());
    }
}

const ALLOW: &str = "ALLOW";
const EXPLICIT: &str = "EXPLICIT_DENY";
const IMPLICIT: &str = "IMPLICIT_DENY";
const UNKNOWN: &str = "UNKNOWN";

#[test]
fn a_deny_goes_before_an_allow_and_nothing_is_a_denial() {
    case().is(IMPLICIT);
    case().identity(allow("s3:*")).is(ALLOW);
    case().identity(allow("s3:*")).identity(deny("s3:Get*")).is(EXPLICIT);
    let decision = case().identity(allow("ec2:*")).identity(allow("s3:*")).decision();
    assert_eq!(decision.reason(), "allowed by statement 0 of the identity policy 1");
    assert_eq!(case().decision().reason(), "no Allow in the identity policy and resource policy");
}

#[test]
fn an_open_question_counts_only_where_it_matters() {
    let open = policy(
        r#"{"Effect":"Allow","Action":"s3:*","Resource":"*",
        "Condition":{"ForAnyValue:StringEqualsIfExists":{"aws:TagKeys":"a"}}}"#,
    );
    case().identity(open.clone()).is(UNKNOWN);
    case().identity(open.clone()).identity(allow("s3:*")).is(ALLOW);
    case().identity(open.clone()).identity(deny("s3:*")).is(EXPLICIT);
    case().identity(open.clone()).boundary(allow("ec2:*")).is(IMPLICIT);
    case().identity(open.clone()).asks("ec2:StartInstances", "*").is(IMPLICIT);
    let Decision::Unknown { because } = case().identity(open).decision() else { panic!("open") };
    assert_eq!(because, ["`ForAnyValue:StringEqualsIfExists` without the key `aws:TagKeys`"]);
}

#[test]
fn rows_17_18_19_21_elements() {
    let granted = |entry: &str| case().identity(policy(&format!(r#"{{"Effect":"Allow",{entry}}}"#)));
    let queue = "arn:aws:sqs:eu-west-1:111122223333:intake";
    let sqs = |resource: &str| {
        granted(&format!(r#""Action":"sqs:*","Resource":"{resource}""#)).asks("sqs:SendMessage", queue)
    };
    granted(r#""Action":"S3:gEt*","Resource":"arn:aws:s3:::rec*""#).is(ALLOW);
    granted(r#""Action":"s3:*","Resource":"arn:aws:s3:::Records/*""#).is(IMPLICIT);
    granted(r#""NotAction":"S3:GET*","Resource":"*""#).is(IMPLICIT);
    granted(r#""NotAction":"iam:*","NotResource":"arn:aws:s3:::other/*""#).is(ALLOW);
    granted(r#""Action":"*","NotResource":"arn:aws:s3:::records/*""#).is(IMPLICIT);
    sqs("arn:aws:sqs").is(ALLOW);
    sqs("arn:aws:sqs:eu-west-1").is(ALLOW);
    sqs("arn:aws:sqs:us-east-1").is(IMPLICIT);
    sqs("arn:aws:sqs:*").is(ALLOW);
    let short = |text: &str| policy(&format!(r#"{{"Effect":"Allow","Action":"*","Resource":"{text}"}}"#));
    let bounded = |text: &str| case().asks("sqs:SendMessage", queue).identity(allow("*")).boundary(short(text));
    bounded("arn:aws:sqs").is(UNKNOWN);
    bounded("arn:aws:sns").is(IMPLICIT);
    bounded("arn:aws:sqs:*").is(ALLOW);
    granted(r#""Action":"s3:*","Resource":"*""#).asks("s3:ListAllMyBuckets", "*").is(ALLOW);
    granted(r#""Action":"s3:*","Resource":"arn:aws:s3:::*""#).asks("s3:ListAllMyBuckets", "*").is(IMPLICIT);
    granted(r#""Action":"*","Resource":"arn:*:s3:::records/*""#).is(UNKNOWN);
    let roles = r#""Action":"*","Resource":"arn:aws:iam::*:r*/x""#;
    granted(roles).asks("iam:GetRole", "arn:aws:iam::111122223333:role/x").is(UNKNOWN);
    granted(roles).asks("iam:GetUser", "arn:aws:iam::111122223333:user/x").is(IMPLICIT);
}

#[test]
fn rows_23_25_27_variables_in_resources() {
    let home = |element: &str, variable: &str| {
        case().identity(policy(&format!(
            r#"{{"Effect":"Allow","Action":"*","{element}":"arn:aws:s3:::records/${{{variable}}}/*"}}"#
        )))
    };
    let team = "aws:PrincipalTag/team";
    home("Resource", team).is(IMPLICIT);
    home("Resource", team).with(r#""aws:PrincipalTag/team":"2026""#).is(ALLOW);
    home("Resource", team).with(r#""aws:PrincipalTag/team":"20*""#).is(UNKNOWN);
    home("Resource", team).with(r#""aws:PrincipalTag/team":"30*""#).is(IMPLICIT);
    home("NotResource", team).is(UNKNOWN);
    home("NotResource", team).with(r#""aws:PrincipalTag/team":"2026""#).is(IMPLICIT);
    home("Resource", "aws:PrincipalTag/team, '2026'").is(ALLOW);
    home("Resource", "aws:PrincipalTag/team,'2026'").is(UNKNOWN);
}

#[test]
fn rows_34_35_keys_that_the_request_leaves_open() {
    let like = |arn: &str| {
        policy(&format!(
            r#"{{"Effect":"Allow","Action":"*","Resource":"*","Condition":{{"ArnLike":{{"aws:PrincipalArn":"{arn}"}}}}}}"#
        ))
    };
    let team = "arn:aws:iam::111122223333:role/team/*";
    let given = r#""aws:PrincipalArn":"arn:aws:iam::111122223333:role/team/reader""#;
    case().of(SESSION).with(given).identity(like(team)).is(ALLOW);
    case().of(SESSION).with(given).identity(like("arn:aws:sts::*:assumed-role/*")).is(IMPLICIT);
    case().of(SESSION).identity(like(team)).is(UNKNOWN);
    let decision = case().identity(like("arn:aws:iam::*:user/*")).decision();
    assert_eq!(decision.reason(), "the verdict depends on `aws:PrincipalArn`, which the request leaves open");
    case().identity(like("arn:aws:iam::*:role/*")).is(IMPLICIT);
    let address = policy(
        r#"{"Effect":"Deny","Action":"*","Resource":"*","Condition":{"NotIpAddress":{"aws:SourceIp":"203.0.113.0/24"}}}"#,
    );
    let through = case().identity(allow("*")).identity(address);
    through.clone().with(r#""aws:SourceVpce":"vpce-1""#).is(EXPLICIT);
    through.clone().with(r#""aws:SourceIp":"203.0.113.9""#).is(ALLOW);
    through.with(r#""aws:SourceVpce":"vpce-1","aws:SourceIp":"203.0.113.9""#).is(UNKNOWN);
}

#[test]
fn rows_36_37_38_39_57_principals() {
    case().of(SESSION).resource(to(ROLE)).is(ALLOW);
    case().of(SESSION).resource(to("arn:aws:iam::111122223333:role/reader")).is(ALLOW);
    case().of(SESSION).resource(to("arn:aws:iam::111122223333:role/reader2")).is(IMPLICIT);
    case().of(ROLE).resource(to(ROLE)).is(ALLOW);
    case().of(ROLE).resource(to(SESSION)).is(UNKNOWN);
    case().resource(to(ROOT)).is(IMPLICIT);
    case().resource(to(OWN)).identity(allow("s3:*")).is(ALLOW);
    case().of(ROOT).resource(to("444455556666")).is(ALLOW);
    case().resource(to("arn:aws:iam::111122223333:user/*")).is(UNKNOWN);
    case().resource(to("AROAJQABLZS4A3QDU576Q")).is(IMPLICIT);
    case().of("anonymous").resource(to("*")).is(ALLOW);
    let everyone = policy(r#"{"Effect":"Allow","Principal":{"AWS":"*"},"Action":"*","Resource":"*"}"#);
    case().of("anonymous").resource(everyone.clone()).is(ALLOW);
    case().of("anonymous").resource(to(ROOT)).is(IMPLICIT);
    case().of("logs.amazonaws.com").resource(everyone).is(UNKNOWN);
    let logs = |name: &str| {
        policy(&format!(r#"{{"Effect":"Allow","Principal":{{"Service":"{name}"}},"Action":"*","Resource":"*"}}"#))
    };
    case().of("logs.amazonaws.com").resource(logs("logs.amazonaws.com")).is(ALLOW);
    case().of("logs.amazonaws.com").resource(logs("ec2.amazonaws.com")).is(IMPLICIT);
}

#[test]
fn row_40_not_principal() {
    let spare = |names: &[&str]| {
        let names = serde_json::to_string(names).unwrap();
        policy(&format!(
            r#"{{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"}},
            {{"Effect":"Deny","NotPrincipal":{{"AWS":{names}}},"Action":"*","Resource":"*"}}"#
        ))
    };
    case().resource(spare(&[ALICE, ROOT])).is(ALLOW);
    case().resource(spare(&[ALICE])).is(UNKNOWN);
    case().resource(spare(&[ALICE, ROOT])).boundary(allow("*")).is(EXPLICIT);
    case().of(BOB).identity(allow("*")).resource(spare(&[ALICE, ROOT])).is(EXPLICIT);
    case().of(SESSION).resource(spare(&[SESSION, ROLE, ROOT])).is(ALLOW);
    case().of(SESSION).resource(spare(&[ROLE, ROOT])).is(UNKNOWN);
    case().of("anonymous").resource(spare(&[ALICE, ROOT])).is(EXPLICIT);
    case().of(ROLE).resource(spare(&[SESSION])).is(UNKNOWN);
    let allowing = r#"{"Effect":"Allow","NotPrincipal":{"AWS":"444455556666"},"Action":"*","Resource":"*"}"#;
    case().resource(policy(allowing)).is(UNKNOWN);
}

#[test]
fn rows_41_42_43_limits() {
    let put = || allow("s3:PutObject");
    case().boundary(put()).resource(to(ALICE)).is(ALLOW);
    case().boundary(put()).identity(allow("s3:*")).is(IMPLICIT);
    case().boundary(allow("s3:*")).identity(allow("s3:*")).is(ALLOW);
    case().boundary(deny("s3:*")).resource(to(ALICE)).is(EXPLICIT);
    case().of(SESSION).resource(to(SESSION)).boundary(put()).is(ALLOW);
    case().of(SESSION).resource(to(SESSION)).session(put()).is(ALLOW);
    case().of(SESSION).resource(to(SESSION)).session(deny("*")).is(EXPLICIT);
    case().of(SESSION).resource(to(ROLE)).boundary(put()).is(IMPLICIT);
    case().of(SESSION).resource(to(ROLE)).session(put()).is(IMPLICIT);
    case().of(SESSION).resource(to(ROLE)).session(put()).session(allow("s3:*")).is(ALLOW);
    case().of(SESSION).resource(to("*")).session(put()).is(UNKNOWN);
    let by_key = policy(&format!(
        r#"{{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*",
        "Condition":{{"ArnEquals":{{"aws:PrincipalArn":"{ROLE}"}}}}}}"#
    ));
    let given = format!(r#""aws:PrincipalArn":"{ROLE}""#);
    case().of(SESSION).resource(by_key).session(put()).with(&given).is(ALLOW);
    case().of(SESSION).identity(allow("*")).session(put()).is(IMPLICIT);
    case().of(FEDERATED).identity(allow("*")).is(IMPLICIT);
    case().of(FEDERATED).identity(allow("*")).session(allow("*")).is(ALLOW);
    case().of(FEDERATED).resource(to(FEDERATED)).is(ALLOW);
    let parent = || case().of(FEDERATED).resource(to("arn:aws:iam::111122223333:user/carol"));
    parent().is(IMPLICIT);
    parent().session(allow("*")).is(UNKNOWN);
    let any_key = policy(
        r#"{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*",
        "Condition":{"ForAllValues:ArnLike":{"aws:PrincipalArn":"arn:aws:iam::*:role/*"}}}"#,
    );
    case().of(SESSION).resource(any_key).session(put()).with(&given).is(UNKNOWN);
}

#[test]
fn row_44_both_accounts_have_to_allow() {
    let bob = || case().of(BOB);
    bob().identity(allow("*")).resource(to(BOB)).is(ALLOW);
    bob().identity(allow("*")).resource(to("444455556666")).is(ALLOW);
    bob().identity(allow("*")).resource(to("*")).is(ALLOW);
    bob().resource(to(BOB)).is(IMPLICIT);
    bob().identity(allow("*")).is(IMPLICIT);
    bob().identity(allow("*")).resource(to(BOB)).boundary(allow("ec2:*")).is(IMPLICIT);
    bob().identity(allow("*")).resource(to(BOB)).scps(vec![vec![allow("ec2:*")]]).is(IMPLICIT);
    let root = "arn:aws:iam::444455556666:root";
    case().of(root).resource(to("444455556666")).is(ALLOW);
    assert_eq!(bob().decision().reason(), "no Allow in the identity policy and resource policy");
}

#[test]
fn row_45_a_key_policy_has_to_delegate() {
    let uses = || case().asks("kms:Decrypt", KEY);
    uses().identity(allow("kms:*")).resource(to(ROOT)).is(ALLOW);
    uses().identity(allow("kms:*")).resource(to("arn:aws:iam::111122223333:user/carol")).is(IMPLICIT);
    uses().resource(to(ROOT)).is(IMPLICIT);
    uses().resource(to(ALICE)).is(ALLOW);
    uses().identity(deny("kms:*")).resource(to(ALICE)).is(EXPLICIT);
    uses().identity(allow("kms:*")).is(UNKNOWN);
    uses().of(ROOT).resource(to(ALICE)).is(IMPLICIT);
    uses().of(BOB).identity(allow("kms:*")).resource(to("444455556666")).is(ALLOW);
    case().asks("kms:ListKeys", "*").identity(allow("kms:*")).is(ALLOW);
    let alias = "arn:aws:kms:eu-west-1:111122223333:alias/x";
    case().asks("kms:Encrypt", alias).identity(allow("kms:*")).resource(to(ROOT)).is(UNKNOWN);
}

#[test]
fn rows_46_47_assuming_a_role() {
    let assumes = || case().asks("sts:AssumeRole", TARGET);
    let root = r#"{"AWS":"111122223333"}"#;
    let ec2 = r#"{"Service":"ec2.amazonaws.com"}"#;
    assumes().identity(allow("sts:*")).resource(trust(ec2)).is(IMPLICIT);
    assumes().identity(allow("sts:*")).resource(trust(root)).is(ALLOW);
    assumes().resource(trust(root)).is(IMPLICIT);
    assumes().resource(trust(&format!(r#"{{"AWS":"{ALICE}"}}"#))).is(ALLOW);
    assumes().of("ec2.amazonaws.com").resource(trust(ec2)).is(ALLOW);
    assumes().of(BOB).resource(trust(r#"{"AWS":"444455556666"}"#)).is(IMPLICIT);
    assumes().of(ROOT).resource(trust(root)).is(UNKNOWN);
    assumes().identity(allow("sts:*")).is(UNKNOWN);
    assumes().identity(allow("sts:*")).resource(to(ROOT)).is(UNKNOWN);
    let provider = "arn:aws:iam::111122223333:oidc-provider/issuer.example.com";
    let web = || case().of(provider).asks("sts:AssumeRoleWithWebIdentity", TARGET);
    web().resource(trust(&format!(r#"{{"Federated":"{provider}"}}"#))).is(ALLOW);
    web().resource(trust(root)).is(IMPLICIT);
    web().resource(policy(r#"{"Effect":"Deny","Principal":"*","Action":"sts:*"}"#)).is(EXPLICIT);
    web().resource(trust(&format!(r#"{{"Federated":"{provider}"}}"#))).scps(vec![vec![deny("*")]]).is(ALLOW);
    let federated =
        format!(r#"{{"Effect":"Allow","Principal":{{"Federated":"{provider}"}},"Action":"*","Resource":"*"}}"#);
    case().of(provider).resource(policy(&federated)).is(UNKNOWN);
    assumes().of("anonymous").resource(trust("\"*\"")).is(UNKNOWN);
    assumes()
        .identity(allow("*"))
        .resource(policy(r#"{"Effect":"Deny","NotPrincipal":{"AWS":"111122223333"},"Action":"sts:*"}"#))
        .is(UNKNOWN);
    case().asks("sts:GetCallerIdentity", "*").identity(deny("*")).is(ALLOW);
    let who = case().asks("sts:GetCallerIdentity", "*").with(r#""aws:SourceVpce":"vpce-1""#);
    who.clone().endpoint(to("*")).is(ALLOW);
    who.endpoint(to(BOB)).is(UNKNOWN);
}

#[test]
fn rows_48_52_service_control_policies() {
    let full = || vec![allow("*")];
    let granted = || case().identity(allow("*"));
    granted().scps(vec![full(), vec![allow("s3:*")], full()]).is(ALLOW);
    granted().scps(vec![full(), vec![allow("ec2:*")], full()]).is(IMPLICIT);
    granted().scps(vec![full(), vec![allow("ec2:*"), allow("s3:*")]]).is(ALLOW);
    granted().scps(vec![full(), vec![allow("*"), deny("s3:*")]]).is(EXPLICIT);
    granted().scps(vec![full(), Vec::new()]).is(IMPLICIT);
    case().resource(to(ALICE)).scps(vec![vec![allow("ec2:*")]]).is(IMPLICIT);
    case().of(ROOT).scps(vec![vec![allow("ec2:*")]]).is(IMPLICIT);
    case().of("anonymous").resource(to("*")).scps(vec![vec![deny("*")]]).is(ALLOW);
    let linked = "arn:aws:sts::111122223333:assumed-role/AWSServiceRoleForBackup/job";
    let linked = case().of(linked).identity(allow("*")).scps(vec![vec![deny("*")]]);
    linked.clone().is(UNKNOWN);
    linked.with(&format!(r#""aws:PrincipalArn":"{LINKED}""#)).is(ALLOW);
    case().of(SESSION).identity(allow("*")).scps(vec![vec![deny("*")]]).is(EXPLICIT);
    granted().scps(vec![vec![to("*")]]).is(UNKNOWN);
}

#[test]
fn row_49_resource_control_policies() {
    let rcp =
        |action: &str| policy(&format!(r#"{{"Effect":"Deny","Principal":"*","Action":"{action}","Resource":"*"}}"#));
    case().identity(allow("*")).rcp(rcp("s3:*")).is(EXPLICIT);
    case().identity(allow("*")).rcp(rcp("sqs:*")).is(ALLOW);
    case().of("anonymous").resource(to("*")).rcp(rcp("s3:*")).is(EXPLICIT);
    case().of("logs.amazonaws.com").resource(to("*")).rcp(rcp("s3:*")).is(EXPLICIT);
    case().identity(allow("*")).rcp(to("*")).is(ALLOW);
    let narrow = policy(r#"{"Effect":"Allow","Principal":"*","Action":"s3:*","Resource":"*"}"#);
    case().identity(allow("*")).rcp(narrow).is(UNKNOWN);
    let instance = "arn:aws:ec2:eu-west-1:111122223333:instance/i-1";
    case().identity(allow("*")).asks("ec2:StartInstances", instance).rcp(rcp("ec2:*")).is(UNKNOWN);
    case().of(LINKED).identity(allow("*")).rcp(rcp("s3:*")).is(ALLOW);
}

#[test]
fn rows_50_51_endpoint_policies() {
    let through = || case().identity(allow("*")).with(r#""aws:SourceVpce":"vpce-1","aws:SourceVpc":"vpc-1""#);
    let only = |resource: &str| {
        policy(&format!(r#"{{"Effect":"Allow","Principal":"*","Action":"*","Resource":"arn:aws:s3:::{resource}/*"}}"#))
    };
    through().endpoint(only("records")).is(ALLOW);
    through().endpoint(only("elsewhere")).is(IMPLICIT);
    case().identity(allow("*")).endpoint(only("elsewhere")).is(ALLOW);
    let vpc = || case().identity(allow("*")).with(r#""aws:SourceVpc":"vpc-1""#);
    vpc().endpoint(only("elsewhere")).is(UNKNOWN);
    vpc().endpoint(only("records")).is(ALLOW);
    let denies = policy(r#"{"Effect":"Deny","Principal":"*","Action":"*","Resource":"*"}"#);
    through().endpoint(denies).is(EXPLICIT);
    through().endpoint(to(ROOT)).is(UNKNOWN);
    through().asks("sqs:SendMessage", "arn:aws:sqs:eu-west-1:111122223333:q").endpoint(to(ROOT)).is(ALLOW);
    case().with(r#""aws:SourceVpce":"vpce-1""#).endpoint(only("records")).is(IMPLICIT);
}

#[test]
fn row_53_what_aws_manages() {
    let reserved = "arn:aws:iam::111122223333:role/aws-reserved/sso.amazonaws.com/x";
    case().identity(allow("*")).asks("iam:DeleteRole", reserved).is(UNKNOWN);
    case().identity(allow("*")).asks("iam:GetRole", reserved).is(ALLOW);
    case().asks("iam:DeleteRole", reserved).is(IMPLICIT);
    case().identity(allow("*")).asks("iam:DeleteRole", TARGET).is(ALLOW);
}

#[test]
fn row_59_a_policy_of_the_wrong_kind_decides_nothing() {
    case().identity(to("*")).is(UNKNOWN);
    case().resource(allow("*")).is(UNKNOWN);
    let odd = r#"{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"StringIs":{"k:v":"a"}}}"#;
    case().identity(policy(odd)).is(UNKNOWN);
    case().identity(policy(odd)).identity(deny("*")).is(EXPLICIT);
}

#[test]
fn hostile_policies_end_within_the_budget() {
    let nasty = format!("{}b", "*a?".repeat(1_300));
    let statement = format!(
        r#"{{"Effect":"Allow","Action":"*","Resource":"arn:aws:s3:::x/{nasty}",
        "Condition":{{"StringLike":{{"k:v":"{nasty}"}}}}}}"#
    );
    let statements = vec![statement; 20].join(",");
    let text = format!(r#"{{"Version":"2012-10-17","Statement":[{}]}}"#, &statements);
    let policies = PolicySet { identity: vec![parse(&text).unwrap().into()], ..PolicySet::default() };
    let resource = format!("arn:aws:s3:::x/{}", "a".repeat(4_000));
    let context = vec![("k:v".to_owned(), crate::ContextValue::One("a".repeat(4_000)))];
    let request = Request::new(ALICE, "s3:GetObject", &resource, Some(OWN), context).unwrap();
    let decision = decide(&policies, &request);
    assert!(matches!(decision, Decision::Unknown { .. } | Decision::ImplicitDeny { .. }), "{decision:?}");
}

#[test]
fn many_values_and_many_variables_end_within_the_budget() {
    let many = |n: usize| serde_json::to_string(&(0..n).map(|i| format!("v{i}")).collect::<Vec<_>>()).unwrap();
    let holes = "${k:long}".repeat(400);
    for condition in [
        format!(r#"{{"ForAllValues:StringNotEquals":{{"k:many":{}}}}}"#, many(5_000)),
        format!(r#"{{"ForAllValues:StringNotEqualsIgnoreCase":{{"k:many":{}}}}}"#, many(5_000)),
        format!(r#"{{"ForAnyValue:StringLike":{{"k:many":["{holes}","x{holes}*y"]}}}}"#),
    ] {
        let statement = format!(r#"{{"Effect":"Allow","Action":"*","Resource":"*","Condition":{condition}}}"#);
        let set = PolicySet { identity: vec![policy(&statement)], ..PolicySet::default() };
        let long = crate::ContextValue::One("a".repeat(4_000));
        let values = crate::ContextValue::Many((0..5_000).map(|i| format!("w{i}")).collect());
        let context = vec![("k:many".to_owned(), values), ("k:long".to_owned(), long)];
        let request = Request::new(ALICE, "s3:GetObject", OBJECT, Some(OWN), context).unwrap();
        let decision = decide(&set, &request);
        assert!(!decision.is_allow(), "{decision:?}");
    }
}

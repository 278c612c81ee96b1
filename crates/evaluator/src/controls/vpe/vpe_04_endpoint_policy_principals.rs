//! VPE-04: endpoint policies admit only principals of the environment's accounts or organization.

use plumbline_findings::{Area, Assessment, ControlInfo, Maps, Origin, Reason, Severity};
use plumbline_policy::Confinement;
use plumbline_snapshot::ec2::{self, VpcEndpoint};

use crate::Control;
use crate::judge::{self, Known, Say};
use crate::place::Place;
use crate::world::World;
use crate::world::endpoint_policies::{Callers, callers_of, reads_known_buckets};
use crate::world::endpoints::endpoint_ref;
use crate::world::policies::{endpoint_policy, hangs, shown};

pub(crate) const CONTROL: Control =
    Control { info: &INFO, sources: &[&ec2::VPCS, &ec2::VPC_ENDPOINTS], unassigned: false, assess };

const INFO: ControlInfo = ControlInfo {
    id: "VPE-04",
    name: "endpoint-policy-principals",
    title: "Endpoint policies admit only principals of the environment's accounts or organization.",
    area: Area::Endpoints,
    severity: Severity::Medium,
    origin: Origin::Derived,
    scope: "endpoint",
    rationale: "Credentials of a stranger's account, brought into the network, carry data out through an endpoint that takes any caller.",
    decided: "Each Allow, alone or with the policy's Denies, must confine callers to `allowed_accounts` or `org_id` by aws:PrincipalAccount, aws:PrincipalOrgID, aws:PrincipalOrgPaths or aws:PrincipalArn; on an interface endpoint the principals that it names will do. Requests that AWS services sign for themselves may pass. On the S3 endpoint, reads of `s3_endpoint_extra_buckets` need no such condition.",
    remediation: "Add StringEquals on aws:PrincipalOrgID, or on aws:PrincipalAccount, to every Allow of the endpoint's policy.",
    maps: Maps { securityhub: &[], cis: &[], nist: &["AC-3", "AC-4"] },
};

fn assess<'a>(world: &World<'a>, place: &Place<'a>) -> Vec<Assessment> {
    let endpoints = world.vpc_endpoints(place);
    judge::each(
        &INFO,
        place,
        endpoints,
        |endpoint| (endpoint_ref(place, endpoint), None),
        |say, endpoint| look(place, endpoint, say),
    )
}

fn look<'a>(place: &Place<'a>, endpoint: &'a VpcEndpoint, say: &mut Say<'a>) -> Known<'a, ()> {
    let (id, service) = (&endpoint.id, &endpoint.service_name);
    let Some(document) = endpoint_policy(place, endpoint)? else {
        say.not_applicable(Reason::UnsupportedByService, format!("`{service}` takes no endpoint policy"));
        return Ok(());
    };
    for allow in document.allows() {
        let Callers { held, odd } = callers_of(place, endpoint, &document, allow);
        match held.how {
            Confinement::Confined => {}
            _ if reads_known_buckets(place, endpoint, &document, allow) => {}
            Confinement::Undecidable => say.unknown(hangs(&format!("`{id}`"), allow, "who calls")),
            _ => say.broken(
                format!(
                    "statement {} of the policy of `{id}` ({service}) admits callers of other accounts: {}",
                    allow.index,
                    odd.unwrap_or_else(|| held.why("who calls")),
                ),
                [shown(
                    &ec2::VPC_ENDPOINTS,
                    &format!("{id}.PolicyDocument"),
                    allow,
                    "callers confined to allowed_accounts or org_id",
                )],
            ),
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use expect_test::expect;
    use plumbline_testkit::Env;
    use plumbline_testkit::ec2::*;
    use serde_json::{Value, json};

    use super::CONTROL;
    use crate::check::{blind, check, clean};

    fn statement(condition: Value) -> Value {
        json!({"Effect": "Allow", "Principal": "*", "Action": "sts:*", "Resource": "*", "Condition": condition})
    }

    fn policy(env: &mut Env, service: &str, statements: Value) {
        env.endpoint_policy(service, &json!({"Version": "2012-10-17", "Statement": statements}));
    }

    #[test]
    fn known_good_is_clean_and_a_gap_is_not() {
        clean(&CONTROL);
        blind(&CONTROL);
    }

    #[test]
    fn an_allow_that_says_nothing_of_its_callers() {
        check(
            &CONTROL,
            |env| {
                policy(
                    env,
                    "sts",
                    json!([
                        statement(json!({})),
                        statement(json!({"StringEquals": {"aws:PrincipalAccount": "111122223333"}}))
                    ]),
                )
            },
            expect![[r#"
                NON_COMPLIANT MEDIUM fraud-dev vpce-0b2c4d6e8f0a00002: Statement 0 of the policy of `vpce-0b2c4d6e8f0a00002` (com.amazonaws.eu-west-1.sts) admits callers of other accounts: nothing confines who calls.
                  ec2:DescribeVpcEndpoints vpce-0b2c4d6e8f0a00002.PolicyDocument.Statement[0]: saw {"Effect":"Allow","Principal":"*","Action":["sts:*"],"Resource":["*"]}, wanted callers confined to allowed_accounts or org_id
            "#]],
        );
    }

    #[test]
    fn pass_trap_an_account_as_principal_of_a_gateway_endpoint() {
        check(
            &CONTROL,
            |env| {
                let mut document = endpoint_policy(&["s3:GetObject"], &json!("arn:aws:s3:::ds-data-fraud-dev-7f3a/*"));
                document["Statement"][0]["Principal"] = json!({"AWS": "111122223333"});
                document["Statement"][0]["Condition"] = json!({});
                env.endpoint_policy("s3", &document);
            },
            expect![[r#"
                NON_COMPLIANT MEDIUM fraud-dev vpce-0b2c4d6e8f0a00001: Statement 0 of the policy of `vpce-0b2c4d6e8f0a00001` (com.amazonaws.eu-west-1.s3) admits callers of other accounts: of the principals that it names, a gateway endpoint knows root users alone, and nothing confines who calls.
                  ec2:DescribeVpcEndpoints vpce-0b2c4d6e8f0a00001.PolicyDocument.Statement[0]: saw {"Sid":"AccountOnly","Effect":"Allow","Principal":{"AWS":["111122223333"]},"Action":["s3:GetObject"],"Resource":["arn:aws:s3:::ds-data-fraud-dev-7f3a/*"]}, wanted callers confined to allowed_accounts or org_id
            "#]],
        );
    }

    #[test]
    fn pass_trap_a_negated_condition_on_an_allow() {
        check(
            &CONTROL,
            |env| {
                let negated = json!({"StringNotEquals": {"aws:PrincipalAccount": "444455556666"}});
                policy(env, "sts", json!([statement(negated)]));
                let if_exists = json!({"StringEqualsIfExists": {"aws:PrincipalAccount": "111122223333"}});
                policy(env, "logs", json!([statement(if_exists)]));
            },
            expect![[r#"
                NON_COMPLIANT MEDIUM fraud-dev vpce-0b2c4d6e8f0a00002: Statement 0 of the policy of `vpce-0b2c4d6e8f0a00002` (com.amazonaws.eu-west-1.sts) admits callers of other accounts: what it says of aws:PrincipalAccount does not confine who calls (allow_negated).
                  ec2:DescribeVpcEndpoints vpce-0b2c4d6e8f0a00002.PolicyDocument.Statement[0]: saw {"Effect":"Allow","Principal":"*","Action":["sts:*"],"Resource":["*"],"Condition":{"StringNotEquals":{"aws:PrincipalAccount":["444455556666"]}}}, wanted callers confined to allowed_accounts or org_id
                NON_COMPLIANT MEDIUM fraud-dev vpce-0b2c4d6e8f0a00005: Statement 0 of the policy of `vpce-0b2c4d6e8f0a00005` (com.amazonaws.eu-west-1.logs) admits callers of other accounts: what it says of aws:PrincipalAccount does not confine who calls (ifexists_on_allow).
                  ec2:DescribeVpcEndpoints vpce-0b2c4d6e8f0a00005.PolicyDocument.Statement[0]: saw {"Effect":"Allow","Principal":"*","Action":["sts:*"],"Resource":["*"],"Condition":{"StringEqualsIfExists":{"aws:PrincipalAccount":["111122223333"]}}}, wanted callers confined to allowed_accounts or org_id
            "#]],
        );
    }

    #[test]
    fn other_accounts_and_organizations_than_the_environments() {
        check(
            &CONTROL,
            |env| {
                let accounts = json!({"StringEquals": {"aws:PrincipalAccount": ["111122223333", "444455556666"]}});
                policy(env, "sts", json!([statement(accounts)]));
                policy(
                    env,
                    "logs",
                    json!([statement(json!({"StringEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}}))]),
                );
                policy(
                    env,
                    "kms",
                    json!([statement(json!({"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/ds-*"}}))]),
                );
            },
            expect![[r#"
                NON_COMPLIANT MEDIUM fraud-dev vpce-0b2c4d6e8f0a00002: Statement 0 of the policy of `vpce-0b2c4d6e8f0a00002` (com.amazonaws.eu-west-1.sts) admits callers of other accounts: what it says of aws:PrincipalAccount admits others, too.
                  ec2:DescribeVpcEndpoints vpce-0b2c4d6e8f0a00002.PolicyDocument.Statement[0]: saw {"Effect":"Allow","Principal":"*","Action":["sts:*"],"Resource":["*"],"Condition":{"StringEquals":{"aws:PrincipalAccount":["111122223333","444455556666"]}}}, wanted callers confined to allowed_accounts or org_id
                NON_COMPLIANT MEDIUM fraud-dev vpce-0b2c4d6e8f0a00005: Statement 0 of the policy of `vpce-0b2c4d6e8f0a00005` (com.amazonaws.eu-west-1.logs) admits callers of other accounts: what it says of aws:PrincipalOrgID admits others, too.
                  ec2:DescribeVpcEndpoints vpce-0b2c4d6e8f0a00005.PolicyDocument.Statement[0]: saw {"Effect":"Allow","Principal":"*","Action":["sts:*"],"Resource":["*"],"Condition":{"StringEquals":{"aws:PrincipalOrgID":["o-a1b2c3d4e5"]}}}, wanted callers confined to allowed_accounts or org_id
                NON_COMPLIANT MEDIUM fraud-dev vpce-0b2c4d6e8f0a00006: Statement 0 of the policy of `vpce-0b2c4d6e8f0a00006` (com.amazonaws.eu-west-1.kms) admits callers of other accounts: what it says of aws:PrincipalArn admits others, too.
                  ec2:DescribeVpcEndpoints vpce-0b2c4d6e8f0a00006.PolicyDocument.Statement[0]: saw {"Effect":"Allow","Principal":"*","Action":["sts:*"],"Resource":["*"],"Condition":{"ArnLike":{"aws:PrincipalArn":["arn:aws:iam::*:role/ds-*"]}}}, wanted callers confined to allowed_accounts or org_id
            "#]],
        );
    }

    #[test]
    fn every_key_that_confines_callers() {
        for condition in [
            json!({"StringEquals": {"aws:PrincipalAccount": ["111122223333", "444455556666"]}}),
            json!({"StringEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}}),
            json!({"ForAnyValue:StringLike": {"aws:PrincipalOrgPaths": "o-a1b2c3d4e5/r-ab12/ou-ab12-11111111/*"}}),
            json!({"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::444455556666:role/ds-*"}}),
            json!({"Bool": {"aws:PrincipalIsAWSService": "true"}}),
        ] {
            check(
                &CONTROL,
                |env| {
                    env.replace_baseline("allowed_accounts: [", "allowed_accounts: [\"444455556666\", ");
                    env.add_to_baseline("org_id: o-a1b2c3d4e5");
                    policy(env, "sts", json!([statement(condition)]));
                },
                expect![[r#"
                    COMPLIANT
                "#]],
            );
        }
    }

    #[test]
    fn principals_of_an_interface_endpoint() {
        let to = |principal: Value| {
            move |env: &mut Env| {
                let mut allow = statement(json!({}));
                allow["Principal"] = principal;
                policy(env, "sts", json!([allow]));
            }
        };
        check(
            &CONTROL,
            to(
                json!({"AWS": ["arn:aws:iam::111122223333:role/ds-training-role-fraud-dev", "111122223333", "AROAEXAMPLEID1234567"]}),
            ),
            expect![[r#"
                COMPLIANT
            "#]],
        );
        check(
            &CONTROL,
            to(json!({"AWS": ["111122223333", "arn:aws:iam::999999999999:role/x"]})),
            expect![[r#"
                NON_COMPLIANT MEDIUM fraud-dev vpce-0b2c4d6e8f0a00002: Statement 0 of the policy of `vpce-0b2c4d6e8f0a00002` (com.amazonaws.eu-west-1.sts) admits callers of other accounts: it names arn:aws:iam::999999999999:role/x.
                  ec2:DescribeVpcEndpoints vpce-0b2c4d6e8f0a00002.PolicyDocument.Statement[0]: saw {"Effect":"Allow","Principal":{"AWS":["111122223333","arn:aws:iam::999999999999:role/x"]},"Action":["sts:*"],"Resource":["*"]}, wanted callers confined to allowed_accounts or org_id
            "#]],
        );
    }

    #[test]
    fn fail_trap_a_deny_that_confines_callers_and_leaves_services_out() {
        let deny = |condition: Value| json!({"Effect": "Deny", "Principal": "*", "Action": "*", "Resource": "*", "Condition": condition});
        let service = json!({"BoolIfExists": {"aws:PrincipalIsAWSService": "false"}, "StringNotEquals": {"aws:PrincipalAccount": "111122223333"}});
        check(
            &CONTROL,
            |env| policy(env, "sts", json!([statement(json!({})), deny(service)])),
            expect![[r#"
                COMPLIANT
            "#]],
        );
        let narrowed = json!({"StringEquals": {"aws:RequestedRegion": "eu-west-1"}, "StringNotEquals": {"aws:PrincipalAccount": "111122223333"}});
        check(
            &CONTROL,
            |env| policy(env, "sts", json!([statement(json!({})), deny(narrowed)])),
            expect![[r#"
                NON_COMPLIANT MEDIUM fraud-dev vpce-0b2c4d6e8f0a00002: Statement 0 of the policy of `vpce-0b2c4d6e8f0a00002` (com.amazonaws.eu-west-1.sts) admits callers of other accounts: what it says of aws:PrincipalAccount does not confine who calls (deny_narrowed).
                  ec2:DescribeVpcEndpoints vpce-0b2c4d6e8f0a00002.PolicyDocument.Statement[0]: saw {"Effect":"Allow","Principal":"*","Action":["sts:*"],"Resource":["*"]}, wanted callers confined to allowed_accounts or org_id
            "#]],
        );
    }

    #[test]
    fn reads_of_buckets_of_aws_that_the_baseline_lists() {
        const LAYERS: &str = "prod-eu-west-1-starport-layer-bucket";
        let open = |actions: Value, resource: String| {
            move |env: &mut Env| {
                env.add_to_baseline("s3_endpoint_extra_buckets: [\"prod-{region}-starport-layer-bucket\"]");
                let allow = json!({"Effect": "Allow", "Principal": "*", "Action": actions, "Resource": resource});
                policy(env, "s3", json!([allow]));
            }
        };
        check(
            &CONTROL,
            open(json!(["s3:GetObject"]), format!("arn:aws:s3:::{LAYERS}/*")),
            expect![[r#"
                COMPLIANT
            "#]],
        );
        check(
            &CONTROL,
            open(json!(["s3:GetObject", "s3:PutObject"]), format!("arn:aws:s3:::{LAYERS}/*")),
            expect![[r#"
            NON_COMPLIANT MEDIUM fraud-dev vpce-0b2c4d6e8f0a00001: Statement 0 of the policy of `vpce-0b2c4d6e8f0a00001` (com.amazonaws.eu-west-1.s3) admits callers of other accounts: nothing confines who calls.
              ec2:DescribeVpcEndpoints vpce-0b2c4d6e8f0a00001.PolicyDocument.Statement[0]: saw {"Effect":"Allow","Principal":"*","Action":["s3:GetObject","s3:PutObject"],"Resource":["arn:aws:s3:::prod-eu-west-1-starport-layer-bucket/*"]}, wanted callers confined to allowed_accounts or org_id
        "#]],
        );
        check(
            &CONTROL,
            open(json!(["s3:GetObject"]), format!("arn:aws:s3:::{LAYERS}*")),
            expect![[r#"
            NON_COMPLIANT MEDIUM fraud-dev vpce-0b2c4d6e8f0a00001: Statement 0 of the policy of `vpce-0b2c4d6e8f0a00001` (com.amazonaws.eu-west-1.s3) admits callers of other accounts: nothing confines who calls.
              ec2:DescribeVpcEndpoints vpce-0b2c4d6e8f0a00001.PolicyDocument.Statement[0]: saw {"Effect":"Allow","Principal":"*","Action":["s3:GetObject"],"Resource":["arn:aws:s3:::prod-eu-west-1-starport-layer-bucket*"]}, wanted callers confined to allowed_accounts or org_id
        "#]],
        );
    }

    #[test]
    fn a_variable_may_confine_them() {
        check(
            &CONTROL,
            |env| {
                policy(
                    env,
                    "sts",
                    json!([statement(json!({"StringEquals": {"aws:PrincipalAccount": "${aws:ResourceAccount}"}}))]),
                )
            },
            expect![[r#"
                INSUFFICIENT_DATA undecidable_policy MEDIUM fraud-dev vpce-0b2c4d6e8f0a00002: Whether statement 0 of the policy of `vpce-0b2c4d6e8f0a00002` confines who calls hangs on a variable or an unknown operator.
            "#]],
        );
    }

    #[test]
    fn no_policy_where_the_service_takes_none_and_where_it_does() {
        check(
            &CONTROL,
            |env| {
                let mut mirror = interface_endpoint("vpce-2", "com.amazonaws.vpce.eu-west-1.vpce-svc-0a1b", &[]);
                mirror.policy = None;
                env.add_endpoint(mirror).endpoint("sts", |endpoint| endpoint.policy = None);
            },
            expect![[r#"
                INSUFFICIENT_DATA api_error MEDIUM fraud-dev vpce-0b2c4d6e8f0a00002: No policy of `vpce-0b2c4d6e8f0a00002` was sent, and endpoints of `com.amazonaws.eu-west-1.sts` have one.
                NOT_APPLICABLE unsupported_by_service MEDIUM fraud-dev vpce-2: `com.amazonaws.vpce.eu-west-1.vpce-svc-0a1b` takes no endpoint policy.
            "#]],
        );
    }

    #[test]
    fn a_violation_stands_though_the_listing_broke_off() {
        check(
            &CONTROL,
            |env| {
                policy(env, "sts", json!([statement(json!({}))]));
                env.cut(&plumbline_snapshot::ec2::VPC_ENDPOINTS);
            },
            expect![[r#"
                NON_COMPLIANT MEDIUM fraud-dev vpce-0b2c4d6e8f0a00002: Statement 0 of the policy of `vpce-0b2c4d6e8f0a00002` (com.amazonaws.eu-west-1.sts) admits callers of other accounts: nothing confines who calls.
                  ec2:DescribeVpcEndpoints vpce-0b2c4d6e8f0a00002.PolicyDocument.Statement[0]: saw {"Effect":"Allow","Principal":"*","Action":["sts:*"],"Resource":["*"]}, wanted callers confined to allowed_accounts or org_id
                INSUFFICIENT_DATA truncated MEDIUM fraud-dev 111122223333: ec2:DescribeVpcEndpoints was not seen: truncated, InternalFailure: status 500 on page 2.
                  ec2:DescribeVpcEndpoints not seen: truncated
            "#]],
        );
    }
}

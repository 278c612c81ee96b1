//! VPE-03: no endpoint policy grants full access.

use std::collections::BTreeSet;

use plumbline_findings::{Area, Assessment, ControlInfo, Maps, Origin, Reason, Severity};
use plumbline_policy::{Answer, Confinement, Document, FullAccess, full_access};
use plumbline_snapshot::ec2::{self, VpcEndpoint};

use crate::Control;
use crate::judge::{self, Known, Say, Unknown, few, field};
use crate::place::Place;
use crate::tables::endpoints::action_prefix;
use crate::world::World;
use crate::world::endpoints::endpoint_ref;
use crate::world::policies::endpoint_policy;

pub(crate) const CONTROL: Control =
    Control { info: &INFO, sources: &[&ec2::VPCS, &ec2::VPC_ENDPOINTS], unassigned: false, assess };

const INFO: ControlInfo = ControlInfo {
    id: "VPE-03",
    name: "endpoint-policy-not-full",
    title: "No endpoint policy grants full access.",
    area: Area::Endpoints,
    severity: Severity::High,
    origin: Origin::Seed,
    scope: "endpoint",
    rationale: "Through an endpoint with full access, anyone in the network reaches any account's resources with any credentials: the private way out that data leaves by.",
    decided: "No Allow may speak of everyone, of every action of the service and of every resource, unless its conditions or the policy's Denies confine who calls or whose resources are reached. A Deny that confines one of the two counts as much as the same condition on the Allow.",
    remediation: "Write the actions and resources that the environment uses, and confine callers by aws:PrincipalAccount or aws:PrincipalOrgID.",
    maps: Maps { securityhub: &[], cis: &[], nist: &["AC-3", "AC-4", "AC-6"] },
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
    let mut told = BTreeSet::new();
    for prefix in prefixes(service, &document) {
        for found in full_access(&document, &prefix) {
            match answer(&found) {
                Answer::No => {}
                Answer::Yes if !told.insert(found.statement) => {}
                Answer::Yes => say.broken(
                    format!("the policy of `{id}` gives everyone full access to `{service}`{}", left_out(&found)),
                    [field(
                        &ec2::VPC_ENDPOINTS,
                        format!("{id}.PolicyDocument.Statement[{}]", found.statement),
                        document.statements.get(found.statement).map_or_else(String::new, ToString::to_string),
                        "named actions and resources, or callers confined",
                    )],
                ),
                Answer::Undecidable => say.unknown(Unknown::Because(
                    Reason::UndecidablePolicy,
                    format!(
                        "whether statement {} of the policy of `{id}` is confined hangs on a variable or an unknown operator",
                        found.statement
                    ),
                )),
            }
        }
    }
    Ok(())
}

/// Whether what was found is full access: a Deny that confines who calls, or whose resources are reached, does as much
/// as the same condition on the Allow, of which one is enough.
fn answer(found: &FullAccess) -> Answer {
    let either = [found.principal, found.resource];
    if either.contains(&Confinement::Confined) {
        Answer::No
    } else if either.contains(&Confinement::Undecidable) {
        Answer::Undecidable
    } else {
        found.full
    }
}

/// The IAM prefixes of what goes through the endpoint. Of a service that AWS does not run, whatever the policy names.
fn prefixes(service: &str, document: &Document) -> BTreeSet<String> {
    match action_prefix(service) {
        Some(prefix) => BTreeSet::from([prefix.to_owned()]),
        None => {
            let patterns = document.statements.iter().flat_map(|statement| &statement.actions.patterns);
            let named = patterns.filter_map(|pattern| pattern.text().split_once(':')).map(|(prefix, _)| prefix);
            let plain = named.filter(|prefix| !prefix.contains(['*', '?'])).map(str::to_owned);
            plain.chain(["execute-api".to_owned()]).collect()
        }
    }
}

/// What an Allow of everything leaves out all the same.
fn left_out(found: &FullAccess) -> String {
    let all: Vec<&str> = [&found.principals_left_out, &found.actions_left_out, &found.resources_left_out]
        .into_iter()
        .flatten()
        .map(String::as_str)
        .collect();
    if all.is_empty() { String::new() } else { format!(", but for {}", few(", ", &all)) }
}

#[cfg(test)]
mod tests {
    use expect_test::expect;
    use plumbline_testkit::ec2::*;
    use serde_json::{Value, json};

    use super::CONTROL;
    use crate::check::{blind, check, clean};

    fn policy(statements: Value) -> Value {
        json!({"Version": "2012-10-17", "Statement": statements})
    }

    fn everything() -> Value {
        json!({"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"})
    }

    #[test]
    fn known_good_is_clean_and_a_gap_is_not() {
        clean(&CONTROL);
        blind(&CONTROL);
    }

    #[test]
    fn pass_trap_the_default_policy_of_aws() {
        check(
            &CONTROL,
            |env| {
                env.endpoint_policy("sagemaker.api", &policy(json!([everything()])));
            },
            expect![[r#"
                NON_COMPLIANT HIGH fraud-dev vpce-0b2c4d6e8f0a00003: The policy of `vpce-0b2c4d6e8f0a00003` gives everyone full access to `com.amazonaws.eu-west-1.sagemaker.api`.
                  ec2:DescribeVpcEndpoints vpce-0b2c4d6e8f0a00003.PolicyDocument.Statement[0]: saw {"Effect":"Allow","Principal":"*","Action":["*"],"Resource":["*"]}, wanted named actions and resources, or callers confined
            "#]],
        );
    }

    #[test]
    fn pass_trap_a_broad_statement_beside_narrow_ones() {
        check(
            &CONTROL,
            |env| {
                let mut document = endpoint_policy(&["s3:GetObject"], &json!("arn:aws:s3:::ds-data-fraud-dev-7f3a/*"));
                document["Statement"].as_array_mut().unwrap().push(json!({
                    "Effect": "Allow", "Principal": {"AWS": ["*"]}, "Action": "s3:*", "Resource": "arn:aws:s3:::*"
                }));
                env.endpoint_policy("s3", &document);
            },
            expect![[r#"
                NON_COMPLIANT HIGH fraud-dev vpce-0b2c4d6e8f0a00001: The policy of `vpce-0b2c4d6e8f0a00001` gives everyone full access to `com.amazonaws.eu-west-1.s3`.
                  ec2:DescribeVpcEndpoints vpce-0b2c4d6e8f0a00001.PolicyDocument.Statement[1]: saw {"Effect":"Allow","Principal":{"AWS":["*"]},"Action":["s3:*"],"Resource":["arn:aws:s3:::*"]}, wanted named actions and resources, or callers confined
            "#]],
        );
    }

    #[test]
    fn everything_but_some_actions() {
        check(
            &CONTROL,
            |env| {
                let statement = json!({"Effect": "Allow", "Principal": "*", "NotAction": "sts:GetFederationToken", "Resource": "*"});
                env.endpoint_policy("sts", &policy(json!([statement])));
            },
            expect![[r#"
                NON_COMPLIANT HIGH fraud-dev vpce-0b2c4d6e8f0a00002: The policy of `vpce-0b2c4d6e8f0a00002` gives everyone full access to `com.amazonaws.eu-west-1.sts`, but for sts:GetFederationToken.
                  ec2:DescribeVpcEndpoints vpce-0b2c4d6e8f0a00002.PolicyDocument.Statement[0]: saw {"Effect":"Allow","Principal":"*","NotAction":["sts:GetFederationToken"],"Resource":["*"]}, wanted named actions and resources, or callers confined
            "#]],
        );
    }

    #[test]
    fn the_service_of_a_name_that_is_not_its_prefix() {
        check(
            &CONTROL,
            |env| {
                let statement =
                    |action| json!([{"Effect": "Allow", "Principal": "*", "Action": action, "Resource": "*"}]);
                env.endpoint_policy("monitoring", &policy(statement("cloudwatch:*")))
                    .endpoint_policy("notebook", &policy(statement("sagemaker:*")))
                    .endpoint_policy("logs", &policy(statement("s3:*")));
            },
            expect![[r#"
                NON_COMPLIANT HIGH fraud-dev vpce-0b2c4d6e8f0a00007: The policy of `vpce-0b2c4d6e8f0a00007` gives everyone full access to `aws.sagemaker.eu-west-1.notebook`.
                  ec2:DescribeVpcEndpoints vpce-0b2c4d6e8f0a00007.PolicyDocument.Statement[0]: saw {"Effect":"Allow","Principal":"*","Action":["sagemaker:*"],"Resource":["*"]}, wanted named actions and resources, or callers confined
                NON_COMPLIANT HIGH fraud-dev vpce-0b2c4d6e8f0a00009: The policy of `vpce-0b2c4d6e8f0a00009` gives everyone full access to `com.amazonaws.eu-west-1.monitoring`.
                  ec2:DescribeVpcEndpoints vpce-0b2c4d6e8f0a00009.PolicyDocument.Statement[0]: saw {"Effect":"Allow","Principal":"*","Action":["cloudwatch:*"],"Resource":["*"]}, wanted named actions and resources, or callers confined
            "#]],
        );
    }

    #[test]
    fn callers_confined_by_the_allow_are_enough() {
        check(
            &CONTROL,
            |env| {
                let mut statement = everything();
                statement["Condition"] = json!({"StringEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}});
                env.endpoint_policy("sts", &policy(json!([statement])));
            },
            expect![[r#"
                COMPLIANT
            "#]],
        );
    }

    #[test]
    fn a_condition_that_confines_nothing() {
        check(
            &CONTROL,
            |env| {
                let mut statement = everything();
                statement["Condition"] = json!({"StringNotEquals": {"aws:PrincipalAccount": "111122223333"}});
                env.endpoint_policy("sts", &policy(json!([statement])));
                let mut statement = everything();
                statement["Condition"] = json!({"StringEqualsIfExists": {"aws:PrincipalAccount": "111122223333"}});
                env.endpoint_policy("logs", &policy(json!([statement])));
                let mut statement = everything();
                statement["Condition"] = json!({"StringLike": {"aws:PrincipalAccount": "*"}});
                env.endpoint_policy("kms", &policy(json!([statement])));
            },
            expect![[r#"
                NON_COMPLIANT HIGH fraud-dev vpce-0b2c4d6e8f0a00002: The policy of `vpce-0b2c4d6e8f0a00002` gives everyone full access to `com.amazonaws.eu-west-1.sts`.
                  ec2:DescribeVpcEndpoints vpce-0b2c4d6e8f0a00002.PolicyDocument.Statement[0]: saw {"Effect":"Allow","Principal":"*","Action":["*"],"Resource":["*"],"Condition":{"StringNotEquals":{"aws:PrincipalAccount":["111122223333"]}}}, wanted named actions and resources, or callers confined
                NON_COMPLIANT HIGH fraud-dev vpce-0b2c4d6e8f0a00005: The policy of `vpce-0b2c4d6e8f0a00005` gives everyone full access to `com.amazonaws.eu-west-1.logs`.
                  ec2:DescribeVpcEndpoints vpce-0b2c4d6e8f0a00005.PolicyDocument.Statement[0]: saw {"Effect":"Allow","Principal":"*","Action":["*"],"Resource":["*"],"Condition":{"StringEqualsIfExists":{"aws:PrincipalAccount":["111122223333"]}}}, wanted named actions and resources, or callers confined
                NON_COMPLIANT HIGH fraud-dev vpce-0b2c4d6e8f0a00006: The policy of `vpce-0b2c4d6e8f0a00006` gives everyone full access to `com.amazonaws.eu-west-1.kms`.
                  ec2:DescribeVpcEndpoints vpce-0b2c4d6e8f0a00006.PolicyDocument.Statement[0]: saw {"Effect":"Allow","Principal":"*","Action":["*"],"Resource":["*"],"Condition":{"StringLike":{"aws:PrincipalAccount":["*"]}}}, wanted named actions and resources, or callers confined
            "#]],
        );
    }

    fn deny(key: &str) -> Value {
        json!({
            "Effect": "Deny", "Principal": "*", "Action": "*", "Resource": "*",
            "Condition": {"StringNotEquals": {key: "111122223333"}},
        })
    }

    #[test]
    fn fail_trap_denies_that_confine_principal_and_resource() {
        check(
            &CONTROL,
            |env| {
                let statements = json!([everything(), deny("aws:PrincipalAccount"), deny("aws:ResourceAccount")]);
                env.endpoint_policy("s3", &policy(statements));
            },
            expect![[r#"
                COMPLIANT
            "#]],
        );
    }

    #[test]
    fn a_deny_that_confines_principals_does_as_much_as_the_condition_on_the_allow() {
        check(
            &CONTROL,
            |env| {
                env.endpoint_policy("s3", &policy(json!([everything(), deny("aws:PrincipalAccount")])));
            },
            expect![[r#"
                COMPLIANT
            "#]],
        );
    }

    #[test]
    fn a_deny_of_a_few_actions_confines_nothing() {
        check(
            &CONTROL,
            |env| {
                let mut narrow = deny("aws:PrincipalAccount");
                narrow["Action"] = json!("s3:DeleteObject");
                env.endpoint_policy("s3", &policy(json!([everything(), narrow])));
            },
            expect![[r#"
                NON_COMPLIANT HIGH fraud-dev vpce-0b2c4d6e8f0a00001: The policy of `vpce-0b2c4d6e8f0a00001` gives everyone full access to `com.amazonaws.eu-west-1.s3`.
                  ec2:DescribeVpcEndpoints vpce-0b2c4d6e8f0a00001.PolicyDocument.Statement[0]: saw {"Effect":"Allow","Principal":"*","Action":["*"],"Resource":["*"]}, wanted named actions and resources, or callers confined
            "#]],
        );
    }

    #[test]
    fn a_variable_may_confine_it() {
        check(
            &CONTROL,
            |env| {
                let mut statement = everything();
                statement["Condition"] = json!({"StringEquals": {"aws:PrincipalAccount": "${aws:ResourceAccount}"}});
                env.endpoint_policy("sts", &policy(json!([statement])));
            },
            expect![[r#"
                INSUFFICIENT_DATA undecidable_policy HIGH fraud-dev vpce-0b2c4d6e8f0a00002: Whether statement 0 of the policy of `vpce-0b2c4d6e8f0a00002` is confined hangs on a variable or an unknown operator.
            "#]],
        );
    }

    #[test]
    fn a_policy_that_cannot_be_read() {
        check(
            &CONTROL,
            |env| {
                env.endpoint("sts", |endpoint| endpoint.policy = Some("{".to_owned()));
            },
            expect![[r#"
                INSUFFICIENT_DATA undecidable_policy HIGH fraud-dev vpce-0b2c4d6e8f0a00002: The policy of `vpce-0b2c4d6e8f0a00002` cannot be read: the document is not acceptable JSON: EOF while parsing an object at line 1 column 1.
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
                INSUFFICIENT_DATA api_error HIGH fraud-dev vpce-0b2c4d6e8f0a00002: No policy of `vpce-0b2c4d6e8f0a00002` was sent, and endpoints of `com.amazonaws.eu-west-1.sts` have one.
                NOT_APPLICABLE unsupported_by_service HIGH fraud-dev vpce-2: `com.amazonaws.vpce.eu-west-1.vpce-svc-0a1b` takes no endpoint policy.
            "#]],
        );
    }

    #[test]
    fn a_service_that_aws_does_not_run() {
        check(
            &CONTROL,
            |env| {
                let mut mirror = interface_endpoint("vpce-2", "com.amazonaws.vpce.eu-west-1.vpce-svc-0a1b", &[]);
                mirror.policy = Some(policy(json!([everything()])).to_string());
                env.add_endpoint(mirror);
            },
            expect![[r#"
                NON_COMPLIANT HIGH fraud-dev vpce-2: The policy of `vpce-2` gives everyone full access to `com.amazonaws.vpce.eu-west-1.vpce-svc-0a1b`.
                  ec2:DescribeVpcEndpoints vpce-2.PolicyDocument.Statement[0]: saw {"Effect":"Allow","Principal":"*","Action":["*"],"Resource":["*"]}, wanted named actions and resources, or callers confined
            "#]],
        );
    }

    #[test]
    fn an_endpoint_of_another_vpc_does_not_matter() {
        check(
            &CONTROL,
            |env| {
                let mut endpoint = interface_endpoint("vpce-2", "com.amazonaws.eu-west-1.sts", &[]);
                endpoint.vpc_id = OTHER_VPC.to_owned();
                endpoint.policy = Some(policy(json!([everything()])).to_string());
                env.add_endpoint(endpoint);
            },
            expect![[r#"
                COMPLIANT
            "#]],
        );
    }

    #[test]
    fn a_violation_stands_though_the_listing_broke_off() {
        check(
            &CONTROL,
            |env| {
                env.endpoint_policy("sts", &policy(json!([everything()]))).cut(&plumbline_snapshot::ec2::VPC_ENDPOINTS);
            },
            expect![[r#"
                NON_COMPLIANT HIGH fraud-dev vpce-0b2c4d6e8f0a00002: The policy of `vpce-0b2c4d6e8f0a00002` gives everyone full access to `com.amazonaws.eu-west-1.sts`.
                  ec2:DescribeVpcEndpoints vpce-0b2c4d6e8f0a00002.PolicyDocument.Statement[0]: saw {"Effect":"Allow","Principal":"*","Action":["*"],"Resource":["*"]}, wanted named actions and resources, or callers confined
                INSUFFICIENT_DATA truncated HIGH fraud-dev 111122223333: ec2:DescribeVpcEndpoints was not seen: truncated, InternalFailure: status 500 on page 2.
                  ec2:DescribeVpcEndpoints not seen: truncated
            "#]],
        );
    }
}

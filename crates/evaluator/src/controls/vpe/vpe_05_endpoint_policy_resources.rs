//! VPE-05: endpoint policies reach only the environment's resources; the S3 policy only its buckets.

use plumbline_findings::{Area, Assessment, ControlInfo, Maps, Origin, Reason, Severity};
use plumbline_snapshot::ec2::{self, VpcEndpoint};

use crate::Control;
use crate::judge::{self, Known, Say};
use crate::place::Place;
use crate::tables::endpoints::{action_prefix, is_s3};
use crate::world::World;
use crate::world::endpoint_policies::{escape_from_accounts, escape_from_buckets};
use crate::world::endpoints::endpoint_ref;
use crate::world::policies::{endpoint_policy, shown};

pub(crate) const CONTROL: Control =
    Control { info: &INFO, sources: &[&ec2::VPCS, &ec2::VPC_ENDPOINTS], unassigned: false, assess };

const INFO: ControlInfo = ControlInfo {
    id: "VPE-05",
    name: "endpoint-policy-resources",
    title: "Endpoint policies reach only the environment's resources; the S3 policy only its buckets.",
    area: Area::Endpoints,
    severity: Severity::High,
    origin: Origin::Derived,
    scope: "endpoint",
    rationale: "An endpoint that reaches a stranger's bucket is a private way out for the environment's data, whoever the caller is.",
    decided: "Each Allow, alone or with the policy's Denies, must confine resources to `allowed_accounts` or `org_id` by aws:ResourceAccount, s3:ResourceAccount, aws:ResourceOrgID or aws:ResourceOrgPaths, or name them: on the S3 endpoint only data buckets and, for reads, `s3_endpoint_extra_buckets`, and not every action at once; on others ARNs of those accounts. For actions without resources it is enough that callers are confined as VPE-04 wants it.",
    remediation: "Name the exact bucket ARNs, and add StringEquals on aws:ResourceAccount to every Allow of the endpoint's policy.",
    maps: Maps { securityhub: &[], cis: &[], nist: &["AC-4", "SC-7(10)"] },
};

fn assess<'a>(world: &World<'a>, place: &Place<'a>) -> Vec<Assessment> {
    let endpoints = world.vpc_endpoints(place);
    judge::each(
        &INFO,
        place,
        endpoints,
        |endpoint| (endpoint_ref(place, endpoint), None),
        |say, endpoint| look(world, place, endpoint, say),
    )
}

fn look<'a>(world: &World<'a>, place: &Place<'a>, endpoint: &'a VpcEndpoint, say: &mut Say<'a>) -> Known<'a, ()> {
    let (id, service) = (&endpoint.id, &endpoint.service_name);
    let Some(document) = endpoint_policy(place, endpoint)? else {
        say.not_applicable(Reason::UnsupportedByService, format!("`{service}` takes no endpoint policy"));
        return Ok(());
    };
    if action_prefix(service).is_none() {
        say.not_applicable(
            Reason::UnsupportedByService,
            format!("`{service}` is no service of AWS's, whose resources a policy could name"),
        );
        return Ok(());
    }
    let s3 = is_s3(service, place.region.as_str());
    for allow in document.allows() {
        let escape = if s3 {
            escape_from_buckets(world, place, endpoint, &document, allow)
        } else {
            escape_from_accounts(place, endpoint, &document, allow)
        };
        if let Some(Some(escape)) = say.see(escape) {
            let wanted = if s3 { "exact buckets of the environment" } else { "resources of allowed_accounts" };
            say.broken_as(
                escape.severity.unwrap_or(INFO.severity),
                format!("statement {} of the policy of `{id}` ({service}) {}", allow.index, escape.message),
                [shown(
                    &ec2::VPC_ENDPOINTS,
                    &format!("{id}.PolicyDocument"),
                    allow,
                    format!("{wanted}, or aws:ResourceAccount confined"),
                )],
            );
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

    fn allow(actions: Value, resources: Value) -> Value {
        json!({"Effect": "Allow", "Principal": "*", "Action": actions, "Resource": resources})
    }

    fn policy(env: &mut Env, service: &str, statements: Value) {
        env.endpoint_policy(service, &json!({"Version": "2012-10-17", "Statement": statements}));
    }

    fn s3(statements: Value) -> impl FnOnce(&mut Env) {
        move |env| policy(env, "s3", statements)
    }

    #[test]
    fn known_good_is_clean_and_a_gap_is_not() {
        clean(&CONTROL);
        blind(&CONTROL);
    }

    #[test]
    fn pass_trap_bucket_names_are_anybodys() {
        let objects = json!([
            "arn:aws:s3:::ds-data-lake-7f3a/*",
            "arn:aws:s3:::ds-data-*",
            "arn:aws:s3:::*-data-lake-7f3a/*",
            "arn:aws:s3:::ds-data-lake-7f3a*",
        ]);
        check(
            &CONTROL,
            s3(json!([allow(json!("s3:GetObject"), objects)])),
            expect![[r#"
            NON_COMPLIANT HIGH fraud-dev vpce-0b2c4d6e8f0a00001: Statement 0 of the policy of `vpce-0b2c4d6e8f0a00001` (com.amazonaws.eu-west-1.s3) reaches arn:aws:s3:::ds-data-*, arn:aws:s3:::*-data-lake-7f3a/*, arn:aws:s3:::ds-data-lake-7f3a*: nothing confines whose resources are reached.
              ec2:DescribeVpcEndpoints vpce-0b2c4d6e8f0a00001.PolicyDocument.Statement[0]: saw {"Effect":"Allow","Principal":"*","Action":["s3:GetObject"],"Resource":["arn:aws:s3:::ds-data-lake-7f3a/*","arn:aws:s3:::ds-data-*","arn:aws:s3:::*-data-lake-7f3a/*","arn:aws:s3:::ds-data-lake-7f3a*"]}, wanted exact buckets of the environment, or aws:ResourceAccount confined
        "#]],
        );
    }

    #[test]
    fn pass_trap_the_right_bucket_with_every_action() {
        let bucket = json!(["arn:aws:s3:::ds-data-lake-7f3a", "arn:aws:s3:::ds-data-lake-7f3a/*"]);
        check(
            &CONTROL,
            s3(json!([allow(json!("s3:*"), bucket.clone())])),
            expect![[r#"
            NON_COMPLIANT HIGH fraud-dev vpce-0b2c4d6e8f0a00001: Statement 0 of the policy of `vpce-0b2c4d6e8f0a00001` (com.amazonaws.eu-west-1.s3) admits every action of S3 on buckets that it knows by their names alone.
              ec2:DescribeVpcEndpoints vpce-0b2c4d6e8f0a00001.PolicyDocument.Statement[0]: saw {"Effect":"Allow","Principal":"*","Action":["s3:*"],"Resource":["arn:aws:s3:::ds-data-lake-7f3a","arn:aws:s3:::ds-data-lake-7f3a/*"]}, wanted exact buckets of the environment, or aws:ResourceAccount confined
        "#]],
        );
        let mut confined = allow(json!("s3:*"), bucket);
        confined["Condition"] = json!({"StringEquals": {"aws:ResourceAccount": "111122223333"}});
        check(
            &CONTROL,
            s3(json!([confined])),
            expect![[r#"
                COMPLIANT
            "#]],
        );
    }

    #[test]
    fn exact_buckets_will_do_and_a_strangers_will_not() {
        check(
            &CONTROL,
            s3(json!([allow(
                json!(["s3:GetObject", "s3:PutObject"]),
                json!("arn:aws:s3:::ds-data-fraud-dev-7f3a/in/*")
            )])),
            expect![[r#"
                COMPLIANT
            "#]],
        );
        check(
            &CONTROL,
            s3(json!([allow(
                json!("s3:PutObject"),
                json!(["arn:aws:s3:::ds-data-fraud-dev-7f3a/*", "arn:aws:s3:::exfil/*"])
            )])),
            expect![[r#"
                NON_COMPLIANT HIGH fraud-dev vpce-0b2c4d6e8f0a00001: Statement 0 of the policy of `vpce-0b2c4d6e8f0a00001` (com.amazonaws.eu-west-1.s3) reaches arn:aws:s3:::exfil/*: nothing confines whose resources are reached.
                  ec2:DescribeVpcEndpoints vpce-0b2c4d6e8f0a00001.PolicyDocument.Statement[0]: saw {"Effect":"Allow","Principal":"*","Action":["s3:PutObject"],"Resource":["arn:aws:s3:::ds-data-fraud-dev-7f3a/*","arn:aws:s3:::exfil/*"]}, wanted exact buckets of the environment, or aws:ResourceAccount confined
            "#]],
        );
    }

    #[test]
    fn fail_trap_buckets_of_aws_that_the_baseline_lists_are_only_read() {
        const LAYERS: &str = "arn:aws:s3:::prod-eu-west-1-starport-layer-bucket/*";
        let listed = |actions: Value| {
            move |env: &mut Env| {
                env.add_to_baseline(
                    "s3_endpoint_extra_buckets: [\"prod-{region}-starport-layer-bucket\", \"*-assets\"]",
                );
                policy(env, "s3", json!([allow(actions, json!(LAYERS))]));
            }
        };
        check(
            &CONTROL,
            listed(json!(["s3:GetObject"])),
            expect![[r#"
                COMPLIANT
            "#]],
        );
        check(
            &CONTROL,
            listed(json!(["s3:GetObject", "s3:PutObject"])),
            expect![[r#"
            NON_COMPLIANT HIGH fraud-dev vpce-0b2c4d6e8f0a00001: Statement 0 of the policy of `vpce-0b2c4d6e8f0a00001` (com.amazonaws.eu-west-1.s3) does more than read arn:aws:s3:::prod-eu-west-1-starport-layer-bucket/*, which the environment may only read.
              ec2:DescribeVpcEndpoints vpce-0b2c4d6e8f0a00001.PolicyDocument.Statement[0]: saw {"Effect":"Allow","Principal":"*","Action":["s3:GetObject","s3:PutObject"],"Resource":["arn:aws:s3:::prod-eu-west-1-starport-layer-bucket/*"]}, wanted exact buckets of the environment, or aws:ResourceAccount confined
        "#]],
        );
        check(
            &CONTROL,
            |env| {
                env.add_to_baseline("s3_endpoint_extra_buckets: [\"*-assets\"]");
                policy(env, "s3", json!([allow(json!("s3:GetObject"), json!("arn:aws:s3:::my-assets/*"))]));
            },
            expect![[r#"
                NON_COMPLIANT HIGH fraud-dev vpce-0b2c4d6e8f0a00001: Statement 0 of the policy of `vpce-0b2c4d6e8f0a00001` (com.amazonaws.eu-west-1.s3) reaches arn:aws:s3:::my-assets/*: nothing confines whose resources are reached.
                  ec2:DescribeVpcEndpoints vpce-0b2c4d6e8f0a00001.PolicyDocument.Statement[0]: saw {"Effect":"Allow","Principal":"*","Action":["s3:GetObject"],"Resource":["arn:aws:s3:::my-assets/*"]}, wanted exact buckets of the environment, or aws:ResourceAccount confined
            "#]],
        );
    }

    #[test]
    fn everything_but_some() {
        let mut but = allow(json!("s3:GetObject"), json!([]));
        but.as_object_mut().unwrap().remove("Resource");
        but["NotResource"] = json!("arn:aws:s3:::secret/*");
        check(
            &CONTROL,
            s3(json!([but])),
            expect![[r#"
            NON_COMPLIANT HIGH fraud-dev vpce-0b2c4d6e8f0a00001: Statement 0 of the policy of `vpce-0b2c4d6e8f0a00001` (com.amazonaws.eu-west-1.s3) reaches everything but arn:aws:s3:::secret/*: nothing confines whose resources are reached.
              ec2:DescribeVpcEndpoints vpce-0b2c4d6e8f0a00001.PolicyDocument.Statement[0]: saw {"Effect":"Allow","Principal":"*","Action":["s3:GetObject"],"NotResource":["arn:aws:s3:::secret/*"]}, wanted exact buckets of the environment, or aws:ResourceAccount confined
        "#]],
        );
    }

    #[test]
    fn denies_that_confine_resources() {
        let deny = |more: Value| {
            let mut statement = json!({"Effect": "Deny", "Principal": "*", "Action": "s3:*"});
            statement.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            statement
        };
        let account = json!({"StringNotEqualsIfExists": {"aws:ResourceAccount": "111122223333"},
                             "BoolIfExists": {"aws:PrincipalIsAWSService": "false"}});
        for deny in [
            deny(json!({"Resource": "*", "Condition": account})),
            deny(json!({"NotResource": ["arn:aws:s3:::ds-data-lake-7f3a", "arn:aws:s3:::ds-data-lake-7f3a/*"]})),
        ] {
            check(
                &CONTROL,
                s3(json!([allow(json!("s3:GetObject"), json!("*")), deny])),
                expect![[r#"
                    COMPLIANT
                "#]],
            );
        }
        let some = deny(json!({"Resource": "arn:aws:s3:::other/*", "Condition": account}));
        check(
            &CONTROL,
            s3(json!([allow(json!("s3:GetObject"), json!("*")), some])),
            expect![[r#"
            NON_COMPLIANT HIGH fraud-dev vpce-0b2c4d6e8f0a00001: Statement 0 of the policy of `vpce-0b2c4d6e8f0a00001` (com.amazonaws.eu-west-1.s3) reaches *: nothing confines whose resources are reached.
              ec2:DescribeVpcEndpoints vpce-0b2c4d6e8f0a00001.PolicyDocument.Statement[0]: saw {"Effect":"Allow","Principal":"*","Action":["s3:GetObject"],"Resource":["*"]}, wanted exact buckets of the environment, or aws:ResourceAccount confined
        "#]],
        );
    }

    #[test]
    fn conditions_that_confine_nothing() {
        let with = |condition: Value| {
            let mut statement = allow(json!("s3:GetObject"), json!("*"));
            statement["Condition"] = condition;
            statement
        };
        check(
            &CONTROL,
            s3(json!([
                with(json!({"StringNotEquals": {"aws:ResourceAccount": "111122223333"}})),
                with(json!({"StringEquals": {"s3:ResourceAccount": ["111122223333", "999999999999"]}})),
                with(json!({"StringEquals": {"aws:ResourceOrgID": "o-a1b2c3d4e5"}})),
            ])),
            expect![[r#"
                NON_COMPLIANT HIGH fraud-dev vpce-0b2c4d6e8f0a00001: Statement 0 of the policy of `vpce-0b2c4d6e8f0a00001` (com.amazonaws.eu-west-1.s3) reaches *: what it says of aws:ResourceAccount does not confine whose resources are reached (allow_negated); statement 1 of the policy of `vpce-0b2c4d6e8f0a00001` (com.amazonaws.eu-west-1.s3) reaches *: what it says of s3:ResourceAccount admits others, too; statement 2 of the policy of `vpce-0b2c4d6e8f0a00001` (com.amazonaws.eu-west-1.s3) reaches *: what it says of aws:ResourceOrgID admits others, too.
                  ec2:DescribeVpcEndpoints vpce-0b2c4d6e8f0a00001.PolicyDocument.Statement[0]: saw {"Effect":"Allow","Principal":"*","Action":["s3:GetObject"],"Resource":["*"],"Condition":{"StringNotEquals":{"aws:ResourceAccount":["111122223333"]}}}, wanted exact buckets of the environment, or aws:ResourceAccount confined
                  ec2:DescribeVpcEndpoints vpce-0b2c4d6e8f0a00001.PolicyDocument.Statement[1]: saw {"Effect":"Allow","Principal":"*","Action":["s3:GetObject"],"Resource":["*"],"Condition":{"StringEquals":{"s3:ResourceAccount":["111122223333","999999999999"]}}}, wanted exact buckets of the environment, or aws:ResourceAccount confined
                  ec2:DescribeVpcEndpoints vpce-0b2c4d6e8f0a00001.PolicyDocument.Statement[2]: saw {"Effect":"Allow","Principal":"*","Action":["s3:GetObject"],"Resource":["*"],"Condition":{"StringEquals":{"aws:ResourceOrgID":["o-a1b2c3d4e5"]}}}, wanted exact buckets of the environment, or aws:ResourceAccount confined
            "#]],
        );
        check(
            &CONTROL,
            s3(json!([with(json!({"StringEquals": {"aws:ResourceAccount": "${aws:PrincipalAccount}"}}))])),
            expect![[r#"
                INSUFFICIENT_DATA undecidable_policy HIGH fraud-dev vpce-0b2c4d6e8f0a00001: Whether statement 0 of the policy of `vpce-0b2c4d6e8f0a00001` confines whose resources are reached hangs on a variable or an unknown operator.
            "#]],
        );
    }

    #[test]
    fn resources_of_other_services() {
        check(
            &CONTROL,
            |env| {
                policy(env, "sts", json!([allow(json!("sts:AssumeRole"), json!("arn:aws:iam::111122223333:role/*"))]));
                policy(env, "logs", json!([allow(json!("logs:PutLogEvents"), json!("*"))]));
                policy(
                    env,
                    "kms",
                    json!([allow(
                        json!("kms:Decrypt"),
                        json!(["arn:aws:kms:*:*:key/*", "arn:aws:kms:eu-west-1:111122223333:key/*"])
                    )]),
                );
            },
            expect![[r#"
                NON_COMPLIANT HIGH fraud-dev vpce-0b2c4d6e8f0a00005: Statement 0 of the policy of `vpce-0b2c4d6e8f0a00005` (com.amazonaws.eu-west-1.logs) reaches *: nothing confines whose resources are reached.
                  ec2:DescribeVpcEndpoints vpce-0b2c4d6e8f0a00005.PolicyDocument.Statement[0]: saw {"Effect":"Allow","Principal":"*","Action":["logs:PutLogEvents"],"Resource":["*"]}, wanted resources of allowed_accounts, or aws:ResourceAccount confined
                NON_COMPLIANT HIGH fraud-dev vpce-0b2c4d6e8f0a00006: Statement 0 of the policy of `vpce-0b2c4d6e8f0a00006` (com.amazonaws.eu-west-1.kms) reaches arn:aws:kms:*:*:key/*: nothing confines whose resources are reached.
                  ec2:DescribeVpcEndpoints vpce-0b2c4d6e8f0a00006.PolicyDocument.Statement[0]: saw {"Effect":"Allow","Principal":"*","Action":["kms:Decrypt"],"Resource":["arn:aws:kms:*:*:key/*","arn:aws:kms:eu-west-1:111122223333:key/*"]}, wanted resources of allowed_accounts, or aws:ResourceAccount confined
            "#]],
        );
    }

    #[test]
    fn a_variable_may_name_the_account() {
        let own = json!("arn:aws:kms:eu-west-1:${aws:PrincipalAccount}:key/*");
        check(
            &CONTROL,
            |env| policy(env, "kms", json!([allow(json!("kms:Decrypt"), own)])),
            expect![[r#"
                INSUFFICIENT_DATA undecidable_policy HIGH fraud-dev vpce-0b2c4d6e8f0a00006: Whether statement 0 of the policy of `vpce-0b2c4d6e8f0a00006` confines whose resources are reached hangs on a variable or an unknown operator.
            "#]],
        );
    }

    #[test]
    fn actions_without_resources() {
        check(
            &CONTROL,
            |env| {
                let mut confined = allow(json!(["sts:GetCallerIdentity"]), json!("*"));
                confined["Condition"] = json!({"StringEquals": {"aws:PrincipalAccount": "111122223333"}});
                policy(env, "sts", json!([confined]));
                policy(env, "monitoring", json!([allow(json!("cloudwatch:PutMetricData"), json!("*"))]));
            },
            expect![[r#"
                NON_COMPLIANT MEDIUM fraud-dev vpce-0b2c4d6e8f0a00009: Statement 0 of the policy of `vpce-0b2c4d6e8f0a00009` (com.amazonaws.eu-west-1.monitoring) admits actions that have no resources, for callers of other accounts.
                  ec2:DescribeVpcEndpoints vpce-0b2c4d6e8f0a00009.PolicyDocument.Statement[0]: saw {"Effect":"Allow","Principal":"*","Action":["cloudwatch:PutMetricData"],"Resource":["*"]}, wanted resources of allowed_accounts, or aws:ResourceAccount confined
            "#]],
        );
    }

    #[test]
    fn a_bucket_chosen_by_tags_may_be_the_one() {
        check(
            &CONTROL,
            |env| {
                env.replace_baseline("{name: ds-data-lake-7f3a,", "{tags: {Lake: main},");
                policy(env, "s3", json!([allow(json!("s3:GetObject"), json!("arn:aws:s3:::ds-data-lake-7f3a/*"))]));
            },
            expect![[r#"
                INSUFFICIENT_DATA unresolved HIGH fraud-dev vpce-0b2c4d6e8f0a00001: The baseline chooses a bucket by the tags Lake=main, and buckets are not searched by tags: name it.
            "#]],
        );
    }

    #[test]
    fn services_without_a_policy_and_services_that_aws_does_not_run() {
        check(
            &CONTROL,
            |env| {
                let mut mirror = interface_endpoint("vpce-2", "com.amazonaws.vpce.eu-west-1.vpce-svc-0a1b", &[]);
                mirror.policy = None;
                env.add_endpoint(mirror.clone()).endpoint("sts", |endpoint| endpoint.policy = Some("{".to_owned()));
                mirror.id = "vpce-3".to_owned();
                mirror.policy = Some(json!({"Statement": [allow(json!("*"), json!("*"))]}).to_string());
                env.add_endpoint(mirror);
            },
            expect![[r#"
                INSUFFICIENT_DATA undecidable_policy HIGH fraud-dev vpce-0b2c4d6e8f0a00002: The policy of `vpce-0b2c4d6e8f0a00002` cannot be read: the document is not acceptable JSON: EOF while parsing an object at line 1 column 1.
                NOT_APPLICABLE unsupported_by_service HIGH fraud-dev vpce-2: `com.amazonaws.vpce.eu-west-1.vpce-svc-0a1b` takes no endpoint policy.
                NOT_APPLICABLE unsupported_by_service HIGH fraud-dev vpce-3: `com.amazonaws.vpce.eu-west-1.vpce-svc-0a1b` is no service of AWS's, whose resources a policy could name.
            "#]],
        );
    }

    #[test]
    fn a_violation_stands_though_the_listing_broke_off() {
        check(
            &CONTROL,
            |env| {
                policy(env, "s3", json!([allow(json!("s3:PutObject"), json!("arn:aws:s3:::exfil/*"))]));
                env.cut(&plumbline_snapshot::ec2::VPC_ENDPOINTS);
            },
            expect![[r#"
                NON_COMPLIANT HIGH fraud-dev vpce-0b2c4d6e8f0a00001: Statement 0 of the policy of `vpce-0b2c4d6e8f0a00001` (com.amazonaws.eu-west-1.s3) reaches arn:aws:s3:::exfil/*: nothing confines whose resources are reached.
                  ec2:DescribeVpcEndpoints vpce-0b2c4d6e8f0a00001.PolicyDocument.Statement[0]: saw {"Effect":"Allow","Principal":"*","Action":["s3:PutObject"],"Resource":["arn:aws:s3:::exfil/*"]}, wanted exact buckets of the environment, or aws:ResourceAccount confined
                INSUFFICIENT_DATA truncated HIGH fraud-dev 111122223333: ec2:DescribeVpcEndpoints was not seen: truncated, InternalFailure: status 500 on page 2.
                  ec2:DescribeVpcEndpoints not seen: truncated
            "#]],
        );
    }
}

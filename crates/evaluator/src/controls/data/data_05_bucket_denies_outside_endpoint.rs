//! DATA-05: object access from outside the environment's endpoints is denied.

use plumbline_findings::{Area, Assessment, ControlInfo, Maps, Origin, Reason, Severity};
use plumbline_policy::Confinement;
use plumbline_snapshot::{ec2, s3};

use crate::Control;
use crate::judge::{self, Known, Say, Unknown, few, field, many};
use crate::place::Place;
use crate::world::World;
use crate::world::bucket_policies::On;
use crate::world::buckets::DataBucket;
use crate::world::ways::{KEYS, Passes};

pub(crate) const CONTROL: Control = Control {
    info: &INFO,
    sources: &[&s3::HEAD_BUCKET, &s3::BUCKET_POLICY, &ec2::VPCS, &ec2::VPC_ENDPOINTS],
    unassigned: false,
    assess,
};

const INFO: ControlInfo = ControlInfo {
    id: "DATA-05",
    name: "bucket-denies-outside-endpoint",
    title: "Object access from outside the environment's endpoints is denied.",
    area: Area::Data,
    severity: Severity::High,
    origin: Origin::Derived,
    scope: "bucket",
    rationale: "Stolen credentials must not reach the data from elsewhere, and an Allow that is limited to the endpoint takes nothing away from what other policies grant.",
    decided: "Denies must cover GetObject, GetObjectVersion, PutObject and DeleteObject on the objects and ListBucket on the bucket, for everyone whose aws:SourceVpce is no S3 endpoint of the VPC and none of `extra_source_vpces`, or whose aws:SourceVpc is another VPC. Services of AWS's and `bucket_policy_exempt_principals` may be left out.",
    remediation: "Add a Deny of the object actions for Principal * with StringNotEquals aws:SourceVpce and the id of the S3 endpoint, and with BoolIfExists aws:PrincipalIsAWSService and aws:ViaAWSService false.",
    maps: Maps { securityhub: &[], cis: &[], nist: &["AC-3", "AC-4"] },
};

/// What moves data. Multipart uploads need s3:PutObject (Amazon S3 User Guide, "Multipart upload API and permissions").
const ACTIONS: [(&str, On); 5] = [
    ("s3:GetObject", On::Objects),
    ("s3:GetObjectVersion", On::Objects),
    ("s3:PutObject", On::Objects),
    ("s3:DeleteObject", On::Objects),
    ("s3:ListBucket", On::Bucket),
];

fn assess<'a>(world: &World<'a>, place: &Place<'a>) -> Vec<Assessment> {
    let buckets = world.data_buckets(place);
    judge::each(
        &INFO,
        place,
        buckets,
        |bucket| (world.bucket_ref(place, bucket), None),
        |say, bucket| look(world, place, bucket, say),
    )
}

fn look<'a>(world: &World<'a>, place: &Place<'a>, bucket: &DataBucket<'a>, say: &mut Say<'a>) -> Known<'a, ()> {
    let name = bucket.name;
    let Some(policy) = world.bucket_policy(place, bucket)? else {
        say.not_applicable(Reason::NoResources, format!("the bucket `{name}` does not exist"));
        return Ok(());
    };
    let ways = world.ways_to_s3(place);
    let (mut open, mut elsewhere, mut undecided) = (Vec::new(), Vec::new(), Vec::new());
    let mut how = Confinement::Confined;
    for (action, on) in ACTIONS {
        match ways.passes(&policy, action, on) {
            Passes::OursOnly => {}
            Passes::OthersByName => elsewhere.push(action),
            Passes::Undecidable => undecided.push(action),
            Passes::All(found) => {
                open.push(action);
                how = found;
            }
        }
    }
    let wanted =
        "Denies of object actions to everyone who comes another way than through the environment's S3 endpoints";
    if !open.is_empty() {
        let message = format!("`{name}` can be reached from outside the environment's endpoints");
        say.broken(
            format!("{message} by {}: {}", many(", ", &open), policy.why(KEYS, how)),
            policy.shown(KEYS, wanted),
        );
    }
    let others = ways.named_others(&policy);
    if !elsewhere.is_empty() && ways.unknown.is_none() {
        say.broken(
            format!(
                "`{name}` can be reached by {} through {}, which {} none of the environment's ways to S3",
                many(", ", &elsewhere),
                few(", ", others.iter().map(|id| format!("`{id}`"))),
                if others.len() == 1 { "is" } else { "are" },
            ),
            policy.shown(KEYS, wanted),
        );
    }
    if !undecided.is_empty() {
        say.unknown(Unknown::Because(
            Reason::UndecidablePolicy,
            format!(
                "whether the policy of `{name}` denies {} from outside hangs on a variable or an unknown operator",
                few(", ", &undecided)
            ),
        ));
    }
    say.fact(field(&ec2::VPC_ENDPOINTS, "VpcEndpoints[].VpcEndpointId", ways.told(), "those that the policy names"));
    // What was not listed may be what the policy names.
    ways.unknown.map_or(Ok(()), Err)
}

#[cfg(test)]
mod tests {
    use expect_test::expect;
    use plumbline_snapshot::{Read, ec2};
    use plumbline_testkit::Env;
    use plumbline_testkit::ec2::{ENDPOINT_S3, ENDPOINT_STS, VPC, interface_endpoint};
    use plumbline_testkit::s3::{BUCKET_DATA, BUCKET_LAKE, BUCKET_MODEL};
    use serde_json::{Value, json};

    use super::CONTROL;
    use crate::check::{blind, check, clean};

    fn deny(condition: Value) -> Value {
        json!({"Effect": "Deny", "Principal": "*",
               "Action": ["s3:GetObject", "s3:GetObjectVersion", "s3:PutObject", "s3:DeleteObject", "s3:ListBucket"],
               "Resource": ["arn:aws:s3:::ds-data-lake-7f3a", "arn:aws:s3:::ds-data-lake-7f3a/*"], "Condition": condition})
    }

    fn away() -> Value {
        json!({"StringNotEquals": {"aws:SourceVpce": ENDPOINT_S3}})
    }

    /// Gives the lake's policy these statements alone.
    fn lake(statements: Value) -> impl FnOnce(&mut Env) {
        move |env| {
            env.bucket_policy(BUCKET_LAKE, |policy| policy["Statement"] = statements);
        }
    }

    fn with(field: &str, value: Value) -> Value {
        let mut statement = deny(away());
        statement[field] = value;
        statement
    }

    #[test]
    fn known_good_is_clean_and_a_gap_is_not() {
        clean(&CONTROL);
        blind(&CONTROL);
    }

    #[test]
    fn no_policy() {
        check(
            &CONTROL,
            |env| {
                env.bucket(BUCKET_LAKE, |bucket| bucket.policy = Read::Seen(None));
            },
            expect![[r#"
                NON_COMPLIANT HIGH fraud-dev ds-data-lake-7f3a: `ds-data-lake-7f3a` can be reached from outside the environment's endpoints by s3:GetObject, s3:GetObjectVersion, s3:PutObject, s3:DeleteObject, s3:ListBucket: its policy has no Deny on aws:SourceVpce or aws:SourceVpc.
                  s3:GetBucketPolicy ds-data-lake-7f3a.Policy.Statement[]: saw no Deny on aws:SourceVpce or aws:SourceVpc, wanted Denies of object actions to everyone who comes another way than through the environment's S3 endpoints
                  ec2:DescribeVpcEndpoints VpcEndpoints[].VpcEndpointId: saw vpce-0b2c4d6e8f0a00001, wanted those that the policy names
            "#]],
        );
    }

    #[test]
    fn pass_trap_allows_grant_beside_one_another() {
        check(
            &CONTROL,
            lake(json!([with("Effect", json!("Allow"))])),
            expect![[r#"
            NON_COMPLIANT HIGH fraud-dev ds-data-lake-7f3a: `ds-data-lake-7f3a` can be reached from outside the environment's endpoints by s3:GetObject, s3:GetObjectVersion, s3:PutObject, s3:DeleteObject, s3:ListBucket: its policy has no Deny on aws:SourceVpce or aws:SourceVpc.
              s3:GetBucketPolicy ds-data-lake-7f3a.Policy.Statement[]: saw no Deny on aws:SourceVpce or aws:SourceVpc, wanted Denies of object actions to everyone who comes another way than through the environment's S3 endpoints
              ec2:DescribeVpcEndpoints VpcEndpoints[].VpcEndpointId: saw vpce-0b2c4d6e8f0a00001, wanted those that the policy names
        "#]],
        );
        let mut inside = with("Effect", json!("Allow"));
        inside["Condition"] = json!({"StringEquals": {"aws:SourceVpce": ENDPOINT_S3}});
        check(
            &CONTROL,
            lake(json!([inside])),
            expect![[r#"
            NON_COMPLIANT HIGH fraud-dev ds-data-lake-7f3a: `ds-data-lake-7f3a` can be reached from outside the environment's endpoints by s3:GetObject, s3:GetObjectVersion, s3:PutObject, s3:DeleteObject, s3:ListBucket: its policy has no Deny on aws:SourceVpce or aws:SourceVpc.
              s3:GetBucketPolicy ds-data-lake-7f3a.Policy.Statement[]: saw no Deny on aws:SourceVpce or aws:SourceVpc, wanted Denies of object actions to everyone who comes another way than through the environment's S3 endpoints
              ec2:DescribeVpcEndpoints VpcEndpoints[].VpcEndpointId: saw vpce-0b2c4d6e8f0a00001, wanted those that the policy names
        "#]],
        );
    }

    #[test]
    fn pass_trap_a_deny_of_the_endpoint_itself() {
        let inverted = deny(json!({"StringEquals": {"aws:SourceVpce": ENDPOINT_S3}}));
        check(
            &CONTROL,
            lake(json!([inverted])),
            expect![[r#"
                NON_COMPLIANT HIGH fraud-dev ds-data-lake-7f3a: `ds-data-lake-7f3a` can be reached from outside the environment's endpoints by s3:GetObject, s3:GetObjectVersion, s3:PutObject, s3:DeleteObject, s3:ListBucket: its policy's Deny on aws:SourceVpce or aws:SourceVpc does not stop them (deny_misses_absent).
                  s3:GetBucketPolicy ds-data-lake-7f3a.Policy.Statement[0]: saw {"Effect":"Deny","Principal":"*","Action":["s3:GetObject","s3:GetObjectVersion","s3:PutObject","s3:DeleteObject","s3:ListBucket"],"Resource":["arn:aws:s3:::ds-data-lake-7f3a","arn:aws:s3:::ds-data-lake-7f3a/*"],"Condition":{"StringEquals":{"aws:SourceVpce":["vpce-0b2c4d6e8f0a00001"]}}}, wanted Denies of object actions to everyone who comes another way than through the environment's S3 endpoints
                  ec2:DescribeVpcEndpoints VpcEndpoints[].VpcEndpointId: saw vpce-0b2c4d6e8f0a00001, wanted those that the policy names
            "#]],
        );
    }

    #[test]
    fn pass_trap_some_actions_or_some_principals() {
        check(
            &CONTROL,
            lake(json!([with("Action", json!(["s3:GetObject", "s3:PutObject", "s3:DeleteObject", "s3:ListBucket"]))])),
            expect![[r#"
                NON_COMPLIANT HIGH fraud-dev ds-data-lake-7f3a: `ds-data-lake-7f3a` can be reached from outside the environment's endpoints by s3:GetObjectVersion: its policy's Deny on aws:SourceVpce or aws:SourceVpc does not cover all of them.
                  s3:GetBucketPolicy ds-data-lake-7f3a.Policy.Statement[0]: saw {"Effect":"Deny","Principal":"*","Action":["s3:GetObject","s3:PutObject","s3:DeleteObject","s3:ListBucket"],"Resource":["arn:aws:s3:::ds-data-lake-7f3a","arn:aws:s3:::ds-data-lake-7f3a/*"],"Condition":{"StringNotEquals":{"aws:SourceVpce":["vpce-0b2c4d6e8f0a00001"]}}}, wanted Denies of object actions to everyone who comes another way than through the environment's S3 endpoints
                  ec2:DescribeVpcEndpoints VpcEndpoints[].VpcEndpointId: saw vpce-0b2c4d6e8f0a00001, wanted those that the policy names
            "#]],
        );
        check(
            &CONTROL,
            lake(json!([with("Action", json!(["s3:GetObjectVersion", "s3:AbortMultipartUpload"]))])),
            expect![[r#"
                NON_COMPLIANT HIGH fraud-dev ds-data-lake-7f3a: `ds-data-lake-7f3a` can be reached from outside the environment's endpoints by s3:GetObject, s3:PutObject, s3:DeleteObject, s3:ListBucket: its policy's Deny on aws:SourceVpce or aws:SourceVpc does not cover all of them.
                  s3:GetBucketPolicy ds-data-lake-7f3a.Policy.Statement[0]: saw {"Effect":"Deny","Principal":"*","Action":["s3:GetObjectVersion","s3:AbortMultipartUpload"],"Resource":["arn:aws:s3:::ds-data-lake-7f3a","arn:aws:s3:::ds-data-lake-7f3a/*"],"Condition":{"StringNotEquals":{"aws:SourceVpce":["vpce-0b2c4d6e8f0a00001"]}}}, wanted Denies of object actions to everyone who comes another way than through the environment's S3 endpoints
                  ec2:DescribeVpcEndpoints VpcEndpoints[].VpcEndpointId: saw vpce-0b2c4d6e8f0a00001, wanted those that the policy names
            "#]],
        );
        check(
            &CONTROL,
            lake(json!([with(
                "Principal",
                json!({"AWS": "arn:aws:iam::111122223333:role/ds-training-role-fraud-dev"})
            )])),
            expect![[r#"
                NON_COMPLIANT HIGH fraud-dev ds-data-lake-7f3a: `ds-data-lake-7f3a` can be reached from outside the environment's endpoints by s3:GetObject, s3:GetObjectVersion, s3:PutObject, s3:DeleteObject, s3:ListBucket: its policy's Deny on aws:SourceVpce or aws:SourceVpc does not cover all of them.
                  s3:GetBucketPolicy ds-data-lake-7f3a.Policy.Statement[0]: saw {"Effect":"Deny","Principal":{"AWS":["arn:aws:iam::111122223333:role/ds-training-role-fraud-dev"]},"Action":["s3:GetObject","s3:GetObjectVersion","s3:PutObject","s3:DeleteObject","s3:ListBucket"],"Resource":["arn:aws:s3:::ds-data-lake-7f3a","arn:aws:s3:::ds-data-lake-7f3a/*"],"Condition":{"StringNotEquals":{"aws:SourceVpce":["vpce-0b2c4d6e8f0a00001"]}}}, wanted Denies of object actions to everyone who comes another way than through the environment's S3 endpoints
                  ec2:DescribeVpcEndpoints VpcEndpoints[].VpcEndpointId: saw vpce-0b2c4d6e8f0a00001, wanted those that the policy names
            "#]],
        );
        check(
            &CONTROL,
            lake(json!([with("Resource", json!("arn:aws:s3:::ds-data-lake-7f3a/*"))])),
            expect![[r#"
                NON_COMPLIANT HIGH fraud-dev ds-data-lake-7f3a: `ds-data-lake-7f3a` can be reached from outside the environment's endpoints by s3:ListBucket: its policy's Deny on aws:SourceVpce or aws:SourceVpc does not cover all of them.
                  s3:GetBucketPolicy ds-data-lake-7f3a.Policy.Statement[0]: saw {"Effect":"Deny","Principal":"*","Action":["s3:GetObject","s3:GetObjectVersion","s3:PutObject","s3:DeleteObject","s3:ListBucket"],"Resource":["arn:aws:s3:::ds-data-lake-7f3a/*"],"Condition":{"StringNotEquals":{"aws:SourceVpce":["vpce-0b2c4d6e8f0a00001"]}}}, wanted Denies of object actions to everyone who comes another way than through the environment's S3 endpoints
                  ec2:DescribeVpcEndpoints VpcEndpoints[].VpcEndpointId: saw vpce-0b2c4d6e8f0a00001, wanted those that the policy names
            "#]],
        );
    }

    #[test]
    fn pass_trap_an_endpoint_that_was_deleted_and_one_of_another_service() {
        check(
            &CONTROL,
            lake(json!([deny(
                json!({"StringNotEquals": {"aws:SourceVpce": [ENDPOINT_S3, "vpce-0deleted", ENDPOINT_STS]}})
            )])),
            expect![[r#"
                NON_COMPLIANT HIGH fraud-dev ds-data-lake-7f3a: `ds-data-lake-7f3a` can be reached by s3:GetObject, s3:GetObjectVersion, s3:PutObject, s3:DeleteObject, s3:ListBucket through `vpce-0b2c4d6e8f0a00002`, `vpce-0deleted`, which are none of the environment's ways to S3.
                  s3:GetBucketPolicy ds-data-lake-7f3a.Policy.Statement[0]: saw {"Effect":"Deny","Principal":"*","Action":["s3:GetObject","s3:GetObjectVersion","s3:PutObject","s3:DeleteObject","s3:ListBucket"],"Resource":["arn:aws:s3:::ds-data-lake-7f3a","arn:aws:s3:::ds-data-lake-7f3a/*"],"Condition":{"StringNotEquals":{"aws:SourceVpce":["vpce-0b2c4d6e8f0a00001","vpce-0deleted","vpce-0b2c4d6e8f0a00002"]}}}, wanted Denies of object actions to everyone who comes another way than through the environment's S3 endpoints
                  ec2:DescribeVpcEndpoints VpcEndpoints[].VpcEndpointId: saw vpce-0b2c4d6e8f0a00001, wanted those that the policy names
            "#]],
        );
        check(
            &CONTROL,
            |env| {
                env.endpoint("s3", |endpoint| endpoint.state = "deleted".to_owned());
            },
            expect![[r#"
                NON_COMPLIANT HIGH fraud-dev ds-data-fraud-dev-7f3a: `ds-data-fraud-dev-7f3a` can be reached by s3:GetObject, s3:GetObjectVersion, s3:PutObject, s3:DeleteObject, s3:ListBucket through `vpce-0b2c4d6e8f0a00001`, which is none of the environment's ways to S3.
                  s3:GetBucketPolicy ds-data-fraud-dev-7f3a.Policy.Statement[3]: saw {"Sid":"Path","Effect":"Deny","Principal":"*","Action":["s3:GetObject*","s3:PutObject*","s3:DeleteObject*","s3:ListBucket*"],"Resource":["arn:aws:s3:::ds-data-fraud-dev-7f3a","arn:aws:s3:::ds-data-fraud-dev-7f3a/*"],"Condition":{"BoolIfExists":{"aws:PrincipalIsAWSService":["false"],"aws:ViaAWSService":["false"]},"StringNotEquals":{"aws:SourceVpce":["vpce-0b2c4d6e8f0a00001"]}}}, wanted Denies of object actions to everyone who comes another way than through the environment's S3 endpoints
                  ec2:DescribeVpcEndpoints VpcEndpoints[].VpcEndpointId: saw none, wanted those that the policy names
                NON_COMPLIANT HIGH fraud-dev ds-data-lake-7f3a: `ds-data-lake-7f3a` can be reached by s3:GetObject, s3:GetObjectVersion, s3:PutObject, s3:DeleteObject, s3:ListBucket through `vpce-0b2c4d6e8f0a00001`, which is none of the environment's ways to S3.
                  s3:GetBucketPolicy ds-data-lake-7f3a.Policy.Statement[3]: saw {"Sid":"Path","Effect":"Deny","Principal":"*","Action":["s3:GetObject*","s3:PutObject*","s3:DeleteObject*","s3:ListBucket*"],"Resource":["arn:aws:s3:::ds-data-lake-7f3a","arn:aws:s3:::ds-data-lake-7f3a/*"],"Condition":{"BoolIfExists":{"aws:PrincipalIsAWSService":["false"],"aws:ViaAWSService":["false"]},"StringNotEquals":{"aws:SourceVpce":["vpce-0b2c4d6e8f0a00001"]}}}, wanted Denies of object actions to everyone who comes another way than through the environment's S3 endpoints
                  ec2:DescribeVpcEndpoints VpcEndpoints[].VpcEndpointId: saw none, wanted those that the policy names
                NON_COMPLIANT HIGH fraud-dev ds-model-fraud-dev-7f3a: `ds-model-fraud-dev-7f3a` can be reached by s3:GetObject, s3:GetObjectVersion, s3:PutObject, s3:DeleteObject, s3:ListBucket through `vpce-0b2c4d6e8f0a00001`, which is none of the environment's ways to S3.
                  s3:GetBucketPolicy ds-model-fraud-dev-7f3a.Policy.Statement[3]: saw {"Sid":"Path","Effect":"Deny","Principal":"*","Action":["s3:GetObject*","s3:PutObject*","s3:DeleteObject*","s3:ListBucket*"],"Resource":["arn:aws:s3:::ds-model-fraud-dev-7f3a","arn:aws:s3:::ds-model-fraud-dev-7f3a/*"],"Condition":{"BoolIfExists":{"aws:PrincipalIsAWSService":["false"],"aws:ViaAWSService":["false"]},"StringNotEquals":{"aws:SourceVpce":["vpce-0b2c4d6e8f0a00001"]}}}, wanted Denies of object actions to everyone who comes another way than through the environment's S3 endpoints
                  ec2:DescribeVpcEndpoints VpcEndpoints[].VpcEndpointId: saw none, wanted those that the policy names
            "#]],
        );
    }

    #[test]
    fn fail_trap_services_and_exempt_principals_are_left_out() {
        let services = json!({"StringNotEqualsIfExists": {"aws:SourceVpce": ENDPOINT_S3},
                              "Bool": {"aws:ViaAWSService": "false", "aws:PrincipalIsAWSService": "false"}});
        check(
            &CONTROL,
            lake(json!([deny(services)])),
            expect![[r#"
                COMPLIANT
            "#]],
        );
        let exempt = json!({"StringNotEquals": {"aws:SourceVpce": ENDPOINT_S3},
                            "ArnNotEquals": {"aws:PrincipalArn": "arn:aws:iam::111122223333:role/data-ingest"}});
        check(
            &CONTROL,
            lake(json!([deny(exempt.clone())])),
            expect![[r#"
                NON_COMPLIANT HIGH fraud-dev ds-data-lake-7f3a: `ds-data-lake-7f3a` can be reached from outside the environment's endpoints by s3:GetObject, s3:GetObjectVersion, s3:PutObject, s3:DeleteObject, s3:ListBucket: its policy's Deny on aws:SourceVpce or aws:SourceVpc does not stop them (deny_narrowed).
                  s3:GetBucketPolicy ds-data-lake-7f3a.Policy.Statement[0]: saw {"Effect":"Deny","Principal":"*","Action":["s3:GetObject","s3:GetObjectVersion","s3:PutObject","s3:DeleteObject","s3:ListBucket"],"Resource":["arn:aws:s3:::ds-data-lake-7f3a","arn:aws:s3:::ds-data-lake-7f3a/*"],"Condition":{"ArnNotEquals":{"aws:PrincipalArn":["arn:aws:iam::111122223333:role/data-ingest"]},"StringNotEquals":{"aws:SourceVpce":["vpce-0b2c4d6e8f0a00001"]}}}, wanted Denies of object actions to everyone who comes another way than through the environment's S3 endpoints
                  ec2:DescribeVpcEndpoints VpcEndpoints[].VpcEndpointId: saw vpce-0b2c4d6e8f0a00001, wanted those that the policy names
            "#]],
        );
        check(
            &CONTROL,
            |env| {
                env.add_to_baseline("bucket_policy_exempt_principals: [\"arn:aws:iam::{account}:role/data-ingest\"]");
                lake(json!([deny(exempt)]))(env);
            },
            expect![[r#"
                COMPLIANT
            "#]],
        );
    }

    #[test]
    fn other_ways_that_belong_to_the_environment() {
        let to = |endpoint: &str| deny(json!({"StringNotEquals": {"aws:SourceVpce": [ENDPOINT_S3, endpoint]}}));
        check(
            &CONTROL,
            |env| {
                env.add_to_baseline("extra_source_vpces: [vpce-0ci]");
                lake(json!([to("vpce-0ci")]))(env);
            },
            expect![[r#"
                COMPLIANT
            "#]],
        );
        check(
            &CONTROL,
            |env| {
                env.add_endpoint(interface_endpoint("vpce-0second", "com.amazonaws.eu-west-1.s3", &[]));
                lake(json!([to("vpce-0second")]))(env);
            },
            expect![[r#"
                COMPLIANT
            "#]],
        );
        for condition in [
            json!({"StringNotEquals": {"aws:SourceVpc": VPC}}),
            json!({"StringNotEquals": {"aws:SourceVpc": VPC, "aws:SourceVpce": ENDPOINT_S3}}),
        ] {
            check(
                &CONTROL,
                lake(json!([deny(condition)])),
                expect![[r#"
                    COMPLIANT
                "#]],
            );
        }
        check(
            &CONTROL,
            lake(json!([deny(json!({"StringNotEquals": {"aws:SourceVpc": "vpc-other"}}))])),
            expect![[r#"
                NON_COMPLIANT HIGH fraud-dev ds-data-lake-7f3a: `ds-data-lake-7f3a` can be reached by s3:GetObject, s3:GetObjectVersion, s3:PutObject, s3:DeleteObject, s3:ListBucket through `vpc-other`, which is none of the environment's ways to S3.
                  s3:GetBucketPolicy ds-data-lake-7f3a.Policy.Statement[0]: saw {"Effect":"Deny","Principal":"*","Action":["s3:GetObject","s3:GetObjectVersion","s3:PutObject","s3:DeleteObject","s3:ListBucket"],"Resource":["arn:aws:s3:::ds-data-lake-7f3a","arn:aws:s3:::ds-data-lake-7f3a/*"],"Condition":{"StringNotEquals":{"aws:SourceVpc":["vpc-other"]}}}, wanted Denies of object actions to everyone who comes another way than through the environment's S3 endpoints
                  ec2:DescribeVpcEndpoints VpcEndpoints[].VpcEndpointId: saw vpce-0b2c4d6e8f0a00001, wanted those that the policy names
            "#]],
        );
    }

    #[test]
    fn a_condition_more_makes_it_miss_requests() {
        let narrow =
            json!({"StringNotEquals": {"aws:SourceVpce": ENDPOINT_S3}, "NotIpAddress": {"aws:SourceIp": "0.0.0.0/0"}});
        check(
            &CONTROL,
            lake(json!([deny(narrow)])),
            expect![[r#"
                NON_COMPLIANT HIGH fraud-dev ds-data-lake-7f3a: `ds-data-lake-7f3a` can be reached from outside the environment's endpoints by s3:GetObject, s3:GetObjectVersion, s3:PutObject, s3:DeleteObject, s3:ListBucket: its policy's Deny on aws:SourceVpce or aws:SourceVpc does not stop them (deny_narrowed).
                  s3:GetBucketPolicy ds-data-lake-7f3a.Policy.Statement[0]: saw {"Effect":"Deny","Principal":"*","Action":["s3:GetObject","s3:GetObjectVersion","s3:PutObject","s3:DeleteObject","s3:ListBucket"],"Resource":["arn:aws:s3:::ds-data-lake-7f3a","arn:aws:s3:::ds-data-lake-7f3a/*"],"Condition":{"NotIpAddress":{"aws:SourceIp":["0.0.0.0/0"]},"StringNotEquals":{"aws:SourceVpce":["vpce-0b2c4d6e8f0a00001"]}}}, wanted Denies of object actions to everyone who comes another way than through the environment's S3 endpoints
                  ec2:DescribeVpcEndpoints VpcEndpoints[].VpcEndpointId: saw vpce-0b2c4d6e8f0a00001, wanted those that the policy names
            "#]],
        );
        let present = json!({"StringNotEquals": {"aws:SourceVpce": ENDPOINT_S3}, "Null": {"aws:SourceVpce": "false"}});
        check(
            &CONTROL,
            lake(json!([deny(present)])),
            expect![[r#"
                NON_COMPLIANT HIGH fraud-dev ds-data-lake-7f3a: `ds-data-lake-7f3a` can be reached from outside the environment's endpoints by s3:GetObject, s3:GetObjectVersion, s3:PutObject, s3:DeleteObject, s3:ListBucket: its policy's Deny on aws:SourceVpce or aws:SourceVpc does not stop them (deny_misses_absent).
                  s3:GetBucketPolicy ds-data-lake-7f3a.Policy.Statement[0]: saw {"Effect":"Deny","Principal":"*","Action":["s3:GetObject","s3:GetObjectVersion","s3:PutObject","s3:DeleteObject","s3:ListBucket"],"Resource":["arn:aws:s3:::ds-data-lake-7f3a","arn:aws:s3:::ds-data-lake-7f3a/*"],"Condition":{"Null":{"aws:SourceVpce":["false"]},"StringNotEquals":{"aws:SourceVpce":["vpce-0b2c4d6e8f0a00001"]}}}, wanted Denies of object actions to everyone who comes another way than through the environment's S3 endpoints
                  ec2:DescribeVpcEndpoints VpcEndpoints[].VpcEndpointId: saw vpce-0b2c4d6e8f0a00001, wanted those that the policy names
            "#]],
        );
    }

    #[test]
    fn what_was_not_listed_may_be_what_it_names() {
        check(
            &CONTROL,
            |env| {
                env.hide(&ec2::VPC_ENDPOINTS);
                env.bucket(BUCKET_DATA, |bucket| bucket.policy = Read::Seen(None));
            },
            expect![[r#"
                NON_COMPLIANT HIGH fraud-dev ds-data-fraud-dev-7f3a: `ds-data-fraud-dev-7f3a` can be reached from outside the environment's endpoints by s3:GetObject, s3:GetObjectVersion, s3:PutObject, s3:DeleteObject, s3:ListBucket: its policy has no Deny on aws:SourceVpce or aws:SourceVpc.
                  s3:GetBucketPolicy ds-data-fraud-dev-7f3a.Policy.Statement[]: saw no Deny on aws:SourceVpce or aws:SourceVpc, wanted Denies of object actions to everyone who comes another way than through the environment's S3 endpoints
                  ec2:DescribeVpcEndpoints VpcEndpoints[].VpcEndpointId: saw none, wanted those that the policy names
                INSUFFICIENT_DATA access_denied HIGH fraud-dev ds-data-lake-7f3a: ec2:DescribeVpcEndpoints was not seen: denied, AccessDenied: not authorized to perform ec2:DescribeVpcEndpoints.
                  ec2:DescribeVpcEndpoints not seen: denied
                  ec2:DescribeVpcEndpoints VpcEndpoints[].VpcEndpointId: saw none, wanted those that the policy names
                INSUFFICIENT_DATA access_denied HIGH fraud-dev ds-model-fraud-dev-7f3a: ec2:DescribeVpcEndpoints was not seen: denied, AccessDenied: not authorized to perform ec2:DescribeVpcEndpoints.
                  ec2:DescribeVpcEndpoints not seen: denied
                  ec2:DescribeVpcEndpoints VpcEndpoints[].VpcEndpointId: saw none, wanted those that the policy names
            "#]],
        );
    }

    #[test]
    fn what_cannot_be_decided_and_what_is_gone() {
        check(
            &CONTROL,
            |env| {
                lake(json!([deny(json!({"StringNotEquals": {"aws:SourceVpce": "${aws:PrincipalTag/way}"}}))]))(env);
                env.delete_bucket(BUCKET_DATA);
                env.bucket(BUCKET_MODEL, |bucket| bucket.policy = Read::Seen(Some("{".to_owned())));
            },
            expect![[r#"
                NOT_APPLICABLE no_resources HIGH fraud-dev ds-data-fraud-dev-7f3a: The bucket `ds-data-fraud-dev-7f3a` does not exist.
                INSUFFICIENT_DATA undecidable_policy HIGH fraud-dev ds-data-lake-7f3a: Whether the policy of `ds-data-lake-7f3a` denies s3:GetObject, s3:GetObjectVersion, s3:PutObject and 2 more from outside hangs on a variable or an unknown operator.
                  ec2:DescribeVpcEndpoints VpcEndpoints[].VpcEndpointId: saw vpce-0b2c4d6e8f0a00001, wanted those that the policy names
                INSUFFICIENT_DATA undecidable_policy HIGH fraud-dev ds-model-fraud-dev-7f3a: The policy of the bucket `ds-model-fraud-dev-7f3a` cannot be read: the document is not acceptable JSON: EOF while parsing an object at line 1 column 1.
            "#]],
        );
    }
}

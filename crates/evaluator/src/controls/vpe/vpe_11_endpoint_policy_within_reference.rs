//! VPE-11: no endpoint policy allows more than its reference.

use plumbline_findings::{Area, Assessment, ControlInfo, Maps, Origin, Reason, Severity};
use plumbline_policy::ComparedKind;
use plumbline_snapshot::ec2;

use crate::Control;
use crate::judge::{self, Unknown};
use crate::place::Place;
use crate::tables::endpoints::takes_a_policy;
use crate::world::World;
use crate::world::endpoints::endpoint_ref;
use crate::world::references::Live;

pub(crate) const CONTROL: Control =
    Control { info: &INFO, sources: &[&ec2::VPCS, &ec2::VPC_ENDPOINTS], unassigned: false, assess };

const INFO: ControlInfo = ControlInfo {
    id: "VPE-11",
    name: "endpoint-policy-within-reference",
    title: "No endpoint policy allows more than its reference.",
    area: Area::Endpoints,
    severity: Severity::High,
    origin: Origin::Derived,
    scope: "endpoint",
    rationale: "An endpoint's policy is the last word on what leaves by it. One call resets it to full access.",
    decided: "The endpoint's policy may allow no request that the document of `endpoint_reference_policies` for its service does not. Spelling, order and what AWS reformats do not matter.",
    remediation: "Set the reviewed document with ModifyVpcEndpoint, or have the wider one reviewed and change the reference.",
    maps: Maps { securityhub: &[], cis: &[], nist: &["AC-4", "CM-3"] },
};

fn assess<'a>(world: &World<'a>, place: &Place<'a>) -> Vec<Assessment> {
    let subject = |endpoint: &&'a ec2::VpcEndpoint| (endpoint_ref(place, endpoint), None);
    judge::each(&INFO, place, world.vpc_endpoints(place), subject, |say, endpoint| {
        let (id, service) = (&endpoint.id, &endpoint.service_name);
        let named = place.environments.iter().flat_map(|environment| {
            let all = environment.endpoint_reference_policies.iter().flatten();
            all.filter(|reference| reference.service == *service).map(|reference| (*environment, &reference.policy))
        });
        let named: Vec<_> = named.collect();
        if named.is_empty() {
            say.not_applicable(
                Reason::NotRequiredByBaseline,
                format!("the baseline names no reference policy for `{service}`"),
            );
            return Ok(());
        }
        let Some(text) = &endpoint.policy else {
            if takes_a_policy(service, place.region.as_str()) {
                return Err(Unknown::Because(
                    Reason::ApiError,
                    format!("no policy of `{id}` was sent, and endpoints of `{service}` have one"),
                ));
            }
            say.not_applicable(Reason::UnsupportedByService, format!("`{service}` takes no endpoint policy"));
            return Ok(());
        };
        let held = world.plain_policy(
            &ec2::VPC_ENDPOINTS,
            format!("the policy of `{id}`"),
            format!("{id}.PolicyDocument"),
            text,
        )?;
        let live = Live {
            kind: ComparedKind::Endpoint,
            policies: std::slice::from_ref(&held),
            boundary: None,
            who: None,
            source: &ec2::VPC_ENDPOINTS,
            path: format!("{id}.PolicyDocument"),
            name: format!("the policy of `{id}` (`{service}`)"),
        };
        for (environment, path) in named {
            world.reviewed(environment, std::slice::from_ref(path))?.hold_against(&live, INFO.severity, say);
        }
        Ok(())
    })
}

#[cfg(test)]
mod tests {
    use expect_test::expect;
    use plumbline_testkit::ec2::*;
    use serde_json::json;

    use super::CONTROL;
    use crate::check::{blind, check, clean};

    #[test]
    fn known_good_is_clean_and_a_gap_is_not() {
        clean(&CONTROL);
        blind(&CONTROL);
    }

    #[test]
    fn pass_trap_the_default_policy_came_back() {
        check(
            &CONTROL,
            |env| {
                let everything =
                    json!({"Statement": [{"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}]});
                env.endpoint_policy("sts", &everything);
            },
            expect![[r#"
                NON_COMPLIANT HIGH fraud-dev vpce-0b2c4d6e8f0a00002: The policy of `vpce-0b2c4d6e8f0a00002` (`com.amazonaws.eu-west-1.sts`) lets `arn:aws:iam::999988887777:role/plumbline-stranger` `sts:GetCallerIdentity` with aws:PrincipalAccount `999988887777` and aws:ResourceAccount `999988887777`, which `references/endpoints/sts.json` (sha256 341d8cbcc3cf) does not: statement 0 of the policy of `vpce-0b2c4d6e8f0a00002`.
                  ec2:DescribeVpcEndpoints vpce-0b2c4d6e8f0a00002.PolicyDocument.Statement[0]: saw {"Effect":"Allow","Principal":"*","Action":["*"],"Resource":["*"]}, wanted no more than `references/endpoints/sts.json` (sha256 341d8cbcc3cf)
                  witness {"principal":"arn:aws:iam::999988887777:role/plumbline-stranger","action":"sts:GetCallerIdentity","resource":"*","context":{"aws:PrincipalAccount":"999988887777","aws:ResourceAccount":"999988887777"}}
            "#]],
        );
    }

    #[test]
    fn a_condition_that_was_lost() {
        check(
            &CONTROL,
            |env| {
                let mut document = endpoint_policy(&["sts:AssumeRole", "sts:GetCallerIdentity"], &json!("*"));
                document["Statement"][0]["Condition"]["StringEquals"]
                    .as_object_mut()
                    .unwrap()
                    .remove("aws:ResourceAccount");
                env.endpoint_policy("sts", &document);
            },
            expect![[r#"
                NON_COMPLIANT HIGH fraud-dev vpce-0b2c4d6e8f0a00002: The policy of `vpce-0b2c4d6e8f0a00002` (`com.amazonaws.eu-west-1.sts`) lets `arn:aws:iam::999988887777:role/plumbline-stranger` `sts:GetCallerIdentity` with aws:PrincipalAccount `111122223333` and aws:ResourceAccount `x`, which `references/endpoints/sts.json` (sha256 341d8cbcc3cf) does not: statement 0 of the policy of `vpce-0b2c4d6e8f0a00002`.
                  ec2:DescribeVpcEndpoints vpce-0b2c4d6e8f0a00002.PolicyDocument.Statement[0]: saw {"Sid":"AccountOnly","Effect":"Allow","Principal":{"AWS":["*"]},"Action":["sts:AssumeRole","sts:GetCallerIdentity"],"Resource":["*"],"Condition":{"StringEquals":{"aws:PrincipalAccount":["111122223333"]}}}, wanted no more than `references/endpoints/sts.json` (sha256 341d8cbcc3cf)
                  witness {"principal":"arn:aws:iam::999988887777:role/plumbline-stranger","action":"sts:GetCallerIdentity","resource":"*","context":{"aws:PrincipalAccount":"111122223333","aws:ResourceAccount":"x"}}
            "#]],
        );
    }

    #[test]
    fn fail_trap_everyone_written_in_another_way_in_another_order() {
        check(
            &CONTROL,
            |env| {
                let mut document = endpoint_policy(&["sts:getcalleridentity", "sts:assumerole"], &json!(["*"]));
                document["Statement"][0]["Principal"] = json!("*");
                document["Statement"][0]["Sid"] = json!("Another");
                env.endpoint_policy("sts", &document);
            },
            expect![[r#"
                COMPLIANT
            "#]],
        );
    }

    #[test]
    fn no_policy_was_sent_and_one_that_cannot_be_read() {
        check(
            &CONTROL,
            |env| {
                env.endpoint("sts", |endpoint| endpoint.policy = None);
                env.endpoint("kms", |endpoint| endpoint.policy = Some("{".to_owned()));
            },
            expect![[r#"
                INSUFFICIENT_DATA api_error HIGH fraud-dev vpce-0b2c4d6e8f0a00002: No policy of `vpce-0b2c4d6e8f0a00002` was sent, and endpoints of `com.amazonaws.eu-west-1.sts` have one.
                INSUFFICIENT_DATA undecidable_policy HIGH fraud-dev vpce-0b2c4d6e8f0a00006: The policy of `vpce-0b2c4d6e8f0a00006` cannot be read: the document is not acceptable JSON: EOF while parsing an object at line 1 column 1.
            "#]],
        );
    }

    #[test]
    fn an_endpoint_without_a_reference() {
        check(
            &CONTROL,
            |env| {
                env.add_endpoint(interface_endpoint("vpce-2", "com.amazonaws.eu-west-1.sns", &["sns:Publish"]));
            },
            expect![[r#"
                NOT_APPLICABLE not_required_by_baseline HIGH fraud-dev vpce-2: The baseline names no reference policy for `com.amazonaws.eu-west-1.sns`.
            "#]],
        );
    }
}

//! IAMC-07: opening a notebook or Studio is confined to known networks.

use ipnet::IpNet;
use plumbline_findings::{Area, Assessment, ControlInfo, Maps, Origin, Reason, Severity};
use plumbline_policy::{KeyKind, Wanted};
use plumbline_snapshot::{ec2, iam, sagemaker};

use super::{Gate, Key, each_call};
use crate::Control;
use crate::judge::{Known, Set, many};
use crate::place::Place;
use crate::world::World;

pub(crate) const CONTROL: Control = Control {
    info: &INFO,
    sources: &[
        &iam::ACCOUNT_AUTHORIZATION_DETAILS,
        &iam::POLICY,
        &iam::POLICY_VERSION,
        &ec2::VPCS,
        &ec2::VPC_ENDPOINTS,
        &sagemaker::DOMAINS,
        &sagemaker::DOMAIN,
    ],
    unassigned: false,
    assess,
};

const INFO: ControlInfo = ControlInfo {
    id: "IAMC-07",
    name: "condition-presigned-network",
    title: "Opening a notebook or Studio is confined to known networks.",
    area: Area::Roles,
    severity: Severity::High,
    origin: Origin::Derived,
    scope: "role × action",
    rationale: "Whoever holds the credentials opens a presigned URL from anywhere, and works on the data from there.",
    decided: "Each Allow that a bound role has of CreatePresignedNotebookInstanceUrl or CreatePresignedDomainUrl must be confined by aws:SourceVpce to endpoints of the environment, by aws:SourceVpc to its VPC and `access_vpcs`, or by aws:SourceIp to `access_cidrs`, of which public networks count: through an endpoint there is no source address. Domains that people enter by Identity Center need no such URL.",
    remediation: "State StringEquals aws:SourceVpce with the environment's endpoints in the Allow. The policy is asked again on every request of what was opened, so that it binds what is open too.",
    maps: Maps { securityhub: &[], cis: &[], nist: &["AC-3", "AC-17", "SC-7"] },
};

const NOTEBOOK_URL: &str = "sagemaker:CreatePresignedNotebookInstanceUrl";
const DOMAIN_URL: &str = "sagemaker:CreatePresignedDomainUrl";

fn assess<'a>(world: &World<'a>, place: &Place<'a>) -> Vec<Assessment> {
    let keys = vec![endpoints(world, place), vpcs(world, place), addresses(place)];
    let gate = Gate::new(keys, INFO.severity, "from outside the known networks");
    each_call(&INFO, world, place, &[NOTEBOOK_URL, DOMAIN_URL], |say, call| {
        if call.action == DOMAIN_URL && signs_in_by_identity_center(world, place)? {
            let region = place.region;
            let said =
                format!("every Studio domain of `{region}` is entered by Identity Center, which takes no such URL");
            say.not_applicable(Reason::FeatureNotUsed, said);
            return Ok(());
        }
        call.confined(say, &gate);
        Ok(())
    })
}

fn endpoints<'a>(world: &World<'a>, place: &Place<'a>) -> Key<'a> {
    let endpoints = world.vpc_endpoints(place).filter_map(|endpoint| Some(&endpoint.id));
    Key::one_of("aws:SourceVpce", KeyKind::Single, endpoints)
}

fn vpcs<'a>(world: &World<'a>, place: &Place<'a>) -> Key<'a> {
    let allowed = place.environments.iter().flat_map(|environment| &environment.access_vpcs);
    let mut vpcs = Set::whole(allowed.collect::<Vec<_>>());
    match world.vpc(place) {
        Ok(vpc) => vpcs.items.push(&vpc.id),
        Err(unknown) => vpcs.unknown = Some(unknown),
    }
    Key::one_of("aws:SourceVpc", KeyKind::Single, vpcs)
}

fn addresses<'a>(place: &Place<'a>) -> Key<'a> {
    let allowed = place.environments.iter().flat_map(|environment| &environment.access_cidrs);
    let public: Vec<IpNet> = allowed.filter(|network| is_public(network)).copied().collect();
    let values = if public.is_empty() { "no public network".to_owned() } else { many(", ", &public) };
    Key { name: "aws:SourceIp".into(), kind: KeyKind::Address, wanted: Wanted::networks(public), values, unknown: None }
}

/// Whether requests come from such an address, and not from all: one of a VPC's never shows, since through an endpoint
/// `aws:SourceIp` is missing (IAM User Guide, "AWS global condition context keys").
fn is_public(network: &IpNet) -> bool {
    network.prefix_len() > 0
        && match network {
            IpNet::V4(network) => !network.addr().is_private(),
            IpNet::V6(network) => !network.addr().is_unique_local(),
        }
}

/// Whether all domains of the Region, if there are any, are entered by Identity Center: `CreatePresignedDomainUrl` is for
/// those with sign-in by IAM (Amazon SageMaker API Reference, "CreatePresignedDomainUrl").
fn signs_in_by_identity_center<'a>(world: &World<'a>, place: &Place<'a>) -> Known<'a, bool> {
    let domains = &world.regional(place)?.sagemaker.domains;
    let mut unseen = domains.gap();
    let mut some = false;
    for domain in domains.seen() {
        match domain.body.sight() {
            Ok(None) => {}
            Ok(Some(body)) if body.auth_mode.as_deref() == Some("SSO") => some = true,
            Ok(Some(_)) => return Ok(false),
            Err(gap) => unseen = unseen.or(Some(gap)),
        }
    }
    match unseen {
        Some(gap) => Err(gap.into()),
        None => Ok(some),
    }
}

#[cfg(test)]
mod tests {
    use expect_test::expect;
    use plumbline_snapshot::{ec2, iam, sagemaker};
    use plumbline_testkit::Env;
    use plumbline_testkit::ec2::{ENDPOINT_API, VPC};
    use plumbline_testkit::sagemaker::DOMAIN;
    use serde_json::{Value, json};

    use super::CONTROL;
    use crate::check::{blind_but, check, clean};
    use crate::controls::iamc::edits::{add, condition, deny};

    /// The condition on the URL of a notebook.
    fn url(env: &mut Env, wanted: Value) -> &mut Env {
        condition(env, "data_scientist", 1, |condition| *condition = wanted)
    }

    #[test]
    fn known_good_is_clean_and_a_gap_is_not() {
        clean(&CONTROL);
        blind_but(&CONTROL, &[&iam::POLICY, &iam::POLICY_VERSION]);
    }

    #[test]
    fn from_anywhere() {
        check(
            &CONTROL,
            |env| {
                url(env, json!({"StringEquals": {"aws:ResourceTag/ProjectName": "fraud"}}));
            },
            expect![[r#"
                NON_COMPLIANT HIGH fraud-dev ds-user-role-fraud-dev [sagemaker:CreatePresignedNotebookInstanceUrl]: `ds-user-role-fraud-dev` may call sagemaker:CreatePresignedNotebookInstanceUrl from outside the known networks: statement 1 of `arn:aws:iam::111122223333:policy/ds-data-scientist-fraud-dev` v1 allows it with any `aws:SourceVpce` or `aws:SourceVpc` or `aws:SourceIp` or none.
                  iam:GetAccountAuthorizationDetails arn:aws:iam::111122223333:policy/ds-data-scientist-fraud-dev.PolicyDocument.Statement[1]: saw {"Effect":"Allow","Action":["sagemaker:CreatePresignedNotebookInstanceUrl"],"Resource":["arn:aws:sagemaker:eu-west-1:111122223333:notebook-instance/*"],"Condition":{"StringEquals":{"aws:ResourceTag/ProjectName":["fraud"]}}}, wanted aws:SourceVpce within vpce-0b2c4d6e8f0a00001, vpce-0b2c4d6e8f0a00002, vpce-0b2c4d6e8f0a00003, vpce-0b2c4d6e8f0a00004, vpce-0b2c4d6e8f0a00005, vpce-0b2c4d6e8f0a00006, vpce-0b2c4d6e8f0a00007, vpce-0b2c4d6e8f0a00008, vpce-0b2c4d6e8f0a00009 or aws:SourceVpc within vpc-0f4a7d2c1b9e80001 or aws:SourceIp within no public network
            "#]],
        );
    }

    #[test]
    fn pass_trap_a_negated_operator_in_an_allow() {
        check(
            &CONTROL,
            |env| {
                url(env, json!({"NotIpAddress": {"aws:SourceIp": "198.51.100.0/24"}}));
            },
            expect![[r#"
                NON_COMPLIANT HIGH fraud-dev ds-user-role-fraud-dev [sagemaker:CreatePresignedNotebookInstanceUrl]: `ds-user-role-fraud-dev` may call sagemaker:CreatePresignedNotebookInstanceUrl from outside the known networks: statement 1 of `arn:aws:iam::111122223333:policy/ds-data-scientist-fraud-dev` v1 does not confine `aws:SourceVpce` or `aws:SourceVpc` or `aws:SourceIp`: an Allow with a negated operator grants every other value, and none (allow_negated).
                  iam:GetAccountAuthorizationDetails arn:aws:iam::111122223333:policy/ds-data-scientist-fraud-dev.PolicyDocument.Statement[1]: saw {"Effect":"Allow","Action":["sagemaker:CreatePresignedNotebookInstanceUrl"],"Resource":["arn:aws:sagemaker:eu-west-1:111122223333:notebook-instance/*"],"Condition":{"NotIpAddress":{"aws:SourceIp":["198.51.100.0/24"]}}}, wanted aws:SourceVpce within vpce-0b2c4d6e8f0a00001, vpce-0b2c4d6e8f0a00002, vpce-0b2c4d6e8f0a00003, vpce-0b2c4d6e8f0a00004, vpce-0b2c4d6e8f0a00005, vpce-0b2c4d6e8f0a00006, vpce-0b2c4d6e8f0a00007, vpce-0b2c4d6e8f0a00008, vpce-0b2c4d6e8f0a00009 or aws:SourceVpc within vpc-0f4a7d2c1b9e80001 or aws:SourceIp within no public network
            "#]],
        );
    }

    #[test]
    fn pass_trap_the_whole_internet() {
        check(
            &CONTROL,
            |env| {
                url(env, json!({"IpAddress": {"aws:SourceIp": "0.0.0.0/0"}}));
                env.add_to_baseline("access_cidrs: [\"0.0.0.0/0\"]");
            },
            expect![[r#"
                NON_COMPLIANT HIGH fraud-dev ds-user-role-fraud-dev [sagemaker:CreatePresignedNotebookInstanceUrl]: `ds-user-role-fraud-dev` may call sagemaker:CreatePresignedNotebookInstanceUrl from outside the known networks: statement 1 of `arn:aws:iam::111122223333:policy/ds-data-scientist-fraud-dev` v1 allows it with other values of `aws:SourceVpce` or `aws:SourceVpc` or `aws:SourceIp`.
                  iam:GetAccountAuthorizationDetails arn:aws:iam::111122223333:policy/ds-data-scientist-fraud-dev.PolicyDocument.Statement[1]: saw {"Effect":"Allow","Action":["sagemaker:CreatePresignedNotebookInstanceUrl"],"Resource":["arn:aws:sagemaker:eu-west-1:111122223333:notebook-instance/*"],"Condition":{"IpAddress":{"aws:SourceIp":["0.0.0.0/0"]}}}, wanted aws:SourceVpce within vpce-0b2c4d6e8f0a00001, vpce-0b2c4d6e8f0a00002, vpce-0b2c4d6e8f0a00003, vpce-0b2c4d6e8f0a00004, vpce-0b2c4d6e8f0a00005, vpce-0b2c4d6e8f0a00006, vpce-0b2c4d6e8f0a00007, vpce-0b2c4d6e8f0a00008, vpce-0b2c4d6e8f0a00009 or aws:SourceVpc within vpc-0f4a7d2c1b9e80001 or aws:SourceIp within no public network
            "#]],
        );
    }

    #[test]
    fn pass_trap_private_addresses_never_show() {
        check(
            &CONTROL,
            |env| {
                url(env, json!({"IpAddress": {"aws:SourceIp": "10.20.0.0/16"}}));
                env.add_to_baseline("access_cidrs: [\"10.0.0.0/8\"]");
            },
            expect![[r#"
                NON_COMPLIANT HIGH fraud-dev ds-user-role-fraud-dev [sagemaker:CreatePresignedNotebookInstanceUrl]: `ds-user-role-fraud-dev` may call sagemaker:CreatePresignedNotebookInstanceUrl from outside the known networks: statement 1 of `arn:aws:iam::111122223333:policy/ds-data-scientist-fraud-dev` v1 allows it with other values of `aws:SourceVpce` or `aws:SourceVpc` or `aws:SourceIp`.
                  iam:GetAccountAuthorizationDetails arn:aws:iam::111122223333:policy/ds-data-scientist-fraud-dev.PolicyDocument.Statement[1]: saw {"Effect":"Allow","Action":["sagemaker:CreatePresignedNotebookInstanceUrl"],"Resource":["arn:aws:sagemaker:eu-west-1:111122223333:notebook-instance/*"],"Condition":{"IpAddress":{"aws:SourceIp":["10.20.0.0/16"]}}}, wanted aws:SourceVpce within vpce-0b2c4d6e8f0a00001, vpce-0b2c4d6e8f0a00002, vpce-0b2c4d6e8f0a00003, vpce-0b2c4d6e8f0a00004, vpce-0b2c4d6e8f0a00005, vpce-0b2c4d6e8f0a00006, vpce-0b2c4d6e8f0a00007, vpce-0b2c4d6e8f0a00008, vpce-0b2c4d6e8f0a00009 or aws:SourceVpc within vpc-0f4a7d2c1b9e80001 or aws:SourceIp within no public network
            "#]],
        );
    }

    #[test]
    fn an_address_of_the_office() {
        check(
            &CONTROL,
            |env| {
                url(env, json!({"IpAddress": {"aws:SourceIp": ["198.51.100.7", "198.51.100.128/25"]}}));
                env.add_to_baseline("access_cidrs: [\"198.51.100.0/24\"]");
            },
            expect![[r#"
                COMPLIANT
            "#]],
        );
    }

    #[test]
    fn a_vpc_of_the_baseline_and_one_that_is_not() {
        check(
            &CONTROL,
            |env| {
                url(env, json!({"StringEquals": {"aws:SourceVpc": [VPC, "vpc-0workspaces"]}}));
                env.add_to_baseline("access_vpcs: [vpc-0workspaces]");
                condition(env, "data_scientist", 2, |condition| {
                    *condition = json!({"StringEquals": {"aws:SourceVpc": [VPC, "vpc-0other"]}});
                });
            },
            expect![[r#"
                NON_COMPLIANT HIGH fraud-dev ds-user-role-fraud-dev [sagemaker:CreatePresignedDomainUrl]: `ds-user-role-fraud-dev` may call sagemaker:CreatePresignedDomainUrl from outside the known networks: statement 2 of `arn:aws:iam::111122223333:policy/ds-data-scientist-fraud-dev` v1 allows it with other values of `aws:SourceVpce` or `aws:SourceVpc` or `aws:SourceIp`.
                  iam:GetAccountAuthorizationDetails arn:aws:iam::111122223333:policy/ds-data-scientist-fraud-dev.PolicyDocument.Statement[2]: saw {"Effect":"Allow","Action":["sagemaker:CreatePresignedDomainUrl"],"Resource":["arn:aws:sagemaker:eu-west-1:111122223333:user-profile/*"],"Condition":{"StringEquals":{"aws:SourceVpc":["vpc-0f4a7d2c1b9e80001","vpc-0other"]}}}, wanted aws:SourceVpce within vpce-0b2c4d6e8f0a00001, vpce-0b2c4d6e8f0a00002, vpce-0b2c4d6e8f0a00003, vpce-0b2c4d6e8f0a00004, vpce-0b2c4d6e8f0a00005, vpce-0b2c4d6e8f0a00006, vpce-0b2c4d6e8f0a00007, vpce-0b2c4d6e8f0a00008, vpce-0b2c4d6e8f0a00009 or aws:SourceVpc within vpc-0workspaces, vpc-0f4a7d2c1b9e80001 or aws:SourceIp within no public network
            "#]],
        );
    }

    #[test]
    fn endpoints_by_a_pattern() {
        check(
            &CONTROL,
            |env| {
                url(env, json!({"StringLike": {"aws:SourceVpce": "vpce-0b2c4d6e8f0a0000?"}}));
            },
            expect![[r#"
                NON_COMPLIANT HIGH fraud-dev ds-user-role-fraud-dev [sagemaker:CreatePresignedNotebookInstanceUrl]: `ds-user-role-fraud-dev` may call sagemaker:CreatePresignedNotebookInstanceUrl from outside the known networks: statement 1 of `arn:aws:iam::111122223333:policy/ds-data-scientist-fraud-dev` v1 allows it with other values of `aws:SourceVpce` or `aws:SourceVpc` or `aws:SourceIp`.
                  iam:GetAccountAuthorizationDetails arn:aws:iam::111122223333:policy/ds-data-scientist-fraud-dev.PolicyDocument.Statement[1]: saw {"Effect":"Allow","Action":["sagemaker:CreatePresignedNotebookInstanceUrl"],"Resource":["arn:aws:sagemaker:eu-west-1:111122223333:notebook-instance/*"],"Condition":{"StringLike":{"aws:SourceVpce":["vpce-0b2c4d6e8f0a0000?"]}}}, wanted aws:SourceVpce within vpce-0b2c4d6e8f0a00001, vpce-0b2c4d6e8f0a00002, vpce-0b2c4d6e8f0a00003, vpce-0b2c4d6e8f0a00004, vpce-0b2c4d6e8f0a00005, vpce-0b2c4d6e8f0a00006, vpce-0b2c4d6e8f0a00007, vpce-0b2c4d6e8f0a00008, vpce-0b2c4d6e8f0a00009 or aws:SourceVpc within vpc-0f4a7d2c1b9e80001 or aws:SourceIp within no public network
            "#]],
        );
    }

    #[test]
    fn one_deny_of_all_that_is_neither() {
        check(
            &CONTROL,
            |env| {
                url(env, json!({}));
                let neither = json!({
                    "StringNotEqualsIfExists": {"aws:SourceVpce": ENDPOINT_API},
                    "NotIpAddressIfExists": {"aws:SourceIp": "198.51.100.0/24"},
                });
                add(env, "data_scientist", &[deny("sagemaker:CreatePresigned*", neither)]);
                env.add_to_baseline("access_cidrs: [\"198.51.100.0/24\"]");
            },
            expect![[r#"
                COMPLIANT
            "#]],
        );
    }

    #[test]
    fn one_deny_that_spares_calls_of_services() {
        check(
            &CONTROL,
            |env| {
                url(env, json!({}));
                let elsewhere = json!({
                    "StringNotEquals": {"aws:SourceVpce": ENDPOINT_API},
                    "Bool": {"aws:ViaAWSService": "false"},
                });
                add(env, "data_scientist", &[deny("sagemaker:CreatePresigned*", elsewhere)]);
            },
            expect![[r#"
                NON_COMPLIANT HIGH fraud-dev ds-user-role-fraud-dev [sagemaker:CreatePresignedNotebookInstanceUrl]: `ds-user-role-fraud-dev` may call sagemaker:CreatePresignedNotebookInstanceUrl from outside the known networks: statement 1 of `arn:aws:iam::111122223333:policy/ds-data-scientist-fraud-dev` v1 does not confine `aws:SourceVpce` or `aws:SourceVpc` or `aws:SourceIp`: the Deny has a further condition, and spares what does not meet it (deny_narrowed).
                  iam:GetAccountAuthorizationDetails arn:aws:iam::111122223333:policy/ds-data-scientist-fraud-dev.PolicyDocument.Statement[1]: saw {"Effect":"Allow","Action":["sagemaker:CreatePresignedNotebookInstanceUrl"],"Resource":["arn:aws:sagemaker:eu-west-1:111122223333:notebook-instance/*"]}, wanted aws:SourceVpce within vpce-0b2c4d6e8f0a00001, vpce-0b2c4d6e8f0a00002, vpce-0b2c4d6e8f0a00003, vpce-0b2c4d6e8f0a00004, vpce-0b2c4d6e8f0a00005, vpce-0b2c4d6e8f0a00006, vpce-0b2c4d6e8f0a00007, vpce-0b2c4d6e8f0a00008, vpce-0b2c4d6e8f0a00009 or aws:SourceVpc within vpc-0f4a7d2c1b9e80001 or aws:SourceIp within no public network
            "#]],
        );
    }

    #[test]
    fn fail_trap_a_domain_that_is_entered_by_identity_center() {
        check(
            &CONTROL,
            |env| {
                condition(env, "data_scientist", 2, |condition| *condition = json!({}));
                env.domain(DOMAIN, |domain| domain.auth_mode = Some("SSO".to_owned()));
            },
            expect![[r#"
                NOT_APPLICABLE feature_not_used HIGH fraud-dev ds-user-role-fraud-dev [sagemaker:CreatePresignedDomainUrl]: Every Studio domain of `eu-west-1` is entered by Identity Center, which takes no such URL.
            "#]],
        );
    }

    #[test]
    fn a_domain_that_was_not_described() {
        check(
            &CONTROL,
            |env| {
                condition(env, "data_scientist", 2, |condition| *condition = json!({}));
                env.hide(&sagemaker::DOMAIN);
            },
            expect![[r#"
                INSUFFICIENT_DATA access_denied HIGH fraud-dev ds-user-role-fraud-dev [sagemaker:CreatePresignedDomainUrl]: sagemaker:DescribeDomain of `d-q7w2e5r8t1y4` was not seen: denied, AccessDenied: not authorized to perform sagemaker:DescribeDomain.
                  sagemaker:DescribeDomain not seen: denied
            "#]],
        );
    }

    #[test]
    fn no_endpoint_was_seen() {
        check(
            &CONTROL,
            |env| {
                condition(env, "data_scientist", 2, |condition| {
                    *condition = json!({"StringEquals": {"aws:SourceVpc": VPC}})
                });
                env.hide(&ec2::VPC_ENDPOINTS);
            },
            expect![[r#"
                INSUFFICIENT_DATA access_denied HIGH fraud-dev ds-user-role-fraud-dev [sagemaker:CreatePresignedNotebookInstanceUrl]: ec2:DescribeVpcEndpoints was not seen: denied, AccessDenied: not authorized to perform ec2:DescribeVpcEndpoints.
                  ec2:DescribeVpcEndpoints not seen: denied
            "#]],
        );
    }

    #[test]
    fn nobody_opens_notebooks() {
        check(
            &CONTROL,
            |env| {
                env.remove_role("data_scientist");
            },
            expect![[r#"
                NOT_APPLICABLE no_resources HIGH fraud-dev 111122223333: Nothing to judge: no resources.
            "#]],
        );
    }
}

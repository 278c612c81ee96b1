//! VPE-01: every required endpoint exists in the VPC and is available.

use plumbline_findings::{Area, Assessment, ControlInfo, Evidence, Maps, Origin, Reason, Severity};
use plumbline_snapshot::ec2::{self, Vpc, VpcEndpoint};
use plumbline_snapshot::sagemaker;

use crate::Control;
use crate::judge::{self, Known, Say, few, field};
use crate::place::Place;
use crate::world::World;
use crate::world::endpoints::{Need, Required, is_available};

pub(crate) const CONTROL: Control = Control {
    info: &INFO,
    sources: &[
        &ec2::VPCS,
        &ec2::VPC_ENDPOINTS,
        // Whether what needs an endpoint is there, and belongs to the environment.
        &ec2::SUBNETS,
        &sagemaker::NOTEBOOKS,
        &sagemaker::NOTEBOOK,
        &sagemaker::DOMAINS,
        &sagemaker::DOMAIN,
        &sagemaker::MODELS,
        &sagemaker::MODEL,
        &sagemaker::SEARCH,
        &sagemaker::RESOURCE_TAGS,
    ],
    unassigned: false,
    assess,
};

const INFO: ControlInfo = ControlInfo {
    id: "VPE-01",
    name: "endpoint-present",
    title: "Every required endpoint exists in the VPC and is available.",
    area: Area::Endpoints,
    severity: Severity::High,
    origin: Origin::Seed,
    scope: "required endpoint",
    rationale: "In a network without internet, a service without its endpoint cannot be used, and people look for a way out.",
    decided: "For each service of the catalogue's table and of `required_endpoints`, an endpoint of that exact name and type must be in the VPC and available. Whether a conditional one is needed hangs on what exists in the environment; images that a Studio domain brings along are not seen.",
    remediation: "Create the endpoint in the VPC, or correct its state.",
    maps: Maps { securityhub: &["EC2.10", "EC2.55", "EC2.56", "EC2.57"], cis: &[], nist: &["AC-4", "SC-7(3)"] },
};

fn assess<'a>(world: &World<'a>, place: &Place<'a>) -> Vec<Assessment> {
    let vpc = match world.vpc(place) {
        Ok(vpc) => vpc,
        Err(unknown) => return vec![judge::unknown_set(&INFO, place, unknown)],
    };
    let required = world.required_endpoints(place).into_iter();
    let judged = required.map(|required| {
        // No endpoint need be there: the VPC stands for it, service and type tell one from another.
        let aspect = format!("{} {}", required.service, required.kind);
        let subject = place.subject(world.vpc_ref(place, vpc), Some(aspect));
        judge::subject(&INFO, subject, |say| look(world, place, vpc, required, say))
    });
    judged.collect()
}

fn look<'a>(
    world: &World<'a>,
    place: &Place<'a>,
    vpc: &Vpc,
    required: Required<'a>,
    say: &mut Say<'a>,
) -> Known<'a, ()> {
    let endpoints = world.vpc_endpoints(place);
    let found: Vec<&VpcEndpoint> =
        endpoints.items.iter().copied().filter(|endpoint| required.is_met_by(place, endpoint)).collect();
    let (service, kind) = (&required.service, required.kind);
    match required.need? {
        Need::Yes => {}
        Need::No(why) => {
            say.not_applicable(Reason::NotRequiredByBaseline, format!("`{service}` ({kind}) is not required: {why}"));
            return Ok(());
        }
        Need::Elsewhere(whose) => {
            say.not_applicable(
                Reason::NotRequiredByBaseline,
                format!("`{service}` ({kind}) is provided by {whose}, says `central_endpoints`"),
            );
            return Ok(());
        }
    }
    if let Some(endpoint) = found.iter().find(|endpoint| is_available(endpoint)) {
        say.fact(state(endpoint));
        endpoints.all()?;
        return Ok(());
    }
    // Another endpoint among those that were not listed might do.
    endpoints.all()?;
    if found.is_empty() {
        say.broken(
            format!("`{}` has no {kind} endpoint of `{service}`", vpc.id),
            [field(
                &ec2::VPC_ENDPOINTS,
                format!("{}.VpcEndpoints[].ServiceName", vpc.id),
                format!("no {kind} endpoint of {service}"),
                format!("{service}, {kind}, available"),
            )],
        );
    } else {
        let states = found.iter().map(|endpoint| format!("`{}` is {}", endpoint.id, endpoint.state));
        let states = few(", ", states);
        let evidence = found.iter().map(|endpoint| state(endpoint));
        say.broken(format!("no {kind} endpoint of `{service}` is available: {states}"), evidence);
    }
    Ok(())
}

fn state(endpoint: &VpcEndpoint) -> Evidence {
    let mut saw = endpoint.state.clone();
    if let Some(error) = &endpoint.last_error {
        saw.push_str(&format!(", last error {error}"));
    }
    if let Some(owner) = &endpoint.owner {
        saw.push_str(&format!(", owner {owner}"));
    }
    field(&ec2::VPC_ENDPOINTS, format!("{}.State", endpoint.id), saw, "available")
}

#[cfg(test)]
mod tests {
    use expect_test::expect;
    use plumbline_snapshot::{ec2 as source, sagemaker};
    use plumbline_testkit::ec2::*;
    use plumbline_testkit::sagemaker::*;

    use super::CONTROL;
    use crate::check::{blind_but, check};

    #[test]
    fn known_good_lacks_only_what_it_does_not_need_and_a_gap_shows() {
        check(
            &CONTROL,
            |_| {},
            expect![[r#"
                NOT_APPLICABLE not_required_by_baseline HIGH fraud-dev ds-vpc-fraud-dev [com.amazonaws.eu-west-1.codecommit Interface]: `com.amazonaws.eu-west-1.codecommit` (Interface) is not required: the baseline lists no CodeCommit repository.
                NOT_APPLICABLE not_required_by_baseline HIGH fraud-dev ds-vpc-fraud-dev [com.amazonaws.eu-west-1.ecr.api Interface]: `com.amazonaws.eu-west-1.ecr.api` (Interface) is not required: no model pulls its image through the VPC.
                NOT_APPLICABLE not_required_by_baseline HIGH fraud-dev ds-vpc-fraud-dev [com.amazonaws.eu-west-1.ecr.dkr Interface]: `com.amazonaws.eu-west-1.ecr.dkr` (Interface) is not required: no model pulls its image through the VPC.
                NOT_APPLICABLE not_required_by_baseline HIGH fraud-dev ds-vpc-fraud-dev [com.amazonaws.eu-west-1.git-codecommit Interface]: `com.amazonaws.eu-west-1.git-codecommit` (Interface) is not required: the baseline lists no CodeCommit repository.
            "#]],
        );
        // Its notebooks and domain are the environment's whatever is not seen of one of them.
        blind_but(&CONTROL, &[&source::SUBNETS, &sagemaker::NOTEBOOK, &sagemaker::RESOURCE_TAGS]);
    }

    #[test]
    fn an_endpoint_is_missing() {
        check(
            &CONTROL,
            |env| {
                env.remove_endpoint("sts");
            },
            expect![[r#"
                NOT_APPLICABLE not_required_by_baseline HIGH fraud-dev ds-vpc-fraud-dev [com.amazonaws.eu-west-1.codecommit Interface]: `com.amazonaws.eu-west-1.codecommit` (Interface) is not required: the baseline lists no CodeCommit repository.
                NOT_APPLICABLE not_required_by_baseline HIGH fraud-dev ds-vpc-fraud-dev [com.amazonaws.eu-west-1.ecr.api Interface]: `com.amazonaws.eu-west-1.ecr.api` (Interface) is not required: no model pulls its image through the VPC.
                NOT_APPLICABLE not_required_by_baseline HIGH fraud-dev ds-vpc-fraud-dev [com.amazonaws.eu-west-1.ecr.dkr Interface]: `com.amazonaws.eu-west-1.ecr.dkr` (Interface) is not required: no model pulls its image through the VPC.
                NOT_APPLICABLE not_required_by_baseline HIGH fraud-dev ds-vpc-fraud-dev [com.amazonaws.eu-west-1.git-codecommit Interface]: `com.amazonaws.eu-west-1.git-codecommit` (Interface) is not required: the baseline lists no CodeCommit repository.
                NON_COMPLIANT HIGH fraud-dev ds-vpc-fraud-dev [com.amazonaws.eu-west-1.sts Interface]: `vpc-0f4a7d2c1b9e80001` has no Interface endpoint of `com.amazonaws.eu-west-1.sts`.
                  ec2:DescribeVpcEndpoints vpc-0f4a7d2c1b9e80001.VpcEndpoints[].ServiceName: saw no Interface endpoint of com.amazonaws.eu-west-1.sts, wanted com.amazonaws.eu-west-1.sts, Interface, available
            "#]],
        );
    }

    #[test]
    fn pass_trap_a_name_that_only_looks_like_it() {
        check(
            &CONTROL,
            |env| {
                env.endpoint("sagemaker.api", |endpoint| {
                    endpoint.service_name = "com.amazonaws.eu-west-1.sagemaker.featurestore-runtime".to_owned();
                });
            },
            expect![[r#"
                NOT_APPLICABLE not_required_by_baseline HIGH fraud-dev ds-vpc-fraud-dev [com.amazonaws.eu-west-1.codecommit Interface]: `com.amazonaws.eu-west-1.codecommit` (Interface) is not required: the baseline lists no CodeCommit repository.
                NOT_APPLICABLE not_required_by_baseline HIGH fraud-dev ds-vpc-fraud-dev [com.amazonaws.eu-west-1.ecr.api Interface]: `com.amazonaws.eu-west-1.ecr.api` (Interface) is not required: no model pulls its image through the VPC.
                NOT_APPLICABLE not_required_by_baseline HIGH fraud-dev ds-vpc-fraud-dev [com.amazonaws.eu-west-1.ecr.dkr Interface]: `com.amazonaws.eu-west-1.ecr.dkr` (Interface) is not required: no model pulls its image through the VPC.
                NOT_APPLICABLE not_required_by_baseline HIGH fraud-dev ds-vpc-fraud-dev [com.amazonaws.eu-west-1.git-codecommit Interface]: `com.amazonaws.eu-west-1.git-codecommit` (Interface) is not required: the baseline lists no CodeCommit repository.
                NON_COMPLIANT HIGH fraud-dev ds-vpc-fraud-dev [com.amazonaws.eu-west-1.sagemaker.api Interface]: `vpc-0f4a7d2c1b9e80001` has no Interface endpoint of `com.amazonaws.eu-west-1.sagemaker.api`.
                  ec2:DescribeVpcEndpoints vpc-0f4a7d2c1b9e80001.VpcEndpoints[].ServiceName: saw no Interface endpoint of com.amazonaws.eu-west-1.sagemaker.api, wanted com.amazonaws.eu-west-1.sagemaker.api, Interface, available
            "#]],
        );
    }

    #[test]
    fn pass_trap_an_interface_endpoint_of_s3_is_no_gateway() {
        check(
            &CONTROL,
            |env| {
                env.endpoint("s3", |endpoint| endpoint.kind = "Interface".to_owned());
            },
            expect![[r#"
                NOT_APPLICABLE not_required_by_baseline HIGH fraud-dev ds-vpc-fraud-dev [com.amazonaws.eu-west-1.codecommit Interface]: `com.amazonaws.eu-west-1.codecommit` (Interface) is not required: the baseline lists no CodeCommit repository.
                NOT_APPLICABLE not_required_by_baseline HIGH fraud-dev ds-vpc-fraud-dev [com.amazonaws.eu-west-1.ecr.api Interface]: `com.amazonaws.eu-west-1.ecr.api` (Interface) is not required: no model pulls its image through the VPC.
                NOT_APPLICABLE not_required_by_baseline HIGH fraud-dev ds-vpc-fraud-dev [com.amazonaws.eu-west-1.ecr.dkr Interface]: `com.amazonaws.eu-west-1.ecr.dkr` (Interface) is not required: no model pulls its image through the VPC.
                NOT_APPLICABLE not_required_by_baseline HIGH fraud-dev ds-vpc-fraud-dev [com.amazonaws.eu-west-1.git-codecommit Interface]: `com.amazonaws.eu-west-1.git-codecommit` (Interface) is not required: the baseline lists no CodeCommit repository.
                NON_COMPLIANT HIGH fraud-dev ds-vpc-fraud-dev [com.amazonaws.eu-west-1.s3 Gateway]: `vpc-0f4a7d2c1b9e80001` has no Gateway endpoint of `com.amazonaws.eu-west-1.s3`.
                  ec2:DescribeVpcEndpoints vpc-0f4a7d2c1b9e80001.VpcEndpoints[].ServiceName: saw no Gateway endpoint of com.amazonaws.eu-west-1.s3, wanted com.amazonaws.eu-west-1.s3, Gateway, available
            "#]],
        );
    }

    #[test]
    fn pass_trap_states_that_do_not_serve() {
        check(
            &CONTROL,
            |env| {
                env.endpoint("sts", |endpoint| endpoint.state = "PendingAcceptance".to_owned())
                    .endpoint("kms", |endpoint| {
                        endpoint.state = "failed".to_owned();
                        endpoint.last_error = Some("InvalidSubnet: no free address".to_owned());
                    })
                    .endpoint("logs", |endpoint| endpoint.state = "Partial".to_owned());
            },
            expect![[r#"
                NOT_APPLICABLE not_required_by_baseline HIGH fraud-dev ds-vpc-fraud-dev [com.amazonaws.eu-west-1.codecommit Interface]: `com.amazonaws.eu-west-1.codecommit` (Interface) is not required: the baseline lists no CodeCommit repository.
                NOT_APPLICABLE not_required_by_baseline HIGH fraud-dev ds-vpc-fraud-dev [com.amazonaws.eu-west-1.ecr.api Interface]: `com.amazonaws.eu-west-1.ecr.api` (Interface) is not required: no model pulls its image through the VPC.
                NOT_APPLICABLE not_required_by_baseline HIGH fraud-dev ds-vpc-fraud-dev [com.amazonaws.eu-west-1.ecr.dkr Interface]: `com.amazonaws.eu-west-1.ecr.dkr` (Interface) is not required: no model pulls its image through the VPC.
                NOT_APPLICABLE not_required_by_baseline HIGH fraud-dev ds-vpc-fraud-dev [com.amazonaws.eu-west-1.git-codecommit Interface]: `com.amazonaws.eu-west-1.git-codecommit` (Interface) is not required: the baseline lists no CodeCommit repository.
                NON_COMPLIANT HIGH fraud-dev ds-vpc-fraud-dev [com.amazonaws.eu-west-1.kms Interface]: No Interface endpoint of `com.amazonaws.eu-west-1.kms` is available: `vpce-0b2c4d6e8f0a00006` is failed.
                  ec2:DescribeVpcEndpoints vpce-0b2c4d6e8f0a00006.State: saw failed, last error InvalidSubnet: no free address, owner 111122223333, wanted available
                NON_COMPLIANT HIGH fraud-dev ds-vpc-fraud-dev [com.amazonaws.eu-west-1.logs Interface]: No Interface endpoint of `com.amazonaws.eu-west-1.logs` is available: `vpce-0b2c4d6e8f0a00005` is Partial.
                  ec2:DescribeVpcEndpoints vpce-0b2c4d6e8f0a00005.State: saw Partial, owner 111122223333, wanted available
                NON_COMPLIANT HIGH fraud-dev ds-vpc-fraud-dev [com.amazonaws.eu-west-1.sts Interface]: No Interface endpoint of `com.amazonaws.eu-west-1.sts` is available: `vpce-0b2c4d6e8f0a00002` is PendingAcceptance.
                  ec2:DescribeVpcEndpoints vpce-0b2c4d6e8f0a00002.State: saw PendingAcceptance, owner 111122223333, wanted available
            "#]],
        );
    }

    #[test]
    fn a_second_one_that_serves_is_enough() {
        check(
            &CONTROL,
            |env| {
                env.endpoint("sts", |endpoint| endpoint.state = "failed".to_owned()).add_endpoint(interface_endpoint(
                    "vpce-2",
                    "com.amazonaws.eu-west-1.sts",
                    &["sts:AssumeRole"],
                ));
            },
            expect![[r#"
                NOT_APPLICABLE not_required_by_baseline HIGH fraud-dev ds-vpc-fraud-dev [com.amazonaws.eu-west-1.codecommit Interface]: `com.amazonaws.eu-west-1.codecommit` (Interface) is not required: the baseline lists no CodeCommit repository.
                NOT_APPLICABLE not_required_by_baseline HIGH fraud-dev ds-vpc-fraud-dev [com.amazonaws.eu-west-1.ecr.api Interface]: `com.amazonaws.eu-west-1.ecr.api` (Interface) is not required: no model pulls its image through the VPC.
                NOT_APPLICABLE not_required_by_baseline HIGH fraud-dev ds-vpc-fraud-dev [com.amazonaws.eu-west-1.ecr.dkr Interface]: `com.amazonaws.eu-west-1.ecr.dkr` (Interface) is not required: no model pulls its image through the VPC.
                NOT_APPLICABLE not_required_by_baseline HIGH fraud-dev ds-vpc-fraud-dev [com.amazonaws.eu-west-1.git-codecommit Interface]: `com.amazonaws.eu-west-1.git-codecommit` (Interface) is not required: the baseline lists no CodeCommit repository.
            "#]],
        );
    }

    #[test]
    fn states_are_compared_without_case_and_the_fips_twin_serves() {
        check(
            &CONTROL,
            |env| {
                env.endpoint("sagemaker.runtime", |endpoint| {
                    endpoint.state = "Available".to_owned();
                    endpoint.service_name.push_str("-fips");
                });
            },
            expect![[r#"
                NOT_APPLICABLE not_required_by_baseline HIGH fraud-dev ds-vpc-fraud-dev [com.amazonaws.eu-west-1.codecommit Interface]: `com.amazonaws.eu-west-1.codecommit` (Interface) is not required: the baseline lists no CodeCommit repository.
                NOT_APPLICABLE not_required_by_baseline HIGH fraud-dev ds-vpc-fraud-dev [com.amazonaws.eu-west-1.ecr.api Interface]: `com.amazonaws.eu-west-1.ecr.api` (Interface) is not required: no model pulls its image through the VPC.
                NOT_APPLICABLE not_required_by_baseline HIGH fraud-dev ds-vpc-fraud-dev [com.amazonaws.eu-west-1.ecr.dkr Interface]: `com.amazonaws.eu-west-1.ecr.dkr` (Interface) is not required: no model pulls its image through the VPC.
                NOT_APPLICABLE not_required_by_baseline HIGH fraud-dev ds-vpc-fraud-dev [com.amazonaws.eu-west-1.git-codecommit Interface]: `com.amazonaws.eu-west-1.git-codecommit` (Interface) is not required: the baseline lists no CodeCommit repository.
            "#]],
        );
    }

    #[test]
    fn an_endpoint_of_another_vpc_or_region_does_not_serve() {
        check(
            &CONTROL,
            |env| {
                env.endpoint("sts", |endpoint| endpoint.vpc_id = OTHER_VPC.to_owned())
                    .endpoint("logs", |endpoint| endpoint.service_region = Some("us-east-1".to_owned()));
            },
            expect![[r#"
                NOT_APPLICABLE not_required_by_baseline HIGH fraud-dev ds-vpc-fraud-dev [com.amazonaws.eu-west-1.codecommit Interface]: `com.amazonaws.eu-west-1.codecommit` (Interface) is not required: the baseline lists no CodeCommit repository.
                NOT_APPLICABLE not_required_by_baseline HIGH fraud-dev ds-vpc-fraud-dev [com.amazonaws.eu-west-1.ecr.api Interface]: `com.amazonaws.eu-west-1.ecr.api` (Interface) is not required: no model pulls its image through the VPC.
                NOT_APPLICABLE not_required_by_baseline HIGH fraud-dev ds-vpc-fraud-dev [com.amazonaws.eu-west-1.ecr.dkr Interface]: `com.amazonaws.eu-west-1.ecr.dkr` (Interface) is not required: no model pulls its image through the VPC.
                NOT_APPLICABLE not_required_by_baseline HIGH fraud-dev ds-vpc-fraud-dev [com.amazonaws.eu-west-1.git-codecommit Interface]: `com.amazonaws.eu-west-1.git-codecommit` (Interface) is not required: the baseline lists no CodeCommit repository.
                NON_COMPLIANT HIGH fraud-dev ds-vpc-fraud-dev [com.amazonaws.eu-west-1.logs Interface]: `vpc-0f4a7d2c1b9e80001` has no Interface endpoint of `com.amazonaws.eu-west-1.logs`.
                  ec2:DescribeVpcEndpoints vpc-0f4a7d2c1b9e80001.VpcEndpoints[].ServiceName: saw no Interface endpoint of com.amazonaws.eu-west-1.logs, wanted com.amazonaws.eu-west-1.logs, Interface, available
                NON_COMPLIANT HIGH fraud-dev ds-vpc-fraud-dev [com.amazonaws.eu-west-1.sts Interface]: `vpc-0f4a7d2c1b9e80001` has no Interface endpoint of `com.amazonaws.eu-west-1.sts`.
                  ec2:DescribeVpcEndpoints vpc-0f4a7d2c1b9e80001.VpcEndpoints[].ServiceName: saw no Interface endpoint of com.amazonaws.eu-west-1.sts, wanted com.amazonaws.eu-west-1.sts, Interface, available
            "#]],
        );
    }

    #[test]
    fn fail_trap_a_central_vpc_provides_it() {
        check(
            &CONTROL,
            |env| {
                env.remove_endpoint("sts").add_to_baseline(
                    "central_endpoints: [{service: \"com.amazonaws.{region}.sts\", vpc: vpc-0shared, account: \"444455556666\"}]",
                );
            },
            expect![[r#"
                NOT_APPLICABLE not_required_by_baseline HIGH fraud-dev ds-vpc-fraud-dev [com.amazonaws.eu-west-1.codecommit Interface]: `com.amazonaws.eu-west-1.codecommit` (Interface) is not required: the baseline lists no CodeCommit repository.
                NOT_APPLICABLE not_required_by_baseline HIGH fraud-dev ds-vpc-fraud-dev [com.amazonaws.eu-west-1.ecr.api Interface]: `com.amazonaws.eu-west-1.ecr.api` (Interface) is not required: no model pulls its image through the VPC.
                NOT_APPLICABLE not_required_by_baseline HIGH fraud-dev ds-vpc-fraud-dev [com.amazonaws.eu-west-1.ecr.dkr Interface]: `com.amazonaws.eu-west-1.ecr.dkr` (Interface) is not required: no model pulls its image through the VPC.
                NOT_APPLICABLE not_required_by_baseline HIGH fraud-dev ds-vpc-fraud-dev [com.amazonaws.eu-west-1.git-codecommit Interface]: `com.amazonaws.eu-west-1.git-codecommit` (Interface) is not required: the baseline lists no CodeCommit repository.
                NOT_APPLICABLE not_required_by_baseline HIGH fraud-dev ds-vpc-fraud-dev [com.amazonaws.eu-west-1.sts Interface]: `com.amazonaws.eu-west-1.sts` (Interface) is provided by `vpc-0shared` of account 444455556666, says `central_endpoints`.
            "#]],
        );
    }

    #[test]
    fn what_the_environment_does_not_use_is_not_needed() {
        check(
            &CONTROL,
            |env| {
                env.remove_endpoint("notebook").remove_endpoint("studio").remove_endpoint("kms").remove_all_sagemaker();
                env.add_to_baseline("direct_kms_use: false");
            },
            expect![[r#"
                NOT_APPLICABLE not_required_by_baseline HIGH fraud-dev ds-vpc-fraud-dev [aws.sagemaker.eu-west-1.notebook Interface]: `aws.sagemaker.eu-west-1.notebook` (Interface) is not required: there is no notebook instance.
                NOT_APPLICABLE not_required_by_baseline HIGH fraud-dev ds-vpc-fraud-dev [aws.sagemaker.eu-west-1.studio Interface]: `aws.sagemaker.eu-west-1.studio` (Interface) is not required: there is no Studio domain.
                NOT_APPLICABLE not_required_by_baseline HIGH fraud-dev ds-vpc-fraud-dev [com.amazonaws.eu-west-1.codecommit Interface]: `com.amazonaws.eu-west-1.codecommit` (Interface) is not required: the baseline lists no CodeCommit repository.
                NOT_APPLICABLE not_required_by_baseline HIGH fraud-dev ds-vpc-fraud-dev [com.amazonaws.eu-west-1.ecr.api Interface]: `com.amazonaws.eu-west-1.ecr.api` (Interface) is not required: no model pulls its image through the VPC.
                NOT_APPLICABLE not_required_by_baseline HIGH fraud-dev ds-vpc-fraud-dev [com.amazonaws.eu-west-1.ecr.dkr Interface]: `com.amazonaws.eu-west-1.ecr.dkr` (Interface) is not required: no model pulls its image through the VPC.
                NOT_APPLICABLE not_required_by_baseline HIGH fraud-dev ds-vpc-fraud-dev [com.amazonaws.eu-west-1.git-codecommit Interface]: `com.amazonaws.eu-west-1.git-codecommit` (Interface) is not required: the baseline lists no CodeCommit repository.
                NOT_APPLICABLE not_required_by_baseline HIGH fraud-dev ds-vpc-fraud-dev [com.amazonaws.eu-west-1.kms Interface]: `com.amazonaws.eu-west-1.kms` (Interface) is not required: `direct_kms_use` is false.
            "#]],
        );
    }

    #[test]
    fn whether_it_is_used_was_not_seen() {
        check(
            &CONTROL,
            |env| {
                env.remove_endpoint("notebook").hide(&sagemaker::NOTEBOOKS);
            },
            expect![[r#"
                INSUFFICIENT_DATA access_denied HIGH fraud-dev ds-vpc-fraud-dev [aws.sagemaker.eu-west-1.notebook Interface]: sagemaker:ListNotebookInstances was not seen: denied, AccessDenied: not authorized to perform sagemaker:ListNotebookInstances.
                  sagemaker:ListNotebookInstances not seen: denied
                NOT_APPLICABLE not_required_by_baseline HIGH fraud-dev ds-vpc-fraud-dev [com.amazonaws.eu-west-1.codecommit Interface]: `com.amazonaws.eu-west-1.codecommit` (Interface) is not required: the baseline lists no CodeCommit repository.
                NOT_APPLICABLE not_required_by_baseline HIGH fraud-dev ds-vpc-fraud-dev [com.amazonaws.eu-west-1.ecr.api Interface]: `com.amazonaws.eu-west-1.ecr.api` (Interface) is not required: no model pulls its image through the VPC.
                NOT_APPLICABLE not_required_by_baseline HIGH fraud-dev ds-vpc-fraud-dev [com.amazonaws.eu-west-1.ecr.dkr Interface]: `com.amazonaws.eu-west-1.ecr.dkr` (Interface) is not required: no model pulls its image through the VPC.
                NOT_APPLICABLE not_required_by_baseline HIGH fraud-dev ds-vpc-fraud-dev [com.amazonaws.eu-west-1.git-codecommit Interface]: `com.amazonaws.eu-west-1.git-codecommit` (Interface) is not required: the baseline lists no CodeCommit repository.
            "#]],
        );
    }

    #[test]
    fn whether_the_only_notebook_belongs_here_was_not_seen() {
        check(
            &CONTROL,
            |env| {
                env.remove_endpoint("notebook").remove_notebook(NOTEBOOK).remove_notebook(NOTEBOOK_BY_NETWORK);
                env.notebook(NOTEBOOK_TAGGED, |notebook| {
                    notebook.subnet_id = None;
                    notebook.role_arn = None;
                });
                env.hide(&sagemaker::RESOURCE_TAGS);
            },
            expect![[r#"
                INSUFFICIENT_DATA access_denied HIGH fraud-dev ds-vpc-fraud-dev [aws.sagemaker.eu-west-1.notebook Interface]: sagemaker:ListTags of `arn:aws:sagemaker:eu-west-1:111122223333:notebook-instance/feature-lab-bo` was not seen: denied, AccessDenied: not authorized to perform sagemaker:ListTags.
                  sagemaker:ListTags not seen: denied
                NOT_APPLICABLE not_required_by_baseline HIGH fraud-dev ds-vpc-fraud-dev [com.amazonaws.eu-west-1.codecommit Interface]: `com.amazonaws.eu-west-1.codecommit` (Interface) is not required: the baseline lists no CodeCommit repository.
                NOT_APPLICABLE not_required_by_baseline HIGH fraud-dev ds-vpc-fraud-dev [com.amazonaws.eu-west-1.ecr.api Interface]: `com.amazonaws.eu-west-1.ecr.api` (Interface) is not required: no model pulls its image through the VPC.
                NOT_APPLICABLE not_required_by_baseline HIGH fraud-dev ds-vpc-fraud-dev [com.amazonaws.eu-west-1.ecr.dkr Interface]: `com.amazonaws.eu-west-1.ecr.dkr` (Interface) is not required: no model pulls its image through the VPC.
                NOT_APPLICABLE not_required_by_baseline HIGH fraud-dev ds-vpc-fraud-dev [com.amazonaws.eu-west-1.git-codecommit Interface]: `com.amazonaws.eu-west-1.git-codecommit` (Interface) is not required: the baseline lists no CodeCommit repository.
            "#]],
        );
    }

    #[test]
    fn a_model_that_pulls_its_image_through_the_vpc() {
        check(
            &CONTROL,
            |env| {
                env.model(MODEL_LATE, |model| model.pulls_through_vpc = true);
            },
            expect![[r#"
                NOT_APPLICABLE not_required_by_baseline HIGH fraud-dev ds-vpc-fraud-dev [com.amazonaws.eu-west-1.codecommit Interface]: `com.amazonaws.eu-west-1.codecommit` (Interface) is not required: the baseline lists no CodeCommit repository.
                NON_COMPLIANT HIGH fraud-dev ds-vpc-fraud-dev [com.amazonaws.eu-west-1.ecr.api Interface]: `vpc-0f4a7d2c1b9e80001` has no Interface endpoint of `com.amazonaws.eu-west-1.ecr.api`.
                  ec2:DescribeVpcEndpoints vpc-0f4a7d2c1b9e80001.VpcEndpoints[].ServiceName: saw no Interface endpoint of com.amazonaws.eu-west-1.ecr.api, wanted com.amazonaws.eu-west-1.ecr.api, Interface, available
                NON_COMPLIANT HIGH fraud-dev ds-vpc-fraud-dev [com.amazonaws.eu-west-1.ecr.dkr Interface]: `vpc-0f4a7d2c1b9e80001` has no Interface endpoint of `com.amazonaws.eu-west-1.ecr.dkr`.
                  ec2:DescribeVpcEndpoints vpc-0f4a7d2c1b9e80001.VpcEndpoints[].ServiceName: saw no Interface endpoint of com.amazonaws.eu-west-1.ecr.dkr, wanted com.amazonaws.eu-west-1.ecr.dkr, Interface, available
                NOT_APPLICABLE not_required_by_baseline HIGH fraud-dev ds-vpc-fraud-dev [com.amazonaws.eu-west-1.git-codecommit Interface]: `com.amazonaws.eu-west-1.git-codecommit` (Interface) is not required: the baseline lists no CodeCommit repository.
            "#]],
        );
    }

    #[test]
    fn repositories_of_the_baseline() {
        check(
            &CONTROL,
            |env| {
                env.add_to_baseline("codecommit_repositories: [ds-source]");
            },
            expect![[r#"
                NON_COMPLIANT HIGH fraud-dev ds-vpc-fraud-dev [com.amazonaws.eu-west-1.codecommit Interface]: `vpc-0f4a7d2c1b9e80001` has no Interface endpoint of `com.amazonaws.eu-west-1.codecommit`.
                  ec2:DescribeVpcEndpoints vpc-0f4a7d2c1b9e80001.VpcEndpoints[].ServiceName: saw no Interface endpoint of com.amazonaws.eu-west-1.codecommit, wanted com.amazonaws.eu-west-1.codecommit, Interface, available
                NOT_APPLICABLE not_required_by_baseline HIGH fraud-dev ds-vpc-fraud-dev [com.amazonaws.eu-west-1.ecr.api Interface]: `com.amazonaws.eu-west-1.ecr.api` (Interface) is not required: no model pulls its image through the VPC.
                NOT_APPLICABLE not_required_by_baseline HIGH fraud-dev ds-vpc-fraud-dev [com.amazonaws.eu-west-1.ecr.dkr Interface]: `com.amazonaws.eu-west-1.ecr.dkr` (Interface) is not required: no model pulls its image through the VPC.
                NON_COMPLIANT HIGH fraud-dev ds-vpc-fraud-dev [com.amazonaws.eu-west-1.git-codecommit Interface]: `vpc-0f4a7d2c1b9e80001` has no Interface endpoint of `com.amazonaws.eu-west-1.git-codecommit`.
                  ec2:DescribeVpcEndpoints vpc-0f4a7d2c1b9e80001.VpcEndpoints[].ServiceName: saw no Interface endpoint of com.amazonaws.eu-west-1.git-codecommit, wanted com.amazonaws.eu-west-1.git-codecommit, Interface, available
            "#]],
        );
    }

    #[test]
    fn the_baseline_overrides_the_table_by_service_and_type() {
        check(
            &CONTROL,
            |env| {
                env.remove_endpoint("sts").remove_endpoint("monitoring").replace_baseline(
                    "required_endpoints:\n",
                    "required_endpoints:\n      - {service: \"com.amazonaws.{region}.sts\", type: Interface, required: never}\n      - {service: \"com.amazonaws.{region}.s3\", type: Interface, required: always}\n      - {service: \"com.amazonaws.{region}.ecr.api\", type: Interface, required: always}\n      - {service: \"com.amazonaws.{region}.athena\", type: Interface, required: auto}\n",
                );
            },
            expect![[r#"
                INSUFFICIENT_DATA baseline_missing HIGH fraud-dev ds-vpc-fraud-dev [com.amazonaws.eu-west-1.athena Interface]: `required_endpoints` asks for `com.amazonaws.eu-west-1.athena` where it is used, and the table does not say when that is: say always or never.
                NOT_APPLICABLE not_required_by_baseline HIGH fraud-dev ds-vpc-fraud-dev [com.amazonaws.eu-west-1.codecommit Interface]: `com.amazonaws.eu-west-1.codecommit` (Interface) is not required: the baseline lists no CodeCommit repository.
                NON_COMPLIANT HIGH fraud-dev ds-vpc-fraud-dev [com.amazonaws.eu-west-1.ecr.api Interface]: `vpc-0f4a7d2c1b9e80001` has no Interface endpoint of `com.amazonaws.eu-west-1.ecr.api`.
                  ec2:DescribeVpcEndpoints vpc-0f4a7d2c1b9e80001.VpcEndpoints[].ServiceName: saw no Interface endpoint of com.amazonaws.eu-west-1.ecr.api, wanted com.amazonaws.eu-west-1.ecr.api, Interface, available
                NOT_APPLICABLE not_required_by_baseline HIGH fraud-dev ds-vpc-fraud-dev [com.amazonaws.eu-west-1.ecr.dkr Interface]: `com.amazonaws.eu-west-1.ecr.dkr` (Interface) is not required: no model pulls its image through the VPC.
                NOT_APPLICABLE not_required_by_baseline HIGH fraud-dev ds-vpc-fraud-dev [com.amazonaws.eu-west-1.git-codecommit Interface]: `com.amazonaws.eu-west-1.git-codecommit` (Interface) is not required: the baseline lists no CodeCommit repository.
                NON_COMPLIANT HIGH fraud-dev ds-vpc-fraud-dev [com.amazonaws.eu-west-1.monitoring Interface]: `vpc-0f4a7d2c1b9e80001` has no Interface endpoint of `com.amazonaws.eu-west-1.monitoring`.
                  ec2:DescribeVpcEndpoints vpc-0f4a7d2c1b9e80001.VpcEndpoints[].ServiceName: saw no Interface endpoint of com.amazonaws.eu-west-1.monitoring, wanted com.amazonaws.eu-west-1.monitoring, Interface, available
                NON_COMPLIANT HIGH fraud-dev ds-vpc-fraud-dev [com.amazonaws.eu-west-1.s3 Interface]: `vpc-0f4a7d2c1b9e80001` has no Interface endpoint of `com.amazonaws.eu-west-1.s3`.
                  ec2:DescribeVpcEndpoints vpc-0f4a7d2c1b9e80001.VpcEndpoints[].ServiceName: saw no Interface endpoint of com.amazonaws.eu-west-1.s3, wanted com.amazonaws.eu-west-1.s3, Interface, available
                NOT_APPLICABLE not_required_by_baseline HIGH fraud-dev ds-vpc-fraud-dev [com.amazonaws.eu-west-1.sts Interface]: `com.amazonaws.eu-west-1.sts` (Interface) is not required: `required_endpoints` says never.
            "#]],
        );
    }

    #[test]
    fn a_participant_of_a_shared_vpc_cannot_know() {
        check(
            &CONTROL,
            |env| {
                env.remove_endpoint("sts").vpc(|vpc| vpc.owner = "999999999999".to_owned());
            },
            expect![[r#"
                INSUFFICIENT_DATA access_denied HIGH fraud-dev ds-vpc-fraud-dev [aws.sagemaker.eu-west-1.notebook Interface]: `vpc-0f4a7d2c1b9e80001` is shared by account 999999999999, which alone can list this: audit with its credentials.
                  ec2:DescribeVpcEndpoints vpce-0b2c4d6e8f0a00007.State: saw available, owner 111122223333, wanted available
                INSUFFICIENT_DATA access_denied HIGH fraud-dev ds-vpc-fraud-dev [aws.sagemaker.eu-west-1.studio Interface]: `vpc-0f4a7d2c1b9e80001` is shared by account 999999999999, which alone can list this: audit with its credentials.
                  ec2:DescribeVpcEndpoints vpce-0b2c4d6e8f0a00008.State: saw available, owner 111122223333, wanted available
                NOT_APPLICABLE not_required_by_baseline HIGH fraud-dev ds-vpc-fraud-dev [com.amazonaws.eu-west-1.codecommit Interface]: `com.amazonaws.eu-west-1.codecommit` (Interface) is not required: the baseline lists no CodeCommit repository.
                NOT_APPLICABLE not_required_by_baseline HIGH fraud-dev ds-vpc-fraud-dev [com.amazonaws.eu-west-1.ecr.api Interface]: `com.amazonaws.eu-west-1.ecr.api` (Interface) is not required: no model pulls its image through the VPC.
                NOT_APPLICABLE not_required_by_baseline HIGH fraud-dev ds-vpc-fraud-dev [com.amazonaws.eu-west-1.ecr.dkr Interface]: `com.amazonaws.eu-west-1.ecr.dkr` (Interface) is not required: no model pulls its image through the VPC.
                NOT_APPLICABLE not_required_by_baseline HIGH fraud-dev ds-vpc-fraud-dev [com.amazonaws.eu-west-1.git-codecommit Interface]: `com.amazonaws.eu-west-1.git-codecommit` (Interface) is not required: the baseline lists no CodeCommit repository.
                INSUFFICIENT_DATA access_denied HIGH fraud-dev ds-vpc-fraud-dev [com.amazonaws.eu-west-1.kms Interface]: `vpc-0f4a7d2c1b9e80001` is shared by account 999999999999, which alone can list this: audit with its credentials.
                  ec2:DescribeVpcEndpoints vpce-0b2c4d6e8f0a00006.State: saw available, owner 111122223333, wanted available
                INSUFFICIENT_DATA access_denied HIGH fraud-dev ds-vpc-fraud-dev [com.amazonaws.eu-west-1.logs Interface]: `vpc-0f4a7d2c1b9e80001` is shared by account 999999999999, which alone can list this: audit with its credentials.
                  ec2:DescribeVpcEndpoints vpce-0b2c4d6e8f0a00005.State: saw available, owner 111122223333, wanted available
                INSUFFICIENT_DATA access_denied HIGH fraud-dev ds-vpc-fraud-dev [com.amazonaws.eu-west-1.monitoring Interface]: `vpc-0f4a7d2c1b9e80001` is shared by account 999999999999, which alone can list this: audit with its credentials.
                  ec2:DescribeVpcEndpoints vpce-0b2c4d6e8f0a00009.State: saw available, owner 111122223333, wanted available
                INSUFFICIENT_DATA access_denied HIGH fraud-dev ds-vpc-fraud-dev [com.amazonaws.eu-west-1.s3 Gateway]: `vpc-0f4a7d2c1b9e80001` is shared by account 999999999999, which alone can list this: audit with its credentials.
                  ec2:DescribeVpcEndpoints vpce-0b2c4d6e8f0a00001.State: saw available, owner 111122223333, wanted available
                INSUFFICIENT_DATA access_denied HIGH fraud-dev ds-vpc-fraud-dev [com.amazonaws.eu-west-1.sagemaker.api Interface]: `vpc-0f4a7d2c1b9e80001` is shared by account 999999999999, which alone can list this: audit with its credentials.
                  ec2:DescribeVpcEndpoints vpce-0b2c4d6e8f0a00003.State: saw available, owner 111122223333, wanted available
                INSUFFICIENT_DATA access_denied HIGH fraud-dev ds-vpc-fraud-dev [com.amazonaws.eu-west-1.sagemaker.runtime Interface]: `vpc-0f4a7d2c1b9e80001` is shared by account 999999999999, which alone can list this: audit with its credentials.
                  ec2:DescribeVpcEndpoints vpce-0b2c4d6e8f0a00004.State: saw available, owner 111122223333, wanted available
                INSUFFICIENT_DATA access_denied HIGH fraud-dev ds-vpc-fraud-dev [com.amazonaws.eu-west-1.sts Interface]: `vpc-0f4a7d2c1b9e80001` is shared by account 999999999999, which alone can list this: audit with its credentials.
            "#]],
        );
    }

    #[test]
    fn a_listing_that_broke_off() {
        check(
            &CONTROL,
            |env| {
                env.remove_endpoint("sts").cut(&source::VPC_ENDPOINTS);
            },
            expect![[r#"
                INSUFFICIENT_DATA truncated HIGH fraud-dev ds-vpc-fraud-dev [aws.sagemaker.eu-west-1.notebook Interface]: ec2:DescribeVpcEndpoints was not seen: truncated, InternalFailure: status 500 on page 2.
                  ec2:DescribeVpcEndpoints not seen: truncated
                  ec2:DescribeVpcEndpoints vpce-0b2c4d6e8f0a00007.State: saw available, owner 111122223333, wanted available
                INSUFFICIENT_DATA truncated HIGH fraud-dev ds-vpc-fraud-dev [aws.sagemaker.eu-west-1.studio Interface]: ec2:DescribeVpcEndpoints was not seen: truncated, InternalFailure: status 500 on page 2.
                  ec2:DescribeVpcEndpoints not seen: truncated
                  ec2:DescribeVpcEndpoints vpce-0b2c4d6e8f0a00008.State: saw available, owner 111122223333, wanted available
                NOT_APPLICABLE not_required_by_baseline HIGH fraud-dev ds-vpc-fraud-dev [com.amazonaws.eu-west-1.codecommit Interface]: `com.amazonaws.eu-west-1.codecommit` (Interface) is not required: the baseline lists no CodeCommit repository.
                NOT_APPLICABLE not_required_by_baseline HIGH fraud-dev ds-vpc-fraud-dev [com.amazonaws.eu-west-1.ecr.api Interface]: `com.amazonaws.eu-west-1.ecr.api` (Interface) is not required: no model pulls its image through the VPC.
                NOT_APPLICABLE not_required_by_baseline HIGH fraud-dev ds-vpc-fraud-dev [com.amazonaws.eu-west-1.ecr.dkr Interface]: `com.amazonaws.eu-west-1.ecr.dkr` (Interface) is not required: no model pulls its image through the VPC.
                NOT_APPLICABLE not_required_by_baseline HIGH fraud-dev ds-vpc-fraud-dev [com.amazonaws.eu-west-1.git-codecommit Interface]: `com.amazonaws.eu-west-1.git-codecommit` (Interface) is not required: the baseline lists no CodeCommit repository.
                INSUFFICIENT_DATA truncated HIGH fraud-dev ds-vpc-fraud-dev [com.amazonaws.eu-west-1.kms Interface]: ec2:DescribeVpcEndpoints was not seen: truncated, InternalFailure: status 500 on page 2.
                  ec2:DescribeVpcEndpoints not seen: truncated
                  ec2:DescribeVpcEndpoints vpce-0b2c4d6e8f0a00006.State: saw available, owner 111122223333, wanted available
                INSUFFICIENT_DATA truncated HIGH fraud-dev ds-vpc-fraud-dev [com.amazonaws.eu-west-1.logs Interface]: ec2:DescribeVpcEndpoints was not seen: truncated, InternalFailure: status 500 on page 2.
                  ec2:DescribeVpcEndpoints not seen: truncated
                  ec2:DescribeVpcEndpoints vpce-0b2c4d6e8f0a00005.State: saw available, owner 111122223333, wanted available
                INSUFFICIENT_DATA truncated HIGH fraud-dev ds-vpc-fraud-dev [com.amazonaws.eu-west-1.monitoring Interface]: ec2:DescribeVpcEndpoints was not seen: truncated, InternalFailure: status 500 on page 2.
                  ec2:DescribeVpcEndpoints not seen: truncated
                  ec2:DescribeVpcEndpoints vpce-0b2c4d6e8f0a00009.State: saw available, owner 111122223333, wanted available
                INSUFFICIENT_DATA truncated HIGH fraud-dev ds-vpc-fraud-dev [com.amazonaws.eu-west-1.s3 Gateway]: ec2:DescribeVpcEndpoints was not seen: truncated, InternalFailure: status 500 on page 2.
                  ec2:DescribeVpcEndpoints not seen: truncated
                  ec2:DescribeVpcEndpoints vpce-0b2c4d6e8f0a00001.State: saw available, owner 111122223333, wanted available
                INSUFFICIENT_DATA truncated HIGH fraud-dev ds-vpc-fraud-dev [com.amazonaws.eu-west-1.sagemaker.api Interface]: ec2:DescribeVpcEndpoints was not seen: truncated, InternalFailure: status 500 on page 2.
                  ec2:DescribeVpcEndpoints not seen: truncated
                  ec2:DescribeVpcEndpoints vpce-0b2c4d6e8f0a00003.State: saw available, owner 111122223333, wanted available
                INSUFFICIENT_DATA truncated HIGH fraud-dev ds-vpc-fraud-dev [com.amazonaws.eu-west-1.sagemaker.runtime Interface]: ec2:DescribeVpcEndpoints was not seen: truncated, InternalFailure: status 500 on page 2.
                  ec2:DescribeVpcEndpoints not seen: truncated
                  ec2:DescribeVpcEndpoints vpce-0b2c4d6e8f0a00004.State: saw available, owner 111122223333, wanted available
                INSUFFICIENT_DATA truncated HIGH fraud-dev ds-vpc-fraud-dev [com.amazonaws.eu-west-1.sts Interface]: ec2:DescribeVpcEndpoints was not seen: truncated, InternalFailure: status 500 on page 2.
                  ec2:DescribeVpcEndpoints not seen: truncated
            "#]],
        );
    }
}

//! SMK-18: models are hosted in the environment network, isolated.

use plumbline_findings::{Area, Assessment, ControlInfo, Maps, Origin, Severity};
use plumbline_snapshot::{ec2, sagemaker};

use super::{Network, is_exempt, resources};
use crate::Control;
use crate::baseline::ResourceKind;
use crate::judge::{field, many};
use crate::place::Place;
use crate::world::World;

pub(crate) const CONTROL: Control = Control {
    info: &INFO,
    sources: &[
        &sagemaker::MODELS,
        &sagemaker::SEARCH,
        &sagemaker::RESOURCE_TAGS,
        &sagemaker::MODEL,
        &ec2::VPCS,
        &ec2::SUBNETS,
        &ec2::SECURITY_GROUPS,
    ],
    unassigned: true,
    assess,
};

const INFO: ControlInfo = ControlInfo {
    id: "SMK-18",
    name: "model-in-network",
    title: "Models are hosted in the environment network, isolated.",
    area: Area::Sagemaker,
    severity: Severity::High,
    origin: Origin::Derived,
    scope: "model",
    rationale: "A hosted container sees every request; outside the environment's network it can pass them on to anyone.",
    decided: "The model's VpcConfig must lie in the environment network, and network isolation must be on unless the baseline \
              exempts it (MEDIUM). A model that no endpoint uses is LOW. A network of the endpoint config does not count: it \
              is for inference components.",
    remediation: "Create the model anew with VpcConfig and isolation, and update the endpoint.",
    maps: Maps { securityhub: &["SageMaker.5"], cis: &[], nist: &["SC-7"] },
};

fn assess<'a>(world: &World<'a>, place: &Place<'a>) -> Vec<Assessment> {
    let network = Network::of(world, place);
    resources(&INFO, place, world.models(place), |say, model, body| {
        let name = &model.resource.name;
        let who = format!("the model `{name}`");
        let endpoints = world.endpoints_on_model(place, name);
        // Only a model that is known to be in no use is less severe.
        let unused = endpoints.any(|_| true) == Ok(false);
        let severity = if unused { Severity::Low } else { INFO.severity };
        network.config(say, severity, &sagemaker::SEARCH, (&who, name), body.vpc.as_ref());
        let path = format!("{name}.EnableNetworkIsolation");
        let evidence = field(&sagemaker::SEARCH, path, body.network_isolation.to_string(), "true, unless exempt");
        if body.network_isolation {
            say.fact(evidence);
        } else {
            match is_exempt(place, ResourceKind::Model, model) {
                Ok(true) => say.fact(evidence),
                Ok(false) => {
                    let severity = severity.min(Severity::Medium);
                    say.broken_as(severity, format!("{who} has no network isolation"), [evidence]);
                }
                Err(unknown) => say.unknown(unknown),
            }
        }
        let names: Vec<&str> = endpoints.items.iter().map(|endpoint| endpoint.name.as_str()).collect();
        let used = match (names.as_slice(), unused) {
            ([], true) => "no endpoint".to_owned(),
            ([], false) => "not known".to_owned(),
            _ => many(", ", &names),
        };
        say.fact(field(&sagemaker::ENDPOINT_CONFIG, format!("{name}.Endpoints"), used, "any"));
        Ok(())
    })
}

#[cfg(test)]
mod tests {
    use expect_test::expect;
    use plumbline_snapshot::sagemaker::{self, Model, VpcConfig};
    use plumbline_snapshot::{Collected, ec2};
    use plumbline_testkit::ec2::{OTHER_GROUP, OTHER_SUBNET};
    use plumbline_testkit::sagemaker::{ENDPOINT_CONFIG, ENDPOINT_LATE, MODEL, MODEL_BATCH, MODEL_LATE, network};

    use super::CONTROL;
    use crate::check::{blind_but, check, clean};

    #[test]
    fn known_good_is_clean_and_a_gap_is_not() {
        clean(&CONTROL);
        // Tags decide where nothing else selects; in the known-good something does.
        blind_but(&CONTROL, &[&plumbline_snapshot::sagemaker::RESOURCE_TAGS]);
    }

    #[test]
    fn no_network_another_network_and_no_isolation() {
        check(
            &CONTROL,
            |env| {
                env.model(MODEL, |it| it.vpc = None);
                env.model(MODEL_LATE, |it| it.network_isolation = false);
                env.model(MODEL_BATCH, |it| {
                    it.vpc = Some(VpcConfig {
                        subnets: vec![OTHER_SUBNET.to_owned()],
                        groups: vec![OTHER_GROUP.to_owned()],
                    });
                    it.network_isolation = false;
                });
            },
            expect![[r#"
                NON_COMPLIANT LOW fraud-dev batch-scorer-0901: The model `batch-scorer-0901` lies outside the environment's subnets: in subnet-0a1d3f5b7c9e00009 of vpc-0f4a7d2c1b9e80002; the model `batch-scorer-0901` has security groups that are no workload groups: sg-0e1f3a5c7d9b00009; the model `batch-scorer-0901` has no network isolation.
                  sagemaker:Search batch-scorer-0901.VpcConfig.Subnets: saw subnet-0a1d3f5b7c9e00009 of vpc-0f4a7d2c1b9e80002, wanted environment subnets only
                  sagemaker:Search batch-scorer-0901.VpcConfig.SecurityGroupIds: saw sg-0e1f3a5c7d9b00009, wanted one or more workload groups, no others
                  sagemaker:Search batch-scorer-0901.EnableNetworkIsolation: saw false, wanted true, unless exempt
                  sagemaker:DescribeEndpointConfig batch-scorer-0901.Endpoints: saw no endpoint, wanted any
                NON_COMPLIANT HIGH fraud-dev ds-model-fraud-dev-scorer: The model `ds-model-fraud-dev-scorer` has no VPC configuration, so it runs in a network of SageMaker's with internet access.
                  sagemaker:Search ds-model-fraud-dev-scorer.VpcConfig: saw not set, wanted the environment network
                  sagemaker:Search ds-model-fraud-dev-scorer.EnableNetworkIsolation: saw true, wanted true, unless exempt
                  sagemaker:DescribeEndpointConfig ds-model-fraud-dev-scorer.Endpoints: saw ds-endpoint-fraud-dev-scorer, nightly-scorer, wanted any
                NON_COMPLIANT MEDIUM fraud-dev ds-model-fraud-dev-scorer-v2: The model `ds-model-fraud-dev-scorer-v2` has no network isolation.
                  sagemaker:Search ds-model-fraud-dev-scorer-v2.EnableNetworkIsolation: saw false, wanted true, unless exempt
                  sagemaker:DescribeEndpointConfig ds-model-fraud-dev-scorer-v2.Endpoints: saw ds-endpoint-fraud-dev-async, wanted any
            "#]],
        );
    }

    #[test]
    fn pass_trap_a_network_of_the_endpoint_config_is_not_the_models() {
        check(
            &CONTROL,
            |env| {
                env.model(MODEL, |it| it.vpc = None);
                env.endpoint_config(ENDPOINT_CONFIG, |it| it.vpc = Some(network()));
            },
            expect![[r#"
                NON_COMPLIANT HIGH fraud-dev ds-model-fraud-dev-scorer: The model `ds-model-fraud-dev-scorer` has no VPC configuration, so it runs in a network of SageMaker's with internet access.
                  sagemaker:Search ds-model-fraud-dev-scorer.VpcConfig: saw not set, wanted the environment network
                  sagemaker:Search ds-model-fraud-dev-scorer.EnableNetworkIsolation: saw true, wanted true, unless exempt
                  sagemaker:DescribeEndpointConfig ds-model-fraud-dev-scorer.Endpoints: saw ds-endpoint-fraud-dev-scorer, nightly-scorer, wanted any
            "#]],
        );
    }

    #[test]
    fn a_model_behind_an_endpoint_that_is_gone_or_failed_is_in_no_use() {
        check(
            &CONTROL,
            |env| {
                env.model(MODEL_LATE, |it| it.network_isolation = false);
                env.hosted_endpoint_resource(ENDPOINT_LATE, |it| it.status = Some("Failed".into()));
            },
            expect![[r#"
                NON_COMPLIANT LOW fraud-dev ds-model-fraud-dev-scorer-v2: The model `ds-model-fraud-dev-scorer-v2` has no network isolation.
                  sagemaker:Search ds-model-fraud-dev-scorer-v2.EnableNetworkIsolation: saw false, wanted true, unless exempt
                  sagemaker:DescribeEndpointConfig ds-model-fraud-dev-scorer-v2.Endpoints: saw no endpoint, wanted any
            "#]],
        );
    }

    #[test]
    fn a_model_behind_the_config_that_an_update_moves_to_is_in_use() {
        check(
            &CONTROL,
            |env| {
                env.model(MODEL, |it| it.vpc = None);
                env.remove_hosted_endpoint(plumbline_testkit::sagemaker::ENDPOINT);
                env.remove_hosted_endpoint(plumbline_testkit::sagemaker::ENDPOINT_TAGGED);
                env.hosted_endpoint(ENDPOINT_LATE, |it| it.pending_config = Some(ENDPOINT_CONFIG.to_owned()));
            },
            expect![[r#"
                NON_COMPLIANT HIGH fraud-dev ds-model-fraud-dev-scorer: The model `ds-model-fraud-dev-scorer` has no VPC configuration, so it runs in a network of SageMaker's with internet access.
                  sagemaker:Search ds-model-fraud-dev-scorer.VpcConfig: saw not set, wanted the environment network
                  sagemaker:Search ds-model-fraud-dev-scorer.EnableNetworkIsolation: saw true, wanted true, unless exempt
                  sagemaker:DescribeEndpointConfig ds-model-fraud-dev-scorer.Endpoints: saw ds-endpoint-fraud-dev-async, wanted any
            "#]],
        );
    }

    #[test]
    fn fail_trap_an_exempt_model() {
        check(
            &CONTROL,
            |env| {
                env.model(MODEL, |it| it.network_isolation = false);
                env.add_to_baseline(
                    "network_isolation_exempt: [{kind: model, name: \"ds-model-*\", reason: multi-model}]",
                );
            },
            expect![[r#"
                COMPLIANT
            "#]],
        );
    }

    #[test]
    fn a_model_that_belongs_to_nobody() {
        check(
            &CONTROL,
            |env| {
                env.add_model("stray", Model::default());
            },
            expect![[r#"
                NON_COMPLIANT LOW unassigned stray: The model `stray` has no VPC configuration, so it runs in a network of SageMaker's with internet access; the model `stray` has no network isolation.
                  sagemaker:Search stray.VpcConfig: saw not set, wanted the environment network
                  sagemaker:Search stray.EnableNetworkIsolation: saw false, wanted true, unless exempt
                  sagemaker:DescribeEndpointConfig stray.Endpoints: saw no endpoint, wanted any
            "#]],
        );
    }

    #[test]
    fn without_models_there_is_nothing_to_judge() {
        check(
            &CONTROL,
            |env| env.sagemaker().models = Collected::empty(),
            expect![[r#"
                NOT_APPLICABLE no_resources HIGH fraud-dev 111122223333: Nothing to judge: no resources.
            "#]],
        );
    }

    #[test]
    fn a_violation_stands_beside_gaps_and_is_not_played_down() {
        check(
            &CONTROL,
            |env| {
                env.model(MODEL_BATCH, |it| it.vpc = None);
                env.hide(&sagemaker::ENDPOINTS).hide(&ec2::SECURITY_GROUPS);
            },
            expect![[r#"
                NON_COMPLIANT HIGH fraud-dev batch-scorer-0901: The model `batch-scorer-0901` has no VPC configuration, so it runs in a network of SageMaker's with internet access.
                  sagemaker:Search batch-scorer-0901.VpcConfig: saw not set, wanted the environment network
                  sagemaker:Search batch-scorer-0901.EnableNetworkIsolation: saw true, wanted true, unless exempt
                  sagemaker:DescribeEndpointConfig batch-scorer-0901.Endpoints: saw not known, wanted any
                INSUFFICIENT_DATA access_denied HIGH fraud-dev ds-model-fraud-dev-scorer: ec2:DescribeSecurityGroups was not seen: denied, AccessDenied: not authorized to perform ec2:DescribeSecurityGroups.
                  ec2:DescribeSecurityGroups not seen: denied
                  sagemaker:Search ds-model-fraud-dev-scorer.EnableNetworkIsolation: saw true, wanted true, unless exempt
                  sagemaker:DescribeEndpointConfig ds-model-fraud-dev-scorer.Endpoints: saw not known, wanted any
                INSUFFICIENT_DATA access_denied HIGH fraud-dev ds-model-fraud-dev-scorer-v2: ec2:DescribeSecurityGroups was not seen: denied, AccessDenied: not authorized to perform ec2:DescribeSecurityGroups.
                  ec2:DescribeSecurityGroups not seen: denied
                  sagemaker:Search ds-model-fraud-dev-scorer-v2.EnableNetworkIsolation: saw true, wanted true, unless exempt
                  sagemaker:DescribeEndpointConfig ds-model-fraud-dev-scorer-v2.Endpoints: saw not known, wanted any
            "#]],
        );
    }
}

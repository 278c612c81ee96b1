//! SMK-19: hosted endpoints encrypt volumes, captured data and asynchronous output with environment keys, and give no
//! shell.

use plumbline_findings::{Area, Assessment, ControlInfo, Maps, Origin, Severity};
use plumbline_snapshot::sagemaker::KeyedOutput;
use plumbline_snapshot::{ec2, kms, sagemaker};

use super::{KeyField, Network, is_nvme, key, resources};
use crate::Control;
use crate::judge::{field, many};
use crate::place::Place;
use crate::world::World;
use crate::world::keys_in_use::{OUTPUT, VOLUME};

pub(crate) const CONTROL: Control = Control {
    info: &INFO,
    sources: &[
        &sagemaker::ENDPOINT_CONFIGS,
        &sagemaker::ENDPOINT_CONFIG,
        &sagemaker::ENDPOINTS,
        &sagemaker::ENDPOINT,
        &sagemaker::SEARCH,
        &sagemaker::RESOURCE_TAGS,
        &sagemaker::MODELS,
        &sagemaker::MODEL,
        &ec2::VPCS,
        &ec2::SUBNETS,
        &kms::ALIASES,
        &kms::KEY,
        &kms::KEY_TAGS,
    ],
    unassigned: true,
    assess,
};

const INFO: ControlInfo = ControlInfo {
    id: "SMK-19",
    name: "endpoint-config-keys",
    title: "Hosted endpoints encrypt volumes, captured data and asynchronous output with environment keys, and give no shell.",
    area: Area::Sagemaker,
    severity: Severity::High,
    origin: Origin::Seed,
    scope: "endpoint config",
    rationale: "Endpoints keep requests and answers on volumes and in buckets; without a key SageMaker uses AWS's.",
    decided: "The volumes' key must be declared for volumes, unless all variants are serverless or have local NVMe only; the \
              keys of capture, asynchronous output and core dumps for outputs, even while capture is off; no variant may \
              enable SSM access; and a network of the config's own must be the environment's. A config that no endpoint \
              uses, now or after an update under way, is LOW.",
    remediation: "Create a new endpoint config and update the endpoint.",
    maps: Maps { securityhub: &[], cis: &[], nist: &["SC-28"] },
};

fn assess<'a>(world: &World<'a>, place: &Place<'a>) -> Vec<Assessment> {
    let network = Network::of(world, place);
    resources(&INFO, place, world.endpoint_configs(place), |say, config, body| {
        let name = &config.resource.name;
        let who = format!("the endpoint config `{name}`");
        let source = &sagemaker::ENDPOINT_CONFIG;
        let endpoints = world.endpoints_on_config(place, name);
        // Only a config that is known to be in no use is less severe.
        let unused = endpoints.any(|_| true) == Ok(false);
        let severity = if unused { Severity::Low } else { INFO.severity };

        let takes_none = |variant: &sagemaker::Variant| {
            variant.serverless
                || (!variant.instance_types.is_empty() && variant.instance_types.iter().all(|it| is_nvme(place, it)))
        };
        let without_key = body.kms_key.as_deref().is_none_or(str::is_empty);
        if without_key && !body.variants.is_empty() && body.variants.iter().all(takes_none) {
            let path = format!("{name}.KmsKeyId");
            say.fact(field(source, path, "not set", "none: serverless and local NVMe take no key"));
        } else {
            let asked = KeyField {
                what: format!("the volumes of {who}"),
                source,
                path: format!("{name}.KmsKeyId"),
                written: body.kms_key.as_deref(),
                uses: VOLUME,
            };
            key(world, place, say, asked, |_| severity);
        }
        let mut output = |what: &str, path: String, output: &'a KeyedOutput| {
            let asked = KeyField {
                what: format!("{what} of {who}"),
                source,
                path: format!("{name}.{path}.KmsKeyId"),
                written: output.kms_key.as_deref(),
                uses: OUTPUT,
            };
            key(world, place, say, asked, |_| severity);
        };
        if let Some(capture) = &body.data_capture {
            output("the captured data", "DataCaptureConfig".to_owned(), capture);
        }
        if let Some(asynchronous) = &body.async_output {
            output("the asynchronous output", "AsyncInferenceConfig.OutputConfig".to_owned(), asynchronous);
        }
        for variant in &body.variants {
            if let Some(dump) = &variant.core_dump {
                output("the core dumps", format!("{}.CoreDumpConfig", variants(variant)), dump);
            }
        }
        for variant in body.variants.iter().filter(|variant| variant.ssm_access) {
            say.broken_as(
                severity,
                format!("the variant `{}` of {who} gives a shell through SSM", variant.name),
                [field(source, format!("{name}.{}.EnableSSMAccess", variants(variant)), "true", "false")],
            );
        }
        if let Some(vpc) = &body.vpc {
            network.config(say, severity, source, (&who, name), Some(vpc));
        }
        let names: Vec<&str> = endpoints.items.iter().map(|endpoint| endpoint.name.as_str()).collect();
        let used = match (names.as_slice(), unused) {
            ([], true) => "no endpoint".to_owned(),
            ([], false) => "not known".to_owned(),
            _ => many(", ", &names),
        };
        say.fact(field(&sagemaker::SEARCH, format!("{name}.Endpoints"), used, "any"));
        Ok(())
    })
}

fn variants(variant: &sagemaker::Variant) -> String {
    let list = if variant.shadow { "ShadowProductionVariants" } else { "ProductionVariants" };
    format!("{list}[{}]", variant.name)
}

#[cfg(test)]
mod tests {
    use expect_test::expect;
    use plumbline_snapshot::sagemaker::{self, EndpointConfig, KeyedOutput, Variant};
    use plumbline_snapshot::{Collected, ec2, kms};
    use plumbline_testkit::kms::{ALIAS_DATA, ALIAS_VOLUMES};
    use plumbline_testkit::sagemaker::{
        ENDPOINT_CONFIG, ENDPOINT_CONFIG_BY_ENDPOINT, ENDPOINT_CONFIG_BY_ROLE, ENDPOINT_CONFIG_TAGGED, ENDPOINT_LATE,
        network, variant,
    };

    use super::CONTROL;
    use crate::check::{blind_but, check, clean};

    fn unkeyed() -> KeyedOutput {
        KeyedOutput { uri: Some("s3://ds-data-fraud-dev-7f3a/x".to_owned()), kms_key: None }
    }

    #[test]
    fn known_good_is_clean_and_a_gap_is_not() {
        clean(&CONTROL);
        // A config may belong here through its model, or its network, alone; in the known-good none does.
        blind_but(&CONTROL, &[&sagemaker::MODELS, &sagemaker::MODEL, &ec2::VPCS, &ec2::SUBNETS]);
    }

    #[test]
    fn pass_trap_a_volume_key_is_no_capture_key_and_the_other_way_round() {
        check(
            &CONTROL,
            |env| {
                env.endpoint_config(ENDPOINT_CONFIG, |it| it.data_capture = Some(unkeyed()));
                env.endpoint_config(ENDPOINT_CONFIG_BY_ENDPOINT, |it| {
                    it.kms_key = None;
                    it.async_output.as_mut().unwrap().kms_key = Some(ALIAS_VOLUMES.to_owned());
                });
            },
            expect![[r#"
                NON_COMPLIANT HIGH fraud-dev async-scorer-1: The key of the volumes of the endpoint config `async-scorer-1` is not set; the key of the asynchronous output of the endpoint config `async-scorer-1` is `alias/ds-ebs-fraud-dev`, which the baseline does not declare for use `output`.
                  sagemaker:DescribeEndpointConfig async-scorer-1.KmsKeyId: saw not set, wanted a usable key that the baseline declares for use `volume`
                  sagemaker:DescribeEndpointConfig async-scorer-1.AsyncInferenceConfig.OutputConfig.KmsKeyId: saw alias/ds-ebs-fraud-dev (arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-2222-4aaa-8bbb-000000000002), wanted a usable key that the baseline declares for use `output`
                  sagemaker:Search async-scorer-1.Endpoints: saw ds-endpoint-fraud-dev-async, wanted any
                NON_COMPLIANT HIGH fraud-dev ds-config-fraud-dev-scorer-3: The key of the captured data of the endpoint config `ds-config-fraud-dev-scorer-3` is not set.
                  sagemaker:DescribeEndpointConfig ds-config-fraud-dev-scorer-3.DataCaptureConfig.KmsKeyId: saw not set, wanted a usable key that the baseline declares for use `output`
                  sagemaker:DescribeEndpointConfig ds-config-fraud-dev-scorer-3.KmsKeyId: saw alias/ds-ebs-fraud-dev (arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-2222-4aaa-8bbb-000000000002), wanted a usable key that the baseline declares for use `volume`
                  sagemaker:DescribeEndpointConfig ds-config-fraud-dev-scorer-3.ProductionVariants[main].CoreDumpConfig.KmsKeyId: saw arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-1111-4aaa-8bbb-000000000001, wanted a usable key that the baseline declares for use `output`
                  sagemaker:Search ds-config-fraud-dev-scorer-3.Endpoints: saw ds-endpoint-fraud-dev-scorer, nightly-scorer, wanted any
            "#]],
        );
    }

    #[test]
    fn core_dumps_a_shell_and_another_network() {
        check(
            &CONTROL,
            |env| {
                env.endpoint_config(ENDPOINT_CONFIG, |it| {
                    it.variants[0].core_dump = Some(unkeyed());
                    it.variants[1].ssm_access = true;
                    let mut vpc = network();
                    vpc.groups.clear();
                    it.vpc = Some(vpc);
                });
            },
            expect![[r#"
                NON_COMPLIANT HIGH fraud-dev ds-config-fraud-dev-scorer-3: The key of the core dumps of the endpoint config `ds-config-fraud-dev-scorer-3` is not set; the variant `shadow` of the endpoint config `ds-config-fraud-dev-scorer-3` gives a shell through SSM; the endpoint config `ds-config-fraud-dev-scorer-3` has no security group.
                  sagemaker:DescribeEndpointConfig ds-config-fraud-dev-scorer-3.ProductionVariants[main].CoreDumpConfig.KmsKeyId: saw not set, wanted a usable key that the baseline declares for use `output`
                  sagemaker:DescribeEndpointConfig ds-config-fraud-dev-scorer-3.ShadowProductionVariants[shadow].EnableSSMAccess: saw true, wanted false
                  sagemaker:DescribeEndpointConfig ds-config-fraud-dev-scorer-3.VpcConfig.SecurityGroupIds: saw none, wanted one or more workload groups, no others
                  sagemaker:DescribeEndpointConfig ds-config-fraud-dev-scorer-3.KmsKeyId: saw alias/ds-ebs-fraud-dev (arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-2222-4aaa-8bbb-000000000002), wanted a usable key that the baseline declares for use `volume`
                  sagemaker:DescribeEndpointConfig ds-config-fraud-dev-scorer-3.DataCaptureConfig.KmsKeyId: saw arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-3333-4aaa-8bbb-000000000003, wanted a usable key that the baseline declares for use `output`
                  sagemaker:Search ds-config-fraud-dev-scorer-3.Endpoints: saw ds-endpoint-fraud-dev-scorer, nightly-scorer, wanted any
            "#]],
        );
    }

    #[test]
    fn pass_trap_the_config_that_an_update_moves_to_is_in_use() {
        let unkey = |env: &mut plumbline_testkit::Env| {
            env.endpoint_config(ENDPOINT_CONFIG_BY_ROLE, |it| it.kms_key = None);
        };
        check(
            &CONTROL,
            unkey,
            expect![[r#"
                NON_COMPLIANT LOW fraud-dev spare-components: The key of the volumes of the endpoint config `spare-components` is not set.
                  sagemaker:DescribeEndpointConfig spare-components.KmsKeyId: saw not set, wanted a usable key that the baseline declares for use `volume`
                  sagemaker:Search spare-components.Endpoints: saw no endpoint, wanted any
            "#]],
        );
        check(
            &CONTROL,
            |env| {
                unkey(env);
                env.hosted_endpoint(ENDPOINT_LATE, |it| it.pending_config = Some(ENDPOINT_CONFIG_BY_ROLE.to_owned()));
            },
            expect![[r#"
                NON_COMPLIANT HIGH fraud-dev spare-components: The key of the volumes of the endpoint config `spare-components` is not set.
                  sagemaker:DescribeEndpointConfig spare-components.KmsKeyId: saw not set, wanted a usable key that the baseline declares for use `volume`
                  sagemaker:Search spare-components.Endpoints: saw ds-endpoint-fraud-dev-async, wanted any
            "#]],
        );
    }

    #[test]
    fn fail_trap_serverless_and_nvme_take_no_volume_key_if_all_are_so() {
        check(
            &CONTROL,
            |env| {
                env.endpoint_config(ENDPOINT_CONFIG_TAGGED, |it| {
                    it.variants.push(Variant { shadow: true, ..variant("shadow", None, "ml.g5.xlarge") });
                });
            },
            expect![[r#"
                COMPLIANT
            "#]],
        );
        check(
            &CONTROL,
            |env| {
                env.endpoint_config(ENDPOINT_CONFIG_TAGGED, |it| {
                    let mut pool = variant("pool", None, "ml.g5.xlarge");
                    pool.instance_types.push("ml.m5.xlarge".to_owned());
                    it.variants.push(pool);
                });
            },
            expect![[r#"
                NON_COMPLIANT LOW fraud-dev canary-scorer-7: The key of the volumes of the endpoint config `canary-scorer-7` is not set.
                  sagemaker:DescribeEndpointConfig canary-scorer-7.KmsKeyId: saw not set, wanted a usable key that the baseline declares for use `volume`
                  sagemaker:Search canary-scorer-7.Endpoints: saw no endpoint, wanted any
            "#]],
        );
    }

    #[test]
    fn a_config_that_belongs_to_nobody() {
        check(
            &CONTROL,
            |env| {
                env.add_endpoint_config(
                    "stray",
                    EndpointConfig { kms_key: Some(ALIAS_DATA.to_owned()), ..Default::default() },
                );
            },
            expect![[r#"
                NON_COMPLIANT LOW unassigned stray: The key of the volumes of the endpoint config `stray` is `alias/ds-s3-fraud-dev`, which the baseline does not declare for use `volume`.
                  sagemaker:DescribeEndpointConfig stray.KmsKeyId: saw alias/ds-s3-fraud-dev (arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-1111-4aaa-8bbb-000000000001), wanted a usable key that the baseline declares for use `volume`
                  sagemaker:Search stray.Endpoints: saw no endpoint, wanted any
            "#]],
        );
    }

    #[test]
    fn without_configs_there_is_nothing_to_judge() {
        check(
            &CONTROL,
            |env| {
                env.sagemaker().endpoint_configs = Collected::empty();
                env.sagemaker().endpoints = Collected::empty();
            },
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
                env.endpoint_config(ENDPOINT_CONFIG_BY_ROLE, |it| it.variants[0].ssm_access = true);
                env.hide(&sagemaker::ENDPOINTS).hide(&kms::KEY);
            },
            expect![[r#"
                INSUFFICIENT_DATA access_denied HIGH fraud-dev async-scorer-1: sagemaker:ListEndpoints was not seen: denied, AccessDenied: not authorized to perform sagemaker:ListEndpoints.
                  sagemaker:ListEndpoints not seen: denied
                INSUFFICIENT_DATA access_denied HIGH fraud-dev ds-config-fraud-dev-scorer-3: kms:DescribeKey of `arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-2222-4aaa-8bbb-000000000002` was not seen: denied, AccessDenied: not authorized to perform kms:DescribeKey.
                  kms:DescribeKey not seen: denied
                  kms:DescribeKey not seen: denied
                  kms:DescribeKey not seen: denied
                  sagemaker:Search ds-config-fraud-dev-scorer-3.Endpoints: saw not known, wanted any
                NON_COMPLIANT HIGH fraud-dev spare-components: The variant `components` of the endpoint config `spare-components` gives a shell through SSM.
                  sagemaker:DescribeEndpointConfig spare-components.ProductionVariants[components].EnableSSMAccess: saw true, wanted false
                  sagemaker:Search spare-components.Endpoints: saw not known, wanted any
            "#]],
        );
    }
}

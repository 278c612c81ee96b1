//! The worked example, what it loads to, and the schema that describes it.

use std::collections::{BTreeMap, BTreeSet};

use expect_test::expect;
use jiff::civil::date;
use serde_json::Value;

use super::{Baseline, Environment, KeyUse, LoadContext, LogicalRole, NaclMode, Portfolio, TrafficPeer, load, schema};

/// A file that uses most of the format, in two environments.
pub(super) const EXAMPLE: &str = r#"
version: 1
account_id: "111122223333"

defaults:
  org_id: o-a1b2c3d4e5
  admin_principals:
    - arn:{partition}:iam::{account}:role/platform-admin
    - arn:aws:iam::{account}:role/aws-reserved/sso.amazonaws.com/*AWSReservedSSO_Platform_*
  log_retention_min_days: 400
  log_archive_accounts: ["444455556666"]
  access_vpcs: [vpc-0e5555555555555ee]
  readonly_buckets: [sagemaker-sample-files]

environments:
  - name: fraud-dev
    region: eu-west-1
    project_tag_key: ProjectName
    project_tag_value: fraud

    selection:
      include:
        names: ["ds-*-fraud-dev-*"]
        tags: {ProjectName: fraud, EnvironmentType: dev}
      exclude:
        - arn: arn:aws:sagemaker:{region}:{account}:notebook-instance/ds-lab-{env}-archive
          reason: stopped image kept for a legal hold, no {data} volume access
          owner: data-platform@example.com
          expires: 2027-03-31
    unselected: report
    accepted_kinds:
      - {kind: pipelines, reason: "definitions only; their steps are audited as jobs"}
    disabled_controls:
      - {control: LOG-06, reason: too dear, owner: data-platform@example.com, expires: 2027-03-31}

    vpc: {tags: {Name: ds-vpc-fraud-dev}}
    subnets: {tags: {ProjectName: fraud, Tier: private}}
    min_azs: 3
    workload_security_groups: {ids: [sg-0a1111111111111aa]}
    allowed_peers: []
    allowed_route_targets: [{target: pcx-0a1b, cidrs: [10.9.0.0/16]}]
    allowed_ingress:
      - {source: 10.9.0.0/16, protocol: all}
    allowed_egress:
      - {destination: sg-0c3333333333333cc, protocol: tcp, ports: [80, "8000-8080"]}
      - {destination: pl-0d, protocol: udp, ports: [53]}
    nacl_mode: strict

    required_endpoints:
      - {service: "com.amazonaws.{region}.ssm", type: Interface, required: always}
      - {service: "aws.sagemaker.{region}.studio", type: Interface, required: never}
    allowed_endpoint_services:
      - com.amazonaws.vpce.{region}.vpce-svc-0d4444444444444dd
    endpoint_extra_ports:
      - {service: "com.amazonaws.vpce.{region}.vpce-svc-0d4444444444444dd", port: 80}
    s3_endpoint_extra_buckets:
      - prod-{region}-starport-layer-bucket
    endpoint_reference_policies:
      - {service: "com.amazonaws.{region}.sts", policy: references/vpce-sts.json}
    access_vpcs: []
    access_cidrs: [198.51.100.0/24]

    roles:
      data_scientist:
        bind: {arns: ["arn:aws:iam::{account}:role/ds-user-role-fraud-dev"]}
        trusted_principals: ["arn:aws:iam::{account}:saml-provider/corp"]
      notebook_execution:
        bind: {arn_patterns: ["arn:aws:iam::{account}:role/service-role/ds-notebook-role-{env}-*"]}
        boundary_arns: []
      training_execution:
        bind: {tags: {ProjectName: fraud, LogicalRole: training}}
        reference_policy: references/training_execution.json
      endpoint_hosting:
        not_used: {reason: no hosting here}
        reference_policy: [references/a.json, references/b.json]
    boundary_arns: ["arn:aws:iam::{account}:policy/ds-boundary-fraud-dev"]

    kms_keys:
      - {name: data, alias: alias/ds-s3-fraud-dev, uses: [s3, output]}
      - {name: volumes, alias_pattern: "alias/ds-ebs-{env}*", uses: [volume, studio]}
      - {name: code, arn: "arn:aws:kms:{region}:{account}:key/0a", uses: [code]}
      - {name: logs, tags: {Use: logs}, uses: [logs]}
    data_buckets:
      - {name: ds-data-lake-7f3a, kind: data_lake, kms_key: data, owner_account: "444455556666"}
      - {name: "ds-data-{env}-7f3a", kind: data, kms_key: data, versioning: off}
      - {tags: {Holds: models}, kind: model}

    lifecycle_configs:
      - name: ds-notebook-lc-fraud-dev
        sha256: 4f1d3c0e7b6a59d8c2e1f0a9b8c7d6e5f4a3b2c1d0e9f8a7b6c5d4e3f2a1b0c9
    studio: {auth_mode: IAM, allow_canvas: true}
    network_isolation_exempt:
      - {kind: training_job, name: "ds-probe-*", reason: measures the network}
    role_for_kind: {automl_job: notebook_execution}

    self_service:
      portfolio: {display_name: fraud-dev products}
      products: [{name: fraud SageMaker dev notebook}]
      locked_parameters: [ProjectName, EnvType]

  - name: fraud-prod
    region: us-east-2
    log_archive_accounts: []
    include_beyond: false
    self_service: {enabled: false}

separation_overrides:
  - environment: fraud-dev
    role: notebook_creation
    class: IAM_ADMIN
    reason: the product creates one execution role per notebook
    owner: data-platform@example.com
    expires: 2027-05-31
  - environment: fraud-prod
    role: notebook_execution
    merge_with: training_execution
    reason: one role for both while jobs are moved
    owner: data-platform@example.com
    expires: 2027-05-31

exceptions:
  - control: NET-16
    environment: fraud-dev
    subject: arn:aws:ec2:{region}:{account}:security-group/sg-0a1111111111111aa
    when: {permission: "tcp 443 -> 10.9.0.0/16", "entries[0].body": "{odd} in {env}"}
    reason: egress to the shared feature service until it has an endpoint service
    owner: data-platform@example.com
    expires: 2027-02-28
    ticket: DSP-412
"#;

fn example() -> Baseline {
    load(EXAMPLE, "baselines/fraud.yaml", &LoadContext::on(date(2026, 8, 1))).unwrap_or_else(|error| panic!("{error}"))
}

fn only(lines: &str) -> Environment {
    let text =
        format!("version: 1\naccount_id: '111122223333'\nenvironments:\n  - {{name: dev, region: eu-west-1{lines}}}\n");
    let loaded = load(&text, "b.yaml", &LoadContext::on(date(2026, 8, 1))).unwrap_or_else(|error| panic!("{error}"));
    loaded.environments.into_iter().next().expect("one environment")
}

#[test]
fn values_of_an_environment_replace_the_defaults_whole() {
    let baseline = example();
    let [dev, prod] = baseline.environments.as_slice() else { panic!("two environments") };
    assert_eq!((dev.log_retention_min_days, prod.log_retention_min_days), (400, 400));
    assert_eq!((dev.log_archive_accounts.len(), prod.log_archive_accounts.len()), (1, 0));
    assert_eq!((dev.access_vpcs.len(), prod.access_vpcs.len()), (0, 1));
    assert_eq!(dev.org_id, prod.org_id);
    assert_eq!(baseline.account_id.as_str(), "111122223333");
    assert_eq!(dev.account, baseline.account_id);
}

#[test]
fn placeholders_are_filled_where_they_may_stand() {
    let baseline = example();
    let [dev, prod] = baseline.environments.as_slice() else { panic!("two environments") };
    assert_eq!(dev.admin_principals[0].as_str(), "arn:aws:iam::111122223333:role/platform-admin");
    assert_eq!(dev.allowed_git_hosts, ["git-codecommit.eu-west-1.amazonaws.com"]);
    assert_eq!(prod.allowed_git_hosts, ["git-codecommit.us-east-2.amazonaws.com"]);
    assert_eq!(dev.s3_endpoint_extra_buckets, ["prod-eu-west-1-starport-layer-bucket"]);
    let excluded = &dev.selection.exclude[0];
    assert!(excluded.covers("arn:aws:sagemaker:eu-west-1:111122223333:notebook-instance/ds-lab-fraud-dev-archive"));
    assert!(excluded.reason.contains("{data}"), "prose keeps its braces");
    let exception = &baseline.exceptions[0];
    assert_eq!(exception.subject.as_str(), "arn:aws:ec2:eu-west-1:111122223333:security-group/sg-0a1111111111111aa");
    assert_eq!(exception.when["entries[0].body"], "{odd} in fraud-dev");
    assert_eq!(dev.buckets().keys().collect::<Vec<_>>(), ["ds-data-fraud-dev-7f3a", "ds-data-lake-7f3a"]);
}

#[test]
fn what_is_left_out_has_the_defaults_of_the_specification() {
    let environment = only("");
    assert_eq!(environment.allowed_accounts, std::slice::from_ref(&environment.account));
    assert_eq!(
        (environment.min_azs, environment.job_lookback_days, environment.full_sweep_hours, environment.assume_depth),
        (2, 7, 24, 2)
    );
    assert_eq!(
        (
            environment.max_snapshot_age_hours,
            environment.max_key_rotation_days,
            environment.trail_max_delivery_age_hours,
            environment.log_grace_minutes,
            environment.log_retention_min_days,
            environment.log_retention_max_days,
        ),
        (6, 365, 24, 60, 365, None)
    );
    let on = [
        environment.include_beyond,
        environment.selection.by_network,
        environment.selection.by_role,
        environment.allow_self_all,
        environment.direct_kms_use,
        environment.accept_deprecated_condition_keys,
        environment.trail_cwl_required,
        environment.self_service.enabled,
    ];
    assert_eq!(on, [true; 8]);
    let off = [
        environment.allow_ipv6,
        environment.allow_vpc_cidr_rules,
        environment.s3_via_interface,
        environment.allow_account_root_trust,
        environment.allow_self_pass,
        environment.kms_condition_presence_suffices,
        environment.ebs_default_key_any_cmk,
        environment.check_remote_debug,
        environment.accept_event_data_store,
        environment.accept_server_access_logs,
    ];
    assert_eq!(off, [false; 10]);
    assert_eq!(environment.nacl_mode, NaclMode::AdminPorts);
    assert_eq!(environment.forbidden_managed_policies.len(), 12);
    assert_eq!(environment.nvme_instance_families.len(), 17);
    let absent = environment.vpc.is_none() && environment.kms_keys.is_none() && environment.data_buckets.is_none();
    assert!(absent && environment.roles.is_empty() && environment.boundary_arns.is_none());
}

#[test]
fn an_empty_list_is_not_the_same_as_none() {
    assert_eq!(only(", kms_keys: []").kms_keys, Some(Vec::new()));
    assert_eq!(only(", data_buckets: []").data_buckets, Some(Vec::new()));
    assert!(only(", allowed_accounts: []").allowed_accounts.is_empty());
    let groups = only(", workload_security_groups: {ids: []}").workload_security_groups;
    assert_eq!(groups.map(|selector| selector.literals().count()), Some(0));
    assert!(only(", forbidden_managed_policies: []").forbidden_managed_policies.is_empty());
}

#[test]
fn anchors_and_merge_keys_are_yaml_too() {
    let text = "version: 1\naccount_id: '111122223333'\n\
                environments:\n  - &dev\n    name: dev\n    region: eu-west-1\n    access_vpcs: &list [vpc-1]\n\
                \u{20} - <<: *dev\n    name: prod\n    extra_source_vpces: *list\n";
    let loaded = load(text, "b.yaml", &LoadContext::on(date(2026, 8, 1))).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(loaded.environments[1].name, "prod");
    assert_eq!(loaded.environments[1].access_vpcs, ["vpc-1"]);
    assert_eq!(loaded.environments[1].extra_source_vpces, ["vpc-1"]);
}

#[test]
fn line_ends_and_byte_order_marks_of_other_systems_are_no_mistakes() {
    let text = format!("\u{feff}{}", EXAMPLE.trim_start().replace('\n', "\r\n"));
    let loaded = load(&text, "b.yaml", &LoadContext::on(date(2026, 8, 1))).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(loaded.environments, example().environments);
}

#[test]
fn answers_for_controls_and_plans() {
    let baseline = example();
    let dev = &baseline.environments[0];
    assert_eq!(dev.vpc_choice().map(|choice| choice.tags["Name"].clone()), Some("ds-vpc-fraud-dev".to_owned()));
    let details = dev.details();
    assert_eq!(details.keys.len(), 2);
    assert!(details.alias_patterns.contains("alias/ds-ebs-fraud-dev*") && details.key_tags.len() == 1);
    assert_eq!(dev.keys_for(KeyUse::Output).map(|key| key.name.as_str()).collect::<Vec<_>>(), ["data"]);
    assert_eq!(dev.boundaries_of(LogicalRole::NotebookExecution), Some([].as_slice()));
    assert_eq!(dev.boundaries_of(LogicalRole::DataScientist).map(<[String]>::len), Some(1));
    assert_eq!(dev.references_of(LogicalRole::EndpointHosting).map(<[String]>::len), Some(2));
    assert_eq!(dev.references_of(LogicalRole::DataScientist), None);
    assert!(matches!(&dev.allowed_egress[1].peer, TrafficPeer::PrefixList(id) if id == "pl-0d"));
    assert!(dev.allowed_egress[0].allows(super::Protocol::Tcp, 8080));
    assert!(!dev.allowed_egress[0].allows(super::Protocol::Tcp, 443));
    assert!(matches!(&dev.self_service.portfolio, Some(Portfolio::DisplayName(_))));
    assert!(baseline.exceptions[0].lives(date(2027, 2, 28)) && !baseline.exceptions[0].lives(date(2027, 3, 1)));
}

#[test]
fn loosening_values_are_listed() {
    expect![[r#"
        `fraud-dev`: `org_id` allows `o-a1b2c3d4e5`
        `fraud-dev`: `admin_principals` allows `arn:aws:iam::111122223333:role/platform-admin`
        `fraud-dev`: `admin_principals` allows `arn:aws:iam::111122223333:role/aws-reserved/sso.amazonaws.com/*AWSReservedSSO_Platform_*`
        `fraud-dev`: `disabled_controls` switches off `LOG-06` until 2027-03-31
        `fraud-dev`: `selection.exclude` leaves out `arn:aws:sagemaker:eu-west-1:111122223333:notebook-instance/ds-lab-fraud-dev-archive` until 2027-03-31
        `fraud-dev`: `unselected` is report (default audit)
        `fraud-dev`: `accepted_kinds` allows `pipelines`
        `fraud-dev`: `allowed_route_targets` allows `pcx-0a1b for 10.9.0.0/16`
        `fraud-dev`: `allowed_ingress` allows `10.9.0.0/16` all
        `fraud-dev`: `allowed_egress` allows `sg-0c3333333333333cc` tcp 80, 8000-8080
        `fraud-dev`: `allowed_egress` allows `pl-0d` udp 53
        `fraud-dev`: `required_endpoints` never asks for `aws.sagemaker.eu-west-1.studio`
        `fraud-dev`: `allowed_endpoint_services` allows `com.amazonaws.vpce.eu-west-1.vpce-svc-0d4444444444444dd`
        `fraud-dev`: `endpoint_extra_ports` allows `com.amazonaws.vpce.eu-west-1.vpce-svc-0d4444444444444dd on port 80`
        `fraud-dev`: `s3_endpoint_extra_buckets` allows `prod-eu-west-1-starport-layer-bucket`
        `fraud-dev`: `access_cidrs` allows `198.51.100.0/24`
        `fraud-dev`: `roles.data_scientist.trusted_principals` allows `arn:aws:iam::111122223333:saml-provider/corp`
        `fraud-dev`: `roles.endpoint_hosting` is not used: no hosting here
        `fraud-dev`: `role_for_kind` lets `automl_job` run under `notebook_execution`
        `fraud-dev`: `data_buckets` lets `444455556666` own `ds-data-lake-7f3a`
        `fraud-dev`: `data_buckets` lets `ds-data-fraud-dev-7f3a` be without versions
        `fraud-dev`: `readonly_buckets` allows `sagemaker-sample-files`
        `fraud-dev`: `studio.allow_canvas` is true (default false)
        `fraud-dev`: `network_isolation_exempt` exempts `training_job` `ds-probe-*`
        `fraud-dev`: `log_archive_accounts` allows `444455556666`
        `fraud-prod`: `org_id` allows `o-a1b2c3d4e5`
        `fraud-prod`: `admin_principals` allows `arn:aws:iam::111122223333:role/platform-admin`
        `fraud-prod`: `admin_principals` allows `arn:aws:iam::111122223333:role/aws-reserved/sso.amazonaws.com/*AWSReservedSSO_Platform_*`
        `fraud-prod`: `include_beyond` is false (default true)
        `fraud-prod`: `access_vpcs` allows `vpc-0e5555555555555ee`
        `fraud-prod`: `readonly_buckets` allows `sagemaker-sample-files`
        `fraud-prod`: `self_service.enabled` is false (default true)
        `fraud-dev`: `separation_overrides` lets `notebook_creation` hold `IAM_ADMIN` until 2027-05-31
        `fraud-prod`: `separation_overrides` lets one role be `notebook_execution` and `training_execution` until 2027-05-31"#]].assert_eq(&example().accepted.join("\n"));
    let plain = only("");
    assert!(super::accepted::by_environment(&plain).is_empty());
}

#[test]
fn the_hash_is_of_the_bytes() {
    let same = load(EXAMPLE, "elsewhere.yaml", &LoadContext::on(date(2026, 9, 1))).unwrap_or_else(|e| panic!("{e}"));
    assert_eq!(same.sha256, example().sha256);
    assert_eq!(same.sha256.len(), 64);
    let other = load(&format!("{EXAMPLE} "), "b", &LoadContext::on(date(2026, 9, 1))).unwrap_or_else(|e| panic!("{e}"));
    assert_ne!(same.sha256, other.sha256);
}

/// What a JSON value has that the schema does not know, or lacks that it requires.
fn unknown(value: &Value, schema: &Value, root: &Value, path: &str, found: &mut Vec<String>) {
    if let Some(reference) = schema.get("$ref").and_then(Value::as_str) {
        let target = root.pointer(reference.trim_start_matches('#')).unwrap_or(&Value::Null);
        return unknown(value, target, root, path, found);
    }
    for choices in ["oneOf", "anyOf"] {
        if let Some(choices) = schema.get(choices).and_then(Value::as_array) {
            let fits = choices.iter().any(|choice| {
                let mut inner = Vec::new();
                unknown(value, choice, root, path, &mut inner);
                inner.is_empty()
            });
            if !fits {
                found.push(format!("{path}: no choice fits {value}"));
            }
            return;
        }
    }
    let kind = match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(_) => "integer",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    };
    if schema.get("type").is_some_and(|wanted| wanted != kind) {
        found.push(format!("{path}: {kind} instead of {}", schema["type"]));
    }
    for (keyword, fits) in [
        ("const", schema.get("const").is_none_or(|only| only == value)),
        ("enum", schema.get("enum").and_then(Value::as_array).is_none_or(|all| all.contains(value))),
    ] {
        if !fits {
            found.push(format!("{path}: {value} is not of the {keyword}"));
        }
    }
    match value {
        Value::Object(map) => {
            let properties = schema.get("properties").and_then(Value::as_object);
            for (key, inner) in map {
                let known = properties
                    .and_then(|all| all.get(key))
                    .or_else(|| schema.get("additionalProperties").filter(|extra| extra.is_object()));
                match known {
                    Some(known) => unknown(inner, known, root, &format!("{path}/{key}"), found),
                    None => found.push(format!("{path}/{key} is unknown")),
                }
            }
            if let Some(names) = schema.get("propertyNames") {
                for key in map.keys() {
                    unknown(&Value::String(key.clone()), names, root, &format!("{path}/{key}"), found);
                }
            }
            for required in schema.get("required").and_then(Value::as_array).into_iter().flatten() {
                if required.as_str().is_none_or(|key| !map.contains_key(key)) {
                    found.push(format!("{path} lacks {required}"));
                }
            }
        }
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                unknown(item, &schema["items"], root, &format!("{path}/{index}"), found);
            }
        }
        _ => {}
    }
}

fn schema_value() -> Value {
    serde_json::from_str(&schema()).expect("JSON")
}

#[test]
fn the_example_is_of_the_schema() {
    let root = schema_value();
    let options = serde_saphyr::options! { strict_booleans: true };
    let written: Value = serde_saphyr::from_str_with_options(EXAMPLE, options).expect("YAML");
    let mut found = Vec::new();
    unknown(&written, &root, &root, "", &mut found);
    let environment = &root["$defs"]["Environment"];
    for loaded in &example().environments {
        let value = serde_json::to_value(loaded).expect("JSON");
        unknown(&value, environment, &root, "loaded", &mut found);
    }
    assert_eq!(found, Vec::<String>::new());
}

#[test]
fn what_was_loaded_can_be_written_and_loaded_again() {
    for loaded in example().environments {
        let mut file = BTreeMap::new();
        file.insert("version", serde_json::json!(1));
        file.insert("account_id", serde_json::json!("111122223333"));
        file.insert("environments", serde_json::json!([loaded]));
        let text = serde_json::to_string_pretty(&file).expect("JSON");
        let again = load(&text, "b.json", &LoadContext::on(date(2026, 8, 1))).unwrap_or_else(|e| panic!("{e}"));
        assert_eq!(again.environments, [loaded]);
    }
}

#[test]
fn the_schema_knows_a_wrong_key() {
    let root = schema_value();
    let mut found = Vec::new();
    unknown(
        &serde_json::json!({"version": 1, "vcp": {}, "defaults": {"roles": {"me": {}}}}),
        &root,
        &root,
        "",
        &mut found,
    );
    assert_eq!(found.len(), 4, "{found:?}");
}

#[test]
fn the_schema_has_every_parameter_of_the_specification() {
    let specified: BTreeSet<&str> = "name region allowed_accounts org_id admin_principals include_beyond disabled_controls selection \
        unselected accepted_kinds job_lookback_days full_sweep_hours max_snapshot_age_hours project_tag_key project_tag_value \
        vpc subnets workload_security_groups auxiliary_security_groups min_azs allow_ipv6 allowed_private_nat \
        allowed_vpn_gateways allowed_peers allowed_transit_gateways allowed_core_networks allowed_route_targets \
        allow_vpc_cidr_rules allow_self_all allowed_ingress allowed_egress nacl_mode flow_log_required_fields \
        required_endpoints allowed_endpoint_services central_endpoints endpoints_without_private_dns endpoint_extra_ports \
        endpoint_az_gaps s3_endpoint_extra_buckets endpoint_reference_policies s3_via_interface direct_kms_use access_vpcs \
        access_cidrs roles boundary_arns boundary_reference_policy allow_account_root_trust source_account_unsupported \
        forbidden_managed_policies allow_self_pass assume_depth accept_deprecated_condition_keys \
        kms_condition_presence_suffices network_isolation_exempt_actions role_for_kind data_buckets readonly_buckets \
        kms_keys max_key_rotation_days extra_source_vpces bucket_policy_exempt_principals ebs_default_key_any_cmk \
        codecommit_repositories allowed_git_hosts lifecycle_configs notebook_platforms studio nvme_instance_families \
        check_remote_debug network_isolation_exempt allowed_image_accounts trail_max_delivery_age_hours trail_cwl_required \
        accept_event_data_store accept_server_access_logs log_archive_accounts log_grace_minutes log_retention_min_days \
        log_retention_max_days self_service"
        .split_whitespace()
        .collect();
    let root = schema_value();
    for of in ["Environment", "Defaults"] {
        let definition = &root["$defs"][of];
        let properties = definition["properties"].as_object().expect("properties");
        let named: BTreeSet<&str> = properties.keys().map(String::as_str).collect();
        assert_eq!(named, specified, "{of}");
        assert_eq!(definition["additionalProperties"], false, "{of}");
        for (key, property) in properties {
            assert!(property["description"].as_str().is_some_and(|text| text.len() > 10), "{key} has no description");
        }
    }
    assert_eq!(root["$defs"]["Environment"]["required"], serde_json::json!(["name", "region"]));
    assert_eq!(root["$defs"]["Defaults"].get("required"), None);
    assert_eq!(schema(), schema());
    assert!(!schema().contains("null"), "no value may be null");
}

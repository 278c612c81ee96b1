//! One environment, resolved: defaults merged, placeholders replaced.

use std::collections::BTreeMap;

use ipnet::IpNet;
use plumbline_names::{AccountId, EnvironmentName, Partition, Region};
use plumbline_snapshot::{Details, VpcChoice};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::schema::{AccountText, CidrText, RegionText, without_default};
use super::text::cidrs;
use super::{
    AcceptedKind, BucketChoice, CentralEndpoint, DisabledControl, EndpointReference, IsolationExempt, KeyBy, KeyChoice,
    KeyUse, LifecycleConfig, LogicalRole, NaclMode, Pattern, Peer, PolicyPaths, Portfolio, RequiredEndpoint,
    ResourceKind, RoleBinding, RouteTarget, Selection, Selector, SelfService, ServicePort, Studio, TrafficRule,
    Unselected, VpcSelector, ZoneGap, data, logs, network, roles, sagemaker, scope,
};

/// Everything that the baseline says of one environment.
///
/// `Option` fields are `None` where the file does not give them: a control that needs one answers
/// `baseline_missing`, or takes what its comment says. An empty list means "none allowed".
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Environment {
    /// The account; the file's `account_id`, never written in an environment.
    #[serde(rename = "(account)", skip_serializing)]
    #[schemars(skip)]
    pub account: AccountId,

    // Scope and selection.
    /// The environment's name, unique in the file. Required.
    #[schemars(with = "String")]
    pub name: EnvironmentName,
    /// The Region. Required.
    #[schemars(with = "RegionText")]
    pub region: Region,
    /// Accounts that may share in the environment. Default: the account itself.
    #[serde(default)]
    #[schemars(with = "Vec<AccountText>", transform = without_default)]
    pub allowed_accounts: Vec<AccountId>,
    /// The organization whose members may share in the environment. Default: none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub org_id: Option<String>,
    /// ARN patterns of principals that administer the account. Default: none.
    #[serde(default)]
    pub admin_principals: Vec<Pattern>,
    /// Whether the controls of origin `beyond` run. Default: true.
    #[serde(default = "scope::yes")]
    pub include_beyond: bool,
    /// Controls that are switched off. Default: none.
    #[serde(default)]
    pub disabled_controls: Vec<DisabledControl>,
    /// How resources come to belong to the environment. Default: by network and by role.
    #[serde(default)]
    pub selection: Selection,
    /// What happens to resources that no environment selects. Default: audit.
    #[serde(default)]
    pub unselected: Unselected,
    /// Kinds that no control judges and that may exist. Default: none.
    #[serde(default)]
    pub accepted_kinds: Vec<AcceptedKind>,
    /// Days that an ended job stays a subject, 1 to 90. Default: 7.
    #[serde(default = "scope::default::job_lookback_days")]
    #[schemars(range(min = 1, max = 90))]
    pub job_lookback_days: u32,
    /// Hours between two full readings of what changes. Default: 24.
    #[serde(default = "scope::default::full_sweep_hours")]
    #[schemars(range(min = 1))]
    pub full_sweep_hours: u32,
    /// Hours after which a snapshot is stale. Default: 6.
    #[serde(default = "scope::default::max_snapshot_age_hours")]
    #[schemars(range(min = 1))]
    pub max_snapshot_age_hours: u32,
    /// The tag by which conditions tell projects apart. Default: none, and IAMC-08 does not apply.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub project_tag_key: Option<String>,
    /// That tag's value here. Default: none, and IAMC-08 does not apply.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub project_tag_value: Option<String>,

    // Network.
    /// The environment's VPC. Required by NET and VPE.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vpc: Option<VpcSelector>,
    /// The environment's subnets. Default: all of the VPC.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subnets: Option<Selector>,
    /// Security groups of workloads. Default: those that SageMaker uses.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub workload_security_groups: Option<Selector>,
    /// Groups that are used only beside others. Default: none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub auxiliary_security_groups: Option<Selector>,
    /// Availability Zones that the subnets must span. Default: 2.
    #[serde(default = "network::default::min_azs")]
    #[schemars(range(min = 1))]
    pub min_azs: u32,
    /// Whether IPv6 addresses may be assigned. Default: false.
    #[serde(default)]
    pub allow_ipv6: bool,
    /// Ids of private NAT gateways that may exist. Default: none.
    #[serde(default)]
    pub allowed_private_nat: Vec<String>,
    /// Ids of VPN gateways that may be attached. Default: none.
    #[serde(default)]
    pub allowed_vpn_gateways: Vec<String>,
    /// VPCs that may be peered. Default: none.
    #[serde(default)]
    pub allowed_peers: Vec<Peer>,
    /// Ids of transit gateways that may be attached. Default: none.
    #[serde(default)]
    pub allowed_transit_gateways: Vec<String>,
    /// ARNs of core networks that routes may target. Default: none.
    #[serde(default)]
    pub allowed_core_networks: Vec<String>,
    /// Route targets that may be used. Default: none.
    #[serde(default)]
    pub allowed_route_targets: Vec<RouteTarget>,
    /// Whether rules may name the VPC's own networks as source. Default: false.
    #[serde(default)]
    pub allow_vpc_cidr_rules: bool,
    /// Whether a group may let in everything from itself. Default: true.
    #[serde(default = "scope::yes")]
    pub allow_self_all: bool,
    /// Ingress that may be let through. Default: none.
    #[serde(default, with = "network::ingress")]
    #[schemars(with = "Vec<network::IngressRule>")]
    pub allowed_ingress: Vec<TrafficRule>,
    /// Egress that may be let through. Default: none.
    #[serde(default, with = "network::egress")]
    #[schemars(with = "Vec<network::EgressRule>")]
    pub allowed_egress: Vec<TrafficRule>,
    /// How strictly network ACLs are judged. Default: admin_ports.
    #[serde(default)]
    pub nacl_mode: NaclMode,
    /// Fields that a custom flow log format must have. Default: addresses, ports, protocol and action.
    #[serde(default = "network::default::flow_log_required_fields")]
    pub flow_log_required_fields: Vec<String>,

    // Endpoints.
    /// Entries over the catalogue's table of required endpoints. Default: the table alone.
    #[serde(default)]
    pub required_endpoints: Vec<RequiredEndpoint>,
    /// Patterns of other endpoint services that may be used. Default: none.
    #[serde(default)]
    pub allowed_endpoint_services: Vec<Pattern>,
    /// Endpoints that a central VPC provides. Default: none.
    #[serde(default)]
    pub central_endpoints: Vec<CentralEndpoint>,
    /// Services whose endpoint has no private DNS. Default: none.
    #[serde(default)]
    pub endpoints_without_private_dns: Vec<String>,
    /// Ports beside 443 that an endpoint may take. Default: none.
    #[serde(default)]
    pub endpoint_extra_ports: Vec<ServicePort>,
    /// Zones in which a service offers no endpoint. Default: none.
    #[serde(default)]
    pub endpoint_az_gaps: Vec<ZoneGap>,
    /// Names of buckets beside the data buckets that the S3 endpoint may reach. Default: none.
    #[serde(default)]
    pub s3_endpoint_extra_buckets: Vec<String>,
    /// Policies that bound the endpoints'. Default: none, and VPE-11 does not apply.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub endpoint_reference_policies: Option<Vec<EndpointReference>>,
    /// Whether S3 is reached through interface endpoints only. Default: false.
    #[serde(default)]
    pub s3_via_interface: bool,
    /// Whether workloads call KMS themselves. Default: true.
    #[serde(default = "scope::yes")]
    pub direct_kms_use: bool,
    /// VPCs from which presigned URLs may be opened. Default: none.
    #[serde(default)]
    pub access_vpcs: Vec<String>,
    /// Public networks from which presigned URLs may be opened. Default: none.
    #[serde(default, with = "cidrs")]
    #[schemars(with = "Vec<CidrText>")]
    pub access_cidrs: Vec<IpNet>,

    // Roles.
    /// The seven logical roles; a role that is not given is missing. Required by IAM and IAMC.
    #[serde(default)]
    #[schemars(extend("propertyNames" = { "$ref": "#/$defs/LogicalRole" }))]
    pub roles: BTreeMap<LogicalRole, RoleBinding>,
    /// Policies of which one must be each role's boundary. Default: none, and IAM-09 does not apply.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub boundary_arns: Option<Vec<String>>,
    /// The document that bounds the boundaries. Default: none, and IAM-16 does not apply.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub boundary_reference_policy: Option<String>,
    /// Whether a trust may name the account root. Default: false.
    #[serde(default)]
    pub allow_account_root_trust: bool,
    /// Services whose trust cannot carry a source account. Default: ec2, servicecatalog.
    #[serde(default = "roles::default::source_account_unsupported")]
    pub source_account_unsupported: Vec<String>,
    /// Names of managed policies that no bound role may carry. Default: the list of IAM-08.
    #[serde(default = "roles::default::forbidden_managed_policies")]
    pub forbidden_managed_policies: Vec<String>,
    /// Whether a role may pass itself. Default: false.
    #[serde(default)]
    pub allow_self_pass: bool,
    /// How many roles a chain may pass, 1 to 3. Default: 2.
    #[serde(default = "roles::default::assume_depth")]
    #[schemars(range(min = 1, max = 3))]
    pub assume_depth: u32,
    /// Whether deprecated condition keys count. Default: true.
    #[serde(default = "scope::yes")]
    pub accept_deprecated_condition_keys: bool,
    /// Whether it is enough that a key condition is present. Default: false.
    #[serde(default)]
    pub kms_condition_presence_suffices: bool,
    /// SageMaker actions that need no isolation condition. Default: CreateProcessingJob, CreateEndpointConfig.
    #[serde(default = "roles::default::network_isolation_exempt_actions")]
    pub network_isolation_exempt_actions: Vec<String>,
    /// The logical role that a kind runs under, where it is not the catalogue's. Default: the catalogue's.
    #[serde(default)]
    #[schemars(extend("propertyNames" = { "$ref": "#/$defs/ResourceKind" }))]
    pub role_for_kind: BTreeMap<ResourceKind, LogicalRole>,

    // Data.
    /// The environment's buckets. Required by DATA.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub data_buckets: Option<Vec<BucketChoice>>,
    /// Names of buckets that jobs may read from. Default: none.
    #[serde(default)]
    pub readonly_buckets: Vec<String>,
    /// The environment's keys. Required by DATA, SMK and IAMC.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kms_keys: Option<Vec<KeyChoice>>,
    /// Days within which a key must rotate. Default: 365.
    #[serde(default = "data::default::max_key_rotation_days")]
    #[schemars(range(min = 1))]
    pub max_key_rotation_days: u32,
    /// Ids of endpoints elsewhere through which buckets may be reached. Default: none.
    #[serde(default)]
    pub extra_source_vpces: Vec<String>,
    /// ARN patterns of principals that bucket policies may exempt. Default: none.
    #[serde(default)]
    pub bucket_policy_exempt_principals: Vec<Pattern>,
    /// Whether any customer key will do as the default of EBS. Default: false.
    #[serde(default)]
    pub ebs_default_key_any_cmk: bool,
    /// Names of CodeCommit repositories. Default: none.
    #[serde(default)]
    pub codecommit_repositories: Vec<String>,
    /// Hosts from which notebooks may take repositories. Default: CodeCommit of the Region.
    #[serde(default)]
    #[schemars(transform = without_default)]
    pub allowed_git_hosts: Vec<String>,

    // SageMaker.
    /// Notebook lifecycle configurations that may be used. Default: not compared.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lifecycle_configs: Option<Vec<LifecycleConfig>>,
    /// Notebook platforms that may be used. Default: those of Amazon Linux 2 and 2023 that are supported.
    #[serde(default = "sagemaker::default::notebook_platforms")]
    pub notebook_platforms: Vec<String>,
    /// What Studio domains may be set to.
    #[serde(default)]
    pub studio: Studio,
    /// Instance families whose local volumes no key can encrypt.
    #[serde(default = "sagemaker::default::nvme_instance_families")]
    pub nvme_instance_families: Vec<String>,
    /// Whether to read the remote-debug setting, a call for each new training job. Default: false.
    #[serde(default)]
    pub check_remote_debug: bool,
    /// Jobs and models that need no network isolation. Default: none.
    #[serde(default)]
    pub network_isolation_exempt: Vec<IsolationExempt>,
    /// Accounts whose container images may run. Default: the account and AWS's image accounts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Vec<AccountText>")]
    pub allowed_image_accounts: Option<Vec<AccountId>>,

    // Logs.
    /// Hours within which a trail must have delivered. Default: 24.
    #[serde(default = "logs::default::trail_max_delivery_age_hours")]
    #[schemars(range(min = 1))]
    pub trail_max_delivery_age_hours: u32,
    /// Whether a trail must also deliver to CloudWatch Logs. Default: true.
    #[serde(default = "scope::yes")]
    pub trail_cwl_required: bool,
    /// Whether an event data store will do as a trail. Default: false.
    #[serde(default)]
    pub accept_event_data_store: bool,
    /// Whether server access logs will do as data events. Default: false.
    #[serde(default)]
    pub accept_server_access_logs: bool,
    /// Accounts that keep logs centrally. Default: none.
    #[serde(default)]
    #[schemars(with = "Vec<AccountText>")]
    pub log_archive_accounts: Vec<AccountId>,
    /// Minutes after which a resource must have its log group. Default: 60.
    #[serde(default = "logs::default::log_grace_minutes")]
    pub log_grace_minutes: u32,
    /// Days that logs must be kept. Default: 365.
    #[serde(default = "logs::default::log_retention_min_days")]
    #[schemars(range(min = 1))]
    pub log_retention_min_days: u32,
    /// Days after which logs must be gone. Default: never.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "u32", range(min = 1))]
    pub log_retention_max_days: Option<u32>,

    // Self-service.
    /// The service catalogue's part.
    #[serde(default)]
    pub self_service: SelfService,
}

impl Environment {
    /// The partition of the Region.
    #[must_use]
    pub fn partition(&self) -> Partition {
        self.region.partition()
    }

    /// The VPC in the words of the snapshot's plan; `None` where the file names none.
    #[must_use]
    pub fn vpc_choice(&self) -> Option<VpcChoice> {
        self.vpc.as_ref().map(VpcSelector::choice)
    }

    /// Which single things of the Region to read: the VPC, the keys, the portfolio and the repositories that the file names.
    #[must_use]
    pub fn details(&self) -> Details {
        let mut details = Details {
            vpcs: self.vpc_choice().into_iter().collect(),
            remote_debug: self.check_remote_debug,
            ..Details::default()
        };
        for key in self.kms_keys.iter().flatten() {
            match &key.by {
                KeyBy::Arn(arn) => {
                    details.keys.insert(arn.to_string());
                }
                KeyBy::Alias(alias) => {
                    details.keys.insert(alias.clone());
                }
                KeyBy::AliasPattern(pattern) => {
                    details.alias_patterns.insert(pattern.as_str().to_owned());
                }
                KeyBy::Tags(tags) => details.key_tags.push(tags.clone()),
            }
        }
        match self.self_service.portfolio.as_ref().filter(|_| self.self_service.enabled) {
            Some(Portfolio::Id(id)) => drop(details.portfolio_ids.insert(id.clone())),
            Some(Portfolio::DisplayName(name)) => drop(details.portfolio_names.insert(name.clone())),
            None => {}
        }
        details.repositories.extend(self.codecommit_repositories.iter().cloned());
        details
    }

    /// The data buckets that the file names, each with the account that must own it.
    #[must_use]
    pub fn buckets(&self) -> BTreeMap<String, AccountId> {
        let named = self.data_buckets.iter().flatten();
        named
            .filter_map(|bucket| {
                let owner = bucket.owner_account.as_ref().unwrap_or(&self.account);
                Some((bucket.name.clone()?, owner.clone()))
            })
            .collect()
    }

    /// The keys that may encrypt this.
    pub fn keys_for(&self, usage: KeyUse) -> impl Iterator<Item = &KeyChoice> {
        self.kms_keys.iter().flatten().filter(move |key| key.uses.contains(&usage))
    }

    /// The policies of which one must be the role's boundary; `None` where none is configured.
    #[must_use]
    pub fn boundaries_of(&self, role: LogicalRole) -> Option<&[String]> {
        let own = self.roles.get(&role).and_then(|binding| binding.boundary_arns.as_deref());
        own.or(self.boundary_arns.as_deref())
    }

    /// The reference policies of a role; `None` where none is given.
    #[must_use]
    pub fn references_of(&self, role: LogicalRole) -> Option<&[String]> {
        let PolicyPaths(paths) = self.roles.get(&role)?.reference_policy.as_ref()?;
        Some(paths)
    }
}

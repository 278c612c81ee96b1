//! What a baseline loosens: the report lists it, so that a quiet widening is visible.

use std::fmt::Display;

use super::network::default as network;
use super::{Environment, NaclMode, Requirement, SeparationOverride, Unselected, Versioning, roles, sagemaker};

/// The lines of one environment.
struct Lines<'a> {
    environment: &'a str,
    lines: Vec<String>,
}

impl Lines<'_> {
    fn say(&mut self, parameter: &str, what: impl Display) {
        self.lines.push(format!("`{}`: `{parameter}` {what}", self.environment));
    }

    /// One line for each entry of an allow-list.
    fn each<T: Display>(&mut self, parameter: &str, entries: impl IntoIterator<Item = T>) {
        for entry in entries {
            self.say(parameter, format!("allows `{entry}`"));
        }
    }

    /// Entries that the default list does not have.
    fn beyond(&mut self, parameter: &str, entries: &[String], default: &[&str]) {
        self.each(parameter, entries.iter().filter(|entry| !default.contains(&entry.as_str())));
    }

    /// Entries of the default list of things that are asked for, or forbidden, which are gone.
    fn without(&mut self, parameter: &str, entries: &[String], default: &[&str]) {
        for gone in default.iter().filter(|wanted| !entries.iter().any(|entry| entry == *wanted)) {
            self.say(parameter, format!("leaves out `{gone}`"));
        }
    }

    fn switch(&mut self, parameter: &str, value: bool, default: bool) {
        if value != default {
            self.say(parameter, format!("is {value} (default {default})"));
        }
    }

    fn more(&mut self, parameter: &str, value: u32, default: u32) {
        if value > default {
            self.say(parameter, format!("is {value} (default {default})"));
        }
    }

    fn less(&mut self, parameter: &str, value: u32, default: u32) {
        if value < default {
            self.say(parameter, format!("is {value} (default {default})"));
        }
    }
}

/// The loosening values of an environment, in the order of the specification.
pub(super) fn by_environment(environment: &Environment) -> Vec<String> {
    let mut lines = Lines { environment: &environment.name, lines: Vec::new() };
    scope(environment, &mut lines);
    network(environment, &mut lines);
    endpoints(environment, &mut lines);
    iam(environment, &mut lines);
    data(environment, &mut lines);
    resources(environment, &mut lines);
    logs(environment, &mut lines);
    lines.lines
}

/// The line of a separation override.
pub(super) fn by_override(given: &SeparationOverride) -> String {
    let what = match (given.class, given.merge_with) {
        (Some(class), _) => format!("lets `{}` hold `{}`", given.role, class.as_str()),
        (None, Some(other)) => format!("lets one role be `{}` and `{other}`", given.role),
        (None, None) => format!("relaxes `{}`", given.role),
    };
    format!("`{}`: `separation_overrides` {what} until {}", given.environment, given.expires)
}

fn scope(environment: &Environment, lines: &mut Lines<'_>) {
    let foreign = environment.allowed_accounts.iter().filter(|account| **account != environment.account);
    lines.each("allowed_accounts", foreign);
    lines.each("org_id", &environment.org_id);
    lines.each("admin_principals", &environment.admin_principals);
    lines.switch("include_beyond", environment.include_beyond, true);
    for disabled in &environment.disabled_controls {
        lines.say("disabled_controls", format!("switches off `{}` until {}", disabled.control, disabled.expires));
    }
    lines.switch("selection.by_network", environment.selection.by_network, true);
    lines.switch("selection.by_role", environment.selection.by_role, true);
    for excluded in &environment.selection.exclude {
        let arn = excluded.arn.as_ref().map(ToString::to_string);
        let arn = arn.or_else(|| excluded.arn_pattern.as_ref().map(ToString::to_string)).unwrap_or_default();
        lines.say("selection.exclude", format!("leaves out `{arn}` until {}", excluded.expires));
    }
    match environment.unselected {
        Unselected::Audit => {}
        Unselected::Report => lines.say("unselected", "is report (default audit)"),
        Unselected::Ignore => lines.say("unselected", "is ignore (default audit)"),
    }
    for accepted in &environment.accepted_kinds {
        lines.say("accepted_kinds", format!("allows `{}`", accepted.kind.as_str()));
    }
    lines.less("job_lookback_days", environment.job_lookback_days, super::scope::default::job_lookback_days());
    lines.more("full_sweep_hours", environment.full_sweep_hours, super::scope::default::full_sweep_hours());
    let age = super::scope::default::max_snapshot_age_hours();
    lines.more("max_snapshot_age_hours", environment.max_snapshot_age_hours, age);
}

fn network(environment: &Environment, lines: &mut Lines<'_>) {
    if environment.auxiliary_security_groups.is_some() {
        lines.say("auxiliary_security_groups", "takes groups out of VPE-10");
    }
    lines.less("min_azs", environment.min_azs, network::min_azs());
    lines.switch("allow_ipv6", environment.allow_ipv6, false);
    lines.each("allowed_private_nat", &environment.allowed_private_nat);
    lines.each("allowed_vpn_gateways", &environment.allowed_vpn_gateways);
    lines.each(
        "allowed_peers",
        environment.allowed_peers.iter().map(|peer| format!("{} of {}", peer.vpc, peer.account)),
    );
    lines.each("allowed_transit_gateways", &environment.allowed_transit_gateways);
    lines.each("allowed_core_networks", &environment.allowed_core_networks);
    for route in &environment.allowed_route_targets {
        let to: Vec<String> = route.cidrs.iter().map(ToString::to_string).collect();
        lines.each("allowed_route_targets", [format!("{} for {}", route.target, to.join(", "))]);
    }
    lines.switch("allow_vpc_cidr_rules", environment.allow_vpc_cidr_rules, false);
    for rule in &environment.allowed_ingress {
        lines.say("allowed_ingress", format!("allows {rule}"));
    }
    for rule in &environment.allowed_egress {
        lines.say("allowed_egress", format!("allows {rule}"));
    }
    if environment.nacl_mode == NaclMode::Off {
        lines.say("nacl_mode", "is off (default admin_ports)");
    }
    lines.without("flow_log_required_fields", &environment.flow_log_required_fields, &network::FLOW_LOG_FIELDS);
}

fn endpoints(environment: &Environment, lines: &mut Lines<'_>) {
    for entry in environment.required_endpoints.iter().filter(|entry| entry.required == Requirement::Never) {
        lines.say("required_endpoints", format!("never asks for `{}`", entry.service));
    }
    lines.each("allowed_endpoint_services", &environment.allowed_endpoint_services);
    let central = environment.central_endpoints.iter();
    lines.each("central_endpoints", central.map(|one| format!("{} in {} of {}", one.service, one.vpc, one.account)));
    lines.each("endpoints_without_private_dns", &environment.endpoints_without_private_dns);
    let ports = environment.endpoint_extra_ports.iter();
    lines.each("endpoint_extra_ports", ports.map(|one| format!("{} on port {}", one.service, one.port)));
    let gaps = environment.endpoint_az_gaps.iter();
    lines.each("endpoint_az_gaps", gaps.map(|one| format!("{} without {}", one.service, one.zone_id)));
    lines.each("s3_endpoint_extra_buckets", &environment.s3_endpoint_extra_buckets);
    lines.switch("s3_via_interface", environment.s3_via_interface, false);
    lines.switch("direct_kms_use", environment.direct_kms_use, true);
    lines.each("access_vpcs", &environment.access_vpcs);
    lines.each("access_cidrs", &environment.access_cidrs);
}

fn iam(environment: &Environment, lines: &mut Lines<'_>) {
    for (role, binding) in &environment.roles {
        if let Some(not_used) = &binding.not_used {
            lines.say(&format!("roles.{role}"), format!("is not used: {}", not_used.reason));
        }
        lines.each(&format!("roles.{role}.trusted_principals"), &binding.trusted_principals);
        lines.switch(&format!("roles.{role}.skip_must_have"), binding.skip_must_have, false);
    }
    lines.switch("allow_account_root_trust", environment.allow_account_root_trust, false);
    let unsupported = roles::default::SOURCE_ACCOUNT_UNSUPPORTED;
    lines.beyond("source_account_unsupported", &environment.source_account_unsupported, &unsupported);
    lines.without("forbidden_managed_policies", &environment.forbidden_managed_policies, &roles::default::FORBIDDEN);
    lines.switch("allow_self_pass", environment.allow_self_pass, false);
    lines.less("assume_depth", environment.assume_depth, roles::default::assume_depth());
    lines.switch("kms_condition_presence_suffices", environment.kms_condition_presence_suffices, false);
    let exempt = roles::default::ISOLATION_EXEMPT;
    lines.beyond("network_isolation_exempt_actions", &environment.network_isolation_exempt_actions, &exempt);
    for (kind, role) in &environment.role_for_kind {
        lines.say("role_for_kind", format!("lets `{}` run under `{role}`", kind.as_str()));
    }
}

fn data(environment: &Environment, lines: &mut Lines<'_>) {
    for bucket in environment.data_buckets.iter().flatten() {
        let name = bucket.name.as_deref().unwrap_or("by tags");
        if bucket.versioning == Versioning::Off {
            lines.say("data_buckets", format!("lets `{name}` be without versions"));
        }
        if let Some(owner) = bucket.owner_account.as_ref().filter(|owner| **owner != environment.account) {
            lines.say("data_buckets", format!("lets `{owner}` own `{name}`"));
        }
    }
    lines.each("readonly_buckets", &environment.readonly_buckets);
    let days = super::data::default::max_key_rotation_days();
    lines.more("max_key_rotation_days", environment.max_key_rotation_days, days);
    lines.each("extra_source_vpces", &environment.extra_source_vpces);
    lines.each("bucket_policy_exempt_principals", &environment.bucket_policy_exempt_principals);
    lines.switch("ebs_default_key_any_cmk", environment.ebs_default_key_any_cmk, false);
    let host = format!("git-codecommit.{}.amazonaws.com", environment.region);
    lines.beyond("allowed_git_hosts", &environment.allowed_git_hosts, &[&host]);
}

fn resources(environment: &Environment, lines: &mut Lines<'_>) {
    lines.beyond("notebook_platforms", &environment.notebook_platforms, &sagemaker::default::PLATFORMS);
    lines.switch("studio.allow_remote_access", environment.studio.allow_remote_access, false);
    lines.switch("studio.allow_canvas", environment.studio.allow_canvas, false);
    lines.each("studio.allowed_file_systems", &environment.studio.allowed_file_systems);
    lines.beyond("nvme_instance_families", &environment.nvme_instance_families, &sagemaker::default::NVME);
    for exempt in &environment.network_isolation_exempt {
        let name = exempt.name.as_ref().map_or("by tags", |name| name.as_str());
        lines.say("network_isolation_exempt", format!("exempts `{}` `{name}`", exempt.kind.as_str()));
    }
    let foreign = environment.allowed_image_accounts.iter().flatten();
    lines.each("allowed_image_accounts", foreign.filter(|account| **account != environment.account));
}

fn logs(environment: &Environment, lines: &mut Lines<'_>) {
    use super::logs::default;
    let age = default::trail_max_delivery_age_hours();
    lines.more("trail_max_delivery_age_hours", environment.trail_max_delivery_age_hours, age);
    lines.switch("trail_cwl_required", environment.trail_cwl_required, true);
    lines.switch("accept_event_data_store", environment.accept_event_data_store, false);
    lines.switch("accept_server_access_logs", environment.accept_server_access_logs, false);
    lines.each("log_archive_accounts", &environment.log_archive_accounts);
    lines.more("log_grace_minutes", environment.log_grace_minutes, default::log_grace_minutes());
    lines.less("log_retention_min_days", environment.log_retention_min_days, default::log_retention_min_days());
    lines.switch("self_service.enabled", environment.self_service.enabled, true);
    lines.each("self_service.launch_roles", environment.self_service.launch_roles.iter().flatten());
    lines.each("self_service.extra_principals", &environment.self_service.extra_principals);
}

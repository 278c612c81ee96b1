//! The baseline that the account is audited under.

use std::fmt::Write as _;

use crate::account::{ACCOUNT, REGION, ROLES, Size, bucket, role_arn};

/// How far back jobs that ended are looked at, in days.
pub const LOOKBACK_DAYS: u32 = 7;

/// The text of the baseline for an account of this size.
#[must_use]
pub fn text(size: &Size) -> String {
    let mut text = format!(
        "\
version: 1
account_id: \"{ACCOUNT}\"
environments:
  - name: load
    region: {REGION}
    project_tag_key: ProjectName
    project_tag_value: load
    selection:
      include:
        tags: {{ProjectName: load}}
      by_network: true
      by_role: true
    unselected: audit
    job_lookback_days: {LOOKBACK_DAYS}
    vpc: {{tags: {{Name: load-vpc-0}}}}
    subnets: {{tags: {{Name: load-vpc-0}}}}
    workload_security_groups: {{tags: {{Tier: workload}}}}
    roles:
"
    );
    let logical = [
        "data_scientist",
        "notebook_creation",
        "notebook_execution",
        "training_execution",
        "endpoint_creation",
        "endpoint_hosting",
        "endpoint_invocation",
    ];
    for (name, role) in logical.into_iter().zip(ROLES) {
        // Writing to a String cannot fail.
        let _ = writeln!(text, "      {name}: {{bind: {{arns: [\"{}\"]}}}}", role_arn(role));
    }
    text.push_str("    kms_keys:\n");
    for n in 0..(size.keys / 3).max(1) {
        for (purpose, uses) in [("data", "s3, output"), ("volumes", "volume, studio"), ("logs", "logs")] {
            let _ = writeln!(text, "      - {{name: {purpose}-{n}, alias: alias/load-{purpose}-{n}, uses: [{uses}]}}");
        }
    }
    text.push_str("    data_buckets:\n");
    let third = (size.keys / 3).max(1);
    for n in 0..size.buckets {
        let kind = if n % 4 == 3 { "model" } else { "data" };
        let _ = writeln!(text, "      - {{name: {}, kind: {kind}, kms_key: data-{}}}", bucket(n), n % third);
    }
    text.push_str("    self_service:\n      enabled: false\n");
    text
}

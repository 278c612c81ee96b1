//! The endpoints that an environment needs, and when (catalogue, section 8).
//!
//! Service names: "AWS services that integrate with AWS PrivateLink" (Amazon VPC User Guide) and "Connect to SageMaker AI
//! Within your VPC" (Amazon SageMaker Developer Guide).

/// The type of an endpoint as AWS spells it.
pub(crate) const INTERFACE: &str = "Interface";
/// The type of a gateway endpoint.
pub(crate) const GATEWAY: &str = "Gateway";

/// When an endpoint is needed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum When {
    /// In every environment.
    Always,
    /// A workload calls KMS itself (`direct_kms_use`).
    DirectKms,
    /// Notebook instances exist.
    Notebooks,
    /// A Studio domain exists.
    Domains,
    /// The baseline lists CodeCommit repositories.
    CodeCommit,
    /// A model pulls its image through the VPC.
    ImagesThroughVpc,
}

/// One row of the table.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Needed {
    /// The service's name, with `{region}`.
    pub(crate) service: &'static str,
    /// Interface or Gateway.
    pub(crate) kind: &'static str,
    /// When.
    pub(crate) when: When,
}

/// The table.
pub(crate) const NEEDED: &[Needed] = &[
    Needed { service: "com.amazonaws.{region}.sagemaker.api", kind: INTERFACE, when: When::Always },
    Needed { service: "com.amazonaws.{region}.sagemaker.runtime", kind: INTERFACE, when: When::Always },
    Needed { service: "com.amazonaws.{region}.s3", kind: GATEWAY, when: When::Always },
    Needed { service: "com.amazonaws.{region}.sts", kind: INTERFACE, when: When::Always },
    Needed { service: "com.amazonaws.{region}.logs", kind: INTERFACE, when: When::Always },
    Needed { service: "com.amazonaws.{region}.kms", kind: INTERFACE, when: When::DirectKms },
    Needed { service: "aws.sagemaker.{region}.notebook", kind: INTERFACE, when: When::Notebooks },
    Needed { service: "aws.sagemaker.{region}.studio", kind: INTERFACE, when: When::Domains },
    Needed { service: "com.amazonaws.{region}.git-codecommit", kind: INTERFACE, when: When::CodeCommit },
    Needed { service: "com.amazonaws.{region}.codecommit", kind: INTERFACE, when: When::CodeCommit },
    Needed { service: "com.amazonaws.{region}.ecr.api", kind: INTERFACE, when: When::ImagesThroughVpc },
    Needed { service: "com.amazonaws.{region}.ecr.dkr", kind: INTERFACE, when: When::ImagesThroughVpc },
];

/// Whether an endpoint of `found` serves for `wanted`: the same name, or its FIPS twin, with or without the prefix that
/// some names carry in China Regions.
pub(crate) fn serves(found: &str, wanted: &str) -> bool {
    let found = found.strip_prefix("cn.").unwrap_or(found);
    let wanted = wanted.strip_prefix("cn.").unwrap_or(wanted);
    const FIPS_TWINS: [&str; 4] = [".sagemaker.api", ".sagemaker.runtime", ".kms", ".sts"];
    found == wanted
        || found
            .strip_suffix("-fips")
            .is_some_and(|plain| plain == wanted && FIPS_TWINS.iter().any(|service| wanted.ends_with(service)))
}

/// The IAM prefix of the actions that go through an endpoint of a service, where it is not the service name's own word
/// (Service Authorization Reference).
const PREFIXES: &[(&str, &str)] = &[
    ("git-codecommit", "codecommit"),
    ("monitoring", "cloudwatch"),
    ("kinesis-streams", "kinesis"),
    ("kinesis-firehose", "firehose"),
    ("email-smtp", "ses"),
];

/// The IAM prefix of the actions that go through an endpoint of this service: `sagemaker` for
/// `com.amazonaws.eu-west-1.sagemaker.api`. None for a service that AWS does not run.
pub(crate) fn action_prefix(service: &str) -> Option<&str> {
    let name = service.strip_prefix("cn.").unwrap_or(service);
    if name.starts_with("aws.sagemaker.") {
        return Some("sagemaker");
    }
    let (_, after) = name.strip_prefix("com.amazonaws.")?.split_once('.')?;
    if name.starts_with("com.amazonaws.vpce.") {
        return None;
    }
    let word = after.split('.').next().unwrap_or(after);
    let word = word.strip_suffix("-fips").unwrap_or(word);
    Some(PREFIXES.iter().find(|(name, _)| *name == word).map_or(word, |(_, prefix)| prefix))
}

/// Whether endpoints of this service are those of S3.
pub(crate) fn is_s3(service: &str, region: &str) -> bool {
    serves(service, &format!("com.amazonaws.{region}.s3"))
}

/// Whether every endpoint of this service has a policy: those of the table do.
pub(crate) fn takes_a_policy(service: &str, region: &str) -> bool {
    NEEDED.iter().any(|row| serves(service, &row.service.replace("{region}", region)))
}

#[cfg(test)]
mod tests {
    use super::{action_prefix, serves};

    #[test]
    fn the_prefix_of_the_actions() {
        for (service, prefix) in [
            ("com.amazonaws.eu-west-1.sagemaker.runtime-fips", Some("sagemaker")),
            ("aws.sagemaker.eu-west-1.studio", Some("sagemaker")),
            ("com.amazonaws.eu-west-1.s3", Some("s3")),
            ("com.amazonaws.eu-west-1.kms-fips", Some("kms")),
            ("com.amazonaws.eu-west-1.git-codecommit", Some("codecommit")),
            ("com.amazonaws.eu-west-1.monitoring", Some("cloudwatch")),
            ("cn.com.amazonaws.cn-north-1.sagemaker.api", Some("sagemaker")),
            ("com.amazonaws.vpce.eu-west-1.vpce-svc-0a1b", None),
            ("com.example.mirror", None),
        ] {
            assert_eq!(action_prefix(service), prefix, "{service}");
        }
    }

    #[test]
    fn only_the_same_service_or_its_fips_twin_serves() {
        let api = "com.amazonaws.eu-west-1.sagemaker.api";
        assert!(serves(api, api));
        assert!(serves("com.amazonaws.eu-west-1.sagemaker.api-fips", api));
        assert!(serves("cn.com.amazonaws.cn-north-1.sagemaker.api", "com.amazonaws.cn-north-1.sagemaker.api"));
        for other in [
            "com.amazonaws.eu-west-1.sagemaker.featurestore-runtime",
            "com.amazonaws.eu-west-1.sagemaker",
            "com.amazonaws.eu-west-2.sagemaker.api",
        ] {
            assert!(!serves(other, api), "{other}");
        }
        assert!(!serves("com.amazonaws.eu-west-1.s3-fips", "com.amazonaws.eu-west-1.s3"));
    }
}

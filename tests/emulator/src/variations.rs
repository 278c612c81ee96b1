//! Accounts and baselines that need the reads which the clean account has no use for.

use std::collections::BTreeSet;

use anyhow::Result;
use serde_json::{Value, json};

use crate::program::Cli;
use crate::server::{Emulator, Zygote};

/// One way in which an account or its baseline differs from the clean one.
#[derive(Debug, Clone, Copy)]
pub struct Variation {
    /// What it is.
    pub name: &'static str,
    /// Texts of the baseline, and what stands in their place.
    pub baseline: &'static [(&'static str, &'static str)],
    /// Breaks to make.
    pub breaks: &'static [&'static str],
    /// Faults to inject.
    pub faults: fn() -> Vec<Value>,
    /// Whether what places a resource in an environment is read in another way, or counts for more.
    pub selects: bool,
}

/// Nothing is selected by tags: what is left is network and role.
const NO_TAGS: (&str, &str) = ("      include:\n        tags: {ProjectName: fraud, EnvironmentType: dev}\n", "");

/// Those with reads of their own.
pub const VARIATIONS: &[Variation] = &[
    Variation {
        name: "the baseline names its keys by their tags",
        baseline: &[
            ("alias: alias/ds-s3-fraud-dev", "tags: {ProjectName: fraud, EnvironmentType: dev}"),
            ("alias: alias/ds-ebs-fraud-dev", "tags: {ProjectName: fraud, EnvironmentType: dev}"),
            ("alias: alias/ds-logs", "tags: {ProjectName: fraud, EnvironmentType: dev}"),
        ],
        breaks: &[],
        faults: Vec::new,
        selects: false,
    },
    Variation {
        name: "the baseline asks for the remote-debug setting of training jobs",
        baseline: &[("    min_azs: 3\n", "    min_azs: 3\n    check_remote_debug: true\n")],
        breaks: &[],
        faults: Vec::new,
        selects: false,
    },
    Variation {
        name: "Search knows nothing of what is listed",
        baseline: &[],
        breaks: &[],
        faults: no_records,
        selects: true,
    },
    Variation {
        name: "an instance with a volume in an environment subnet, and a prefix list that a rule names",
        baseline: &[],
        breaks: &["data-13-plain-volume", "net-15-prefix-list"],
        faults: Vec::new,
        selects: false,
    },
    Variation {
        name: "IAM does not list the boundary",
        baseline: &[],
        breaks: &[],
        faults: no_boundary_listed,
        selects: false,
    },
];

/// Those in which a read decides that decides nothing in the clean account.
pub const DECISIVE: &[Variation] = &[
    Variation {
        name: "resources are selected by their network and their role alone",
        baseline: &[NO_TAGS],
        breaks: &[],
        faults: Vec::new,
        selects: true,
    },
    Variation {
        name: "network and role alone select, and Search knows nothing",
        baseline: &[NO_TAGS],
        breaks: &[],
        faults: no_records,
        selects: true,
    },
    Variation {
        name: "network and role alone select, and groups, flow logs and endpoints are others",
        baseline: &[NO_TAGS],
        breaks: OTHERS,
        faults: Vec::new,
        selects: false,
    },
    Variation {
        name: "groups, flow logs and endpoints are others",
        baseline: &[],
        breaks: OTHERS,
        faults: Vec::new,
        selects: false,
    },
];

/// What notebooks and Studio need is missing; flow logs are of subnets; the endpoints reach the workloads.
const OTHERS: &[&str] = &[
    "log-08-notebookinstances",
    "log-08-studio",
    "vpe-01-notebook-missing",
    "vpe-01-studio-missing",
    "log-11-every-subnet",
    "net-15-from-endpoints",
];

/// Searches that find nothing.
#[must_use]
pub fn no_records() -> Vec<Value> {
    vec![json!({"kind": "patch", "service": "sagemaker", "operation": "Search",
                "set": {"Results": []}, "remove": ["NextToken"]})]
}

/// Reads that some controls need and that decide nothing of theirs in the clean account. What is COMPLIANT there without
/// them is so whatever they would have said: a resource that its tags select needs no network, a log group or endpoint that
/// is there and within reach needs no notebook to be asked for, rules name groups, whatever their addresses, and no prefix list
/// but the one of S3, whatever that holds, network ACLs are asked for two ports alone, nothing is excluded from VPC Block Public
/// Access, where bucket policies deny the writer's own keys and nothing is public, neither the buckets' encryption nor Block
/// Public Access is asked, nobody may create a domain, who opens notebooks is confined by the VPC, and no role administers keys
/// or logs or lives by the policies of buckets.
pub const UNNEEDED: &[(&str, &[&str])] = &[
    ("cloudtrail:DescribeTrails", &["IAM-05", "IAM-11"]),
    ("ec2:DescribeCarrierGateways", &["NET-10"]),
    ("ec2:DescribeEgressOnlyInternetGateways", &["NET-10"]),
    ("ec2:DescribeFlowLogs", &["IAM-05", "IAM-11"]),
    ("ec2:DescribeManagedPrefixLists", &["NET-08", "NET-15", "NET-17", "VPE-06"]),
    ("ec2:DescribeNetworkInterfaces", &["VPE-10"]),
    ("ec2:GetManagedPrefixListEntries", &["NET-08", "NET-15", "NET-16", "NET-17", "VPE-06", "VPE-10"]),
    (
        "ec2:DescribeSubnets",
        &[
            "DATA-10", "DATA-11", "DATA-12", "LOG-08", "LOG-11", "NET-18", "SMK-01", "SMK-03", "SMK-04", "SMK-07",
            "SMK-13", "SMK-14", "SMK-19", "VPE-01", "VPE-02", "VPE-10",
        ],
    ),
    ("ec2:DescribeVpcEndpoints", &["IAMC-07", "NET-15"]),
    (
        "ec2:DescribeVpcs",
        &[
            "DATA-10", "DATA-11", "DATA-12", "LOG-08", "SMK-01", "SMK-03", "SMK-04", "SMK-07", "SMK-09", "SMK-13",
            "SMK-14", "SMK-19",
        ],
    ),
    ("kms:GetKeyPolicy", &["DATA-15", "IAM-06"]),
    ("kms:ListAliases", &["IAM-05", "IAM-11"]),
    ("s3:GetBucketPolicy", &["DATA-15", "IAM-06"]),
    ("sagemaker:DescribeDomain", &["LOG-08", "VPE-01", "VPE-02", "VPE-10"]),
    ("sagemaker:DescribeEndpointConfig", &["LOG-08"]),
    ("sagemaker:DescribeNotebookInstance", &["LOG-08", "VPE-01", "VPE-02", "VPE-10"]),
    ("sagemaker:ListDomains", &["IAMC-01", "IAMC-02", "VPE-10"]),
    ("sagemaker:ListEndpointConfigs", &["LOG-08"]),
    ("s3:GetBucketEncryption", &["DATA-03"]),
    ("s3:GetPublicAccessBlock", &["DATA-09"]),
    ("s3:HeadBucket", &["DATA-15"]),
    ("s3control:GetPublicAccessBlock", &["DATA-09"]),
    ("sagemaker:ListEndpoints", &["DATA-10", "DATA-11", "DATA-12", "SMK-19"]),
    ("sagemaker:ListModels", &["DATA-10", "DATA-11", "DATA-12", "LOG-08", "SMK-19", "VPE-02", "VPE-10"]),
    ("sagemaker:ListNotebookInstances", &["VPE-10"]),
    ("sagemaker:ListTags", &["LOG-08", "SMK-12", "SMK-13", "SMK-14", "SMK-18", "SMK-19", "VPE-01", "VPE-02", "VPE-10"]),
    ("sagemaker:Search", &["SMK-19", "VPE-02", "VPE-10"]),
];

/// Those that decide in none of the variations either. The controls' own tests show them.
pub const UNSHOWN: &[(&str, &[&str])] = &[
    // The baseline names no reference policies, no trust lets a role become another, whatever their boundary says, and who is
    // bound to nothing has listed policies only.
    ("iam:GetPolicy", &["IAM-12", "IAM-13", "IAM-14", "IAM-15", "IAM-16"]),
    ("iam:GetPolicyVersion", &["IAM-12", "IAM-13", "IAM-14", "IAM-15", "IAM-16"]),
    ("cloudtrail:DescribeTrails", &["IAM-05", "IAM-11"]),
    ("ec2:DescribeCarrierGateways", &["NET-10"]),
    ("ec2:DescribeEgressOnlyInternetGateways", &["NET-10"]),
    ("ec2:DescribeFlowLogs", &["IAM-05", "IAM-11"]),
    ("ec2:DescribeManagedPrefixLists", &["NET-08", "NET-15", "NET-17", "VPE-06"]),
    ("ec2:DescribeNetworkInterfaces", &["VPE-10"]),
    ("ec2:GetManagedPrefixListEntries", &["NET-08", "NET-15", "NET-16", "NET-17", "VPE-06", "VPE-10"]),
    ("ec2:DescribeSubnets", &["LOG-08", "NET-18", "VPE-01", "VPE-02", "VPE-10"]),
    ("ec2:DescribeVpcEndpoints", &["IAMC-07"]),
    ("ec2:DescribeVpcs", &["LOG-08"]),
    ("s3:GetBucketEncryption", &["DATA-03"]),
    ("s3:GetPublicAccessBlock", &["DATA-09"]),
    ("s3control:GetPublicAccessBlock", &["DATA-09"]),
    ("kms:GetKeyPolicy", &["DATA-15", "IAM-06"]),
    ("kms:ListAliases", &["IAM-05", "IAM-11"]),
    ("kms:ListResourceTags", &["IAM-05", "IAM-11"]),
    ("s3:GetBucketPolicy", &["DATA-15", "IAM-06"]),
    ("s3:HeadBucket", &["DATA-15"]),
    ("sagemaker:DescribeDomain", &["VPE-10"]),
    ("sagemaker:DescribeModel", &["VPE-02", "VPE-10"]),
    ("sagemaker:DescribeNotebookInstance", &["VPE-10"]),
    ("sagemaker:ListDomains", &["IAMC-01", "IAMC-02", "VPE-10"]),
    ("sagemaker:ListModels", &["VPE-02", "VPE-10"]),
    ("sagemaker:ListNotebookInstances", &["VPE-10"]),
    ("sagemaker:ListTags", &["LOG-08", "VPE-01", "VPE-02", "VPE-10"]),
    ("sagemaker:Search", &["VPE-02", "VPE-10"]),
];

/// A listing that has the boundary under another name.
fn no_boundary_listed() -> Vec<Value> {
    let arn = |name: &str| format!("<Arn>arn:aws:iam::123456789012:policy/{name}</Arn>");
    vec![json!({"kind": "patch", "service": "iam", "operation": "GetAccountAuthorizationDetails",
                "replace": [[arn("ds-boundary-fraud-dev"), arn("other")]]})]
}

/// The controls of one read in [`UNNEEDED`] or [`UNSHOWN`].
#[must_use]
pub fn listed(list: &[(&str, &[&str])], read: &str) -> BTreeSet<String> {
    let here = list.iter().filter(|(one, _)| *one == read);
    here.flat_map(|(_, controls)| *controls).map(|control| (*control).to_owned()).collect()
}

impl Variation {
    /// An account with this difference, and a user with its baseline. `more` are faults beside its own.
    ///
    /// # Errors
    /// The emulator does not answer.
    pub fn prepare(&self, zygote: &Zygote, more: &[Value]) -> Result<(Cli, Emulator)> {
        let emulator = zygote.fork()?;
        for name in self.breaks {
            emulator.break_(name)?;
        }
        let mut faults = more.to_vec();
        faults.extend((self.faults)());
        emulator.faults(&faults)?;
        Ok((Cli::under(self.baseline)?, emulator))
    }
}

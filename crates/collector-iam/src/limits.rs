//! What IAM allows, and what its answers must have: rate limit and page size with their origins, shape of the answer.

use plumbline_collector::{Bucket, Kind, Need, Shape};
use plumbline_snapshot::iam;

const ORIGIN: &str =
    "AWS publishes none (How do I resolve API throttling or \"Rate exceeded\" errors for IAM and AWS STS, re:Post)";

/// The rate limits. IAM has one set of buckets for the whole account, which no quota raises. Policies that are asked for
/// one by one share one here, since more than one bucket may count a call.
pub(crate) const BUCKETS: &[Bucket] = &[
    Bucket::guess(&[&iam::ACCOUNT_AUTHORIZATION_DETAILS], 5.0, 2.0, ORIGIN),
    Bucket::guess(&[&iam::POLICY, &iam::POLICY_VERSION], 10.0, 5.0, ORIGIN),
];

/// How many policies are asked for at once: the bucket, not this, sets the pace.
pub(crate) const AT_ONCE: usize = 4;

/// The largest page: API model (botocore 1.44.5). IAM often sends shorter ones; `IsTruncated` says whether more follow.
pub(crate) const PAGE: i32 = 1000;

/// What answers must have. A role without its lists of policies would read as a role that may do nothing. The list of a
/// user's inline policies is left away where it is empty (boto3 issue 1303; API_UserDetail says no more than that it may be).
pub(crate) const SHAPES: &[Shape] = &[
    Shape::xml(
        "GetAccountAuthorizationDetails",
        "GetAccountAuthorizationDetailsResponse",
        &[
            Need::one("GetAccountAuthorizationDetailsResult/IsTruncated", Kind::Bool),
            Need::list(
                "GetAccountAuthorizationDetailsResult/RoleDetailList",
                &["Arn", "RoleName", "RoleId", "Path", "RolePolicyList", "AttachedManagedPolicies"],
            ),
            Need::list(
                "GetAccountAuthorizationDetailsResult/UserDetailList",
                &["Arn", "UserName", "GroupList", "AttachedManagedPolicies"],
            ),
            Need::list(
                "GetAccountAuthorizationDetailsResult/GroupDetailList",
                &["Arn", "GroupName", "GroupPolicyList", "AttachedManagedPolicies"],
            ),
            Need::list("GetAccountAuthorizationDetailsResult/Policies", &["Arn"]),
        ],
    ),
    Shape::xml("GetPolicy", "GetPolicyResponse", &[Need::one("GetPolicyResult/Policy/DefaultVersionId", Kind::Text)]),
    Shape::xml(
        "GetPolicyVersion",
        "GetPolicyVersionResponse",
        &[Need::one("GetPolicyVersionResult/PolicyVersion/Document", Kind::Text)],
    ),
];

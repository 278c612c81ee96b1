"""Statements as data-science accounts have them, with values drawn at random: what pairs of documents start from."""

HOME, AWAY = "111122223333", "444455556666"
ACCOUNTS = (HOME, AWAY)
REGIONS = ("eu-west-1", "eu-central-1", "us-east-1")
TEAMS = ("forecast", "churn", "vision", "ranking")
BUCKETS = ("ml-datasets", "ml-artifacts", "feature-store", "team-scratch")
ENDPOINTS = ("vpce-0a1b2c3d4e5f60718", "vpce-0f9e8d7c6b5a40312", "vpce-01234567")
VPCS = ("vpc-0aa11bb22cc33dd44", "vpc-0ee55ff66aa77bb88")
SUBNETS = ("subnet-0a0a0a0a", "subnet-0b0b0b0b", "subnet-0c0c0c0c")
GROUPS = ("sg-01010101", "sg-02020202")
RANGES = ("10.20.0.0/16", "192.0.2.0/24", "198.51.100.0/25", "203.0.113.7", "2001:db8:12::/48")
ROLES = ("SageMakerExecution", "ml-pipelines/TrainingRole", "NotebookUser", "DataSteward")
KEY_ID = "0f1e2d3c-aaaa-bbbb-cccc-123456789abc"
ORGS = ("o-a1b2c3d4e5", "o-z9y8x7w6v5")
DATES = ("2026-01-01T00:00:00Z", "2026-06-30T23:59:59Z", "2027-01-01T00:00:00Z", "2026-03-15")


def some(rng, items, low=1, high=3):
    """A few of the items, in their order."""
    items = list(items)
    count = min(len(items), rng.randint(low, high))
    chosen = set(rng.sample(range(len(items)), count))
    return [item for i, item in enumerate(items) if i in chosen]


def role(rng):
    return f"arn:aws:iam::{rng.choice(ACCOUNTS)}:role/{rng.choice(ROLES)}"


def allow(action, resource, condition=None, **more):
    return statement("Allow", action, resource, condition, **more)


def deny(action, resource, condition=None, **more):
    return statement("Deny", action, resource, condition, **more)


def statement(effect, action, resource, condition, **more):
    out = {"Effect": effect, "Action": action, "Resource": resource, **more}
    if "NotAction" in more:
        del out["Action"]
    if "NotResource" in more or resource is None:
        del out["Resource"]
    if condition:
        out["Condition"] = condition
    return out


# Identity policies, boundaries and session policies.

def training(rng):
    region, team = rng.choice(REGIONS), rng.choice(TEAMS)
    condition = {"ForAllValues:StringEquals": {"sagemaker:VpcSubnets": some(rng, SUBNETS)}}
    if rng.random() < 0.6:
        condition["Null"] = {"sagemaker:VpcSubnets": "false"}
    if rng.random() < 0.4:
        condition["ForAllValues:StringEquals"]["sagemaker:VpcSecurityGroupIds"] = some(rng, GROUPS)
    if rng.random() < 0.4:
        condition["Bool"] = {"sagemaker:InterContainerTrafficEncryption": "true"}
    jobs = ["training-job", "processing-job", "hyper-parameter-tuning-job"]
    return allow(some(rng, ["sagemaker:CreateTrainingJob", "sagemaker:CreateProcessingJob",
                            "sagemaker:CreateHyperParameterTuningJob"]),
                 [f"arn:aws:sagemaker:{region}:{HOME}:{job}/{team}-*" for job in some(rng, jobs)], condition)


def instances(rng):
    kinds = some(rng, ["ml.m5.*", "ml.c5.large", "ml.g4dn.*", "ml.t3.medium"])
    condition = {rng.choice(["ForAnyValue:StringLike", "ForAllValues:StringLike"]): {"sagemaker:InstanceTypes": kinds}}
    return allow(["sagemaker:CreateEndpointConfig", "sagemaker:Create*Job"], "*", condition)


def notebook(rng):
    condition = {"StringEquals": {"sagemaker:DirectInternetAccess": "Disabled"}}
    if rng.random() < 0.5:
        condition["NumericLessThanEquals"] = {"sagemaker:VolumeSizeInGB": str(rng.choice([50, 100, 200]))}
    return allow("sagemaker:CreateNotebookInstance",
                 f"arn:aws:sagemaker:*:{HOME}:notebook-instance/{rng.choice(TEAMS)}-*", condition)


def bucket_read(rng):
    bucket = rng.choice(BUCKETS)
    condition = {"StringLike": {"s3:prefix": [f"{rng.choice(TEAMS)}/*", "shared/*"]}} if rng.random() < 0.4 else None
    action = rng.choice([["s3:GetObject"], ["s3:GetObject", "s3:GetObjectVersion"], ["s3:Get*", "s3:List*"],
                         ["s3:ListBucket"]])
    resource = [f"arn:aws:s3:::{bucket}", f"arn:aws:s3:::{bucket}/{rng.choice(TEAMS)}/*"]
    return allow(action, some(rng, resource, 1, 2), condition)


def home_folder(rng):
    name = rng.choice(["${aws:username}", "${aws:PrincipalTag/team}", "${aws:userid}"])
    return allow(["s3:GetObject", "s3:PutObject"], [f"arn:aws:s3:::{rng.choice(BUCKETS)}/home/{name}/*"])


def pass_role(rng):
    condition = {"StringEquals": {"iam:PassedToService": some(rng, ["sagemaker.amazonaws.com", "glue.amazonaws.com",
                                                                    "states.amazonaws.com"], 1, 2)}}
    return allow("iam:PassRole", f"arn:aws:iam::{HOME}:role/{rng.choice(ROLES)}", condition)


def key_use(rng):
    condition = None
    if rng.random() < 0.7:
        operator = rng.choice(["StringEquals", "StringLike"])
        condition = {operator: {"kms:ViaService": [f"{s}.{rng.choice(REGIONS)}.amazonaws.com"
                                                   for s in some(rng, ["s3", "sagemaker", "ecr"], 1, 2)]}}
    key = rng.choice(["*", KEY_ID])
    return allow(some(rng, ["kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey*", "kms:DescribeKey"], 1, 4),
                 f"arn:aws:kms:{rng.choice(REGIONS)}:{HOME}:key/{key}", condition)


def tagged(rng):
    team = rng.choice(["${aws:PrincipalTag/team}", rng.choice(TEAMS)])
    condition = {rng.choice(["StringEquals", "StringEqualsIgnoreCase", "StringLike"]): {"aws:ResourceTag/team": team}}
    if rng.random() < 0.3:
        condition["ForAllValues:StringEquals"] = {"aws:TagKeys": some(rng, ["team", "project", "cost-center"])}
    return allow(some(rng, ["sagemaker:StopTrainingJob", "sagemaker:Delete*", "ec2:StartInstances"]), "*", condition)


def from_network(rng):
    operator = rng.choice(["IpAddress", "IpAddress", "IpAddressIfExists"])
    return allow(["athena:StartQueryExecution", "athena:Get*"], "*",
                 {operator: {"aws:SourceIp": some(rng, RANGES)}})


def in_time(rng):
    start, end = sorted(rng.sample(DATES, 2))
    return allow("redshift-data:*", "*", {"DateGreaterThan": {"aws:CurrentTime": start},
                                          "DateLessThan": {"aws:CurrentTime": end}})


def plumbing(rng):
    return allow(rng.choice([["ecr:GetAuthorizationToken", "ecr:BatchGetImage"], ["logs:CreateLogStream", "logs:Put*"],
                             ["glue:GetTable", "glue:GetDatabase*"], ["cloudwatch:PutMetricData"]]),
                 rng.choice(["*", f"arn:aws:logs:*:{HOME}:log-group:/aws/sagemaker/*:log-stream:*",
                             f"arn:aws:glue:{rng.choice(REGIONS)}:{HOME}:table/{rng.choice(TEAMS)}_*/*"]))


def everything(rng):
    return allow(rng.choice(["*", ["s3:*", "sagemaker:*"], ["*:Describe*", "*:List*"]]), "*")


def deny_outside_region(rng):
    return deny("*", "*", {"StringNotEquals": {"aws:RequestedRegion": some(rng, REGIONS, 1, 2)}},
                NotAction=["iam:*", "sts:*", "organizations:*"])


def deny_without_mfa(rng):
    operator = rng.choice(["BoolIfExists", "Bool"])
    return deny("*", "*", {operator: {"aws:MultiFactorAuthPresent": "false"}},
                NotAction=["iam:ListVirtualMFADevices", "sts:GetSessionToken"])


def deny_other_buckets(rng):
    names = some(rng, BUCKETS)
    return deny("s3:*", "*", None, NotResource=[f"arn:aws:s3:::{b}{end}" for b in names for end in ("", "/*")])


def deny_other_network(rng):
    operator = rng.choice(["StringNotEquals", "StringNotEqualsIfExists"])
    key, values = rng.choice([("aws:SourceVpce", ENDPOINTS), ("aws:SourceVpc", VPCS)])
    condition = {operator: {key: some(rng, values)}}
    if rng.random() < 0.4:
        condition["BoolIfExists"] = {"aws:ViaAWSService": "false"}
    return deny(rng.choice(["s3:*", ["s3:GetObject", "s3:PutObject"], "*"]), "*", condition)


def deny_addresses(rng):
    return deny("*", "*", {"NotIpAddress": {"aws:SourceIp": some(rng, RANGES)}})


def deny_open_jobs(rng):
    return deny(["sagemaker:CreateTrainingJob", "sagemaker:CreateModel"], "*",
                {"Null": {"sagemaker:VpcSubnets": "true"}})


def deny_unless_role(rng):
    return deny(["kms:ScheduleKeyDeletion", "s3:DeleteBucket*"], "*",
                {rng.choice(["ArnNotLike", "ArnNotEquals", "StringNotLike"]): {"aws:PrincipalArn": some(
                    rng, [f"arn:aws:iam::{HOME}:role/{r}" for r in ROLES] + ["arn:aws:iam::*:role/Admin*"], 1, 2)}})


# Documents with principals.

def bucket_roles(rng):
    bucket = rng.choice(BUCKETS)
    return allow(some(rng, ["s3:GetObject", "s3:PutObject", "s3:DeleteObject"]), f"arn:aws:s3:::{bucket}/*", None,
                 Principal={"AWS": [role(rng) for _ in range(rng.randint(1, 2))]})


def bucket_organisation(rng):
    bucket = rng.choice(BUCKETS)
    return allow("s3:GetObject", f"arn:aws:s3:::{bucket}/shared/*", {"StringEquals": {"aws:PrincipalOrgID": ORGS[0]}},
                 Principal=rng.choice(["*", {"AWS": "*"}]))


def bucket_account(rng):
    account = rng.choice(ACCOUNTS)
    return allow(["s3:ListBucket", "s3:GetBucketLocation"], f"arn:aws:s3:::{rng.choice(BUCKETS)}", None,
                 Principal={"AWS": rng.choice([account, f"arn:aws:iam::{account}:root"])})


def bucket_logs(rng):
    return allow("s3:PutObject", f"arn:aws:s3:::{rng.choice(BUCKETS)}/logs/*",
                 {"StringEquals": {"aws:SourceAccount": HOME},
                  "ArnLike": {"aws:SourceArn": f"arn:aws:logs:{rng.choice(REGIONS)}:{HOME}:*"}},
                 Principal={"Service": "delivery.logs.amazonaws.com"})


def bucket_tls(rng):
    bucket = rng.choice(BUCKETS)
    return deny("s3:*", [f"arn:aws:s3:::{bucket}", f"arn:aws:s3:::{bucket}/*"],
                {"Bool": {"aws:SecureTransport": "false"}}, Principal="*")


def bucket_endpoint(rng):
    out = deny_other_network(rng)
    return {**out, "Principal": "*", "Resource": f"arn:aws:s3:::{rng.choice(BUCKETS)}/*"}


def bucket_encryption(rng):
    condition = rng.choice([{"StringNotEquals": {"s3:x-amz-server-side-encryption": "aws:kms"}},
                            {"Null": {"s3:x-amz-server-side-encryption": "true"}},
                            {"StringNotEqualsIfExists": {"s3:x-amz-server-side-encryption-aws-kms-key-id":
                             f"arn:aws:kms:eu-west-1:{HOME}:key/{KEY_ID}"}}])
    return deny("s3:PutObject", f"arn:aws:s3:::{rng.choice(BUCKETS)}/*", condition, Principal="*")


def trust_service(rng):
    condition = {"StringEquals": {"aws:SourceAccount": HOME}} if rng.random() < 0.6 else None
    services = some(rng, ["sagemaker.amazonaws.com", "glue.amazonaws.com", "lambda.amazonaws.com"], 1, 2)
    return allow("sts:AssumeRole", None, condition, Principal={"Service": services})


def trust_account(rng):
    condition = rng.choice([None, {"StringEquals": {"sts:ExternalId": rng.choice(TEAMS)}},
                            {"Bool": {"aws:MultiFactorAuthPresent": "true"}},
                            {"NumericLessThan": {"aws:MultiFactorAuthAge": "3600"}}])
    return allow(rng.choice(["sts:AssumeRole", ["sts:AssumeRole", "sts:TagSession"]]), None, condition,
                 Principal={"AWS": rng.choice([AWAY, f"arn:aws:iam::{HOME}:root", role(rng)])})


def trust_web(rng):
    provider = "token.actions.githubusercontent.com"
    subject = f"repo:example/{rng.choice(TEAMS)}:{rng.choice(['*', 'ref:refs/heads/*'])}"
    return allow("sts:AssumeRoleWithWebIdentity", None,
                 {"StringEquals": {f"{provider}:aud": "sts.amazonaws.com"},
                  "StringLike": {f"{provider}:sub": subject}},
                 Principal={"Federated": f"arn:aws:iam::{HOME}:oidc-provider/{provider}"})


def key_admin(rng):
    return allow("kms:*", "*", None, Principal={"AWS": f"arn:aws:iam::{HOME}:root"})


def key_role(rng):
    condition = rng.choice([None, {"StringLike": {"kms:ViaService": "s3.*.amazonaws.com"}},
                            {"StringEquals": {"kms:CallerAccount": HOME}},
                            {"StringEquals": {"kms:EncryptionContext:project": rng.choice(TEAMS)}}])
    return allow(some(rng, ["kms:Decrypt", "kms:GenerateDataKey*", "kms:ReEncrypt*"]), "*", condition,
                 Principal={"AWS": role(rng)})


def key_grant(rng):
    return allow(["kms:CreateGrant", "kms:RevokeGrant"], "*", {"Bool": {"kms:GrantIsForAWSResource": "true"}},
                 Principal={"AWS": role(rng)})


def endpoint_all(rng):
    condition = rng.choice([None, {"StringEquals": {"aws:PrincipalAccount": HOME}},
                            {"StringEquals": {"aws:ResourceAccount": [HOME, AWAY], "aws:PrincipalOrgID": ORGS[0]}}])
    return allow(rng.choice(["*", "s3:*", ["sagemaker:*", "sts:AssumeRole"]]), "*", condition, Principal="*")


def endpoint_buckets(rng):
    names = some(rng, BUCKETS)
    return allow(rng.choice(["s3:*", ["s3:Get*", "s3:List*"]]),
                 [f"arn:aws:s3:::{b}{end}" for b in names for end in ("", "/*")], None, Principal="*")


def fence_organisation(rng):
    return deny(rng.choice(["s3:*", ["s3:*", "kms:*", "sts:AssumeRole"]]), "*",
                {"StringNotEqualsIfExists": {"aws:PrincipalOrgID": some(rng, ORGS, 1, 2)},
                 "BoolIfExists": {"aws:PrincipalIsAWSService": "false"}}, Principal="*")


def fence_source(rng):
    return deny("s3:*", "*", {"StringNotEqualsIfExists": {"aws:SourceOrgID": ORGS[0]},
                              "Null": {"aws:SourceAccount": "false"},
                              "Bool": {"aws:PrincipalIsAWSService": "true"}}, Principal="*")


def guard_root(rng):
    return deny(rng.choice(["*", "iam:*"]), "*", {"StringLike": {"aws:PrincipalArn": "arn:aws:iam::*:root"}})


def guard_leave(rng):
    return deny(some(rng, ["organizations:LeaveOrganization", "cloudtrail:StopLogging", "ec2:*Gateway*"]), "*")


GRANTS = [training, instances, notebook, bucket_read, home_folder, pass_role, key_use, tagged, from_network, in_time,
          plumbing, everything, notebook, home_folder, from_network, in_time]
DENIALS = [deny_outside_region, deny_without_mfa, deny_other_buckets, deny_other_network, deny_addresses,
           deny_open_jobs, deny_unless_role]
# Type of document to (share, grants, denials).
KINDS = {
    "identity": (38, GRANTS, DENIALS),
    "resource": (22, [bucket_roles, bucket_organisation, bucket_account, bucket_logs],
                 [bucket_tls, bucket_endpoint, bucket_encryption]),
    "trust": (9, [trust_service, trust_account, trust_web], []),
    "key": (8, [key_admin, key_role, key_grant], []),
    "endpoint": (7, [endpoint_all, endpoint_buckets], []),
    "boundary": (4, GRANTS, DENIALS),
    "session": (4, GRANTS, DENIALS),
    "scp": (5, [everything], [deny_outside_region, guard_root, guard_leave, deny_unless_role]),
    "rcp": (3, [], [fence_organisation, fence_source]),
}


def document(rng, kind):
    """A document of one type."""
    _, grants, denials = KINDS[kind]
    statements = [rng.choice(grants)(rng) for _ in range(rng.choice([1, 1, 2, 2, 3, 4]))] if grants else []
    if denials and (not grants or rng.random() < 0.55):
        statements += [rng.choice(denials)(rng) for _ in range(rng.choice([1, 1, 2]))]
    if kind == "scp":
        statements = [allow("*", "*")] + [one for one in statements if one["Effect"] == "Deny"]
    for number, one in enumerate(statements):
        if rng.random() < 0.5:
            one["Sid"] = f"S{number + 1}"
    return {"Version": "2012-10-17", "Statement": statements}

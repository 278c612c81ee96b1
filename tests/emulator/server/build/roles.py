"""The seven roles with their trusts, policies and boundary; roles of others beside them."""

from __future__ import annotations

import json
from typing import Any

from .. import ACCOUNT, REGION
from . import names as n

PROVIDER = f"arn:aws:iam::{ACCOUNT}:saml-provider/corp"
TRUSTED = {
    "notebook_creation": "servicecatalog.amazonaws.com",
    "notebook_execution": "sagemaker.amazonaws.com",
    "training_execution": "sagemaker.amazonaws.com",
    "endpoint_creation": "codebuild.amazonaws.com",
    "endpoint_hosting": "sagemaker.amazonaws.com",
    "endpoint_invocation": "lambda.amazonaws.com",
}
INTERFACES = [
    "ec2:CreateNetworkInterface",
    "ec2:CreateNetworkInterfacePermission",
    "ec2:DeleteNetworkInterface",
    "ec2:DeleteNetworkInterfacePermission",
    "ec2:DescribeNetworkInterfaces",
    "ec2:DescribeVpcs",
    "ec2:DescribeDhcpOptions",
    "ec2:DescribeSubnets",
    "ec2:DescribeSecurityGroups",
]
METADATA = """<EntityDescriptor xmlns="urn:oasis:names:tc:SAML:2.0:metadata" entityID="https://idp.example.com/saml">
<IDPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol">
<KeyDescriptor use="signing"/><SingleSignOnService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST"
Location="https://idp.example.com/sso"/></IDPSSODescriptor></EntityDescriptor>""".ljust(1000)


def document(*statements: dict[str, Any]) -> str:
    """A policy document."""
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def allow(
    action: Any, resource: Any, condition: dict[str, Any] | None = None, sid: str | None = None
) -> dict[str, Any]:
    """An Allow statement of an identity policy."""
    statement: dict[str, Any] = {"Effect": "Allow", "Action": action, "Resource": resource}
    if sid:
        statement["Sid"] = sid
    if condition:
        statement["Condition"] = condition
    return statement


def trust(role: str) -> str:
    """The exact trust of a logical role."""
    if role == "data_scientist":
        return document(
            {
                "Effect": "Allow",
                "Principal": {"Federated": PROVIDER},
                "Action": "sts:AssumeRoleWithSAML",
                "Condition": {"StringEquals": {"SAML:aud": "https://signin.aws.amazon.com/saml"}},
            }
        )
    statement: dict[str, Any] = {"Effect": "Allow", "Principal": {"Service": TRUSTED[role]}, "Action": "sts:AssumeRole"}
    if role != "notebook_creation":
        statement["Condition"] = {"StringEquals": {"aws:SourceAccount": ACCOUNT}}
    return document(statement)


def _in_network(ids: dict[str, Any], **equals: str) -> dict[str, Any]:
    return {
        "ForAllValues:StringEquals": {
            "sagemaker:VpcSubnets": list(ids["subnets"].values()),
            "sagemaker:VpcSecurityGroupIds": [ids["groups"]["workload"]],
        },
        "Null": {"sagemaker:VpcSubnets": "false", "sagemaker:VpcSecurityGroupIds": "false"},
        "StringEquals": {"aws:RequestTag/ProjectName": "fraud", **equals},
    }


def _pass(role: str) -> dict[str, Any]:
    return allow(
        "iam:PassRole", n.role_arn(role), {"StringEquals": {"iam:PassedToService": "sagemaker.amazonaws.com"}}, "Hand"
    )


def _objects(actions: list[str], *kinds: str, prefix: str = "") -> dict[str, Any]:
    return allow(actions, [f"{n.bucket_arn(kind)}/{prefix}*" for kind in kinds])


def _keys(ids: dict[str, Any], *keys: str) -> dict[str, Any]:
    return allow(["kms:Decrypt", "kms:GenerateDataKey", "kms:DescribeKey"], [ids["keys"][key] for key in keys])


def _grant(ids: dict[str, Any], *keys: str) -> dict[str, Any]:
    return allow("kms:CreateGrant", [ids["keys"][key] for key in keys], {"Bool": {"kms:GrantIsForAWSResource": "true"}})


def _logs() -> dict[str, Any]:
    return allow(
        ["logs:CreateLogStream", "logs:PutLogEvents", "logs:DescribeLogStreams"],
        f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:/aws/sagemaker/*",
    )


def _image() -> list[dict[str, Any]]:
    return [
        allow(
            ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer", "ecr:BatchCheckLayerAvailability"],
            f"arn:aws:ecr:{REGION}:{ACCOUNT}:repository/ds-*",
        ),
        allow("ecr:GetAuthorizationToken", "*"),
    ]


def _tagging(*actions: str) -> dict[str, Any]:
    return allow(
        "sagemaker:AddTags",
        f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:*/*",
        {"StringEquals": {"sagemaker:TaggingAction": list(actions)}},
    )


def policies(role: str, ids: dict[str, Any]) -> list[dict[str, Any]]:
    """What a logical role may do."""
    mine = {"StringEquals": {"aws:ResourceTag/ProjectName": "fraud"}}
    notebooks = n.sagemaker_arn("notebook-instance", "ds-*")
    jobs = {kind: n.sagemaker_arn(kind, "ds-*") for kind in ("training-job", "processing-job", "transform-job")}
    volumes, data = ids["keys"]["volumes"], ids["keys"]["data"]
    protected = {"Bool": {"sagemaker:InterContainerTrafficEncryption": "true", "sagemaker:NetworkIsolation": "true"}}
    sized = {"sagemaker:VolumeKmsKeyArn": volumes, "sagemaker:OutputKmsKeyArn": data}
    match role:
        case "data_scientist":
            return [
                allow(["sagemaker:StartNotebookInstance", "sagemaker:StopNotebookInstance"], notebooks, mine),
                allow(
                    "sagemaker:CreatePresignedNotebookInstanceUrl",
                    notebooks,
                    {"StringEquals": {"aws:ResourceTag/ProjectName": "fraud", "aws:SourceVpc": ids["vpc"]}},
                ),
                allow(
                    "sagemaker:CreatePresignedDomainUrl",
                    n.sagemaker_arn("user-profile", "*"),
                    {"StringEquals": {"aws:ResourceTag/ProjectName": "fraud", "aws:SourceVpc": ids["vpc"]}},
                ),
                allow(["sagemaker:DescribeNotebookInstance", "sagemaker:DescribeDomain"], "*"),
                allow(["sagemaker:ListNotebookInstances", "sagemaker:ListDomains"], "*"),
                allow(
                    [
                        "servicecatalog:ProvisionProduct",
                        "servicecatalog:DescribeProduct",
                        "servicecatalog:SearchProducts",
                        "servicecatalog:TerminateProvisionedProduct",
                        "servicecatalog:DescribeRecord",
                    ],
                    "*",
                    {"StringEquals": {"servicecatalog:userLevel": "self"}},
                ),
            ]
        case "notebook_creation":
            return [
                allow(
                    "sagemaker:CreateNotebookInstance",
                    notebooks,
                    _in_network(
                        ids,
                        **{
                            "sagemaker:VolumeKmsKeyArn": volumes,
                            "sagemaker:DirectInternetAccess": "Disabled",
                            "sagemaker:RootAccess": "Disabled",
                        },
                    ),
                ),
                allow(["sagemaker:DeleteNotebookInstance", "sagemaker:StopNotebookInstance"], notebooks, mine),
                allow(["sagemaker:DescribeNotebookInstance", "sagemaker:DescribeNotebookInstanceLifecycleConfig"], "*"),
                _tagging("CreateNotebookInstance"),
                _pass("notebook_execution"),
                _grant(ids, "volumes"),
                allow("kms:DescribeKey", volumes),
            ]
        case "notebook_execution":
            return [
                _objects(["s3:GetObject"], "data_lake", "data", "model"),
                _objects(["s3:PutObject"], "data", "model"),
                allow("s3:ListBucket", [n.bucket_arn(kind) for kind in ("data_lake", "data", "model")]),
                _keys(ids, "data", "volumes"),
                _grant(ids, "volumes"),
                allow("sagemaker:CreateTrainingJob", jobs["training-job"], {**_in_network(ids, **sized), **protected}),
                allow(
                    "sagemaker:CreateProcessingJob", jobs["processing-job"], {**_in_network(ids, **sized), **protected}
                ),
                allow(
                    "sagemaker:CreateTransformJob",
                    jobs["transform-job"],
                    {"StringEquals": {"aws:RequestTag/ProjectName": "fraud", **sized}},
                ),
                allow(
                    ["sagemaker:StopTrainingJob", "sagemaker:StopProcessingJob", "sagemaker:StopTransformJob"],
                    list(jobs.values()),
                    mine,
                ),
                allow(
                    [
                        "sagemaker:DescribeTrainingJob",
                        "sagemaker:DescribeProcessingJob",
                        "sagemaker:DescribeTransformJob",
                        "sagemaker:ListTrainingJobs",
                    ],
                    "*",
                ),
                _tagging("CreateTrainingJob", "CreateProcessingJob", "CreateTransformJob"),
                _pass("training_execution"),
                _logs(),
                allow(INTERFACES, "*"),
            ]
        case "training_execution":
            return [
                _objects(["s3:GetObject"], "data_lake", "data", "model"),
                _objects(["s3:PutObject"], "data", "model"),
                allow("s3:ListBucket", [n.bucket_arn(kind) for kind in ("data_lake", "data", "model")]),
                _keys(ids, "data", "volumes"),
                _grant(ids, "volumes"),
                _logs(),
                allow(INTERFACES, "*"),
                *_image(),
            ]
        case "endpoint_creation":
            return [
                allow(
                    "sagemaker:CreateModel",
                    n.sagemaker_arn("model", "ds-*"),
                    {**_in_network(ids), "Bool": {"sagemaker:NetworkIsolation": "true"}},
                ),
                allow(
                    "sagemaker:CreateEndpointConfig",
                    n.sagemaker_arn("endpoint-config", "ds-*"),
                    {"StringEquals": {"aws:RequestTag/ProjectName": "fraud", "sagemaker:VolumeKmsKeyArn": volumes}},
                ),
                allow(
                    "sagemaker:CreateEndpoint",
                    [n.sagemaker_arn("endpoint", "ds-*"), n.sagemaker_arn("endpoint-config", "ds-*")],
                    {"StringEquals": {"aws:RequestTag/ProjectName": "fraud"}},
                ),
                allow(
                    ["sagemaker:UpdateEndpoint", "sagemaker:DeleteEndpoint"],
                    [n.sagemaker_arn("endpoint", "ds-*"), n.sagemaker_arn("endpoint-config", "ds-*")],
                    mine,
                ),
                allow(
                    ["sagemaker:DescribeEndpoint", "sagemaker:DescribeEndpointConfig", "sagemaker:DescribeModel"], "*"
                ),
                _tagging("CreateModel", "CreateEndpointConfig", "CreateEndpoint"),
                _pass("endpoint_hosting"),
                _grant(ids, "volumes"),
                allow("kms:DescribeKey", volumes),
            ]
        case "endpoint_hosting":
            return [
                _objects(["s3:GetObject"], "model"),
                _objects(["s3:PutObject"], "data", prefix="capture/"),
                _keys(ids, "data", "volumes"),
                _logs(),
                allow(INTERFACES, "*"),
                *_image(),
            ]
        case _:
            return [
                allow(
                    "sagemaker:InvokeEndpoint",
                    n.sagemaker_arn("endpoint", n.ENDPOINT),
                    {"StringEquals": {"aws:SourceVpce": ids["endpoints"]["sagemaker_runtime"]}},
                )
            ]


def boundary() -> str:
    """The most that any of the roles can do."""
    return document(
        allow(
            [
                "sagemaker:Add*",
                "sagemaker:Create*",
                "sagemaker:Delete*",
                "sagemaker:Describe*",
                "sagemaker:Invoke*",
                "sagemaker:List*",
                "sagemaker:Start*",
                "sagemaker:Stop*",
                "sagemaker:Update*",
            ],
            f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:*",
        ),
        allow(["sagemaker:Describe*", "sagemaker:List*"], "*"),
        allow(
            ["s3:GetObject", "s3:PutObject", "s3:ListBucket"],
            [one for kind in ("data_lake", "data", "model") for one in (n.bucket_arn(kind), n.bucket_arn(kind) + "/*")],
        ),
        allow(
            ["kms:Decrypt", "kms:GenerateDataKey", "kms:DescribeKey", "kms:CreateGrant"],
            f"arn:aws:kms:{REGION}:{ACCOUNT}:key/*",
        ),
        allow(
            ["logs:CreateLogStream", "logs:PutLogEvents", "logs:DescribeLogStreams"],
            f"arn:aws:logs:{REGION}:{ACCOUNT}:*",
        ),
        allow(
            [
                *INTERFACES,
                "ecr:BatchGetImage",
                "ecr:GetDownloadUrlForLayer",
                "ecr:BatchCheckLayerAvailability",
                "ecr:GetAuthorizationToken",
            ],
            "*",
        ),
        allow("iam:PassRole", [f"arn:aws:iam::{ACCOUNT}:role/ds-*", f"arn:aws:iam::{ACCOUNT}:role/service-role/ds-*"]),
        allow(
            [
                "servicecatalog:ProvisionProduct",
                "servicecatalog:DescribeProduct",
                "servicecatalog:SearchProducts",
                "servicecatalog:TerminateProvisionedProduct",
                "servicecatalog:DescribeRecord",
            ],
            "*",
        ),
    )


def make_role(iam: Any, full: str, trusted: str, **more: Any) -> None:
    """A role by its path and name."""
    path, _, name = full.rpartition("/")
    iam.create_role(RoleName=name, Path=f"/{path}/" if path else "/", AssumeRolePolicyDocument=trusted, **more)


def build(c: Any, ids: dict[str, Any]) -> None:
    """The seven roles; four have a managed policy, three an inline one."""
    iam = c("iam")
    iam.create_saml_provider(Name="corp", SAMLMetadataDocument=METADATA)
    iam.create_policy(PolicyName="ds-boundary-fraud-dev", PolicyDocument=boundary())
    ids["roles"], ids["policies"] = {}, {}
    for role in n.ROLES:
        logical = "training" if role == "training_execution" else role
        make_role(iam, n.ROLES[role], trust(role), PermissionsBoundary=n.BOUNDARY, Tags=n.tags(LogicalRole=logical))
        ids["roles"][role] = n.role_arn(role)
        text = document(*policies(role, ids))
        if role in ("notebook_execution", "endpoint_hosting", "endpoint_invocation"):
            iam.put_role_policy(RoleName=n.role_name(role), PolicyName="work", PolicyDocument=text)
        else:
            made = iam.create_policy(PolicyName=f"{n.role_name(role)}-policy", PolicyDocument=text)["Policy"]["Arn"]
            iam.attach_role_policy(RoleName=n.role_name(role), PolicyArn=made)
            ids["policies"][role] = made
    service_roles(iam)


def service_roles(iam: Any) -> None:
    """Who is not of the environment: roles for deliveries, an administrator, a web shop, service-linked; an auditor."""
    source = {"StringEquals": {"aws:SourceAccount": ACCOUNT}}
    for name, service, group in (
        ("ds-flow-logs", "vpc-flow-logs.amazonaws.com", n.FLOW_GROUP),
        ("ds-trail-logs", "cloudtrail.amazonaws.com", n.TRAIL_GROUP),
    ):
        make_role(
            iam,
            name,
            document(
                {"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole", "Condition": source}
            ),
        )
        iam.put_role_policy(
            RoleName=name,
            PolicyName="deliver",
            PolicyDocument=document(
                allow(
                    ["logs:CreateLogStream", "logs:PutLogEvents", "logs:DescribeLogStreams", "logs:DescribeLogGroups"],
                    [
                        f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:{group}",
                        f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:{group}:*",
                    ],
                )
            ),
        )
    make_role(
        iam,
        "platform-admin",
        document(
            {
                "Effect": "Allow",
                "Principal": {"Federated": PROVIDER},
                "Action": "sts:AssumeRoleWithSAML",
                "Condition": {"StringEquals": {"SAML:aud": "https://signin.aws.amazon.com/saml"}},
            }
        ),
    )
    iam.attach_role_policy(RoleName="platform-admin", PolicyArn="arn:aws:iam::aws:policy/AdministratorAccess")
    make_role(
        iam,
        "web-shop",
        document({"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}),
    )
    iam.put_role_policy(
        RoleName="web-shop",
        PolicyName="assets",
        PolicyDocument=document(allow("s3:GetObject", f"{n.bucket_arn('bystander')}/*")),
    )
    iam.create_service_linked_role(AWSServiceName="sagemaker.amazonaws.com")
    iam.create_group(GroupName="auditors")
    iam.put_group_policy(
        GroupName="auditors",
        PolicyName="look",
        PolicyDocument=document(allow(["sagemaker:Describe*", "sagemaker:List*", "s3:ListAllMyBuckets"], "*")),
    )
    iam.create_user(UserName="auditor")
    iam.add_user_to_group(GroupName="auditors", UserName="auditor")

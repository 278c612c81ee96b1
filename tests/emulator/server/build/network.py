"""The private network: VPC, subnets, routes, groups, endpoints, flow logs; and bystanders that must not matter."""

from __future__ import annotations

import json
from typing import Any

from .. import ACCOUNT, REGION
from . import names as n

INTERFACE = {
    "sagemaker_api": f"com.amazonaws.{REGION}.sagemaker.api",
    "sagemaker_runtime": f"com.amazonaws.{REGION}.sagemaker.runtime",
    "sts": f"com.amazonaws.{REGION}.sts",
    "logs": f"com.amazonaws.{REGION}.logs",
    "kms": f"com.amazonaws.{REGION}.kms",
    "notebook": f"aws.sagemaker.{REGION}.notebook",
    "studio": f"aws.sagemaker.{REGION}.studio",
}
ZONES = {"a": f"{REGION}a", "b": f"{REGION}b", "c": f"{REGION}c"}


def endpoint_policy(service: str) -> str:
    """A confined policy: named actions, this account's principals and resources."""
    region_arn = f"arn:aws:{{}}:{REGION}:{ACCOUNT}:*"
    what: dict[str, tuple[list[str], list[str]]] = {
        "sagemaker_api": (
            [
                "sagemaker:Create*",
                "sagemaker:Describe*",
                "sagemaker:List*",
                "sagemaker:Search",
                "sagemaker:Start*",
                "sagemaker:Stop*",
                "sagemaker:Update*",
                "sagemaker:Delete*",
                "sagemaker:AddTags",
            ],
            [region_arn.format("sagemaker")],
        ),
        "sagemaker_runtime": (["sagemaker:InvokeEndpoint"], [n.sagemaker_arn("endpoint", "ds-*")]),
        "sts": (["sts:GetCallerIdentity", "sts:AssumeRole"], [f"arn:aws:iam::{ACCOUNT}:role/*"]),
        "logs": (
            ["logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents", "logs:DescribeLogGroups"],
            [region_arn.format("logs")],
        ),
        "kms": (
            ["kms:Decrypt", "kms:GenerateDataKey", "kms:DescribeKey", "kms:CreateGrant"],
            [f"arn:aws:kms:{REGION}:{ACCOUNT}:key/*"],
        ),
        "notebook": (["sagemaker:CreatePresignedNotebookInstanceUrl"], [n.sagemaker_arn("notebook-instance", "ds-*")]),
        "studio": (["sagemaker:CreatePresignedDomainUrl"], [n.sagemaker_arn("user-profile", "*")]),
        "s3": (
            ["s3:GetObject", "s3:PutObject", "s3:ListBucket", "s3:GetBucketLocation"],
            [one for kind in ("data_lake", "data", "model") for one in (n.bucket_arn(kind), n.bucket_arn(kind) + "/*")],
        ),
    }
    actions, resources = what[service]
    return json.dumps(
        {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Sid": "Confined",
                    "Effect": "Allow",
                    "Principal": "*",
                    "Action": actions,
                    "Resource": resources,
                    "Condition": {"StringEquals": {"aws:PrincipalAccount": ACCOUNT, "aws:ResourceAccount": ACCOUNT}},
                }
            ],
        }
    )


def delete_default_vpc(ec2: Any) -> None:
    """Remove the region's default VPC with all that is in it."""
    for vpc in ec2.describe_vpcs(Filters=[{"Name": "is-default", "Values": ["true"]}])["Vpcs"]:
        within = [{"Name": "vpc-id", "Values": [vpc["VpcId"]]}]
        for subnet in ec2.describe_subnets(Filters=within)["Subnets"]:
            ec2.delete_subnet(SubnetId=subnet["SubnetId"])
        attached = [{"Name": "attachment.vpc-id", "Values": [vpc["VpcId"]]}]
        for gateway in ec2.describe_internet_gateways(Filters=attached)["InternetGateways"]:
            ec2.detach_internet_gateway(InternetGatewayId=gateway["InternetGatewayId"], VpcId=vpc["VpcId"])
            ec2.delete_internet_gateway(InternetGatewayId=gateway["InternetGatewayId"])
        ec2.delete_vpc(VpcId=vpc["VpcId"])


def build(c: Any, ids: dict[str, Any]) -> None:
    """VPC, subnets, route tables, groups and endpoints."""
    ec2 = c("ec2")
    delete_default_vpc(ec2)
    vpc = ec2.create_vpc(CidrBlock="10.10.0.0/16", TagSpecifications=n.spec("vpc", Name="ds-vpc-fraud-dev"))["Vpc"][
        "VpcId"
    ]
    ids["vpc"] = vpc
    ec2.modify_vpc_attribute(VpcId=vpc, EnableDnsSupport={"Value": True})
    ec2.modify_vpc_attribute(VpcId=vpc, EnableDnsHostnames={"Value": True})
    ec2.modify_vpc_block_public_access_options(InternetGatewayBlockMode="block-bidirectional")
    within = [{"Name": "vpc-id", "Values": [vpc]}]
    ids["subnets"] = {}
    for index, (key, zone) in enumerate(ZONES.items(), 1):
        made = ec2.create_subnet(
            VpcId=vpc,
            CidrBlock=f"10.10.{index}.0/24",
            AvailabilityZone=zone,
            TagSpecifications=n.spec("subnet", Name=f"ds-private-{key}", Tier="private"),
        )
        ids["subnets"][key] = made["Subnet"]["SubnetId"]
    subnets = list(ids["subnets"].values())
    tables = ec2.describe_route_tables(Filters=within)["RouteTables"]
    ids["tables"] = {"main": tables[0]["RouteTableId"]}
    for key, members in (("ab", "ab"), ("c", "c")):
        made = ec2.create_route_table(VpcId=vpc, TagSpecifications=n.spec("route-table", Name=f"ds-private-{key}"))
        ids["tables"][key] = made["RouteTable"]["RouteTableId"]
        for member in members:
            ec2.associate_route_table(RouteTableId=ids["tables"][key], SubnetId=ids["subnets"][member])
    _network_acl(ec2, ids, vpc, within)
    _groups(ec2, ids, vpc, within)
    ids["endpoints"] = {}
    made = ec2.create_vpc_endpoint(
        VpcId=vpc,
        ServiceName=f"com.amazonaws.{REGION}.s3",
        VpcEndpointType="Gateway",
        RouteTableIds=[ids["tables"]["ab"], ids["tables"]["c"]],
        PolicyDocument=endpoint_policy("s3"),
        TagSpecifications=n.spec("vpc-endpoint", Name="ds-s3"),
    )
    ids["endpoints"]["s3"] = made["VpcEndpoint"]["VpcEndpointId"]
    for key, service in INTERFACE.items():
        made = ec2.create_vpc_endpoint(
            VpcId=vpc,
            ServiceName=service,
            VpcEndpointType="Interface",
            SubnetIds=subnets,
            PrivateDnsEnabled=True,
            SecurityGroupIds=[ids["groups"]["endpoints"]],
            PolicyDocument=endpoint_policy(key),
            TagSpecifications=n.spec("vpc-endpoint", Name=f"ds-{key.replace('_', '-')}"),
        )
        ids["endpoints"][key] = made["VpcEndpoint"]["VpcEndpointId"]


def _network_acl(ec2: Any, ids: dict[str, Any], vpc: str, within: list[dict[str, Any]]) -> None:
    acl = ec2.create_network_acl(VpcId=vpc, TagSpecifications=n.spec("network-acl", Name="ds-private"))
    ids["nacl"] = acl["NetworkAcl"]["NetworkAclId"]
    https, replies = {"From": 443, "To": 443}, {"From": 1024, "To": 65535}
    for number, egress, action, cidr, ports in (
        (90, False, "deny", "0.0.0.0/0", {"From": 22, "To": 22}),
        (91, False, "deny", "0.0.0.0/0", {"From": 3389, "To": 3389}),
        (100, False, "allow", "10.10.0.0/16", https),
        (110, False, "allow", "0.0.0.0/0", replies),
        (100, True, "allow", "0.0.0.0/0", https),
        (110, True, "allow", "10.10.0.0/16", replies),
    ):
        ec2.create_network_acl_entry(
            NetworkAclId=ids["nacl"],
            RuleNumber=number,
            Protocol="6",
            RuleAction=action,
            Egress=egress,
            CidrBlock=cidr,
            PortRange=ports,
        )
    for acl in ec2.describe_network_acls(Filters=within)["NetworkAcls"]:
        for held in acl["Associations"]:
            if held["SubnetId"] in ids["subnets"].values() and acl["NetworkAclId"] != ids["nacl"]:
                ec2.replace_network_acl_association(
                    AssociationId=held["NetworkAclAssociationId"], NetworkAclId=ids["nacl"]
                )


def _groups(ec2: Any, ids: dict[str, Any], vpc: str, within: list[dict[str, Any]]) -> None:
    ids["prefix_list"] = next(
        one["PrefixListId"]
        for one in ec2.describe_managed_prefix_lists()["PrefixLists"]
        if one["PrefixListName"] == f"com.amazonaws.{REGION}.s3"
    )
    default = ec2.describe_security_groups(Filters=[*within, {"Name": "group-name", "Values": ["default"]}])[
        "SecurityGroups"
    ][0]
    ids["groups"] = {"default": default["GroupId"]}
    if default["IpPermissions"]:
        ec2.revoke_security_group_ingress(GroupId=default["GroupId"], IpPermissions=default["IpPermissions"])
    ec2.revoke_security_group_egress(GroupId=default["GroupId"], IpPermissions=default["IpPermissionsEgress"])
    for key, name in (("workload", "ds-sagemaker-fraud-dev"), ("endpoints", "ds-endpoints-fraud-dev")):
        made = ec2.create_security_group(
            GroupName=name,
            Description=f"{key} of the fraud environment",
            VpcId=vpc,
            TagSpecifications=n.spec("security-group", Name=name, Purpose=key),
        )
        ids["groups"][key] = made["GroupId"]
        fresh = ec2.describe_security_groups(GroupIds=[made["GroupId"]])["SecurityGroups"][0]
        ec2.revoke_security_group_egress(GroupId=made["GroupId"], IpPermissions=fresh["IpPermissionsEgress"])
    workload, endpoints = ids["groups"]["workload"], ids["groups"]["endpoints"]
    itself = {"IpProtocol": "-1", "UserIdGroupPairs": [{"GroupId": workload, "Description": "distributed training"}]}
    ec2.authorize_security_group_ingress(GroupId=workload, IpPermissions=[itself])
    ec2.authorize_security_group_egress(
        GroupId=workload,
        IpPermissions=[
            itself,
            {**https(), "UserIdGroupPairs": [{"GroupId": endpoints, "Description": "endpoints"}]},
            {**https(), "PrefixListIds": [{"PrefixListId": ids["prefix_list"], "Description": "S3"}]},
        ],
    )
    ec2.authorize_security_group_ingress(
        GroupId=endpoints,
        IpPermissions=[{**https(), "UserIdGroupPairs": [{"GroupId": workload, "Description": "workloads"}]}],
    )


def https(port: int = 443) -> dict[str, Any]:
    """The head of a permission on one tcp port."""
    return {"IpProtocol": "tcp", "FromPort": port, "ToPort": port}


def flow_logs(c: Any, ids: dict[str, Any]) -> None:
    """Flow logs of all traffic to a log group."""
    made = c("ec2").create_flow_logs(
        ResourceType="VPC",
        ResourceIds=[ids["vpc"]],
        TrafficType="ALL",
        LogDestinationType="cloud-watch-logs",
        LogGroupName=n.FLOW_GROUP,
        DeliverLogsPermissionArn=f"arn:aws:iam::{ACCOUNT}:role/ds-flow-logs",
        TagSpecifications=n.spec("vpc-flow-log", Name="ds-flow-logs"),
    )
    ids["flow_log"] = made["FlowLogIds"][0]


def bystanders(c: Any, ids: dict[str, Any]) -> None:
    """A public VPC beside, gateways that are gone or attached elsewhere, a loose group that nobody uses."""
    ec2 = c("ec2")
    other = ec2.create_vpc(
        CidrBlock="10.20.0.0/16",
        TagSpecifications=[{"ResourceType": "vpc", "Tags": [{"Key": "Name", "Value": "web-shop"}]}],
    )["Vpc"]["VpcId"]
    subnet = ec2.create_subnet(VpcId=other, CidrBlock="10.20.1.0/24", AvailabilityZone=ZONES["a"])["Subnet"]["SubnetId"]
    ec2.modify_subnet_attribute(SubnetId=subnet, MapPublicIpOnLaunch={"Value": True})
    gateway = ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
    ec2.attach_internet_gateway(InternetGatewayId=gateway, VpcId=other)
    table = ec2.describe_route_tables(Filters=[{"Name": "vpc-id", "Values": [other]}])["RouteTables"][0]["RouteTableId"]
    ec2.create_route(RouteTableId=table, DestinationCidrBlock="0.0.0.0/0", GatewayId=gateway)
    spare = ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
    gone = ec2.create_nat_gateway(SubnetId=ids["subnets"]["a"], ConnectivityType="private")["NatGateway"][
        "NatGatewayId"
    ]
    ec2.delete_nat_gateway(NatGatewayId=gone)
    left = ec2.create_vpn_gateway(Type="ipsec.1")["VpnGateway"]["VpnGatewayId"]
    ec2.attach_vpn_gateway(VpnGatewayId=left, VpcId=ids["vpc"])
    ec2.detach_vpn_gateway(VpnGatewayId=left, VpcId=ids["vpc"])
    peering = ec2.create_vpc_peering_connection(VpcId=other, PeerVpcId=ids["vpc"])["VpcPeeringConnection"][
        "VpcPeeringConnectionId"
    ]
    ec2.reject_vpc_peering_connection(VpcPeeringConnectionId=peering)
    loose = ec2.create_security_group(GroupName="unused-bastion", Description="nobody uses it", VpcId=ids["vpc"])[
        "GroupId"
    ]
    ec2.authorize_security_group_ingress(
        GroupId=loose, IpPermissions=[{**https(22), "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}]
    )
    ids["bystanders"] = {
        "vpc": other,
        "subnet": subnet,
        "igw": gateway,
        "table": table,
        "spare_igw": spare,
        "nat": gone,
        "vgw": left,
        "peering": peering,
        "group": loose,
    }

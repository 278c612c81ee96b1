"""Two hundred more of each kind that costs few calls to read, all of them as the baseline wants them."""

from __future__ import annotations

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from ipaddress import ip_network
from typing import Any

from demo.emulator import Emulator
from server.build import names as n
from server.build import sagemaker as build
from server.build.network import ZONES

MORE = 200


def kinds(emulator: Emulator, ids: dict[str, Any]) -> dict[str, Callable[[int], Any]]:
    """What makes the one with a number, by kind."""
    ec2, iam, logs, sagemaker = (emulator.client(name) for name in ("ec2", "iam", "logs", "sagemaker"))
    vpc = ids["vpc"]
    ranges = list(ip_network("10.10.128.0/17").subnets(new_prefix=26))
    zones = list(ZONES.values())
    trust = json.dumps(
        {
            "Version": "2012-10-17",
            "Statement": [
                {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
            ],
        }
    )

    def subnet(number: int) -> None:
        made = ec2.create_subnet(
            VpcId=vpc,
            CidrBlock=str(ranges[number]),
            AvailabilityZone=zones[number % len(zones)],
            TagSpecifications=n.spec("subnet", Name=f"bench-{number:03}", Tier="private"),
        )
        ec2.associate_route_table(RouteTableId=ids["tables"]["ab"], SubnetId=made["Subnet"]["SubnetId"])

    def log_group(number: int) -> None:
        name = f"/aws/sagemaker/bench/{number:03}"
        logs.create_log_group(logGroupName=name, kmsKeyId=ids["keys"]["logs"], tags=n.TAGS)
        logs.put_retention_policy(logGroupName=name, retentionInDays=400)

    return {
        "subnets": subnet,
        "security groups": lambda number: ec2.create_security_group(
            GroupName=f"bench-{number:03}", Description="bench", VpcId=vpc, TagSpecifications=n.spec("security-group")
        ),
        "route tables": lambda number: ec2.create_route_table(VpcId=vpc, TagSpecifications=n.spec("route-table")),
        "roles": lambda number: iam.create_role(RoleName=f"bench-{number:03}", AssumeRolePolicyDocument=trust),
        "log groups": log_group,
        "training jobs": lambda number: sagemaker.create_training_job(**build.training(ids, f"ds-bench-{number:03}")),
        "models": lambda number: sagemaker.create_model(**build.model(ids, f"ds-bench-{number:03}")),
        "endpoint configs": lambda number: sagemaker.create_endpoint_config(
            **build.endpoint_config(ids, f"ds-bench-{number:03}")
        ),
    }


def add(emulator: Emulator) -> list[str]:
    """Make them; returns the kinds."""
    ids = emulator.ask("GET", "ids")
    made = kinds(emulator, ids)
    with ThreadPoolExecutor(4) as pool:
        for make in made.values():
            for _ in pool.map(make, range(MORE)):
                pass
    return list(made)

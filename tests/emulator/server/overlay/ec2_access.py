"""VPC Block Public Access: the regional options and the exclusions."""

from __future__ import annotations

from typing import Any

from ..state import store


def _options(backend: Any) -> dict[str, Any]:
    return store(
        backend,
        "plumbline_bpa",
        lambda: {
            "InternetGatewayBlockMode": "off",
            "State": "default-state",
            "ManagedBy": "account",
            "ExclusionsAllowed": "allowed",
            "Reason": "",
        },
    )


def _exclusions(backend: Any) -> dict[str, dict[str, Any]]:
    return store(backend, "plumbline_bpa_exclusions", dict)


def install(response: Any, action_result: Any) -> None:
    """Add the operations to the response class."""
    from moto.moto_api._internal import mock_random

    def full(self: Any) -> dict[str, Any]:
        return {"AwsAccountId": self.current_account, "AwsRegion": self.region, **_options(self.ec2_backend)}

    def describe_vpc_block_public_access_options(self: Any) -> Any:
        return action_result({"VpcBlockPublicAccessOptions": full(self)})

    def modify_vpc_block_public_access_options(self: Any) -> Any:
        mode = self._get_param("InternetGatewayBlockMode")
        _options(self.ec2_backend).update(InternetGatewayBlockMode=mode, State="update-complete")
        return action_result({"VpcBlockPublicAccessOptions": full(self)})

    def create_vpc_block_public_access_exclusion(self: Any) -> Any:
        target = self._get_param("SubnetId") or self._get_param("VpcId")
        kind = "subnet" if str(target).startswith("subnet-") else "vpc"
        one = f"vpcbpa-exclude-{mock_random.get_random_hex(17)}"
        made = {
            "ExclusionId": one,
            "State": "create-complete",
            "Reason": "",
            "InternetGatewayExclusionMode": self._get_param("InternetGatewayExclusionMode"),
            "ResourceArn": f"arn:aws:ec2:{self.region}:{self.current_account}:{kind}/{target}",
        }
        _exclusions(self.ec2_backend)[one] = made
        return action_result({"VpcBlockPublicAccessExclusion": made})

    def describe_vpc_block_public_access_exclusions(self: Any) -> Any:
        wanted = self._get_param("ExclusionIds", [])
        found = [e for key, e in _exclusions(self.ec2_backend).items() if not wanted or key in wanted]
        return action_result({"VpcBlockPublicAccessExclusions": found})

    def delete_vpc_block_public_access_exclusion(self: Any) -> Any:
        made = _exclusions(self.ec2_backend)[self._get_param("ExclusionId")]
        made["State"] = "delete-complete"
        return action_result({"VpcBlockPublicAccessExclusion": made})

    for method in (
        describe_vpc_block_public_access_options,
        modify_vpc_block_public_access_options,
        create_vpc_block_public_access_exclusion,
        describe_vpc_block_public_access_exclusions,
        delete_vpc_block_public_access_exclusion,
    ):
        setattr(response, method.__name__, method)

"""IAM: AWS managed policies on demand, and the fields that account details lack."""

from __future__ import annotations

import json
from functools import lru_cache
from typing import Any

AWS = "arn:aws:iam::aws:policy/"


@lru_cache
def _bundled() -> dict[str, Any]:
    from moto.iam.aws_managed_policies import aws_managed_policies_data

    return json.loads(aws_managed_policies_data)


def load(backend: Any, arn: str) -> None:
    """Bring one AWS managed policy into an account when it is first named."""
    if not str(arn).startswith(AWS) or arn in backend.managed_policies:
        return
    from moto.iam.models import AWSManagedPolicy

    name = arn.rsplit("/", 1)[1]
    data = _bundled().get(name)
    if data is None:
        return
    policy = AWSManagedPolicy.from_data(name, backend.account_id, backend.region_name, data)
    if policy.arn == arn:
        backend.aws_managed_policies.append(policy)
        backend.managed_policies[arn] = policy


def install() -> None:
    """Patch moto's IAM."""
    from moto.iam import models

    for name in ("attach_role_policy", "attach_user_policy", "attach_group_policy"):
        original = getattr(models.IAMBackend, name)

        def attach(self: Any, policy_arn: str, *args: Any, _original: Any = original, **kwargs: Any) -> Any:
            load(self, policy_arn)
            return _original(self, policy_arn, *args, **kwargs)

        setattr(models.IAMBackend, name, attach)
    original_get = models.IAMBackend.get_policy

    def get_policy(self: Any, policy_arn: str) -> Any:
        load(self, policy_arn)
        return original_get(self, policy_arn)

    models.IAMBackend.get_policy = get_policy  # type: ignore[method-assign]
    original_version = models.IAMBackend.get_policy_version

    def get_policy_version(self: Any, policy_arn: str, version_id: str) -> Any:
        load(self, policy_arn)
        return original_version(self, policy_arn, version_id)

    models.IAMBackend.get_policy_version = get_policy_version  # type: ignore[method-assign]
    original_boundary = models.IAMBackend.put_role_permissions_boundary

    def put_role_permissions_boundary(self: Any, role_name: str, permissions_boundary: str) -> Any:
        load(self, permissions_boundary)
        return original_boundary(self, role_name, permissions_boundary)

    models.IAMBackend.put_role_permissions_boundary = put_role_permissions_boundary  # type: ignore[method-assign]
    models.ManagedPolicy.policy_name = property(lambda self: self.name)  # type: ignore[attr-defined]
    models.ManagedPolicy.policy_id = property(lambda self: self.id)  # type: ignore[attr-defined]
    original_details = models.IAMBackend.get_account_authorization_details

    def details(self: Any, policy_filter: list[str]) -> dict[str, Any]:
        """An AWS managed policy is listed while it is attached or is a boundary."""
        found = original_details(self, policy_filter)
        used = {
            arn
            for owner in (*self.roles.values(), *self.users.values(), *self.groups.values())
            for arn in owner.managed_policies
        }
        used |= {
            getattr(owner, "permissions_boundary_arn", None) or getattr(owner, "permissions_boundary", None)
            for owner in (*self.roles.values(), *self.users.values())
        }
        found["managed_policies"] = [p for p in found["managed_policies"] if not p.arn.startswith(AWS) or p.arn in used]
        return found

    models.IAMBackend.get_account_authorization_details = details  # type: ignore[method-assign]

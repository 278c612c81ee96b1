"""A principal that may do exactly what a policy says, and the switch that makes the emulator look at policies."""

from __future__ import annotations

import json
from typing import Any

USER = "plumbline-auditor"
POLICY = "plumbline-reads"


def _enforce(on: bool) -> None:
    from moto import settings
    from moto.core.authorization import ActionAuthenticatorMixin

    settings.INITIAL_NO_AUTH_ACTION_COUNT = 0 if on else float("inf")
    ActionAuthenticatorMixin.request_count = 0


def grant(layer: Any, policy: dict[str, Any]) -> dict[str, str]:
    """Make the user, or give it another policy; from now on every call is checked. Answers with the user's keys."""
    _enforce(False)
    iam = layer.clients()("iam")
    try:
        iam.create_user(UserName=USER)
    except iam.exceptions.EntityAlreadyExistsException:
        for old in iam.list_access_keys(UserName=USER)["AccessKeyMetadata"]:
            iam.delete_access_key(UserName=USER, AccessKeyId=old["AccessKeyId"])
    iam.put_user_policy(UserName=USER, PolicyName=POLICY, PolicyDocument=json.dumps(policy))
    key = iam.create_access_key(UserName=USER)["AccessKey"]
    _enforce(True)
    return {"access_key_id": key["AccessKeyId"], "secret_access_key": key["SecretAccessKey"]}


def lift() -> None:
    """No call is checked any more."""
    _enforce(False)

"""KMS: key metadata, the AWS managed keys, the period of rotation."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any


def install() -> None:
    """Patch moto's KMS."""
    from moto.kms import models
    from moto.kms.responses import KmsResponse
    from moto.kms.utils import RESERVED_ALIASE_TARGET_KEY_IDS

    managed = set(RESERVED_ALIASE_TARGET_KEY_IDS.values())
    original_dict = models.Key.to_dict

    def to_dict(self: Any) -> dict[str, Any]:
        answer = original_dict(self)
        data = answer["KeyMetadata"]
        data["KeyUsage"] = data.get("KeyUsage") or "ENCRYPT_DECRYPT"
        data["MultiRegion"] = bool(self.multi_region)
        data["KeyManager"] = "AWS" if self.id in managed else "CUSTOMER"
        for name in [name for name, value in data.items() if value is None or value == []]:
            del data[name]
        return answer

    models.Key.to_dict = to_dict  # type: ignore[method-assign]

    def default_key(self: Any, alias_name: str) -> str | None:
        """The AWS managed key of a service, made when it is first asked for, under the id that its alias shows."""
        key_id = RESERVED_ALIASE_TARGET_KEY_IDS.get(alias_name)
        if key_id is None:
            return None
        if key_id not in self.keys:
            key = self.create_key(
                None,
                "ENCRYPT_DECRYPT",
                "SYMMETRIC_DEFAULT",
                f"Default key that protects my {alias_name.rsplit('/', 1)[1]} data",
                None,
            )
            del self.keys[key.id]
            key.id, key.arn = key_id, key.arn.replace(key.id, key_id)
            self.keys[key_id] = key
            self.create_alias(key_id, alias_name)
        return key_id

    models.KmsBackend._generate_default_keys = default_key  # type: ignore[method-assign]
    original_validate = KmsResponse._validate_cmk_id

    def validate_cmk_id(self: Any, key_id: str) -> None:
        for alias, managed_id in RESERVED_ALIASE_TARGET_KEY_IDS.items():
            if str(key_id).endswith(managed_id):
                self.kms_backend._generate_default_keys(alias)
        original_validate(self, key_id)

    KmsResponse._validate_cmk_id = validate_cmk_id  # type: ignore[method-assign]

    def get_key_rotation_status(self: Any) -> str:
        key_id = self._get_param("KeyId")
        self._validate_cmk_id(key_id)
        key = self.kms_backend.keys[self.kms_backend.get_key_id(key_id)]
        on = key.id in managed or (
            self.kms_backend.get_key_rotation_status(key_id) and key.key_state != "PendingDeletion"
        )
        answer: dict[str, Any] = {"KeyId": key.arn, "KeyRotationEnabled": on}
        if on:
            days = getattr(key, "rotation_period", 365)
            answer["RotationPeriodInDays"] = days
            created = datetime.fromtimestamp(key.creation_date)
            answer["NextRotationDate"] = (created + timedelta(days=days)).timestamp()
        return json.dumps(answer)

    KmsResponse.get_key_rotation_status = get_key_rotation_status  # type: ignore[method-assign]
    original_enable = KmsResponse.enable_key_rotation

    def enable_key_rotation(self: Any) -> str:
        answer = original_enable(self)
        key = self.kms_backend.keys[self.kms_backend.get_key_id(self._get_param("KeyId"))]
        key.rotation_period = int(self._get_param("RotationPeriodInDays") or 365)
        return answer

    KmsResponse.enable_key_rotation = enable_key_rotation  # type: ignore[method-assign]
    original_policy = KmsResponse.get_key_policy

    def get_key_policy(self: Any) -> str:
        return json.dumps({**json.loads(original_policy(self)), "PolicyName": "default"})

    KmsResponse.get_key_policy = get_key_policy  # type: ignore[method-assign]
    original_aliases = KmsResponse.list_aliases

    def list_aliases(self: Any) -> str:
        answer = json.loads(original_aliases(self))
        answer.pop("NextMarker", None)
        answer["Truncated"] = False
        return json.dumps(answer)

    KmsResponse.list_aliases = list_aliases  # type: ignore[method-assign]

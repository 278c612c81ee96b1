"""Small builders of policies and lines, shared by the hand-written cases and the generator."""

from __future__ import annotations

import copy
import json

OWN = "111122223333"
OTHER = "444455556666"
USER = f"arn:aws:iam::{OWN}:user/alice"
ROOT = f"arn:aws:iam::{OWN}:root"
ROLE = f"arn:aws:iam::{OWN}:role/team/reader"
SESSION = f"arn:aws:sts::{OWN}:assumed-role/reader/job-1"
FEDERATED = f"arn:aws:sts::{OWN}:federated-user/carol"
LINKED = f"arn:aws:sts::{OWN}:assumed-role/AWSServiceRoleForBackup/job"
LINKED_ROLE = f"arn:aws:iam::{OWN}:role/aws-service-role/backup.amazonaws.com/AWSServiceRoleForBackup"
FOREIGN_USER = f"arn:aws:iam::{OTHER}:user/bob"
FOREIGN_SESSION = f"arn:aws:sts::{OTHER}:assumed-role/loader/run-7"
BUCKET = "arn:aws:s3:::records"
OBJECT = BUCKET + "/2026/a.csv"
KEY = f"arn:aws:kms:eu-west-1:{OWN}:key/1234abcd-12ab-34cd-56ef-1234567890ab"
QUEUE = f"arn:aws:sqs:eu-west-1:{OWN}:intake"
TARGET_ROLE = f"arn:aws:iam::{OWN}:role/deployer"


def statement(effect: str, action="s3:GetObject", resource="*", condition=None, principal=None, **more) -> dict:
    """A statement; pass resource=None for a trust policy, and other elements by name (NotAction=…)."""
    made: dict = {"Effect": effect}
    if principal is not None:
        made["Principal"] = principal
    if "NotAction" not in more:
        made["Action"] = action
    if resource is not None and "NotResource" not in more:
        made["Resource"] = resource
    made.update(more)
    if condition is not None:
        made["Condition"] = condition
    return made


def allow(**parts) -> dict:
    return statement("Allow", **parts)


def deny(**parts) -> dict:
    return statement("Deny", **parts)


def policy(*statements, version: str | None = "2012-10-17") -> dict:
    made: dict = {"Version": version} if version else {}
    made["Statement"] = list(statements)
    return made


FULL = policy(allow(action="*"))
PUBLIC = policy(allow(action="*", principal="*"))


def line(
    name: str, principal=USER, action="s3:GetObject", resource=OBJECT, account=OWN, context=None, **policies
) -> dict:
    """A line of the contract's form. Policies: identity, resource_policy, boundary, session, scps, rcps, endpoint."""
    return copy.deepcopy({
        "id": name,
        "request": {
            "principal": principal, "action": action, "resource": resource, "resource_account": account,
            "context": context or {},
        },
        "identity_policies": policies.get("identity", []),
        "resource_policy": policies.get("resource_policy"),
        "permission_boundary": policies.get("boundary"),
        "session_policies": policies.get("session", []),
        "scps": policies.get("scps", []),
        "rcps": policies.get("rcps", []),
        "vpc_endpoint_policy": policies.get("endpoint"),
    })


def text(made: dict) -> str:
    return json.dumps(made, ensure_ascii=False)

"""IAM enforcement (moto's reset-auth) closer to the services' own: action names, resources, conditions.

moto compares most actions with the resource `*` and knows few conditions. Here an unknown resource matches every
statement, an Allow holds whatever its conditions, and a Deny with conditions does not fire: what is tested is that a
policy names the right actions.
"""

from __future__ import annotations

from typing import Any

# Actions whose IAM name differs from what moto derives, by service and API name.
NAMES = {
    "s3:HeadBucket": "s3:ListBucket",
    "s3:GetBucketEncryption": "s3:GetEncryptionConfiguration",
    "s3:PutBucketEncryption": "s3:PutEncryptionConfiguration",
    "s3:ListBuckets": "s3:ListAllMyBuckets",
    "s3:PutOwnershipControls": "s3:PutBucketOwnershipControls",
    "s3:HeadObject": "s3:GetObject",
}
# moto takes a bucket's subresource reads for a listing: the query string says better.
SUBRESOURCES = {
    "encryption": "EncryptionConfiguration",
    "ownershipControls": "BucketOwnershipControls",
    "publicAccessBlock": "BucketPublicAccessBlock",
    "policyStatus": "BucketPolicyStatus",
    "location": "BucketLocation",
    "versioning": "BucketVersioning",
    "policy": "BucketPolicy",
    "logging": "BucketLogging",
    "acl": "BucketAcl",
    "tagging": "BucketTagging",
}


def install() -> None:
    """Patch moto's policy evaluation."""
    from moto.iam import access_control as ac

    original_init = ac.IAMRequestBase.__init__
    original_signature = ac.IAMRequestBase.check_signature
    original_statement = ac.IAMPolicyStatement.is_action_permitted

    def init(self: Any, *args: Any, **kwargs: Any) -> None:
        original_init(self, *args, **kwargs)
        path = kwargs.get("path", "")
        if self._service == "monitoring":
            self._action = self._action.replace("monitoring:", "cloudwatch:", 1)
        if self._service in ("s3", "s3control"):
            self._action = _s3_action(self._action, path, kwargs.get("method", "GET"))

    def check_signature(self: Any) -> None:
        if "x-plumbline-rewritten" not in {str(name).lower() for name, _ in self._headers.items()}:
            original_signature(self)

    def permitted(
        self: Any, action: str, resource: str = "*", principal: str | None = None, incoming_condition_values: Any = None
    ) -> Any:
        statement = self._statement
        if "Resource" not in statement and "NotResource" not in statement:
            return original_statement(self, action, resource, principal, incoming_condition_values)
        if statement.get("Condition") and statement.get("Effect") == "Deny":
            return ac.PermissionResult.NEUTRAL
        relaxed = {k: v for k, v in statement.items() if k != "Condition"}
        if resource == "*" or "NotResource" in statement:
            if statement.get("Effect") == "Deny" and statement.get("Resource") not in ("*", ["*"]):
                return ac.PermissionResult.NEUTRAL
            relaxed["Resource"] = "*"
        return original_statement(ac.IAMPolicyStatement(relaxed), action, resource, principal, None)

    ac.IAMRequestBase.__init__ = init  # type: ignore[method-assign]
    ac.IAMRequestBase.check_signature = check_signature  # type: ignore[method-assign]
    ac.IAMPolicyStatement.is_action_permitted = permitted  # type: ignore[method-assign]


def _s3_action(action: str, path: str, method: str) -> str:
    action = action.replace("s3control:", "s3:", 1)
    if path.startswith("/v20180820/"):
        verb = "Get" if method == "GET" else "Put"
        return f"s3:{verb}AccountPublicAccessBlock" if "publicAccessBlock" in path else action
    where, _, query = path.partition("?")
    bucket_only = where.strip("/").count("/") == 0 and where.strip("/") != ""
    if bucket_only:
        for part in query.split("&"):
            name = part.split("=")[0]
            if name in SUBRESOURCES:
                verb = {"GET": "Get", "PUT": "Put", "DELETE": "Delete"}.get(method, "Get")
                return f"s3:{verb}{SUBRESOURCES[name]}"
    return NAMES.get(action, action)

"""S3: what AWS gives every new bucket, and answers that strict readers take."""

from __future__ import annotations

from typing import Any


def install() -> None:
    """Patch moto's S3."""
    from moto.s3.models import S3Backend
    from moto.s3.responses import S3Response

    original_create = S3Backend.create_bucket

    def create_bucket(self: Any, bucket_name: str, *args: Any, **kwargs: Any) -> Any:
        """A new bucket has default encryption, all public access blocked, and ACLs off."""
        bucket = original_create(self, bucket_name, *args, **kwargs)
        self.put_public_access_block(
            bucket_name,
            {
                "BlockPublicAcls": True,
                "IgnorePublicAcls": True,
                "BlockPublicPolicy": True,
                "RestrictPublicBuckets": True,
            },
        )
        if not bucket.ownership_rule:
            bucket.ownership_rule = "BucketOwnerEnforced"
        bucket.encryption = bucket.encryption or _default_encryption()
        return bucket

    S3Backend.create_bucket = create_bucket  # type: ignore[method-assign]
    original_delete = S3Backend.delete_bucket_encryption

    def delete_bucket_encryption(self: Any, bucket_name: str) -> None:
        """Deleting the configuration goes back to SSE-S3."""
        original_delete(self, bucket_name)
        self.get_bucket(bucket_name).encryption = _default_encryption()

    S3Backend.delete_bucket_encryption = delete_bucket_encryption  # type: ignore[method-assign]

    def get_bucket_versioning(self: Any) -> Any:
        """The element that AWS answers with, empty for a bucket that never had versioning."""
        self.data["Action"] = "GetBucketVersioning"
        status = self.backend.get_bucket_versioning(self.bucket_name)
        body = (
            '<?xml version="1.0" encoding="UTF-8"?>\n'
            '<VersioningConfiguration xmlns="http://s3.amazonaws.com/doc/2006-03-01/">'
            f"{f'<Status>{status}</Status>' if status else ''}</VersioningConfiguration>"
        )
        return 200, {"Content-Type": "application/xml"}, body

    S3Response.get_bucket_versioning = get_bucket_versioning  # type: ignore[method-assign]


def _default_encryption() -> dict[str, Any]:
    return {"Rule": {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}, "BucketKeyEnabled": "false"}}

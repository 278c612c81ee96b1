"""CodeCommit: the key of a repository, and many repositories in one answer."""

from __future__ import annotations

import json
from typing import Any


def install() -> None:
    """Patch moto's CodeCommit."""
    from moto.codecommit.responses import CodeCommitResponse

    original = CodeCommitResponse.create_repository

    def create_repository(self: Any) -> str:
        """A repository keeps the key that it was given; without one it has AWS's own."""
        made = json.loads(original(self))["repositoryMetadata"]
        key = self._get_param("kmsKeyId") or f"arn:aws:kms:{self.region}:{self.current_account}:alias/aws/codecommit"
        kept = self.codecommit_backend.repositories[made["repositoryName"]].repository_metadata
        kept["kmsKeyId"] = key
        return json.dumps({"repositoryMetadata": kept})

    def update_repository_encryption_key(self: Any) -> str:
        kept = self.codecommit_backend.get_repository(self._get_param("repositoryName"))
        before, kept["kmsKeyId"] = kept["kmsKeyId"], self._get_param("kmsKeyId")
        return json.dumps(
            {"repositoryId": kept["repositoryId"], "kmsKeyId": kept["kmsKeyId"], "originalKmsKeyId": before}
        )

    def batch_get_repositories(self: Any) -> str:
        """Those that exist, and the names of those that don't."""
        known = self.codecommit_backend.repositories
        names = self._get_param("repositoryNames") or []
        times = ("creationDate", "lastModifiedDate")
        found = [
            {k: v for k, v in known[name].repository_metadata.items() if k not in times}
            for name in names
            if name in known
        ]
        missing = [name for name in names if name not in known]
        return json.dumps({"repositories": found, "repositoriesNotFound": missing, "errors": []})

    CodeCommitResponse.create_repository = create_repository  # type: ignore[method-assign]
    CodeCommitResponse.update_repository_encryption_key = update_repository_encryption_key  # type: ignore[attr-defined]
    CodeCommitResponse.batch_get_repositories = batch_get_repositories  # type: ignore[attr-defined]

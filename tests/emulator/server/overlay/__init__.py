"""What is added to moto: operations it lacks, and answers put right. One module for each service."""

from __future__ import annotations

_installed = False


def install() -> None:
    """Patch moto's classes, once."""
    global _installed
    if _installed:
        return
    _installed = True
    from . import access, audit, codecommit, ec2, iam, keys, s3, sagemaker, servicecatalog

    for module in (access, audit, codecommit, ec2, iam, keys, s3, sagemaker, servicecatalog):
        module.install()

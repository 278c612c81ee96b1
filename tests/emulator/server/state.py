"""moto's own stores, for the states that no API call can reach, and for emptying them."""

from __future__ import annotations

from typing import Any

from . import ACCOUNT, REGION

GLOBAL = {"iam": "aws", "sts": "aws", "s3": "aws", "s3control": "aws"}


def backend(service: str, region: str = REGION) -> Any:
    """The store of one service in one region."""
    from moto.backends import get_backend

    return get_backend(service)[ACCOUNT][GLOBAL.get(service, region)]  # type: ignore[call-overload]


def store(owner: Any, name: str, make: Any) -> Any:
    """An additional attribute on one of moto's stores, made at first use; moto's reset drops it."""
    if name not in owner.__dict__:
        owner.__dict__[name] = make()
    return owner.__dict__[name]


def reset() -> None:
    """Empty every store, and start the ids at the same point."""
    from moto.moto_api._internal import mock_random
    from moto.moto_api._internal.models import moto_api_backend

    moto_api_backend.reset()
    mock_random.seed(42)

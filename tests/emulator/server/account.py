"""The complete environment of the seed, compliant, built through the services' write APIs alone."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from .build import data, names, network, roles, sagemaker, selfservice, studio


@dataclass
class Account:
    """A built account: its ids, and what each break kept for its undoing."""

    ids: dict[str, Any] = field(default_factory=dict)
    kept: dict[str, Any] = field(default_factory=dict)


def build(layer: Any) -> Account:
    """Build the account through clients that call the layer."""
    account = Account()
    c, ids = layer.clients(), account.ids
    ids["environment"] = names.ENV
    data.keys(c, ids)
    data.ebs(c, ids)
    network.build(c, ids)
    roles.build(c, ids)
    data.log_groups(c, ids)
    network.flow_logs(c, ids)
    data.buckets(c, ids)
    data.trail(c, ids)
    sagemaker.build(c, ids)
    studio.build(c, ids)
    selfservice.portfolio(c, ids)
    selfservice.repository(c, ids)
    network.bystanders(c, ids)
    return account

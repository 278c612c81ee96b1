"""A check of the emulator itself: facts, breaks, faults, pages, enforcement, forks; with times.

    python -m server selftest          everything
    python -m server selftest NAME…    only these breaks

Each break is made in a process of its own on a copy of the account: something that the controls read must have
changed, its expectation must name ids that exist, and where it can be mended the reads must be as before.
"""

from __future__ import annotations

import json
import os
import sys
import time
import traceback
from typing import Any

from . import reads
from .build import names as n
from .layer import Layer

# Ids, and with them lists of ids, change when a thing is made anew by a mending.
REMADE = ("vpe-01-sts-missing", "vpe-07-zone-left", "log-11-none")


class Check:
    """Counts what holds and says what does not."""

    def __init__(self) -> None:
        self.good, self.bad = 0, 0

    def __call__(self, held: Any, what: str) -> None:
        if held:
            self.good += 1
        else:
            self.bad += 1
            print(f"FAILED {what}", flush=True)


def facts(check: Check, layer: Layer) -> None:
    """What the compliant account must show."""
    c, ids = layer.clients(), layer.account.ids
    seen = reads.everything(c, ids)
    subnets = [s for s in seen["ec2 subnets"]["Subnets"] if s["SubnetId"] in ids["subnets"].values()]
    check(len(subnets) == 3 and len({s["AvailabilityZoneId"] for s in subnets}) == 3, "three subnets in three zones")
    check(
        not any(s["MapPublicIpOnLaunch"] or s["AssignIpv6AddressOnCreation"] for s in subnets), "no addresses on launch"
    )
    check(not any(v["IsDefault"] for v in seen["ec2 vpcs"]["Vpcs"]), "no default VPC")
    check(
        all(
            v["Value"]
            for k, v in {**seen["ec2 enableDnsSupport"], **seen["ec2 enableDnsHostnames"]}.items()
            if k.startswith("Enable")
        ),
        "DNS on",
    )
    gateways = [a["VpcId"] for g in seen["ec2 internet_gateways"]["InternetGateways"] for a in g["Attachments"]]
    check(ids["vpc"] not in gateways and gateways, "internet gateways only elsewhere")
    check([g["State"] for g in seen["ec2 nat_gateways"]["NatGateways"]] == ["deleted"], "only a deleted NAT gateway")
    tables = {t["RouteTableId"]: t for t in seen["ec2 route_tables"]["RouteTables"]}
    for key in ("ab", "c"):
        targets = sorted(r["GatewayId"] for r in tables[ids["tables"][key]]["Routes"])
        check(targets == ["local", ids["endpoints"]["s3"]], f"routes of table {key}: {targets}")
    endpoints = [e for e in seen["ec2 vpc_endpoints"]["VpcEndpoints"] if e["VpcId"] == ids["vpc"]]
    check(len(endpoints) == 8 and all(e["State"] == "available" for e in endpoints), "eight endpoints")
    check(all(e["PrivateDnsEnabled"] == (e["VpcEndpointType"] == "Interface") for e in endpoints), "private DNS")
    check(
        all(
            len(e["SubnetIds"]) == 3 and [g["GroupId"] for g in e["Groups"]] == [ids["groups"]["endpoints"]]
            for e in endpoints
            if e["VpcEndpointType"] == "Interface"
        ),
        "interfaces of the endpoints",
    )
    default = next(g for g in seen["ec2 security_groups"]["SecurityGroups"] if g["GroupId"] == ids["groups"]["default"])
    check(not default["IpPermissions"] and not default["IpPermissionsEgress"], "empty default group")
    roles = {r["Arn"]: r for r in seen["iam details"]["RoleDetailList"]}
    check(set(ids["roles"].values()) <= set(roles), "seven roles")
    check(
        all(roles[arn]["PermissionsBoundary"]["PermissionsBoundaryArn"] == n.BOUNDARY for arn in ids["roles"].values()),
        "boundaries",
    )
    check(all(p.get("PolicyName") for p in seen["iam details"]["Policies"]), "policies have names")
    for kind in ("data_lake", "data", "model"):
        rule = seen[f"s3 {n.BUCKETS[kind]} bucket_encryption"]["ServerSideEncryptionConfiguration"]["Rules"][0]
        check(rule["ApplyServerSideEncryptionByDefault"].get("KMSMasterKeyID") == ids["keys"]["data"], f"key of {kind}")
    for key in ("data", "volumes", "logs"):
        status = seen[f"kms {ids['keys'][key].rsplit('/', 1)[1]} get_key_rotation_status"]
        check(
            status == {"KeyId": ids["keys"][key], "KeyRotationEnabled": True, "RotationPeriodInDays": 365},
            f"rotation of {key}",
        )
    status = seen[f"trail {n.TRAIL} status"]
    check(status["IsLogging"] and status["recent"] and "LatestDeliveryError" not in status, "the trail delivers")
    notebook = seen[f"sagemaker {n.sagemaker_arn('notebook-instance', n.NOTEBOOK)}"]
    check(notebook["NotebookInstanceStatus"] == "InService" and notebook["RootAccess"] == "Disabled", "the notebook")
    check(
        len(seen["search TrainingJob"]["Results"]) == 3
        and seen["search TrainingJob"]["Results"][0]["TrainingJob"]["Tags"],
        "search of jobs",
    )
    check(
        all(r["Model"]["Model"]["EnableNetworkIsolation"] for r in seen["search Model"]["Results"]), "search of models"
    )
    (launched,) = seen["provisioned"]["ProvisionedProducts"]
    check(launched["ProductId"] == ids["product"], "one launch from the catalogue")
    kinds = sorted(one["Type"] for one in seen["portfolio list_constraints_for_portfolio"]["ConstraintDetails"])
    check(kinds == ["LAUNCH", "TEMPLATE"], f"constraints: {kinds}")
    check(seen["repositories"]["repositories"][0]["kmsKeyId"] == ids["keys"]["data"], "key of the repository")
    check(seen["ec2 ebs key"]["KmsKeyId"] == ids["keys"]["volumes"], "EBS default key")
    check(c("kms").describe_key(KeyId="alias/aws/s3")["KeyMetadata"]["KeyManager"] == "AWS", "AWS managed keys")


def one_break(name: str, layer: Layer, before: dict[str, Any]) -> list[str]:
    """What is wrong with one break, on this process's copy of the account."""
    from . import breaks

    c, ids, wrong = layer.clients(), layer.account.ids, []
    made = breaks.make(layer, name)
    for want in made["expect"]:
        if "{" in str(want["resource"]):
            wrong.append(f"{name}: unresolved {want['resource']}")
    after = reads.everything(c, ids)
    for reply in after.values():
        if isinstance(reply, dict) and reply.get("error") in ("InternalError", "InternalFailure"):
            wrong.append(f"{name}: a read fails with {reply['error']}")
    differ = reads.changed(before, after)
    if not differ and name != "net-01-same-tag-elsewhere":
        wrong.append(f"{name}: nothing readable changed")
    if made["mend"]:
        breaks.mend(layer, name)
        mended = reads.everything(c, ids)
        unlike = [
            key
            for key in reads.changed(before, mended)
            if name not in REMADE and not _like(before.get(key), mended.get(key))
        ]
        if unlike:
            wrong.append(f"{name}: not mended: {unlike}")
    return wrong


def _like(one: Any, other: Any) -> bool:
    """Equal but for order, times, and things that AWS itself keeps listed for a while after they are gone."""

    def plain(value: Any) -> Any:
        if isinstance(value, dict):
            return {k: plain(v) for k, v in value.items() if not k.endswith(("Time", "AssociationId"))}
        if isinstance(value, list):
            kept = [plain(v) for v in value if not (isinstance(v, dict) and _gone(v))]
            return sorted(kept, key=lambda v: json.dumps(v, sort_keys=True))
        return value

    return bool(plain(one) == plain(other))


def _gone(one: dict[str, Any]) -> bool:
    status = one.get("Status")
    code = status.get("Code") if isinstance(status, dict) else None
    attached = one.get("VpcAttachments")
    return (
        one.get("State") in ("deleted", "detached")
        or code in ("deleted", "rejected")
        or bool(attached is not None and all(a["State"] == "detached" for a in attached))
    )


def all_breaks(check: Check, layer: Layer, names: list[str]) -> None:
    """Every break in a fork, a few at a time."""
    before = reads.everything(layer.clients(), layer.account.ids)
    waiting, running = list(names), {}
    while waiting or running:
        while waiting and len(running) < max(2, os.cpu_count() or 2):
            name = waiting.pop()
            read, write = os.pipe()
            pid = os.fork()
            if pid == 0:
                try:
                    wrong = one_break(name, layer, before)
                except BaseException:
                    wrong = [f"{name}: {traceback.format_exc(limit=-3)}"]
                os.write(write, json.dumps(wrong).encode()[:60000])
                os._exit(0)
            os.close(write)
            running[pid] = (name, read)
        pid, _ = os.wait()
        if pid in running:
            name, read = running.pop(pid)
            with os.fdopen(read, "rb") as pipe:
                wrong = json.loads(pipe.read() or b'["no answer"]')
            check(not wrong, f"break {'; '.join(wrong) or name}")


def run(names: list[str]) -> int:
    """Run the checks; returns the exit status."""
    from . import breaks
    from .selftest_wire import forks, wire

    check = Check()
    started = time.monotonic()
    layer = Layer()
    imported = time.monotonic()
    layer.build()
    built = time.monotonic()
    print(f"import {imported - started:.2f} s, build {built - imported:.2f} s", flush=True)
    unknown = [name for name in names if name not in breaks.BREAKS]
    if unknown:
        print(f"no such break: {', '.join(unknown)}", file=sys.stderr)
        return 2
    if not names:
        facts(check, layer)
    all_breaks(check, layer, names or list(breaks.BREAKS))
    print(f"{len(names or breaks.BREAKS)} breaks in {time.monotonic() - built:.1f} s", flush=True)
    if not names:
        forks(check)
        wire(check)
    print(f"{check.good} checks hold, {check.bad} fail", flush=True)
    return 1 if check.bad else 0

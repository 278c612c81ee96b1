"""VPC Block Public Access ("Block public access to VPCs and subnets", "VPC BPA basics", its "Advanced example")."""

from __future__ import annotations

from .topology import OPTIONS, Topology

# States in which an exclusion holds, in which it does not, and (all others) in which the pages do not say.
HOLDS = ("create-complete", "update-complete")
HOLDS_NOT = ("create-failed", "delete-complete", "disable-complete")
PASS, BLOCKED, EXCLUDED, OPEN = "pass", "bpa-block", "bpa-excluded", "bpa-unknown"


def blocks(topology: Topology, vpc: str, subnets: set[str], gateway: str, balancer: str | None = None) -> str:
    """What BPA does to a packet: PASS, BLOCKED, EXCLUDED (it would be blocked but for an exclusion) or OPEN.

    gateway: igw, nat (the igw on behalf of a NAT gateway) or egress-only. subnets: those an exclusion may be about.
    balancer: the subnet of a Gateway Load Balancer endpoint on the way.
    """
    options = topology.raw.get(OPTIONS)
    if options is None:
        return OPEN
    mode = options.get("InternetGatewayBlockMode", "off")
    if options.get("State") == "update-in-progress" or mode not in ("off", "block-bidirectional", "block-ingress"):
        return OPEN
    if mode == "off":
        return PASS
    if balancer:
        # Two versions of the page contradict each other on whether an exclusion of this subnet helps.
        # What ingress-only mode does to a NAT gateway behind one, neither says.
        closed = _one(topology, mode, vpc, balancer, "igw") == BLOCKED
        return BLOCKED if closed and (mode != "block-ingress" or gateway == "igw") else OPEN
    if mode == "block-ingress" and gateway in ("nat", "egress-only"):
        # Ingress-only lets traffic of NAT and egress-only gateways pass, and closes an instance's own way out too
        # (scenario 3 of "Advanced example").
        return PASS
    answers = {_one(topology, mode, vpc, subnet, gateway) for subnet in subnets}
    return answers.pop() if len(answers) == 1 else OPEN


def _one(topology: Topology, mode: str, vpc: str, subnet: str, gateway: str) -> str:
    if not topology.read("vpc_block_public_access_exclusions"):
        return OPEN
    modes = set()
    for one in topology.raw["vpc_block_public_access_exclusions"]:
        name = one["ResourceArn"].rsplit("/", 1)[-1]
        if name in (vpc, subnet) and one["State"] not in HOLDS_NOT:
            modes.add(one["InternetGatewayExclusionMode"] if one["State"] in HOLDS else OPEN)
    if modes == {"allow-bidirectional"}:
        return EXCLUDED
    if mode == "block-ingress":
        # Egress-only exclusions apply only when BPA is set to Bidirectional (scenario 5 of "Advanced example").
        return BLOCKED if modes <= {"allow-egress"} else OPEN
    if not modes:
        return BLOCKED
    if modes != {"allow-egress"}:
        return OPEN
    # An egress-only exclusion lets out what has a NAT or egress-only gateway, and nothing else (scenario 6 of "Advanced
    # example").
    return EXCLUDED if gateway in ("nat", "egress-only") else BLOCKED

"""The verdict on one packet of a line: every reading of what the pages leave open is walked, there and back."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from typing import Callable

from . import between, gateways
from .packet import Packet, parse_address, read_packet
from .rules import DELIVERED, DROPPED, UNKNOWN, Refused, Stop, drop, unknown
from .topology import Topology, first_address
from .walker import Flow, Reading, Walk, run

# The source ports of a NAT gateway ("NAT gateway basics").
FIRST_PORT, LAST_PORT = 1024, 65535
FROM = ("eni", "internet", "peer_beyond")


class Begin:
    """Where a packet starts: the packet itself, its first step, and where the reply has to end."""

    def __init__(self, topology: Topology, raw: dict):
        origin = raw["from"]
        kinds = [kind for kind in FROM if kind in origin]
        if len(kinds) != 1 or set(origin) - set(FROM) - {"address", "vpc_id"}:
            raise Refused("from names one of eni, internet, peer_beyond")
        self.topology, self.kind, self.place = topology, kinds[0], origin[kinds[0]]
        self.begun: tuple[str, str] | None = None
        self.packet: Packet | None = None
        if self.kind == "eni":
            self._interface(raw, origin)
        elif self.kind == "internet":
            self.packet = read_packet(raw, parse_address(self.place))
            self.place = "internet"
        else:
            self.packet = read_packet(raw, parse_address(origin["address"]))
            self.vpc = origin["vpc_id"]
        if self.packet and self.packet.source.version != self.packet.destination.version:
            raise Refused("addresses of two kinds")

    def _interface(self, raw: dict, origin: dict) -> None:
        eni = self.topology.by_id["network_interfaces"].get(self.place)
        if eni is None:
            raise Refused(f"no interface {self.place}")
        self.begun = (eni["SubnetId"], eni["VpcId"])
        version = parse_address(raw["to"]["address"]).version
        source = parse_address(origin["address"]) if "address" in origin else first_address(eni, version)
        if source is not None:
            self.packet = read_packet(raw, source)

    def start(self, walk: Walk) -> None:
        if self.kind == "internet":
            walk.hop("internet", "sender")
            return gateways.from_internet(walk, self.packet)
        if self.kind == "eni":
            if self.packet is None:
                raise drop(self.place, "no-source-address")
            return walk.send(self.topology.by_id["network_interfaces"][self.place], self.packet)
        walk.hop(self.place, "sender")
        kinds = {"pcx-": between.from_peering, "tgw-": between.from_transit, "vgw-": between.from_vpn}
        for begin, enter in kinds.items():
            if self.place.startswith(begin):
                return enter(walk, self.place, self.vpc, self.packet)
        raise Refused("peer_beyond is a pcx-, tgw- or vgw-")


def judge(topology: Topology, raw: dict) -> dict:
    """The answer line for one packet."""
    try:
        return merge(raw, answers_of(topology, raw))
    except Refused as refused:
        return _answer(raw, Stop(UNKNOWN, str(refused), "refused"), [{"at": str(refused), "rule": "refused"}], [], None)


def _answer(raw: dict, stop: Stop, hops: list[dict], assumes: list[str], reply: dict | None) -> dict:
    return {"id": raw.get("id"), "verdict": stop.verdict, "at": stop.at, "hops": hops, "reply": reply,
            "assumes": assumes}


def merge(raw: dict, answers: list[dict]) -> dict:
    """The one answer that all readings agree on."""
    first = answers[0]
    if len({(one["verdict"], place(one)) for one in answers}) > 1:
        stop = unknown(first["at"], "readings-differ")
        return _answer(raw, stop, first["hops"] + [{"at": stop.at, "rule": stop.rule}], _assumes(answers), None)
    replies = [one["reply"] for one in answers if one["reply"]]
    reply = replies[0] if replies else None
    if len({one["verdict"] for one in replies}) > 1:
        hop = {"at": reply["at"], "rule": "readings-differ"}
        reply = {"verdict": UNKNOWN, "at": reply["at"], "hops": reply["hops"] + [hop]}
    return {**first, "reply": reply, "assumes": _assumes(answers)}


def place(answer: dict) -> str | None:
    """Where the packet was delivered; the internet by whichever gateway."""
    if answer["verdict"] != DELIVERED:
        return None
    return "internet" if answer["hops"][-1]["rule"] == "internet" else answer["at"]


def answers_of(topology: Topology, raw: dict) -> list[dict]:
    """The answer of each reading."""
    try:
        begin = Begin(topology, raw)
    except (KeyError, TypeError, ValueError) as error:
        raise Refused(f"the packet: {error}") from None
    return [_walk(begin, raw, reading) for reading in _readings(begin, topology)]


def _assumes(answers: list[dict]) -> list[str]:
    return sorted({one for answer in answers for one in answer["assumes"]})


def _readings(begin: Begin, topology: Topology) -> list[Reading]:
    """Each subnet by which it may come out of a transit gateway; both things an instance may do if one forwards; and where
    something translates, a port of each range that some rule tells apart."""
    arrivals = _forward(begin, Reading())[1].arrivals
    return [one for arrival in range(arrivals) for one in _readings_of(begin, topology, Reading(arrival=arrival))]


def _readings_of(begin: Begin, topology: Topology, plain: Reading) -> list[Reading]:
    readings = [plain]
    walk, flow = _forward(begin, plain)[1:]
    if any(one["rule"] == "instance-unchanged" for one in walk.hops):
        readings.append(replace(plain, instance="translate"))
        flow = _forward(begin, readings[1])[2]
    if flow.translated:
        ports = _ports(topology)
        readings = [replace(one, nat_port=port) for one in readings for port in ports]
    return readings


@lru_cache(maxsize=8)
def _ports(topology: Topology) -> list[int]:
    edges = {FIRST_PORT, LAST_PORT}
    for acl in topology.raw.get("network_acls") or ():
        for entry in acl.get("Entries") or ():
            ports = entry.get("PortRange") or {}
            edges |= {ports.get("From") or 0, (ports.get("To") or 0) + 1}
    for group in topology.raw.get("security_groups") or ():
        for rule in (group.get("IpPermissions") or []) + (group.get("IpPermissionsEgress") or []):
            edges |= {rule.get("FromPort") or 0, (rule.get("ToPort") or 0) + 1}
    return sorted(port for port in edges if FIRST_PORT <= port <= LAST_PORT)


def _forward(begin: Begin, reading: Reading) -> tuple[Stop, Walk, Flow]:
    flow = Flow(begun=begin.begun)
    walk = Walk(begin.topology, flow, reading)
    return run(walk, begin.start), walk, flow


def _walk(begin: Begin, raw: dict, reading: Reading) -> dict:
    stop, walk, flow = _forward(begin, reading)
    reply = None
    if stop.verdict == DELIVERED:
        reply = _reply(begin, walk, flow, reading)
    return _answer(raw, stop, walk.hops, walk.assumes, reply)


def _reply(begin: Begin, walk: Walk, flow: Flow, reading: Reading) -> dict | None:
    """The reply has to come back to the sender, from the address and port that the sender wrote to."""
    place, arrived = walk.end
    packet = arrived.reply()
    if packet is None:
        return None
    back = Walk(begin.topology, flow, reading, is_reply=True, origin=begin.place)
    stop = run(back, _answerer(begin.topology, place, packet))
    if stop.verdict == DELIVERED and back.end != (begin.place, begin.packet.reply()):
        rule = "reply-other-place" if back.end[0] != begin.place else "reply-other-flow"
        stop = Stop(DROPPED, stop.at, rule)
        back.hop(stop.at, rule)
    return {"verdict": stop.verdict, "at": stop.at, "hops": back.hops}


def _answerer(topology: Topology, place: str, packet: Packet) -> Callable[[Walk], None]:
    if place == "internet":
        return lambda walk: gateways.from_internet(walk, packet)
    if topology.seen("vpc_endpoints", place):
        vpc = topology.find("vpc_endpoints", place)["VpcId"]
        return lambda walk: walk.into_vpc(vpc, packet, None)
    return lambda walk: walk.send(topology.by_id["network_interfaces"][place], packet)


def judge_line(line: dict) -> list[dict]:
    """The answers for all packets of a line."""
    topology = Topology(line["topology"])
    return [judge(topology, raw) for raw in line["packets"]]

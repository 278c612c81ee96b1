"""A packet: addresses, protocol, and what its protocol has of ports or of a type and code."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from .rules import Refused

Address = IPv4Address | IPv6Address
TCP, UDP, ICMP, ICMPV6 = 6, 17, 1, 58
NUMBERS = {"tcp": TCP, "udp": UDP, "icmp": ICMP, "icmpv6": ICMPV6}
# What answers an ICMP request: echo, timestamp (RFC 792); echo (RFC 4443). No other message is answered.
ANSWERS = {(ICMP, 8): 0, (ICMP, 13): 14, (ICMPV6, 128): 129}
# The same texts come again and again.
parse_address = lru_cache(maxsize=1 << 16)(ip_address)
PRIVATE = [ip_network(one) for one in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "fc00::/7")]


@dataclass(frozen=True)
class Packet:
    source: Address
    destination: Address
    protocol: int
    source_port: int | None = None
    port: int | None = None
    icmp_type: int | None = None
    icmp_code: int | None = None

    @property
    def version(self) -> int:
        return self.destination.version

    def reply(self) -> Packet | None:
        """The answer of whoever the packet reached; none where the protocol has none."""
        if self.protocol not in (ICMP, ICMPV6):
            return Packet(self.destination, self.source, self.protocol, self.port, self.source_port)
        answer = ANSWERS.get((self.protocol, self.icmp_type))
        if answer is None:
            return None
        return Packet(self.destination, self.source, self.protocol, icmp_type=answer, icmp_code=0)


def protocol_number(raw) -> int:
    """The number of `tcp`, `udp`, `icmp`, `icmpv6` or of a number as a number or text; -1 is all of them."""
    if isinstance(raw, str) and raw.lower() in NUMBERS:
        return NUMBERS[raw.lower()]
    try:
        number = int(raw)
    except (TypeError, ValueError):
        raise Refused(f"the protocol {raw!r}") from None
    if not -1 <= number <= 255:
        raise Refused(f"the protocol {raw!r}")
    return number


def is_private(address: Address) -> bool:
    return any(address in network for network in PRIVATE if network.version == address.version)


def read_packet(raw: dict, source: Address) -> Packet:
    """The packet as the sender writes it, with its own address."""
    destination = parse_address(raw["to"]["address"])
    protocol = protocol_number(raw["protocol"])
    if protocol == -1:
        raise Refused("a packet of all protocols")
    ports = (raw.get("source_port"), raw.get("port"))
    kind = (raw.get("icmp_type"), raw.get("icmp_code"))
    if protocol in (TCP, UDP):
        if not all(isinstance(one, int) and 0 <= one <= 65535 for one in ports):
            raise Refused("a packet of tcp or udp needs source_port and port")
        return Packet(source, destination, protocol, *ports)
    if protocol in (ICMP, ICMPV6):
        if not all(isinstance(one, int) and 0 <= one <= 255 for one in kind):
            raise Refused("a packet of icmp needs icmp_type and icmp_code")
        return Packet(source, destination, protocol, None, None, *kind)
    return Packet(source, destination, protocol)

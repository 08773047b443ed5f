"""Which ICE candidates of an offer may be probed.

ICE sends datagrams to whatever address an offer names, before anything is authenticated: without
a filter an offer is a port scanner with our address on it. A candidate that is dropped here costs
an honest page nothing: its own checks reach us, carry our password, and make it a peer-reflexive
candidate (RFC 8445, section 7.3.1.3).
"""

from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Final, TypeAlias

from coach_server.rtc.aiortc_patches import host_addresses

IpAddress: TypeAlias = IPv4Address | IPv6Address

FIRST_UNPRIVILEGED_PORT: Final = 1024
"""No browser opens an ICE socket below; DNS, NTP, SNMP and the like live there."""

METADATA: Final = frozenset(
    ip_address(text)
    for text in (
        *("169.254.169.254", "fd00:ec2::254", "fd00:ec2::23"),  # of most clouds; of Amazon
        *("100.100.100.200", "168.63.129.16", "192.0.0.192"),  # of Alibaba, Azure, Oracle
        *("fd20:ce::254", "fd00:c1::a9fe:a9fe", "fd00:42::42"),  # of Google, Oracle, Scaleway
    )
)
"""Where clouds hand out credentials to whoever asks from inside."""

_NAT64: Final = ip_network("64:ff9b::/96")


@dataclass(frozen=True, slots=True)
class CandidatePolicy:
    """What the server may send a first datagram to.

    Attributes:
        loopback: nobody but this machine's users reach the server: their pages are on it, so only
            its addresses are probed. Otherwise, behind a proxy too, these are not.
        own_addresses: addresses of this machine's interfaces.
        own_ports: ports of this machine that are never probed.
    """

    loopback: bool
    own_addresses: frozenset[IpAddress] = frozenset()
    own_ports: frozenset[int] = frozenset()

    def allows(self, host: str, port: int) -> bool:
        """Whether a datagram may be sent to `host`; names (mDNS too) are never looked up."""
        try:
            address = ip_address(host)
        except ValueError:
            return False
        if isinstance(address, IPv6Address):
            if address.scope_id is not None or address.teredo is not None:
                return False  # no page's: `fd00:ec2::254%0` equals no address, and leads to one
            address = _meant(address)
        if not FIRST_UNPRIVILEGED_PORT <= port <= 65535:
            return False
        mine = address.is_loopback or address in self.own_addresses
        if mine:
            return self.loopback and port not in self.own_ports
        if self.loopback:
            return False
        return not (
            address in METADATA
            or address.is_link_local
            or address.is_multicast
            or address.is_unspecified
            or address.is_reserved
        )

    def allows_line(self, line: str) -> bool:
        """The same for an SDP line `a=candidate:...` (RFC 8839, section 5.1)."""
        fields = line.removeprefix("a=candidate:").split()
        if len(fields) < 8 or fields[2].lower() != "udp" or not fields[5].isdecimal():
            return False
        return len(fields[5]) <= 5 and self.allows(fields[4], int(fields[5]))


def _meant(address: IPv6Address) -> IpAddress:
    """The IPv4 address that an IPv6 address leads to, or itself."""
    if address in _NAT64:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour or address


def own_addresses() -> frozenset[IpAddress]:
    """Addresses of this machine's interfaces at present."""
    return frozenset(ip_address(host) for host in host_addresses())

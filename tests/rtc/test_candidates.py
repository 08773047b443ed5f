"""Which addresses an offer can make the server send to."""

from ipaddress import ip_address

import pytest

from coach_server.rtc.candidates import CandidatePolicy

pytestmark = pytest.mark.unit

MINE = frozenset({ip_address("192.168.1.5"), ip_address("fd00::5")})
PUBLIC = CandidatePolicy(loopback=False, own_addresses=MINE, own_ports=frozenset({8080}))
LOCAL = CandidatePolicy(loopback=True, own_addresses=MINE, own_ports=frozenset({8080}))


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "::1",
        "::ffff:127.0.0.1",
        "::127.0.0.1",
        "64:ff9b::7f00:1",  # 127.0.0.1 by NAT64
        "2002:a9fe:a9fe::1",  # 169.254.169.254 by 6to4
        "2001:0:7f00:1::1",  # 127.0.0.1 as Teredo's server
        "2001:0:cb00:7109::5601:5601",  # 169.254.169.254 as its client
        "169.254.169.254",
        "169.254.1.1",
        "fe80::1",
        "fd00:ec2::254",
        "fd00:ec2::254%0",  # is sent to the address without its zone
        "fd00::5%1",
        "fd00:ec2::23",
        "fd20:ce::254",
        "fd00:c1::a9fe:a9fe",
        "fd00:42::42",
        "100.100.100.200",
        "168.63.129.16",
        "192.0.0.192",
        "fe80::1%eth0",
        "224.0.0.251",
        "0.0.0.0",  # as an address to send to
        "255.255.255.255",
        "192.168.1.5",
        "fd00::5",
        "0f3b1c9e-5c2e-4d1b-9c55-3c1e2b6a7a11.local",
        "victim.example",
        "",
    ],
)
def test_a_public_server_does_not_probe(host: str) -> None:
    assert not PUBLIC.allows(host, 50_000)


@pytest.mark.parametrize(
    "host", ["192.168.1.77", "203.0.113.9", "2001:db9::7", "64:ff9b::cb00:7109"]
)
def test_a_public_server_reaches_its_students(host: str) -> None:
    assert PUBLIC.allows(host, 50_000)


@pytest.mark.parametrize("host", ["127.0.0.1", "::1", "192.168.1.5", "fd00::5"])
def test_a_loopback_server_reaches_this_machine(host: str) -> None:
    assert LOCAL.allows(host, 50_000)


@pytest.mark.parametrize("host", ["192.168.1.77", "203.0.113.9", "169.254.169.254"])
def test_a_loopback_server_reaches_nobody_else(host: str) -> None:
    assert not LOCAL.allows(host, 50_000)


@pytest.mark.parametrize("port", [0, 22, 53, 1023, 8080, 65_536, -1])
def test_ports_that_are_never_probed(port: int) -> None:
    assert not LOCAL.allows("127.0.0.1", port)


@pytest.mark.parametrize(
    ("line", "allowed"),
    [
        ("a=candidate:1 1 udp 2122260223 127.0.0.1 50000 typ host generation 0", True),
        ("a=candidate:1 1 UDP 2122260223 127.0.0.1 50000 typ host", True),
        ("a=candidate:1 1 tcp 1518280447 127.0.0.1 9 typ host tcptype active", False),
        ("a=candidate:1 1 udp 2122260223 10.0.0.9 50000 typ host", False),
        ("a=candidate:1 1 udp 2122260223 127.0.0.1 -5 typ host", False),
        ("a=candidate:1 1 udp 2122260223 127.0.0.1 " + "9" * 500 + " typ host", False),
        ("a=candidate:1 1 udp", False),
        ("a=candidate:", False),
    ],
)
def test_candidate_lines(line: str, allowed: bool) -> None:
    assert LOCAL.allows_line(line) is allowed

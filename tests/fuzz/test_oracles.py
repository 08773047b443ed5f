"""Proof that the fuzzer would find an address let through that may not be probed."""

import pytest

from coach_server.rtc.candidates import CandidatePolicy
from scripts.fuzz import targets
from scripts.fuzz.__main__ import CORPUS
from scripts.fuzz.targets import OFFER, OWN, TARGETS, FindError

pytestmark = pytest.mark.unit

NEVER = (
    *("127.0.0.1", "127.8.8.8", "::1", "::1%0", "0.0.0.0", "::"),
    *("169.254.169.254", "169.254.1.1", "fe80::1", "fe80::1%eth0"),
    *("224.0.0.251", "239.255.255.250", "ff02::fb", "ff0e::1", "240.0.0.1", "255.255.255.255"),
    *("100.100.100.200", "168.63.129.16", "192.0.0.192", "fd00:ec2::254", "fd00:ec2::254%0"),
    *("fd00:ec2::23", "fd20:ce::254", "fd00:c1::a9fe:a9fe", "fd00:42::42"),
    *("64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "64:ff9b:1::7f00:1", "64:ff9b::6464:64c8"),
    *("::ffff:127.0.0.1", "::ffff:a9fe:a9fe", "::ffff:0:127.0.0.1", "::127.0.0.1"),
    *("2002:a9fe:a9fe::1", "2002:7f00:1::", "2002:a83f:8110::1", "2002:e000:fb::1"),
    *("2001:0:7f00:1::1", "2001:0:cb00:7109::5601:5601", "2001:0:cb00:7109::80ff:fffe"),
    *(*OWN, "::ffff:192.168.1.5", "64:ff9b::c0a8:105", "2002:c0a8:105::1", "fd00::5%0"),
    *("victim.example", "0f3b1c9e-5c2e-4d1b-9c55-3c1e2b6a7a11.local", "2130706433", "0x7f.1"),
)
MAY_BE = (
    *("192.168.1.77", "203.0.113.9", "2001:db9::7", "64:ff9b::cb00:7109", "fd00:ec2::7"),
    *("::ffff:203.0.113.9", "2002:cb00:7109::1", "168.63.129.17", "172.16.0.1"),
)


class Open(CandidatePolicy):
    """A filter that filters nothing."""

    def allows_line(self, line: str) -> bool:
        return line.startswith("a=candidate:")


def hostile(name: str, host: str, port: str = "50000") -> bytes:
    line = f"a=candidate:1 1 udp 1 {host} {port} typ host"
    if name == "candidate":
        return line.encode()
    return OFFER.replace("a=candidate:1", f"{line}\r\na=candidate:2").encode()


@pytest.fixture(params=["candidate", "offer"])
def target(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


@pytest.fixture
def unfiltered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(targets, "POLICY", Open(loopback=False))


@pytest.mark.usefixtures("unfiltered")
@pytest.mark.parametrize("host", NEVER)
def test_without_a_filter_each_forbidden_address_is_a_find(target: str, host: str) -> None:
    with pytest.raises(FindError, match="let through"):
        TARGETS[target].run(hostile(target, host))


@pytest.mark.usefixtures("unfiltered")
@pytest.mark.parametrize("port", ["0", "53", "1023", "65536", "-1"])
def test_without_a_filter_each_forbidden_port_is_a_find(target: str, port: str) -> None:
    with pytest.raises(FindError, match="port"):
        TARGETS[target].run(hostile(target, "203.0.113.9", port))


@pytest.mark.usefixtures("unfiltered")
@pytest.mark.parametrize("host", MAY_BE)
def test_without_a_filter_a_student_is_no_find(target: str, host: str) -> None:
    TARGETS[target].run(hostile(target, host))


@pytest.mark.parametrize("host", NEVER)
def test_the_filter_lets_none_of_them_through(target: str, host: str) -> None:
    assert not targets.POLICY.allows(host, 50_000)
    TARGETS[target].run(hostile(target, host))


@pytest.mark.parametrize("host", MAY_BE)
def test_the_filter_lets_students_through(host: str) -> None:
    assert targets.POLICY.allows(host, 50_000)


def test_half_a_pair_let_through_is_a_find(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(targets, "optional_text_field", lambda fields, name, **_: fields.get(name))
    with pytest.raises(UnicodeEncodeError):
        TARGETS["body"].run(b'{"routine": "\\ud800"}')


@pytest.mark.parametrize(
    ("kept", "error", "why"),
    [
        ("feedback-for-all-300-times", FindError, "lines a=rtcp-fb"),
        ("candidates-101", FindError, "lines a=candidate"),
        ("ssrcs-700", FindError, "lines a=ssrc"),
        ("sections-400", FindError, "lines m="),
        ("half-a-pair-of-utf-16", UnicodeEncodeError, "surrogates"),
    ],
)
def test_each_kept_offer_is_a_find_where_offers_are_not_judged(
    monkeypatch: pytest.MonkeyPatch, kept: str, error: type[Exception], why: str
) -> None:
    data = (CORPUS / "offer" / f"{kept}.sdp").read_bytes()
    TARGETS["offer"].run(data)
    monkeypatch.setattr(targets, "clean_offer", lambda text, _policy: text)
    with pytest.raises(error, match=why):
        TARGETS["offer"].run(data)

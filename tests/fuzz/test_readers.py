"""Hostile bytes for every reader of what strangers send; what was once found is read for ever."""

import json
import random
from pathlib import Path
from typing import Any, Final

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from coach_server.errors import InputError
from coach_server.rtc.offer import clean_offer
from scripts.fuzz.mutating import mutated
from scripts.fuzz.storm import missed_messages, missed_offers
from scripts.fuzz.storm import run as storm
from scripts.fuzz.targets import OFFER, POLICY, TARGETS, FindError

pytestmark = pytest.mark.loopback

CORPUS: Final = Path(__file__).with_name("corpus")
KEPT: Final = sorted(path for path in CORPUS.glob("*/*") if path.is_file())

assert KEPT, "the corpus is not where it was: nothing that was found would be read"

EXAMPLES: Final = 40
steady = settings(
    max_examples=EXAMPLES,
    derandomize=True,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)


@pytest.mark.parametrize("path", KEPT, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_what_was_found_once_is_read_without_harm(path: Path) -> None:
    TARGETS[path.parent.name].run(path.read_bytes())


def test_what_was_found_is_kept_under_its_target() -> None:
    folders = {path.parent.name for path in KEPT}
    assert {"body", "candidate", "chapters", "keypoints", "message", "offer", "track"} <= folders
    assert folders <= TARGETS.keys()


@pytest.mark.parametrize("name", TARGETS)
def test_honest_bytes_are_no_find(name: str) -> None:
    for data in TARGETS[name].seeds():
        TARGETS[name].run(data)


@pytest.mark.parametrize("name", TARGETS)
@steady
@given(seed=st.integers(0, 2**32), data=st.binary(max_size=200))
def test_spoilt_bytes_are_no_find(name: str, seed: int, data: bytes) -> None:
    target = TARGETS[name]
    rng = random.Random(seed)  # noqa: S311  # not for secrets
    target.run(data)
    target.run(mutated(rng.choice(target.seeds()), rng))


@steady
@given(
    st.recursive(
        st.none() | st.booleans() | st.floats() | st.text(max_size=8),
        lambda inner: (
            st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
        ),
    )
)
def test_messages_of_any_shape_are_no_find(value: object) -> None:
    for kind in ("player", "settings", "bye", "x"):
        fields = value if isinstance(value, dict) else {"t": value, "strictness": value}
        TARGETS["message"].run(json.dumps({"v": 1, **fields, "type": kind}).encode())


CARRYING: Final = (
    *("64:ff9b::{:x}", "::ffff:{:x}", "2002:{:x}::1", "2001:0:{:x}::1", "2001:0:cb00:7109::{:x}"),
    *("::ffff:0:{:x}", "64:ff9b:1::{:x}", "::{:x}"),
)


def carried(form: str, number: int) -> str:
    """An IPv6 address with one of IPv4 in it."""
    high, low = divmod(number, 1 << 16)
    return form.replace("{:x}", f"{high:x}:{low:x}")


@steady
@given(
    host=st.ip_addresses().map(str)
    | st.ip_addresses(v=6).map(lambda address: f"{address}%0")
    | st.builds(carried, st.sampled_from(CARRYING), st.ip_addresses(v=4).map(int))
    | st.text(max_size=20),
    port=st.integers(-1, 70_000),
    kind=st.sampled_from(["host", "srflx", "relay", ""]),
)
def test_no_candidate_leads_where_none_may(host: str, port: int, kind: str) -> None:
    line = f"a=candidate:1 1 udp 1 {host} {port} typ {kind}"
    TARGETS["candidate"].run(line.encode())
    TARGETS["offer"].run(OFFER.replace("a=candidate:1", f"{line}\r\na=candidate:2").encode())


def test_the_honest_offer_keeps_its_candidate() -> None:
    assert "192.0.2.7 50000" in clean_offer(OFFER, POLICY)


def test_a_find_is_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("scripts.fuzz.targets.clean_offer", lambda text, _policy: text)
    with pytest.raises(FindError):
        TARGETS["offer"].run(OFFER.replace("192.0.2.7 50000", "192.0.2.7 53").encode())


@pytest.mark.parametrize(
    "text",
    [
        *("", "v=0", "\0" * 100, OFFER[: len(OFFER) // 2], OFFER.replace("m=video", "m=audio")),
        OFFER + "a=ssrc:7 cname:x\r\n" * 200_000,
        OFFER + "m=video 9 UDP/TLS/RTP/SAVPF 96\r\n" * 400,
        OFFER.replace("a=candidate", "a=candidate:9 1 udp 1 192.0.2.9 50000 typ host\r\n" * 101),
    ],
    ids=["empty", "cut", "zeros", "truncated", "audio", "ssrcs", "sections", "candidates"],
)
def test_what_froze_or_fooled_others_is_refused(text: str) -> None:
    with pytest.raises(InputError):
        clean_offer(text, POLICY)


def test_a_whole_server_in_a_small_storm() -> None:
    """The same that `python -m scripts.fuzz storm` runs 20,000 offers and 100,000 messages of."""
    result = storm(offers=60, messages=500, seed=3)
    assert sum(result["offers"]["statuses"].values()) == 60
    assert result["messages"]["fates"]["received"] == 2 * 500 + 1
    late = [each for each in result["missed"] if "held" in each]
    assert result["missed"] == late  # how busy the machine is beside the tests is nobody's fault


HONEST: Final[dict[str, Any]] = {
    "statuses": {"200": 9, "400": 20},
    "loop_held_ms": {"own": 20.0, "wall": 90.0},
    "rss_mb": 200.0,
    "left": {"descriptors": 0, "tasks": 0, "threads": 2, "connections": 0, "rss_mb": 1.0},
}


@pytest.mark.parametrize(
    "worse",
    [
        {"statuses": {"429": 29}},
        {"statuses": {"200": 9, "400": 19, "500": 1}},
        {"statuses": {"200": 29}},
        {"loop_held_ms": {"own": 51.0, "wall": 90.0}},
        *(
            {"left": {**HONEST["left"], name: more}}
            for name, more in (
                ("descriptors", 3),
                ("tasks", 1),
                ("threads", 500),
                ("connections", 1),
                ("rss_mb", 11.0),
            )
        ),
    ],
)
def test_a_storm_that_leaves_something_or_reaches_nothing_is_a_miss(worse: dict[str, Any]) -> None:
    assert missed_offers(HONEST) == []
    assert missed_offers({**HONEST, **worse})


FATES: Final = {"received": 201, "taken": 11, "ignored": 190}


@pytest.mark.parametrize(
    "worse",
    [
        {"fates": {**FATES, "ignored": 189, "raised": 1}},
        {"fates": {**FATES, "ignored": 189}},
        {"fates": {"received": 201, "taken": 1, "ignored": 200}},
        {"fates": {"received": 199, "taken": 9, "ignored": 190}},
        {"loop_held_ms": {"own": 51.0, "wall": 90.0}},
        {"left": {**HONEST["left"], "tasks": 1}},
    ],
)
def test_a_message_that_raises_is_lost_or_leaves_something_is_a_miss(worse: dict[str, Any]) -> None:
    told = {**HONEST, "sent": 200, "fates": FATES}
    assert missed_messages(told) == []
    assert missed_messages({**told, **worse})

"""Hostile bytes for every reader of what strangers send; what was once found is read for ever."""

import json
import random
from pathlib import Path
from typing import Final

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from coach_server.errors import InputError
from coach_server.rtc.offer import clean_offer
from scripts.fuzz.mutating import mutated
from scripts.fuzz.storm import run as storm
from scripts.fuzz.targets import OFFER, POLICY, TARGETS, FindError

pytestmark = pytest.mark.loopback

CORPUS: Final = Path(__file__).with_name("corpus")
KEPT: Final = sorted(path for path in CORPUS.glob("*/*") if path.is_file())

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


@steady
@given(
    host=st.ip_addresses().map(str) | st.text(max_size=20),
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
    result = storm(offers=25, messages=200, seed=3)
    statuses = result["offers"]["statuses"]
    assert sum(statuses.values()) == 25
    assert {status[0] for status in statuses} <= {"2", "4"}, statuses
    assert statuses.keys() - {"200"}, "nothing was spoilt"
    assert result["messages"]["raised"] == 0
    left = result["offers"]["left"]
    assert abs(left["descriptors"]) <= 2
    assert left["tasks"] <= 0
    assert left["connections"] <= 0

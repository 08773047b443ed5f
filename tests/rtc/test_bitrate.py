"""The rate of what arrives: aiortc's own figures."""

import pytest
from aiortc.rate import RateCounter
from hypothesis import given, settings
from hypothesis import strategies as st

from coach_server.rtc.bitrate import SparseRateCounter

pytestmark = pytest.mark.unit


class Stock(RateCounter):
    """As it is by itself, whoever replaces the name later."""


def test_what_is_compared_with_is_aiortcs_own() -> None:
    assert Stock.__mro__[1].__module__ == "aiortc.rate", "replaced before it was imported here"


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(0, 1500), st.integers(0, 1500), st.booleans())))
def test_the_figures_are_aiortcs(arrivals: list[tuple[int, int, bool]]) -> None:
    stock, ours = Stock(1000), SparseRateCounter(1000)
    now_ms = 0
    for passed_ms, size, begins_anew in arrivals:
        now_ms += passed_ms
        if begins_anew and size % 7 == 0:
            stock.reset()
            ours.reset()
        assert ours.rate(now_ms) == stock.rate(now_ms)
        stock.add(size, now_ms)
        ours.add(size, now_ms)
        assert ours.rate(now_ms) == stock.rate(now_ms)

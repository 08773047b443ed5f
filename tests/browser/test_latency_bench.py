"""`coach bench latency` in a real browser: what our receiver gains over aiortc as it is."""

import pytest

from scripts.bench import latency
from scripts.bench.latency_echo import PATCHED, STOCK
from scripts.bench.latency_stages import STAGES
from scripts.pages import numbered_page

pytestmark = pytest.mark.browser


@pytest.mark.alone
@pytest.mark.usefixtures("executable")
def test_a_frame_is_handed_out_before_the_next_one_comes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(latency, "FILM_S", 8.0)
    monkeypatch.setattr(numbered_page, "SETTLING_S", 1.6)
    told = latency.run(seconds=4.0, engines=(), baselines=True)
    stock, ours = told["runs"][STOCK], told["runs"][PATCHED]
    assert stock["poses"] > 10
    assert ours["poses"] > 10
    # the stock receiver holds each frame until the next one comes
    waited = [run["stages_ms"]["reorder"]["p50"] for run in (ours, stock)]
    assert 2 * waited[0] < waited[1]
    frames = ours["frames"]
    assert frames["on_their_own"] > 0
    assert frames["within_one"] + frames["on_none"] == frames["compared"]
    assert STAGES["reorder"] in latency.table(told)

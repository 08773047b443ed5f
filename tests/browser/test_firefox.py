"""The library and a practice in a stock Firefox, which lacks much that Chromium has.

It tells no capture times of frames and recognises no speech; what it lacks, the page does without.
"""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from browser.firefox import Firefox, find_firefox, firefox
from browser.server_process import ServerProcess

pytestmark = pytest.mark.browser

DRAWN = """(() => {
  const { width, height } = overlay;
  return overlay.getContext('2d').getImageData(0, 0, width, height).data.some((value) => value);
})()"""
"""Whether there is a body over one's own picture."""

PLAYS = "document.createElement('video').canPlayType('video/mp4; codecs=\"avc1.64001f\"')"
"""Whether the instructor is seen at all: without a decoder there is only one's own picture."""

STEPS = 20
"""So many steps of 5 s lead from anywhere to the end of the demo's film."""


@pytest_asyncio.fixture
async def browser() -> AsyncIterator[Firefox]:
    executable = find_firefox()
    if executable is None:
        pytest.skip("no Firefox on this machine; on Debian: apt-get install firefox-esr")
    async with firefox(executable) as opened:
        yield opened
        assert opened.faults == []


async def stage(browser: Firefox, name: str) -> None:
    await browser.wait_for(f"document.body.dataset.stage === '{name}'")


async def call_the_coach(browser: Firefox, address: str) -> None:
    """Open the practice page, and go on until the coach sees the body."""
    await browser.goto(address)
    await stage(browser, "ready")
    await browser.press("Enter")
    await stage(browser, "framing")
    await browser.wait_for("live.dataset.link === 'live'")
    await browser.wait_for(DRAWN)


async def test_it_is_practised_from_the_library_to_the_summary(
    browser: Firefox, scripted: ServerProcess
) -> None:
    await browser.goto(scripted.address)
    assert await browser.wait_for("document.querySelector('a[href*=\"routine=demo\"]')?.href")
    await call_the_coach(browser, f"{scripted.address}/practice?routine=demo")
    if not await browser.evaluate(PLAYS):
        pytest.skip("this Firefox plays no H.264; on Debian: apt-get install libavcodec-extra")
    await call_the_coach(browser, f"{scripted.address}/practice?routine=demo&camera=demo-faults")
    await browser.press(" ")
    await stage(browser, "practice")
    cue = "document.querySelector('#band[data-tone=correct]')?.innerText"
    assert "Bend your left knee more" in await browser.wait_for(cue)
    assert await browser.wait_for(DRAWN)
    for _ in range(STEPS):
        await browser.press("ArrowRight")
    await stage(browser, "summary")
    assert "Bend your left knee more" in await browser.evaluate("document.body.innerText")

"""axe-core's judgement of a page."""

from functools import cache
from importlib import resources
from typing import Final, Literal

from playwright.sync_api import Page

RUN = """() => Promise.allSettled(
  // Between two colours there is no contrast to speak of. What moves for ever is not waited for.
  document.getAnimations().filter((each) => each.effect.getComputedTiming().endTime !== Infinity)
    .map(({ finished }) => finished),
).then(() => axe.run()).then(({ violations }) => violations
  .filter(({ impact }) => impact === 'serious' || impact === 'critical')
  .map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 120)).join(' ')}`))"""

SETTLED_MS: Final = 500
"""For colours that change slowly."""

FADED_MS: Final = 200
"""For those that are changing already: between two colours there is no contrast to speak of."""

SCHEMES: Final[tuple[Literal["light", "dark"], ...]] = ("light", "dark")
"""The last is that of the tests' browsers unless they ask for another."""


@cache
def _script() -> str:
    return (resources.files("axe_playwright_python") / "axe.min.js").read_text("utf-8")


def serious_faults(page: Page) -> list[str]:
    """What keeps people who do not see, point or tell colours apart from using the page."""
    page.evaluate(_script())
    page.emulate_media(reduced_motion="reduce")  # what a cue brings changes at once
    page.wait_for_timeout(FADED_MS)
    faults: list[str] = page.evaluate(RUN)
    page.emulate_media(reduced_motion="no-preference")
    return faults


def serious_faults_in_both_schemes(page: Page) -> list[str]:
    """The same with light colours and with dark ones."""
    faults = []
    for scheme in SCHEMES:
        page.emulate_media(color_scheme=scheme)
        page.wait_for_timeout(SETTLED_MS)
        faults += [f"{scheme}: {fault}" for fault in serious_faults(page)]
    return faults

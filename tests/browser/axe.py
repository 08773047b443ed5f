"""axe-core's judgement of a page."""

from functools import cache
from importlib import resources

from playwright.sync_api import Page

RUN = """() => axe.run().then(({ violations }) => violations
  .filter(({ impact }) => impact === 'serious' || impact === 'critical')
  .map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 120)).join(' ')}`))"""


@cache
def _script() -> str:
    return (resources.files("axe_playwright_python") / "axe.min.js").read_text("utf-8")


def serious_faults(page: Page) -> list[str]:
    """What keeps people who do not see, point or tell colours apart from using the page."""
    page.evaluate(_script())
    faults: list[str] = page.evaluate(RUN)
    return faults

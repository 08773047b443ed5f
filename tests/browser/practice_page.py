"""The practice page as a test drives it: by the keyboard, and by what can be read on it."""

from dataclasses import dataclass, field
from typing import Any, Final

import pytest
from playwright.sync_api import Page, Response
from playwright.sync_api import TimeoutError as PageTimeoutError

COUNTDOWN_S: Final = 5.0
STAGE_TIMEOUT_MS: Final = 30_000


@dataclass
class PracticePage:
    """One practice.

    Attributes:
        page: the browser's page.
        answers: what the server answered to offers, in order.
    """

    page: Page
    answers: list[dict[str, Any]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.on("response", self._note)

    def _note(self, response: Response) -> None:
        if response.url.endswith("/api/offer") and response.ok:
            self.answers.append(response.json())

    def open(self, address: str, query: str = "routine=demo") -> None:
        """Load the page up to its explanation."""
        self.page.goto(f"{address}/practice?{query}")
        self.stage("ready")

    def allow(self) -> None:
        """Allow the camera."""
        self.page.keyboard.press("Enter")

    def live(self) -> None:
        """Wait until the coach sees."""
        try:
            self.page.wait_for_selector("#live[data-link=live]", timeout=STAGE_TIMEOUT_MS)
        except PageTimeoutError:
            pytest.fail(f"the coach does not see; the page says: {self.page.inner_text('main')}")

    def stage(self, stage: str, timeout_ms: float = STAGE_TIMEOUT_MS) -> None:
        """Wait until the page is at that stage."""
        self.page.wait_for_selector(f"body[data-stage={stage}]", timeout=timeout_ms)

    def start(self) -> None:
        """Start, and wait until the instructor does."""
        self.page.keyboard.press("Space")
        self.stage("practice")

    def tone(self, tone: str, timeout_ms: float = STAGE_TIMEOUT_MS) -> str:
        """Wait for a line of that tone; gives its text."""
        band = self.page.wait_for_selector(f"#band[data-tone={tone}]", timeout=timeout_ms)
        assert band is not None
        return str(band.inner_text()).strip()

    def detail(self) -> dict[str, str]:
        """The live indicator's detail, by its names."""
        self.page.eval_on_selector("#live", "live => { live.open = true; }")
        self.page.wait_for_selector("#live-detail dd")
        self.page.wait_for_timeout(200)
        names = self.page.locator("#live-detail dt").all_inner_texts()
        values = self.page.locator("#live-detail dd").all_inner_texts()
        self.page.eval_on_selector("#live", "live => { live.open = false; }")
        return dict(zip(names, values, strict=True))

    @property
    def session(self) -> str:
        """The name of the session under way."""
        return str(self.answers[-1]["session"])


def until(page: Page, expression: str, timeout_ms: float = STAGE_TIMEOUT_MS) -> None:
    """Wait until it is true in the page, whose policy keeps Playwright from waiting there."""
    waited_ms = 0.0
    while not page.evaluate(expression):
        if waited_ms >= timeout_ms:
            pytest.fail(f"never: {expression}")
        page.wait_for_timeout(100)
        waited_ms += 100

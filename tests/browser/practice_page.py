"""The practice page as a test drives it: by the keyboard, and by what can be read on it."""

import inspect
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

import pytest
from playwright.sync_api import Error as PlaywrightError
from playwright.sync_api import Page, Response
from playwright.sync_api import TimeoutError as PageTimeoutError

COUNTDOWN_S: Final = 5.0
STAGE_TIMEOUT_MS: Final = 30_000
ROW_OF_POSES: Final = 120


@dataclass
class PracticePage:
    """One practice.

    Attributes:
        page: the browser's page.
        answers: what the server answered to offers, in order.
    """

    page: Page
    answers: list[dict[str, Any]] = field(default_factory=list)
    _unread: int = 0

    def __post_init__(self) -> None:
        self.page.on("response", self._note)

    def _note(self, response: Response) -> None:
        if response.url.endswith("/api/offer") and response.ok:
            self._unread += 1
            try:
                self.answers.append(response.json())
            except PlaywrightError:  # its page has been left: nobody asks for it
                pass
            finally:
                self._unread -= 1

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
        # What is told in an answer is asked for anew, and may come after what it led to.
        until(self.page, lambda: not self._unread)

    def stage(self, stage: str, timeout_ms: float = STAGE_TIMEOUT_MS) -> None:
        """Wait until the page is at that stage."""
        self.page.wait_for_selector(f"body[data-stage={stage}]", timeout=timeout_ms)

    def start(self) -> None:
        """Start, and wait until the instructor does."""
        self.page.keyboard.press("Space")
        self.stage("practice")

    def meet(self, address: str, query: str = "routine=demo") -> None:
        """Load the page and allow the camera, up to where the coach sees."""
        self.open(address, query)
        self.allow()
        self.live()

    def begin(self, address: str, query: str = "routine=demo") -> None:
        """The same, up to where the instructor starts."""
        self.meet(address, query)
        self.start()

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

    def draws_on_own_frames(self, share: float) -> None:
        """Wait for poses in a row of which that share is drawn on the frames they were found in.

        By chance, from clocks that do not agree, 72 % would be. A machine with much else to do
        gives up frames before their poses come, for a while: another row is waited for then.
        """
        rows = []
        deadline = time.monotonic() + 2 * STAGE_TIMEOUT_MS / 1000
        drawn, poses = self._drawn()
        while time.monotonic() < deadline:
            drawn_now, poses_now = self._drawn()
            if poses_now - poses >= ROW_OF_POSES:
                rows.append((drawn_now - drawn, poses_now - poses))
                if drawn_now - drawn >= share * (poses_now - poses):
                    return
                drawn, poses = drawn_now, poses_now
        pytest.fail(f"never {share:.0%} of {ROW_OF_POSES} poses, but (drawn, of) {rows}")

    def _drawn(self) -> tuple[int, int]:
        drawn, _, poses = self.detail()["Drawn on their own frame"].partition(" of ")
        return int(drawn), int(poses)

    @property
    def session(self) -> str:
        """The name of the session under way."""
        return str(self.answers[-1]["session"])


def noted(page: Page, selector: str) -> Callable[[], list[str]]:
    """From now on note each text that is to be read there, however shortly; gives what was.

    While there is none to be read, that is an empty one.
    """
    page.evaluate(
        """selector => {
          const place = document.querySelector(selector);
          const texts = [];
          const look = () => {
            const text = place.checkVisibility() ? place.innerText.trim() : '';
            if (text !== texts.at(-1)) texts.push(text);
          };
          const all = { attributes: true, characterData: true, childList: true, subtree: true };
          new MutationObserver(look).observe(place, all);
          (window.noted ??= {})[selector] = texts;
          look();
        }""",
        selector,
    )
    return lambda: list(page.evaluate("selector => window.noted[selector]", selector))


def after(line: str, lines: list[str]) -> list[str]:
    """What was to be read later than that line."""
    return lines[lines.index(line) + 1 :] if line in lines else []


def until(
    page: Page, holds: str | Callable[[], object], timeout_ms: float = STAGE_TIMEOUT_MS
) -> None:
    """Wait until something holds: here, or in the page, whose policy keeps Playwright from it."""
    waited_ms = 0.0
    while not (page.evaluate(holds) if isinstance(holds, str) else holds()):
        if waited_ms >= timeout_ms:
            pytest.fail(f"never: {holds if isinstance(holds, str) else inspect.getsource(holds)}")
        page.wait_for_timeout(100)
        waited_ms += 100

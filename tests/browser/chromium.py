"""A Chromium whose camera is a film, and a watch over everything that its pages do wrong."""

import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Literal
from urllib.parse import urlsplit

from playwright.sync_api import BrowserContext, ConsoleMessage, Page, Request, sync_playwright

from coach_server.cli.programs import BROWSERS

FLAGS: Final = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    "--disable-background-timer-throttling",
    "--disable-backgrounding-occluded-windows",
    "--disable-renderer-backgrounding",
    "--allow-loopback-in-peer-connection",
    "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1 , EXCLUDE localhost",
)
FAKE_CAMERA: Final = ("--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream")
DESKTOP: Final = (1280, 720)
PHONE: Final = (390, 844)
Scheme = Literal["dark", "light"]
OpenPage = Callable[..., AbstractContextManager[Page]]
"""What the fixture `open_page` gives."""


def find_chromium() -> str | None:
    """The path of a Chromium, or None."""
    return next((path for name in BROWSERS if (path := shutil.which(name))), None)


@dataclass
class Watch:
    """What the pages of a browser did that they should not.

    Attributes:
        host: the only host that pages may talk to.
        faults: console errors, uncaught exceptions, CSP violations, requests elsewhere.
        refusals: what the browser itself logs of HTTP answers of 400 and above.
    """

    host: str = ""
    faults: list[str] = field(default_factory=list)
    refusals: list[str] = field(default_factory=list)

    def over(self, page: Page) -> None:
        """Watch a page from now on."""
        page.on("console", self._console)
        page.on("pageerror", lambda error: self.faults.append(f"uncaught: {error}"))
        page.on("request", self._request)

    def _console(self, message: ConsoleMessage) -> None:
        if message.type not in {"error", "warning"}:
            return
        network = "Failed to load resource" in message.text
        (self.refusals if network else self.faults).append(f"{message.type}: {message.text}")

    def _request(self, request: Request) -> None:
        address = urlsplit(request.url)
        if address.scheme in {"http", "https", "ws", "wss"} and address.netloc != self.host:
            self.faults.append(f"request to {request.url}")


@contextmanager
def chromium(
    executable: str,
    *,
    camera: Path | None = None,
    size: tuple[int, int] = DESKTOP,
    scheme: Scheme = "dark",
) -> Iterator[BrowserContext]:
    """A browser with a new, empty profile.

    Args:
        executable: Chromium's path.
        camera: a film that its one camera shows, from its first frame whenever it is opened; no
            camera at all where None.
        size: of the window's content, CSS pixels.
        scheme: which colours it prefers.
    """
    flags = list(FLAGS)
    if camera is not None:
        flags += [*FAKE_CAMERA, f"--use-file-for-fake-video-capture={camera}"]
    with tempfile.TemporaryDirectory(prefix="coach-browser-") as profile, sync_playwright() as play:
        context = play.chromium.launch_persistent_context(
            profile,
            executable_path=executable,
            headless=True,
            args=flags,
            viewport={"width": size[0], "height": size[1]},
            color_scheme=scheme,
        )
        try:
            yield context
        finally:
            context.close()

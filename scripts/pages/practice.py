"""A long practice of the demo in Chromium, watched through its developer tools."""

import json
import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import psutil  # type: ignore[import-untyped]  # it says no types
from browser.chromium import FLAGS, Watch, find_chromium
from browser.practice_page import PracticePage
from browser.server_process import ServerProcess
from playwright.sync_api import Browser, sync_playwright

from coach_server.errors import InputError
from scripts.pages import ROOT
from scripts.pages.drawing import CATEGORIES, MARK_SCRIPT
from scripts.pages.growth import Sample

PRACTICE: Final = "routine=demo&camera=demo-faults"
LOOK_EVERY_MS: Final = 1000
AGAIN_FROM_S: Final = 70.0
"""The film's second from which the practice goes back to the beginning."""


@contextmanager
def scripted_server() -> Iterator[tuple[ServerProcess, Path]]:
    """A server with a scripted coach, and a data folder of its own; its jobs are left to others."""
    path = os.pathsep.join([str(ROOT), str(ROOT / "tests")])
    with tempfile.TemporaryDirectory(prefix="coach-pages-") as data:
        command = ["-m", "scripts.pages.forgetful_server", "--data", data, "--job-workers", "0"]
        with ServerProcess(command, {**os.environ, "PYTHONPATH": path}) as server:
            yield server, Path(data)


@contextmanager
def browser() -> Iterator[Browser]:
    """A Chromium.

    Raises:
        InputError: there is none.
    """
    executable = find_chromium()
    if executable is None:
        raise InputError("No Chromium is here.", hint="On Debian: apt-get install chromium")
    with sync_playwright() as play:
        opened = play.chromium.launch(executable_path=executable, args=list(FLAGS))
        try:
            yield opened
        finally:
            opened.close()


class LongPractice:
    """The demo under way in a view of the page.

    Attributes:
        page: the browser's page.
        watch: over it.
    """

    def __init__(
        self, opened: Browser, server: ServerProcess, *, view: str | None, size: tuple[int, int]
    ) -> None:
        self._browser = opened
        context = opened.new_context(viewport={"width": size[0], "height": size[1]})
        context.add_init_script(MARK_SCRIPT)
        if view is not None:
            context.add_init_script(preferring(view=view))
        self.page = context.new_page()
        self.watch = Watch(host=server.host)
        self.watch.over(self.page)
        self._tools = context.new_cdp_session(self.page)
        self._tools.send("Performance.enable")
        practice = PracticePage(self.page)
        practice.open(server.address, PRACTICE)
        practice.allow()
        practice.live()
        practice.start()
        self._began_s = time.monotonic()

    @property
    def minute(self) -> float:
        """Of the practice."""
        return (time.monotonic() - self._began_s) / 60

    def go_on(self, seconds: float) -> None:
        """Practise for so long; from near the film's end it goes back to the beginning."""
        until = time.monotonic() + seconds
        while (left_ms := (until - time.monotonic()) * 1000) > 0:
            self.page.wait_for_timeout(min(left_ms, LOOK_EVERY_MS))
            if self._film_at() > AGAIN_FROM_S:
                while self._film_at() > 1.0:
                    self.page.keyboard.press("ArrowLeft")
                    self.page.wait_for_timeout(50)

    def trace(self, seconds: float) -> list[dict[str, Any]]:
        """The events of a trace while it goes on."""
        self._browser.start_tracing(page=self.page, categories=list(CATEGORIES))
        self.go_on(seconds)
        events: list[dict[str, Any]] = json.loads(self._browser.stop_tracing())["traceEvents"]
        return events

    def sample(self) -> Sample:
        """What the page holds once its garbage is collected."""
        for _ in range(2):
            self._tools.send("HeapProfiler.collectGarbage")
        heap = self._tools.send("Runtime.getHeapUsage")
        counters = self._tools.send("Memory.getDOMCounters")
        return Sample(
            minute=round(self.minute, 2),
            heap_kb=round(heap["usedSize"] / 1024, 1),
            dom_kb=round(heap.get("embedderHeapUsedSize", 0) / 1024, 1),
            buffers_kb=round(heap.get("backingStorageSize", 0) / 1024, 1),
            nodes=counters["nodes"],
            listeners=counters["jsEventListeners"],
            process_mb=round(_renderers_mb(), 1),
        )

    def _film_at(self) -> float:
        told = self._tools.send(
            "Runtime.evaluate",
            {"expression": "instructor.currentTime", "returnByValue": True},
        )
        return float(told["result"]["value"])


def preferring(**wishes: object) -> str:
    """A script by which a page begins with these wishes."""
    kept = json.dumps(json.dumps(wishes))
    return f"try {{ localStorage.setItem('practice-preferences', {kept}); }} catch {{ }}"


def window_size(text: str) -> tuple[int, int]:
    """Of a window, such as 1280x720."""
    width, _, height = text.partition("x")
    return int(width), int(height)


def _renderers_mb() -> float:
    """Memory of the renderers under us that they share with nobody."""
    used: float = sum(
        process.memory_full_info().uss / 2**20
        for process in psutil.Process().children(recursive=True)
        if "--type=renderer" in process.cmdline()
    )
    return used

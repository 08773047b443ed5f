"""The pages of the recorded side: a server with some routines, one browser, a scripted worker."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, TypeVar

from browser.chromium import DESKTOP, PHONE, Scheme, Watch
from browser.scripted_jobs import GO
from browser.server_process import ServerProcess
from playwright.sync_api import BrowserContext, Page

from coach_server.library.demo import demo_folder
from coach_server.library.routine_file import (
    FilmWarning,
    Segment,
    Span,
    read_meta,
    write_meta,
)

T = TypeVar("T")

ROUTINE: Final = "squats"
"""A routine of 85 s with two holds, repetitions, warnings and an anomaly."""

View = tuple[tuple[int, int], Scheme]
VIEWS: Final[list[View]] = [(DESKTOP, "dark"), (PHONE, "light")]
NAMES: Final = [f"{size[0]}x{size[1]}-{scheme}" for size, scheme in VIEWS]

NAMED: Final = """WEBVTT

00:00:01.000 --> 00:00:06.000
Mountain pose

00:00:06.000 --> 00:00:14.000
Squat
"""


def apart(act: Callable[..., T], *given: Any) -> T:
    """What `act` gives, done in a thread: in ours the browser's event loop runs."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(act, *given).result()


def add_routine(data: Path, name: str = ROUTINE, title: str = "Squats") -> None:
    """Put the routine into a data folder, anew."""
    folder = data / "routines" / name
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(demo_folder(), folder)
    (folder / "chapters.vtt").write_text(NAMED)
    meta = read_meta(folder)
    changed = {
        "id": name,
        "title": title,
        "segments": (
            Segment(start_s=2, end_s=5),
            Segment(start_s=7, end_s=12),
            Segment(start_s=14, end_s=20, kind="repetitions", count=4),
        ),
        "anomalies": (Span(start_s=9, end_s=10),),
        "warnings": (
            FilmWarning(
                code="cut",
                message="The film is cut, so the pose jumps.",
                spans=(Span(start_s=12.5, end_s=12.6), Span(start_s=44, end_s=44.1)),
            ),
            FilmWarning(code="low_fps", message="The film has few pictures a second."),
        ),
    }
    write_meta(meta.model_copy(update=changed), folder)


@dataclass
class Desk:
    """One server and one browser for all tests of a module.

    Attributes:
        server: with a scripted coach.
        data: its data folder.
        context: the browser.
        watch: over every page of it.
        screenshots: where pictures are kept.
    """

    server: ServerProcess
    data: Path
    context: BrowserContext
    watch: Watch
    screenshots: Path
    _pages: list[Page] = field(default_factory=list)

    def open(self, path: str | None, view: View = (DESKTOP, "dark")) -> Page:
        """A new page, at `path`; not sent anywhere yet where that is None."""
        size, scheme = view
        page = self.context.new_page()
        page.set_viewport_size({"width": size[0], "height": size[1]})
        page.emulate_media(color_scheme=scheme)
        self.watch.over(page)
        self._pages.append(page)
        if path is not None:
            page.goto(self.server.address + path)
        return page

    def shot(self, page: Page, state: str) -> None:
        """Keep a picture of the window, in which nothing may be cut off at the sides."""
        size = page.viewport_size or {"width": 0, "height": 0}
        page.screenshot(path=self.screenshots / f"{size['width']}x{size['height']}-{state}.png")
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), state

    def let_jobs_go_on(self, *, on: bool) -> None:
        """Whether jobs that wait halfway go on."""
        if on:
            (self.data / GO).touch()
        else:
            (self.data / GO).unlink(missing_ok=True)

    def close_pages(self) -> None:
        """Close what the test has opened, and forget what was noted of it."""
        while self._pages:
            self._pages.pop().close(run_before_unload=False)
        self.watch.faults.clear()
        self.watch.refusals.clear()


@contextmanager
def scripted_worker(data: Path) -> Iterator[None]:
    """A worker for the server of a data folder."""
    program = str(Path(__file__).with_name("scripted_jobs.py"))
    environment = {
        **os.environ,
        "COACH_DATA": str(data),
        "PYTHONPATH": str(Path(__file__).parents[1]),
    }
    worker = subprocess.Popen([sys.executable, program], env=environment)
    try:
        yield
    finally:
        worker.terminate()
        worker.wait(20)

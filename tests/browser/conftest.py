"""Servers, a browser and a camera for the tests of the pages."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import pytest
from browser.camera_film import write_camera_film
from browser.chromium import OpenPage, Watch, chromium, find_chromium
from browser.desk import Desk, add_routine, apart
from browser.instructor import Joints, instructor_poses
from browser.server_process import ROOT, ServerProcess, StartScripted
from playwright.sync_api import Page, expect

expect.set_options(timeout=30_000)

DEMO: Final = ROOT / "static" / "demo"
LEAD_S: Final = 20.0
"""Of still picture: enough to open the camera, call the coach and count down."""


def scripted_server(
    data: Path, *, port: int = 0, places: int = 4, job_workers: int = 1, signs: bool = False
) -> ServerProcess:
    """A server with a scripted coach."""
    script = str(Path(__file__).with_name("scripted_server.py"))
    options = ["--data", str(data), "--port", str(port), "--places", str(places)]
    options += ["--job-workers", str(job_workers), *(["--signs"] if signs else [])]
    return ServerProcess([script, *options], dict(os.environ))


@pytest.fixture(scope="session")
def executable() -> str:
    found = find_chromium()
    if found is None:
        pytest.skip("no Chromium on this machine; on Debian: apt-get install chromium")
    return found


@pytest.fixture(scope="session")
def coach(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    """`coach serve` with its real engines; pages are asked for all that a camera gives.

    How a busy machine asks for less is tested elsewhere; here others may keep it busy.
    """
    data = tmp_path_factory.mktemp("coach")
    environment = {**os.environ, "COACH_DATA": str(data), "COACH_MAX_LOAD": "0"}
    with ServerProcess(["-m", "coach_server", "serve", "--port", "0"], environment) as server:
        yield server


@pytest.fixture
def start_scripted(tmp_path: Path) -> Iterator[StartScripted]:
    """Starts servers with a scripted coach; stops what the test has not."""
    started: list[ServerProcess] = []

    def start(*, port: int = 0, places: int = 4, signs: bool = False) -> ServerProcess:
        started.append(scripted_server(tmp_path, port=port, places=places, signs=signs))
        return started[-1]

    yield start
    for server in started:
        server.stop()


@pytest.fixture(scope="session")
def poses() -> Joints:
    """What the demo's instructor does."""
    return instructor_poses()


@pytest.fixture(scope="module")
def module_page(executable: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    """A page of ours to import modules in."""
    with (
        scripted_server(tmp_path_factory.mktemp("modules")) as server,
        chromium(executable) as context,
    ):
        page = context.pages[0]
        page.goto(f"{server.address}/")
        page.wait_for_selector(".card")  # nothing of the page's own comes after that
        yield page


@pytest.fixture(scope="module")
def shared_desk(
    executable: str, tmp_path_factory: pytest.TempPathFactory, screenshots: Path
) -> Iterator[Desk]:
    """What all tests of a module about the recorded side share."""
    data = tmp_path_factory.mktemp("desk")
    with scripted_server(data, job_workers=0) as server, chromium(executable) as context:
        yield Desk(server, data, context, Watch(host=server.host), screenshots)


@pytest.fixture
def desk(shared_desk: Desk) -> Iterator[Desk]:
    """The library as it was in the beginning; fails a test whose pages broke a rule."""
    apart(add_routine, shared_desk.data)
    shared_desk.let_jobs_go_on(on=False)
    yield shared_desk
    faults = list(shared_desk.watch.faults)
    shared_desk.let_jobs_go_on(on=True)
    shared_desk.close_pages()
    assert faults == []


@pytest.fixture
def scripted(start_scripted: StartScripted) -> ServerProcess:
    return start_scripted()


@pytest.fixture
def watch() -> Iterator[Watch]:
    """Fails a test whose pages broke a rule."""
    watch = Watch()
    yield watch
    assert watch.faults == []


@pytest.fixture
def open_page(executable: str, watch: Watch) -> OpenPage:
    """Opens a watched page in a browser of its own; takes the options of `chromium`."""

    @contextmanager
    def opened(server: ServerProcess, *, init: str = "", **options: object) -> Iterator[Page]:
        watch.host = server.host
        with chromium(executable, **options) as context:  # type: ignore[arg-type]  # its own options
            if init:
                context.add_init_script(init)
            page = context.pages[0]
            watch.over(page)
            yield page

    return opened


@pytest.fixture(scope="session")
def faulty_camera(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The student with four faults before a camera."""
    film = tmp_path_factory.mktemp("camera") / "faults.mjpeg"
    write_camera_film(DEMO / "student_faults.mp4", film, lead_s=LEAD_S)
    return film


@pytest.fixture(scope="session")
def right_camera(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The student who is right before a camera."""
    film = tmp_path_factory.mktemp("camera") / "right.mjpeg"
    write_camera_film(DEMO / "student_right.mp4", film, lead_s=LEAD_S)
    return film


@pytest.fixture(scope="session")
def screenshots() -> Path:
    """Where pictures of the pages are kept to be looked at."""
    folder = ROOT / "test-artifacts" / "screenshots"
    folder.mkdir(parents=True, exist_ok=True)
    return folder

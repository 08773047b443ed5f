"""What every test is held to: the loop is never blocked, no task and no descriptor leaks."""

import asyncio
import gc
import inspect
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import hypothesis
import pytest
import pytest_asyncio
from blockbuster import blockbuster_ctx
from support.cache_lock import filling_the_cache

from coach_server.inference.engines import Engines
from coach_server.settings import Settings

hypothesis.settings.register_profile(
    "busy",
    deadline=None,  # what runs beside it may hold up any example
    suppress_health_check=[hypothesis.HealthCheck.too_slow],
)
hypothesis.settings.load_profile("busy")

SHARED = Path(__file__).resolve().parents[2] / "shared"
OWN_PROCESS_MARKERS = {"browser"}
"""Their fixtures outlive one test (a browser, a server), and so do the descriptors."""


LONGEST = ("test_demo_films.py", "test_house.py", "test_own_choices.py")
"""Modules to begin with: else one of several workers would be left alone with them at the end."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: item.path.name not in LONGEST)
    for item in items:
        if isinstance(item, pytest.Function) and inspect.iscoroutinefunction(item.function):
            item.fixturenames.insert(0, "no_leaked_tasks")


def pytest_collection_finish() -> None:
    gc.collect()
    gc.freeze()  # what is imported by now need not be walked twice a test


@pytest.fixture(autouse=True)
def no_blocking_calls() -> Iterator[None]:
    """Fail when our code blocks a running event loop."""
    with blockbuster_ctx("coach_server"):
        yield


@pytest_asyncio.fixture
async def no_leaked_tasks() -> AsyncIterator[None]:
    """Fail, naming them, when tasks are left over at the end of an async test."""
    before = asyncio.all_tasks()
    yield
    for _ in range(1000):  # cancelled tasks need a few turns of the loop to end, or a thread's
        leaked = asyncio.all_tasks() - before - {asyncio.current_task()}
        if not leaked:
            return
        await asyncio.sleep(0.01)
    pytest.fail(f"tasks left running: {[task.get_coro() for task in leaked]}")


def open_descriptors() -> dict[str, str]:
    found = {}
    for entry in Path("/proc/self/fd").iterdir():
        try:
            found[entry.name] = str(entry.readlink())
        except OSError:
            continue  # the listing's own descriptor
    return found


@pytest.fixture(autouse=True)
def no_leaked_descriptors(request: pytest.FixtureRequest) -> Iterator[None]:
    """Fail, naming them, when a test leaves files or sockets open."""
    if OWN_PROCESS_MARKERS & {mark.name for mark in request.node.iter_markers()}:
        yield
        return
    before = open_descriptors()
    yield
    if newly_open(before):
        gc.collect()  # what hangs in a circle is closed by now, or said to be left open
        if leaked := newly_open(before):
            pytest.fail(f"descriptors left open: {leaked}")


def newly_open(before: dict[str, str]) -> dict[str, str]:
    """What is open and was not, devices aside."""
    found = {fd: target for fd, target in open_descriptors().items() if before.get(fd) != target}
    return {fd: target for fd, target in found.items() if not target.startswith("/dev/")}


@pytest.fixture
def shared_clips() -> Path:
    """The licensed clips beside the project; skips where they are absent."""
    clips = SHARED / "data" / "clips"
    if not clips.is_dir():
        pytest.skip("the footage in ../shared is not here")
    return clips


@pytest.fixture(scope="session")
def engines() -> Engines:
    """The default engines on the CPU, with real weights: pulled once into the user's cache."""
    settings = Settings()
    with filling_the_cache():
        return Engines.load(
            settings.cache, keypoints=settings.keypoints, lifter=settings.lifter, device="cpu"
        )

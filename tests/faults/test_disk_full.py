"""A disk without room: the practice goes on, what cannot be kept is said, nothing is half there.

A real file system without a byte left, where one's own may be mounted.
"""

import asyncio
import shutil
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import pytest_asyncio
from support.faulty_server import FaultyServer, skip_without_small_disks
from support.student_peer import FPS, StudentPeer

from coach_server.library.demo import demo_folder

pytestmark = pytest.mark.loopback

DISK_BYTES = 3 << 20
FILLER = "filler"
FILLS = 20
"""At the most: the server lets go of some room each time it has kept something."""


@pytest.fixture(scope="module")
def started(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FaultyServer]:
    """A server whose data have 3 MB."""
    skip_without_small_disks()
    with FaultyServer(tmp_path_factory.mktemp("small"), DISK_BYTES) as running:
        yield running


@pytest.fixture
def server(started: FaultyServer) -> Iterator[FaultyServer]:
    """The same, with room again when the test is over."""
    yield started
    (started.disk / FILLER).unlink(missing_ok=True)


@pytest_asyncio.fixture
async def http(server: FaultyServer) -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession(server.address) as session:
        yield session


async def fill(disk: Path) -> Path:
    """Leave not a byte; gives what takes all the room."""
    filler = disk / FILLER
    await asyncio.to_thread(_fill, filler)
    return filler


def _fill(filler: Path) -> None:
    with filler.open("wb", buffering=0) as file:
        for _ in range(FILLS):
            for size in (1 << 16, 1 << 12, 1):
                try:
                    while True:
                        file.write(bytes(size))
                except OSError:
                    continue
            if shutil.disk_usage(filler).free == 0:
                return
    pytest.fail("the disk has room again and again")


async def files(disk: Path) -> set[str]:
    """Those in its folders; locks have nothing in them."""

    def found() -> set[str]:
        inside = [path for path in disk.glob("*/**/*") if path.is_file()]
        return {str(path.relative_to(disk)) for path in inside if path.suffix != ".lock"}

    return await asyncio.to_thread(found)


async def practising(http: aiohttp.ClientSession) -> StudentPeer:
    """A student whose film runs."""
    student = StudentPeer()

    async def post(fields: dict[str, Any]) -> dict[str, Any]:
        async with http.post("/api/offer", json=fields) as answer:
            body: dict[str, Any] = await answer.json()
            assert answer.status == 200, body
            return body

    await student.connect(post)
    await student.begun()
    student.say("player", t=0, playing=True, rate=1, at_ms=time.time() * 1000)
    return student


async def get(http: aiohttp.ClientSession, path: str) -> dict[str, Any]:
    async with http.get(path) as answer:
        body: dict[str, Any] = await answer.json()
        assert answer.status == 200, (path, body)
        return body


async def listed(http: aiohttp.ClientSession) -> list[str]:
    return [one["session"] for one in (await get(http, "/api/sessions"))["sessions"]]


async def ended(http: aiohttp.ClientSession, student: StudentPeer) -> None:
    """Let them go, until the session is forgotten or its report is all there is."""
    await student.close()
    async with asyncio.timeout(20):
        path = f"/api/sessions/{student.answer['session']}/report"
        while (await get(http, path))["resumable"]:
            continue


async def test_a_practice_goes_on_and_only_what_is_new_is_not_kept(
    server: FaultyServer, http: aiohttp.ClientSession
) -> None:
    student = await practising(http)
    session = student.answer["session"]
    await student.until(lambda: len(student.poses) > 2 * FPS)
    async with asyncio.timeout(20):
        while session not in await listed(http):
            continue
    before = await files(server.disk)
    filler = await fill(server.disk)
    seen, cues = len(student.poses), len(student.kinds("cue"))
    await student.until(lambda: len(student.poses) > seen + 2 * FPS)
    assert len(student.kinds("cue")) > cues
    assert student.kinds("error") == student.kinds("bye") == []
    await ended(http, student)
    assert await listed(http) == [session], "what was written before is read"
    later = await practising(http)
    await later.until(lambda: len(later.poses) > 2 * FPS)
    assert await files(server.disk) == before

    filler.unlink()
    await later.until(lambda: len(later.kinds("state")) > 1)
    await ended(http, later)
    assert await listed(http) == [later.answer["session"], session]


def add_routine(folder: Path) -> None:
    """As though it were copied there by hand; what is large of it is left out."""
    folder.mkdir(parents=True)
    shutil.copy(demo_folder() / "routine.json", folder)


async def test_what_is_sent_is_refused_and_what_is_there_is_served(
    server: FaultyServer, http: aiohttp.ClientSession
) -> None:
    assert (await get(http, "/api/routines"))["routines"] == []
    await asyncio.to_thread(add_routine, server.disk / "routines" / "demo")
    before = await files(server.disk)
    await fill(server.disk)
    (routine,) = (await get(http, "/api/routines"))["routines"]
    assert routine["title"] == "Standing flow"
    assert (await get(http, "/api/jobs")) == {"jobs": []}
    form = aiohttp.FormData()
    form.add_field("film", b"\0\0\0\x18ftypmp42" + bytes(5000), filename="star.mp4")
    async with http.post("/api/routines", data=form) as answer:
        assert (answer.status, (await answer.json())["error"]["code"]) == (503, "full")
    async with http.patch("/api/routines/demo", json={"title": "Other"}) as answer:
        assert (await answer.json())["error"]["code"] == "unwritable"
    (routine,) = (await get(http, "/api/routines"))["routines"]
    assert routine["title"] == "Standing flow"
    assert await files(server.disk) == before

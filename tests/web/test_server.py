"""The server as a process: where it may listen, and how it stops."""

import asyncio
import signal
import socket
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Literal

import aiohttp
import psutil  # type: ignore[import-untyped]  # it says no types
import pytest
from support import fake_worker
from support.live_server import FakeLessons
from support.student_peer import StudentPeer

from coach_server.errors import EngineError, InputError
from coach_server.inference.engines import Engines
from coach_server.inference.protocols import Progress
from coach_server.sessions.one_process import OneProcess
from coach_server.settings import Settings
from coach_server.web import server
from coach_server.web.server import run

pytestmark = pytest.mark.web

SERVER = """
import os
import sys
from pathlib import Path
from support import fake_worker
from support.live_server import FakeLessons
from coach_server.sessions.one_process import OneProcess
from coach_server.sessions.workers.front import Workers
from coach_server.settings import Settings
from coach_server.web import server

class Engines:
    @staticmethod
    def check(cache, **_):
        return {}

def in_one_process(settings, _progress):
    hangs = os.environ["FAULT"] == "hang"
    lessons = FakeLessons(fake_worker.hang_after(5)) if hangs else FakeLessons()
    return OneProcess(settings, load=fake_worker.load, lessons_of=lambda _: lessons)

def in_workers(settings, progress):
    command = (sys.executable, fake_worker.__file__)
    return Workers(settings, progress=progress, command=command)

server.Engines = Engines
server.practices_of = {"one": in_one_process, "workers": in_workers}[sys.argv[2]]
data = Path(sys.argv[1])
server.run(Settings(port=0, data=data, cache=data, workers=2, max_load=0.0))
"""

Practices = Literal["one", "workers"]
WHERE = pytest.mark.parametrize("where", ["one", "workers"])
"""Where practice runs: in the server itself, and in processes of their own, as it is served."""


@asynccontextmanager
async def server_process(
    data: Path, where: Practices, fault: str = ""
) -> AsyncIterator[tuple[asyncio.subprocess.Process, str]]:
    """The server with fake models in a process of its own, and its address.

    At its end nothing that it has started may be left.
    """
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        SERVER,
        str(data),
        where,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env={"PYTHONPATH": str(Path(__file__).parents[1]), "PATH": "", "FAULT": fault},
    )
    assert process.stdout is not None
    try:
        address = (await process.stdout.readline()).decode().strip()
        started = await workers_of(process.pid, 2 if where == "workers" else 0)
        yield process, address
        assert [worker for worker in started if worker.is_running()] == []
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


async def workers_of(pid: int, count: int) -> list[psutil.Process]:
    for _ in range(500):
        children = psutil.Process(pid).children()
        found = [each for each in children if fake_worker.__file__ in each.cmdline()]
        if len(found) == count:
            return found
        await asyncio.sleep(0.02)
    pytest.fail(f"there were never {count} workers")


async def student_at(address: str, http: aiohttp.ClientSession) -> StudentPeer:
    """Somebody who practises at a server that may still be starting."""
    status = 503
    while status == 503:
        async with http.get(f"{address}healthz") as answer:
            status = answer.status
    assert status == 200

    async def post(fields: dict[str, str]) -> dict[str, str]:
        async with http.post(f"{address}api/offer", json=fields) as answer:
            body: dict[str, str] = await answer.json()
            return body

    student = StudentPeer()
    await student.connect(post)
    await student.until(lambda: len(student.poses) > 0)
    return student


@WHERE
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_told_to_stop_it_says_goodbye_and_exits_0(
    tmp_path: Path, number: signal.Signals, where: Practices
) -> None:
    async with (
        server_process(tmp_path, where) as (process, address),
        aiohttp.ClientSession() as http,
    ):
        assert address.startswith("http://127.0.0.1:")
        student = await student_at(address, http)
        process.send_signal(number)
        async with asyncio.timeout(60):
            assert await process.wait() == 0
        assert process.stderr is not None
        log = (await process.stderr.read()).decode()
        await student.until(lambda: bool(student.kinds("bye")))
        await student.close()
    assert student.kinds("bye")[0]["reason"] == "shutdown"
    assert "Traceback" not in log
    assert "ice-pwd" not in log
    assert student.answer["resume"] not in log


@WHERE
async def test_an_engine_that_hangs_does_not_hold_the_end(tmp_path: Path, where: Practices) -> None:
    async with (
        server_process(tmp_path, where, "hang") as (process, address),
        aiohttp.ClientSession() as http,
    ):
        student = await student_at(address, http)
        await student.until(lambda: student.camera.sent > 30)  # far beyond the frame that hangs
        process.terminate()
        async with asyncio.timeout(60):
            assert await process.wait() == 0
        await student.until(lambda: bool(student.kinds("bye")))
        await student.close()
    assert len(student.poses) <= 5
    assert student.kinds("bye")[0]["reason"] == "shutdown"


@WHERE
async def test_a_download_that_hangs_does_not_hold_the_end(
    tmp_path: Path, where: Practices
) -> None:
    async with server_process(tmp_path, where, "loading") as (process, address):
        async with aiohttp.ClientSession() as http, http.get(f"{address}healthz") as answer:
            assert answer.status == 503
        process.terminate()
        async with asyncio.timeout(60):
            assert await process.wait() == 0


@pytest.fixture
def taken_port() -> Iterator[int]:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        yield int(taken.getsockname()[1])


def test_a_taken_port_is_said_plainly(tmp_path: Path, taken_port: int) -> None:
    with pytest.raises(InputError, match="the port is taken") as refused:
        run(Settings(port=taken_port, data=tmp_path, cache=tmp_path))
    assert refused.value.exit_code == 2
    assert "--port" in refused.value.hint


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.5", ""])
def test_a_public_address_without_a_token_is_refused(tmp_path: Path, host: str) -> None:
    with pytest.raises(InputError, match="refuses to listen") as refused:
        run(Settings(host=host, data=tmp_path, cache=tmp_path))
    assert refused.value.exit_code == 2
    assert "--token auto" in refused.value.hint


def test_names_for_others_without_a_token_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"for coach\.example without a token"):
        run(Settings(names="coach.example", data=tmp_path, cache=tmp_path))


def test_a_folder_that_it_makes_is_its_own_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def check(*_: object, **__: object) -> None:
        raise EngineError("enough")

    monkeypatch.setattr(Engines, "check", check)
    data = tmp_path / "new" / "data"
    with pytest.raises(EngineError, match="enough"):
        run(Settings(port=0, data=data, cache=tmp_path))
    assert data.stat().st_mode & 0o777 == 0o700
    file = tmp_path / "file"
    file.touch()
    with pytest.raises(InputError, match="cannot be made") as refused:
        run(Settings(port=0, data=file / "data", cache=tmp_path))
    assert refused.value.exit_code == 2


def test_engines_that_cannot_be_had_end_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def load(_progress: Progress) -> Engines:
        raise EngineError("the download is broken", hint="try again")

    def practices_of(settings: Settings, _progress: Progress | None) -> OneProcess:
        return OneProcess(settings, load=load, lessons_of=lambda _: FakeLessons())

    monkeypatch.setattr(server, "practices_of", practices_of)
    with pytest.raises(EngineError, match="the download is broken") as failed:
        run(Settings(port=0, data=tmp_path, cache=tmp_path))
    assert failed.value.exit_code == 2

"""Films come in with caps, under names of our own, and what is none is refused for what it is."""

import asyncio
import io
import re
import subprocess
import sys
import zipfile
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from unittest.mock import AsyncMock

import aiohttp
import pytest
import pytest_asyncio
from aiohttp import FormData
from support.films import write_film, write_gigantic_picture
from support.live_server import LiveServer, live_server

from coach_server.library.database import NAME, Database
from coach_server.library.jobs.job import Job
from coach_server.library.jobs.ledger import Ledger
from coach_server.library.uploads import Uploads, shown_name, title_of
from coach_server.web.app import GATE
from coach_server.web.multipart import CHUNK, Receiver

pytestmark = pytest.mark.web

DEMO = Path(__file__).resolve().parents[2] / "static" / "demo"
PLAYLIST = b"ffconcat version 1.0\nfile /etc/passwd\n"


@pytest_asyncio.fixture
async def server(tmp_path: Path) -> AsyncIterator[LiveServer]:
    async with live_server(tmp_path, job_workers=0, max_film_mb=1) as running:
        yield running


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return write_film(tmp_path_factory.mktemp("film") / "a.mp4", 10).read_bytes()


def data_of(server: LiveServer) -> Path:
    return server.app[GATE].data


def receiver(server: LiveServer) -> Receiver:
    return server.app[GATE].receiver


def form(content: bytes, filename: str = "flow.mp4", name: str = "film", **texts: str) -> FormData:
    data = FormData(texts, quote_fields=False)
    data.add_field(name, io.BytesIO(content), filename=filename)
    return data


async def post(
    server: LiveServer, data: Any, path: str = "/api/routines", **request: Any
) -> tuple[int, dict[str, Any]]:
    async with server.client.post(path, data=data, **request) as answer:
        return answer.status, await answer.json()


async def refused_because(
    server: LiveServer, data: Any, path: str = "/api/routines", **request: Any
) -> tuple[int, str, str]:
    """Status, code and message of a refusal after which nothing is left."""
    status, body = await post(server, data, path, **request)
    assert body["error"]["message"]
    uploads = data_of(server) / "uploads"
    left = await asyncio.to_thread(lambda: list(uploads.iterdir()) if uploads.exists() else [])
    assert left == []
    async with server.client.get("/api/jobs") as answer:
        assert (await answer.json()) == {"jobs": []}
    return status, body["error"]["code"], body["error"]["message"]


async def refused(server: LiveServer, data: Any, path: str = "/api/routines") -> tuple[int, str]:
    """Status and code of such a refusal."""
    status, code, _ = await refused_because(server, data, path)
    return status, code


async def job_of(server: LiveServer, job_id: str) -> Job:
    ledger = Ledger(Database(data_of(server) / NAME))
    return await asyncio.to_thread(ledger.get, job_id)


async def test_a_film_becomes_a_job(server: LiveServer, film: bytes) -> None:
    data = form(film, title="Morning  flow ", mirror="mirrored", level="advanced")
    data.add_field("chapters", b"WEBVTT\n\n00:00.000 --> 00:01.000\nTree\n", filename="c.vtt")
    status, body = await post(server, data)
    assert status == 202
    job = await job_of(server, body["job"])
    assert (job.kind, job.title, job.arguments["mirror"]) == (
        *("prepare", "Morning flow", "mirrored"),
    )
    assert job.arguments["level"] == "advanced"
    for name, content in (("film", film), ("chapters", b"WEBVTT")):
        path = data_of(server) / job.arguments[name]
        assert path.parent == data_of(server) / "uploads" / job.id
        assert (await asyncio.to_thread(path.read_bytes)).startswith(content)
    assert job.arguments["routine"].startswith("morning-flow-")


@pytest.mark.parametrize(
    ("filename", "title"),
    [
        ("../../etc/passwd.mp4", "passwd"),
        ("C:\\films\\my_flow.mov", "my flow"),
        ("evil\u202e4pm.exe", "evil 4pm"),
        ("a\r\nSet-Cookie: x.mp4", "a Set Cookie: x"),
        ("<img src=x onerror=alert(1)>.mp4", "<img src=x onerror=alert(1)>"),
        ("nul\x00byte.mp4", "nul byte"),
        (".mp4", "mp4"),
        ("..", "the film"),
        ("ü" * 300, "ü" * 120),
    ],
)
def test_names_are_shown_and_never_used(filename: str, title: str) -> None:
    assert title_of(shown_name(filename, "the film")) == title


def named(said: bytes, film: bytes) -> dict[str, Any]:
    """A form byte for byte: what clients write around a name is left out."""
    head = b'--x\r\nContent-Disposition: form-data; name="film"; ' + said + b"\r\n\r\n"
    headers = {"Content-Type": "multipart/form-data; boundary=x"}
    return {"data": head + film + b"\r\n--x--\r\n", "headers": headers}


@pytest.mark.parametrize(
    ("said", "called"),
    [
        ('filename="../../../evil\u202e.mp4"'.encode(), "evil .mp4"),
        (b'filename="a%0D%0ASet-Cookie: x.mp4"', "a%0D%0ASet-Cookie: x.mp4"),
        (b"filename*=utf-8''a%0D%0ASet-Cookie%3A%20x.mp4", "a Set-Cookie: x.mp4"),
        (b"filename*=utf-8''nul%00byte.mp4", "nul byte.mp4"),
        (b"filename*=utf-8''..%2F..%2Fetc%2Fpass%E2%80%AEwd%00.mp4", "pass wd .mp4"),
        (b"filename*=utf-8''%00", "the file film"),
        (b'filename="a\\"b.mp4"', 'a"b.mp4'),
        (b'filename="a"b.mp4"', 'a"b.mp4'),
        (b'filename="a%22b.mp4"', "a%22b.mp4"),
    ],
)
async def test_a_film_lies_under_a_name_of_our_own(
    server: LiveServer, film: bytes, said: bytes, called: str
) -> None:
    status, body = await post(server, **named(said, film))
    assert status == 202, body
    job = await job_of(server, body["job"])
    assert job.arguments["film"] == f"uploads/{job.id}/film"
    assert (job.arguments["called"], job.title) == (called, title_of(called))
    uploads = data_of(server) / "uploads"
    found = await asyncio.to_thread(lambda: sorted(path for path in uploads.rglob("*")))
    assert found == [uploads / job.id, uploads / job.id / "film"]


@pytest.mark.parametrize(
    "said",
    [
        *(b'filename="nul\x00byte.mp4"', b'filename="a\rb.mp4"', b'filename="a\nb.mp4"'),
        *(b'filename="a\r\n b.mp4"', b'filename="a\r\nSet-Cookie: x.mp4"', b'filename="a.mp4'),
        *(b"filename*=utf-8''%FF.mp4", b"filename*=none''%41.mp4", b'filename="a"; filename="b"'),
    ],
)
async def test_a_name_that_is_no_header_breaks_its_form(
    server: LiveServer, film: bytes, said: bytes
) -> None:
    answer = await refused_because(server, **named(said, film))
    assert answer == (400, "bad_input", "the form is broken or cut short")


BROKEN_HEADER = """
from aiohttp.multipart import parse_content_disposition
from coach_server.web import multipart
try:
    parse_content_disposition('form-data; filename="token')
except multipart._ODD_HEADERS:
    print("raised")
"""


def test_what_is_sent_is_in_no_warning() -> None:
    """In a program of its own: here every warning is raised, whoever asks for it."""
    told = subprocess.run(
        [sys.executable, "-c", BROKEN_HEADER], capture_output=True, text=True, check=True
    )
    assert (told.stdout, told.stderr) == ("raised\n", "")


@pytest.mark.parametrize(
    ("content", "filename", "answer"),
    [
        (b"", "a.mp4", (400, "empty")),
        (b"just words", "a.mp4", (400, "bad_media")),
        (PLAYLIST, "a.mp4", (415, "wrong_kind")),
        (b"#EXTM3U\n/etc/passwd\n", "a.mp4", (415, "wrong_kind")),
        (b"\x89PNG\r\n\x1a\n" + bytes(600), "a.mp4", (415, "wrong_kind")),
        (b"\x00\x00\x00\x18ftypmp42" + bytes(600), "a.mp4", (400, "bad_media")),
        (b"\x00\x00\x00\x18ftypmp42" + bytes(2 << 20), "a.mp4", (413, "too_large")),
    ],
    ids=["empty", "text", "playlist", "m3u", "picture", "no content", "too large"],
)
async def test_what_is_no_film_is_refused(
    server: LiveServer, content: bytes, filename: str, answer: tuple[int, str]
) -> None:
    assert await refused(server, form(content, filename)) == answer


async def test_a_film_cut_short_is_refused(server: LiveServer, film: bytes) -> None:
    """Its index is at its end, and lost; then one that has it at its beginning, and tells more."""
    answer = await refused_because(server, form(film[: len(film) // 2], "flow.mp4"))
    assert answer[:2] == (400, "bad_media")
    assert answer[2].startswith("flow.mp4 cannot be read as a film: it is damaged")
    whole = await asyncio.to_thread((DEMO / "student_right.mp4").read_bytes)
    answer = await refused_because(server, form(whole[: len(whole) // 2], "flow.mp4"))
    assert answer[:2] == (400, "cut_short")
    assert re.fullmatch(r"flow\.mp4 is cut short: it has \d+ of 2584 pictures\.", answer[2])


async def test_a_gigantic_picture_is_refused_for_its_size(tmp_path: Path) -> None:
    bomb = await asyncio.to_thread(write_gigantic_picture, tmp_path / "bomb.mov")
    content = await asyncio.to_thread(bomb.read_bytes)
    async with live_server(tmp_path, job_workers=0, max_film_mb=20) as server:
        status, code, why = await refused_because(server, form(content, "bomb.mov"))
    assert (status, code) == (413, "too_large")
    assert "megapixels" in why, "its bytes are few enough"


async def test_a_body_without_end_is_stopped_at_the_cap(
    server: LiveServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent = taken = 0
    read_chunk = aiohttp.BodyPartReader.read_chunk

    async def counting(part: aiohttp.BodyPartReader, size: int) -> bytes:
        nonlocal taken
        chunk = await read_chunk(part, size)
        taken += len(chunk)
        return chunk

    monkeypatch.setattr(aiohttp.BodyPartReader, "read_chunk", counting)

    async def endless() -> AsyncIterator[bytes]:
        nonlocal sent
        yield b'--x\r\nContent-Disposition: form-data; name="film"; filename="a.mp4"\r\n\r\n'
        yield b"\x00\x00\x00\x18ftypmp42"
        while True:
            sent += 1 << 16
            yield bytes(1 << 16)

    headers = {"Content-Type": "multipart/form-data; boundary=x"}
    try:
        status, body = await post(server, endless(), headers=headers)
    except aiohttp.ClientError:  # it hung up while we were still sending
        pass
    else:
        assert (status, body["error"]["code"]) == (413, "too_large")
    assert sent < 32 << 20
    most = receiver(server)._max_bytes
    assert most < taken <= most + 2 * CHUNK
    await until_folders(data_of(server) / "uploads", 0)


@pytest.mark.parametrize(
    ("data", "answer"),
    [
        ({"film": "words"}, (415, "wrong_content_type")),
        (b"\x00", (415, "wrong_content_type")),
    ],
)
async def test_what_is_no_form_is_refused(
    server: LiveServer, data: Any, answer: tuple[int, str]
) -> None:
    assert await refused(server, data) == answer


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"no boundary in it",
        b"--x\r\n",
        b'--x\r\nContent-Disposition: form-data; name="film"; filename="a.mp4"\r\n\r\ncut',
        b"--x\r\nContent-Disposition: form-data\r\n\r\nnameless\r\n--x--\r\n",
        b'--x\r\nContent-Disposition: form-data; name="title"\r\n\r\n\xff\xfe\r\n--x--\r\n',
        b'--x\r\nContent-Disposition: form-data; name="title"\r\n\r\n'
        + b"y" * 9000
        + b"\r\n--x--\r\n",
        b"--x\r\n" + b"A: b\r\n" * 2000 + b"\r\n",
        b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n' * 30 + b"--x--\r\n",
    ],
)
async def test_a_broken_form_is_refused(server: LiveServer, body: bytes) -> None:
    headers = {"Content-Type": "multipart/form-data; boundary=x"}
    status, answer = await post(server, body, headers=headers)
    assert status in (400, 413), answer


async def test_fields_that_do_not_fit_are_refused(server: LiveServer, film: bytes) -> None:
    for texts in ({"mirror": "sideways"}, {"level": "hard"}, {"title": "x" * 300}):
        assert (await refused(server, form(film, **texts)))[0] == 400
    assert await refused(server, form(film, name="movie")) == (400, "bad_input")
    data = form(film)
    data.add_field("chapters", b"no chapters", filename="c.vtt")
    assert await refused(server, data) == (400, "bad_chapters")


async def test_a_zip_archive_is_taken_for_a_routine(server: LiveServer) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("routine.json", "{}")
    status, body = await post(server, form(packed.getvalue(), "Sun_salute.routine.zip"))
    assert status == 202
    job = await job_of(server, body["job"])
    assert (job.kind, job.title) == ("import", "Sun salute")


async def test_two_uploads_at_once_do_not_touch_each_other(
    server: LiveServer, film: bytes, tmp_path: Path
) -> None:
    other = (await asyncio.to_thread(write_film, tmp_path / "b.mp4", 20)).read_bytes()
    answers = await asyncio.gather(*(post(server, form(content)) for content in (film, other)))
    for (status, body), content in zip(answers, (film, other), strict=True):
        assert status == 202
        job = await job_of(server, body["job"])
        path = data_of(server) / job.arguments["film"]
        assert await asyncio.to_thread(path.read_bytes) == content


async def test_who_hangs_up_leaves_nothing(server: LiveServer) -> None:
    async def begin() -> AsyncIterator[bytes]:
        yield b'--x\r\nContent-Disposition: form-data; name="film"; filename="a.mp4"\r\n\r\n'
        yield b"\x00\x00\x00\x18ftypmp42" + bytes(1 << 16)
        raise ConnectionError("the network is gone")

    headers = {"Content-Type": "multipart/form-data; boundary=x"}
    with pytest.raises((aiohttp.ClientError, ConnectionError)):
        await post(server, begin(), headers=headers)
    uploads = data_of(server) / "uploads"
    for _ in range(200):
        if not await asyncio.to_thread(lambda: list(uploads.glob("*"))):
            return
        await asyncio.sleep(0.02)
    pytest.fail("the upload was left behind")


async def until_folders(uploads: Path, count: int) -> None:
    for _ in range(500):
        if len(await asyncio.to_thread(lambda: list(uploads.glob("*")))) == count:
            return
        await asyncio.sleep(0.02)
    pytest.fail(f"there were never {count} uploads")


async def test_who_hangs_up_is_no_fault_of_the_server(
    server: LiveServer, film: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As a server gets to know it that is no test's: those cancel the request."""
    lost = AsyncMock(side_effect=aiohttp.ClientConnectionResetError("Connection lost"))
    monkeypatch.setattr(aiohttp.BodyPartReader, "read_chunk", lost)
    assert await refused(server, form(film)) == (400, "sender_gone")


async def test_a_sender_that_goes_quiet_is_given_up(server: LiveServer) -> None:
    gone = asyncio.Event()

    async def hang() -> AsyncIterator[bytes]:
        yield b'--x\r\nContent-Disposition: form-data; name="film"; filename="a.mp4"\r\n\r\n'
        await gone.wait()

    gate = receiver(server)
    gate._quiet_s = 0.2
    headers = {"Content-Type": "multipart/form-data; boundary=x"}
    try:
        status, body = await post(server, hang(), headers=headers)
        assert (status, body["error"]["code"]) == (408, "too_slow")
    finally:
        gone.set()


async def test_more_uploads_than_places_are_told_to_wait(server: LiveServer, film: bytes) -> None:
    receiver(server)._free = 0
    status, body = await post(server, form(film))
    assert (status, body["error"]["code"]) == (503, "full")
    receiver(server)._free = 1
    assert (await post(server, form(film)))[0] == 202
    assert receiver(server)._free == 1


async def test_a_disk_that_is_full_refuses_before_it_takes(
    server: LiveServer, film: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Uploads, "free_bytes", lambda _self: 1000)
    assert await refused(server, form(film)) == (503, "full")


async def test_two_films_become_a_comparison(server: LiveServer, film: bytes) -> None:
    data = form(film, "teacher.mp4", "instructor", alignment="frames")
    data.add_field("student", film, filename="me.mp4")
    status, body = await post(server, data, "/api/comparisons")
    assert status == 202
    job = await job_of(server, body["job"])
    assert job.kind == "compare"
    assert job.arguments["comparison"] == body["comparison"]
    assert job.arguments["alignment"] == "frames"
    assert job.arguments["called"] == ["teacher", "me.mp4"]


async def test_a_comparison_needs_one_instructor_and_a_student(
    server: LiveServer, film: bytes
) -> None:
    path = "/api/comparisons"
    assert (await refused(server, form(film, name="instructor"), path))[0] == 400
    assert (await refused(server, form(film, name="student"), path))[0] == 400
    nobody = form(film, name="student", routine="nobody")
    assert await refused(server, nobody, path) == (404, "no_such_routine")
    both = form(film, name="student", routine="demo")
    both.add_field("instructor", film, filename="a.mp4")
    assert (await refused(server, both, path))[0] == 400
    bad = form(film, name="instructor")
    bad.add_field("student", PLAYLIST, filename="b.mp4")
    assert await refused(server, bad, path) == (415, "wrong_kind")


def test_uploads_of_no_job_go_when_the_server_starts(tmp_path: Path) -> None:
    """But not what another server receives on the same folder, in this process or another."""
    uploads = Uploads(tmp_path / "uploads")
    with uploads.receiving() as wanted, uploads.receiving() as left:
        pass
    with uploads.receiving() as received:
        uploads.recover(lambda name: name == wanted.name)
        assert wanted.exists()
        assert not left.exists()
        assert received.exists()
    uploads.recover(lambda name: name == wanted.name)
    assert not received.exists()


async def test_a_second_server_lets_what_the_first_receives_alone(
    server: LiveServer, film: bytes
) -> None:
    data = data_of(server)
    head = b'--x\r\nContent-Disposition: form-data; name="film"; filename="a.mp4"\r\n\r\n'

    async def halting() -> AsyncIterator[bytes]:
        yield head + film[:100]
        await until_folders(data / "uploads", 1)
        async with live_server(data, job_workers=0):
            pass
        yield film[100:] + b"\r\n--x--\r\n"

    headers = {"Content-Type": "multipart/form-data; boundary=x"}
    status, body = await post(server, halting(), headers=headers)
    assert status == 202, body

"""The library over HTTP: changed, cut, taken away and removed."""

import asyncio
import io
import json
import zipfile
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from support.films import ScriptedEngines, write_film
from support.live_server import LiveServer, live_server
from support.stick_figure import ARMS_OUT, Limbs, track_of

from coach_server.library.exports import FORMATS
from coach_server.library.prepare import prepare_routine
from coach_server.library.store import FILES, RoutineLibrary

pytestmark = pytest.mark.web

TRACK = track_of([(Limbs(), 0.0, 1.5), (ARMS_OUT, 1.0, 1.5)])
ADDRESS = "/api/routines/flow"


def prepare(data: Path) -> None:
    film = write_film(data / "flow.mp4", len(TRACK.time_s))
    library = RoutineLibrary.of(data)
    prepare_routine(library, film, ScriptedEngines(TRACK), title="Flow", routine_id="flow")


@pytest_asyncio.fixture
async def server(tmp_path: Path) -> AsyncIterator[LiveServer]:
    await asyncio.to_thread(prepare, tmp_path)
    async with live_server(tmp_path, job_workers=0) as running:
        yield running


async def ask(
    server: LiveServer, method: str, path: str = "", status: int = 200, **request: Any
) -> Any:
    async with server.client.request(method, ADDRESS + path, **request) as answer:
        assert answer.status == status, await answer.text()
        return await answer.json() if answer.content_type == "application/json" else None


async def test_a_routine_is_changed(server: LiveServer) -> None:
    before = await ask(server, "GET")
    assert before["mirror"] == "same"
    holds = [{"start_s": 2.6, "end_s": 3.9}]
    chapters = [{"start_s": 2.5, "end_s": 4.0, "title": "<b>Star</b>"}]
    assert (before["level"], before["practised_at"]) == (None, None)
    fields = {
        "title": "New",
        "mirror": "auto",
        "level": "advanced",
        "holds": holds,
        "chapters": chapters,
    }
    changed = await ask(server, "PATCH", json=fields)
    assert changed == await ask(server, "GET")
    assert (changed["title"], changed["mirror"]) == ("New", "auto")
    assert changed["level"] == "advanced"
    assert (await ask(server, "PATCH", json={"title": "Newer"}))["level"] == "advanced"
    assert (await ask(server, "PATCH", json={"level": None}))["level"] is None
    kinds = [(s["kind"], s["start_s"]) for s in changed["segments"]]
    assert ("hold", 2.6) in kinds
    assert ("transition", 0.0) in kinds
    async with server.client.get(changed["chapters"]) as answer:
        assert "<b>Star</b>" in await answer.text()
        assert answer.content_type == "text/vtt"


@pytest.mark.parametrize(
    "fields",
    [
        {"title": 7},
        {"title": "\ud800"},
        {"colour": "red"},
        {"mirror": "up"},
        {"level": "expert"},
        {"holds": [{"start_s": 1}]},
        {"holds": [{"start_s": float("nan"), "end_s": 2}]},
        {"holds": "all"},
        {"chapters": [{"start_s": 0, "end_s": 1, "title": None}]},
        {"trim": {"start_s": 0}},
        {"trim": {"start_s": 0, "end_s": 3}, "title": "both"},
        {"trim": {"start_s": 3, "end_s": 1}},
        {"trim": {"start_s": 60, "end_s": 90}},
    ],
)
async def test_what_does_not_fit_is_refused(server: LiveServer, fields: Any) -> None:
    before = await ask(server, "GET")
    body = await ask(
        server,
        "PATCH",
        status=400,
        data=json.dumps(fields),
        headers={"Content-Type": "application/json"},
    )
    assert body["error"]["hint"]
    assert await ask(server, "GET") == before


async def test_names_of_poses_are_there_to_choose_from(server: LiveServer) -> None:
    async with server.client.get("/api/poses") as answer:
        names = (await answer.json())["names"]
    assert {"Mountain pose", "Goddess pose"} <= set(names)
    assert len(set(names)) == len(names) > 50


async def test_cutting_is_a_job(server: LiveServer) -> None:
    body = await ask(server, "PATCH", status=202, json={"trim": {"start_s": 0, "end_s": 3}})
    async with server.client.get(f"/api/jobs/{body['job']}") as answer:
        job = await answer.json()
    assert (job["kind"], job["state"], job["title"]) == ("trim", "queued", "Flow")
    again = await ask(server, "PATCH", status=409, json={"trim": {"start_s": 0, "end_s": 3}})
    assert again["error"]["code"] == "busy"
    async with server.client.delete(f"/api/jobs/{body['job']}") as answer:
        assert answer.status == 200
    await ask(server, "PATCH", status=202, json={"trim": {"start_s": 0, "end_s": 3}})


async def test_a_routine_is_taken_away_whole(server: LiveServer) -> None:
    async with server.client.get(f"{ADDRESS}/export") as answer:
        assert answer.status == 200
        assert answer.content_type == "application/zip"
        assert answer.headers["Content-Disposition"].endswith('filename="flow.routine.zip"')
        content = await answer.read()
    with zipfile.ZipFile(io.BytesIO(content)) as packed:
        assert packed.testzip() is None
        assert {Path(name).name for name in packed.namelist()} == set(FILES)


@pytest.mark.parametrize("kind", sorted(FORMATS))
async def test_its_track_is_taken_away_in_any_format(server: LiveServer, kind: str) -> None:
    async with server.client.get(f"{ADDRESS}/track.{kind}") as answer:
        assert answer.status == 200
        assert answer.headers["Content-Disposition"].endswith(f'filename="flow.{kind}"')
        assert len(await answer.read()) > 1000


async def test_a_routine_is_removed(server: LiveServer) -> None:
    async with server.client.delete(ADDRESS) as answer:
        assert answer.status == 204
    for method, path in (("GET", ""), ("DELETE", ""), ("GET", "/export"), ("GET", "/track.csv")):
        assert (await ask(server, method, path, 404))["error"]["code"] == "no_such_routine"
    body = await ask(server, "PATCH", status=404, json={"title": "x"})
    assert body["error"]["code"] == "no_such_routine"
    async with server.client.get("/api/routines") as answer:
        assert await answer.json() == {"routines": []}


async def test_other_sites_change_nothing(server: LiveServer) -> None:
    foreign = {"Origin": "https://evil.example"}
    await ask(server, "DELETE", status=403, headers=foreign)
    await ask(server, "PATCH", status=403, headers=foreign, json={"title": "x"})
    await ask(server, "PATCH", status=415, data=b'{"title": "x"}')
    assert (await ask(server, "GET"))["title"] == "Flow"

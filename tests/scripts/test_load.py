"""Simulated webcams on the real server, and the film they send."""

import asyncio
import json
from pathlib import Path

import pytest
from support.live_server import live_server, until_free

from scripts.load import films as films_module
from scripts.load.camera import FilmCamera
from scripts.load.crowd import Crowd
from scripts.load.films import EncodedFilm, Films
from scripts.load.webcam import RefusedError, SimulatedWebcam

pytestmark = pytest.mark.loopback

FILM = EncodedFilm(30, tuple(bytes([index]) for index in range(90)), (0, 30, 60))
HALF = EncodedFilm(15, tuple(bytes([index]) for index in range(45)), (0, 15, 30))


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where two seconds of the film lie encoded."""
    folder = tmp_path_factory.mktemp("cache")
    Films(folder, seconds=2).at(30)
    Films(folder, seconds=2).at(15, 2)
    return folder


@pytest.fixture
def films(cache: Path, monkeypatch: pytest.MonkeyPatch) -> Films:
    """The same: whoever would encode again fails."""
    monkeypatch.setattr(films_module, "_encode", lambda *_: pytest.fail("encoded again"))
    kept = Films(cache, seconds=2)
    kept.at(30)
    kept.at(15, 2)
    return kept


def test_a_film_is_encoded_once_with_a_key_frame_each_second(films: Films) -> None:
    whole, half = films.at(30), films.at(15, 2)
    assert (len(whole.packets), whole.keys) == (60, (0, 30))
    assert (len(half.packets), half.keys, half.fps) == (30, (0, 15), 15)
    assert films.at(30) is whole
    assert sum(map(len, half.packets)) < sum(map(len, whole.packets))


async def test_a_webcam_joins_practises_and_leaves(tmp_path: Path, films: Films) -> None:
    cued, dated = asyncio.Event(), asyncio.Event()
    async with live_server(tmp_path) as server:
        address = str(server.client.make_url("/"))
        async with SimulatedWebcam(
            address,
            films,
            on_control=lambda message: cued.set() if message["type"] == "cue" else None,
            on_pose=lambda message: dated.set() if message["capture_ms"] else None,
        ) as webcam:
            await webcam.join()
            await webcam.begun()
            assert webcam.camera is not None
            async with asyncio.timeout(20):
                await cued.wait()
                await dated.wait()
            seen, session = webcam.take(), webcam.session
            assert seen.bodies == seen.poses > 0
            assert len(seen.ages_ms) + seen.undated == seen.poses
            assert seen.joins[0].first_pose_ms is not None
            assert seen.joins[0].first_pose_ms > seen.joins[0].answer_ms > 0
            assert seen.broken == seen.lost == 0
            assert seen.controls["cue"] > 0
            assert webcam.seen.poses <= 1  # counting has begun anew
            webcam._control_came(json.dumps({"type": "bye", "reason": "shutdown"}))
            assert webcam.seen.byes == {"shutdown": 1}
            sent = webcam.sent.frames
            await webcam.join()  # comes back to the same session
            await webcam.begun()
            assert webcam.session == session
            assert webcam.sent.frames > sent > 0  # its new camera counts on
            assert session is not None
            await webcam.leave()
            await until_free(server, session)


async def test_who_is_refused_waits_and_tells(tmp_path: Path, films: Films) -> None:
    async with live_server(tmp_path, max_sessions=1) as server:
        address = str(server.client.make_url("/"))
        async with Crowd(address, films, patience_s=0.1) as crowd:
            await crowd.grow(2)
            told = await crowd.measure(3.0)
    assert (told["students"], told["turned_away"]) == (1, 1)
    assert told["refused"] == {"503": 1}
    assert told["poses_per_s"] > 0
    assert told["age_ms"]["p95"] >= told["age_ms"]["p50"]


async def test_a_refusal_for_good_is_an_error(tmp_path: Path, films: Films) -> None:
    async with live_server(tmp_path) as server:
        address = str(server.client.make_url("/"))
        async with SimulatedWebcam(address, films, routine="none") as webcam:
            with pytest.raises(RefusedError, match="404"):
                await webcam.join()
            assert webcam.seen.refused == {404: 1}


async def test_only_the_obedient_send_what_they_are_asked_for(films: Films) -> None:
    for obeys, fps in ((True, 15), (False, 30)):
        async with SimulatedWebcam("http://127.0.0.1:1", films, obeys=obeys) as webcam:
            webcam.camera = FilmCamera(films.at(30))
            webcam._control_came('{"v":1,"type":"camera","max_fps":15,"scale_down":2}')
            await asyncio.gather(*webcam._tasks)
            assert webcam.camera.fps == fps


def test_a_camera_goes_on_from_key_frames() -> None:
    camera = FilmCamera(FILM, start_s=0.5)
    assert camera.at_s == 1.0
    camera.show(HALF)
    assert (camera.fps, camera.at_s) == (15, 1.0)
    camera._next = 16
    camera.ask_key()
    assert (camera.at_s, camera.sent.asked) == (2.0, 1)
    camera._next = 31
    camera.ask_key()
    assert camera.at_s == 0.0


async def test_a_late_camera_owns_up_and_sends_no_burst(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 100.0

    async def sleep(seconds: float) -> None:
        nonlocal now
        now += seconds

    monkeypatch.setattr("scripts.load.camera.time.monotonic", lambda: now)
    monkeypatch.setattr("scripts.load.camera.asyncio.sleep", sleep)
    camera = FilmCamera(FILM)
    times = []
    for stall in (0.0, 0.0, 0.1, 0.0, 0.0):
        now += stall
        times.append((await camera.recv()).pts)
    assert times == pytest.approx([0, 3000, 12000, 15000, 18000], abs=2)
    assert (camera.sent.frames, camera.sent.missed) == (5, 2)
    assert max(camera.sent.late_ms) == pytest.approx(200 / 3, abs=0.1)

"""A practice over a network that loses, delays, reorders, doubles, spoils and cuts."""

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest
from support.bad_network import DistantStudent, bad_network
from support.live_server import QUICK, assert_accounted_for, live_server, until_free
from support.student_peer import FPS

from coach_server.rtc import consent
from scripts.faults.network import FAIR, BadNetwork, Weather

pytestmark = pytest.mark.loopback

SEED = 9

WEATHER = {
    "loss": Weather(loss=0.05),
    "delay and jitter": Weather(delay_s=0.05, jitter_s=0.05),
    "reordering": Weather(reorder=0.2),
    "duplicates": Weather(duplicate=0.3),
    "corruption": Weather(corrupt=0.05),
    "all of it": Weather(0.02, 0.01, 0.02, reorder=0.05, duplicate=0.05, corrupt=0.02),
}


async def begun(network: BadNetwork, student: DistantStudent, weather: Weather) -> None:
    """Wait for the first pose; spoil nothing until then.

    UDP's checksum keeps what is spoilt from a handshake, which would not survive it.
    """
    network.up.weather = network.down.weather = replace(weather, corrupt=0.0)
    await student.begun()
    network.up.weather = network.down.weather = weather


async def half_of_its_poses_come(student: DistantStudent) -> None:
    """Of all frames from now on, a second of them or more: a machine may be held up at first."""
    sent, came = student.camera.sent, len(student.poses)
    shares = list[float]()
    while student.camera.sent < sent + 20 * FPS:
        told = student.camera.sent
        await student.until(lambda told=told: student.camera.sent >= told + FPS)  # type: ignore[misc]  # bound
        shares.append((len(student.poses) - came) / (student.camera.sent - sent))
        if shares[-1] > 0.5:
            return
    pytest.fail(f"never half of the poses, but {shares}")


@pytest.mark.parametrize("weather", WEATHER.values(), ids=WEATHER)
async def test_a_practice_goes_on_in_any_weather(tmp_path: Path, weather: Weather) -> None:
    """Poses may be lost, but none comes twice; of what is said on `control`, nothing is lost."""
    with bad_network(SEED) as network:
        async with live_server(tmp_path) as server:
            student = DistantStudent(network)
            network.up.weather = network.down.weather = replace(weather, corrupt=0.0)
            await student.connect(server.post_offer)
            await begun(network, student, weather)
            await half_of_its_poses_come(student)
            network.up.weather = network.down.weather = FAIR
            before = len(student.poses)
            await student.until(lambda: len(student.poses) > before + 3)
            live = await server.report(student.answer["session"])
            await student.close()
            report = await until_free(server, student.answer["session"])
        frames = report["frames"]
        assert_accounted_for(frames)
        assert frames["failed"] == live["frames"]["abandoned"] == 0
        assert frames["ignored"] == {}
        numbers = [pose["seq"] for pose in student.poses]
        assert len(numbers) == len(set(numbers))
        assert student.kinds("error") == []
        said = [cue["id"] for cue in student.kinds("cue")]
        assert said == sorted(set(said))
        assert said == list(range(said[0], said[-1] + 1, 10))
        assert network.up.fates["came"] > FPS


async def test_what_was_cut_off_is_taken_up_where_it_was(tmp_path: Path) -> None:
    with bad_network(SEED) as network:
        async with live_server(tmp_path, limits=QUICK, max_sessions=1) as server:
            before = DistantStudent(network)
            await before.connect(server.post_offer)
            await before.until(lambda: len(before.kinds("cue")) > 1)
            network.cut()
            report = await until_free(server, before.answer["session"])
            heard = len(before.poses)
            network.heal()
            await before.close()
            after = DistantStudent(network)
            await after.connect(server.post_offer, resume=before.answer["resume"])
            await after.until(lambda: len(after.kinds("cue")) > 0)
            await after.close()
            whole = await until_free(server, after.answer["session"])
        assert report["ended"] in {"no_media", "lost"}, "whichever is found first"
        assert before.answer["session"] == after.answer["session"]
        assert len(before.poses) == heard
        assert len(server.lessons.coaches) == 1, "lag, calibration and cues are the same coach's"
        assert after.poses[0]["seq"] > before.poses[-1]["seq"]
        assert after.poses[0]["t"] > before.poses[-1]["t"] + 1.0, "the cut counts"
        assert after.kinds("cue")[0]["id"] > before.kinds("cue")[-1]["id"]
        assert whole["connections"] == 2
        assert whole["frames"]["judged"] > report["frames"]["judged"]
        assert_accounted_for(whole["frames"])


async def test_a_short_cut_costs_no_connection(tmp_path: Path) -> None:
    """Shorter than the silence at which a peer is given up: the picture comes again by itself."""
    with bad_network(SEED) as network:
        async with live_server(tmp_path) as server:
            student = DistantStudent(network)
            await student.connect(server.post_offer)
            await student.until(lambda: len(student.kinds("cue")) > 0)
            network.cut()
            heard = len(student.poses)
            await asyncio.sleep(1.0)
            network.heal()
            await student.until(lambda: len(student.poses) > heard + FPS // 2)
            cues = len(student.kinds("cue"))
            await student.until(lambda: len(student.kinds("cue")) > cues)
            await student.close()
            report = await until_free(server, student.answer["session"])
        assert report["connections"] == 1
        assert network.up.fates["cut"] > 0
        assert_accounted_for(report["frames"])


@pytest.mark.parametrize("way", ["up", "down"])
async def test_one_way_alone_frees_the_slot_too(
    tmp_path: Path, way: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with bad_network(SEED) as network:
        async with live_server(tmp_path, limits=QUICK, max_sessions=1) as server:
            monkeypatch.setattr(consent, "EVERY_S", 0.2)
            student = DistantStudent(network)
            await student.connect(server.post_offer)
            await student.begun()
            network.cut(up=way == "up", down=way == "down")
            report = await until_free(server, student.answer["session"])
            await student.close()
            network.heal()
            other = DistantStudent(network)
            await other.connect(server.post_offer)
            await other.begun()
            await other.close()
        # Where the picture comes and nothing can be answered, the page's consent is what lacks.
        assert report["ended"] in ({"no_media", "lost"} if way == "up" else {"lost"})
        assert_accounted_for(report["frames"])

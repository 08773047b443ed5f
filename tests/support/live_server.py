"""The real application with a coach of known slowness in place of models."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, Self

import numpy as np
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from coach_server.body.keypoints import Keypoints
from coach_server.body.pose import Pose
from coach_server.coaching.choices import Choices
from coach_server.coaching.cue import CueEvent, CueState, Direction, Joint, Side
from coach_server.coaching.player import PlayerClock
from coach_server.coaching.silence import Silence
from coach_server.errors import NotFoundError
from coach_server.inference.batching.gathering import Counts
from coach_server.inference.protocols import Frame, KeypointDetector, Lifter, Progress
from coach_server.library.store import RoutineLibrary
from coach_server.pipeline.student import FrameResult
from coach_server.rtc.peer import PeerLimits
from coach_server.sessions.coaches import Lesson
from coach_server.sessions.one_process import KEEP_EVERY_S, OneProcess
from coach_server.sessions.registry import KEEP_S
from coach_server.sessions.student_session import STEP_S
from coach_server.settings import Settings
from coach_server.web.app import create_app

QUICK = PeerLimits(answer_s=60.0, connect_s=20.0, media_s=4.0, poll_s=0.05, farewell_s=0.05)
"""So that a test need not wait long until a peer is given up, and a machine that stops for a
second or two gives up none."""

ENGINE = {"device": "cpu", "keypoints": "fake", "lifter": "fake", "provider": "none"}


class FakeEngines:
    """Engines that say what they are and make nothing."""

    def new_detector(self) -> KeypointDetector:
        raise AssertionError("fake lessons ask for no engine")

    def new_lifter(self) -> Lifter:
        raise AssertionError("fake lessons ask for no engine")

    def counts(self) -> dict[str, Counts]:
        return {}

    def close(self) -> None:
        pass

    def fingerprints(self) -> dict[str, str]:
        return {"keypoints": "fake", "lifter": "fake"}

    def describe(self) -> dict[str, str]:
        return ENGINE


class FakeCoach:
    """Finds a body in every frame; cues with every tenth.

    Attributes:
        clocks: the player's clock with each frame, as it was given, beside the frame's `t`.
        sizes: of the pictures, (height, width).
        shows: fields of every result from now on, in place of the usual ones.
        before_step: called first, in the worker's thread; may sleep, wait or raise.
    """

    def __init__(self, before_step: Callable[[], None]) -> None:
        self.before_step = before_step
        self.clocks: list[tuple[float, PlayerClock | None]] = []
        self.sizes: list[tuple[int, int]] = []
        self.configured: list[Choices] = []
        self.shows: dict[str, Any] = {}

    def configure(self, choices: Choices) -> None:
        self.configured.append(choices)

    def close(self) -> None:
        pass

    takes_planes = False

    def step(self, frame: Frame, t: float, clock: PlayerClock | None) -> FrameResult:
        assert isinstance(frame, np.ndarray)
        rgb = frame
        self.before_step()
        self.clocks.append((t, clock))
        self.sizes.append((rgb.shape[0], rgb.shape[1]))
        points = np.linspace(0, 1, 51, dtype=np.float32).reshape(17, 3)
        joints = np.linspace(-1, 1, 51, dtype=np.float32).reshape(17, 3)
        count = len(self.clocks)
        cue = CueEvent(
            id=count,
            t=t,
            routine_t=t,
            joint=Joint.KNEE,
            side=Side.LEFT,
            direction=Direction.BEND,
            deviation_deg=20.0,
            text="Bend your left knee.",
            state=CueState.RAISED,
            spoken=True,
        )
        usual = FrameResult(
            t=t,
            keypoints=Keypoints(points, points[:, 2], None, (rgb.shape[1], rgb.shape[0])),
            pose=Pose(joints, joints),
            routine_t=t,
            lag_s=0.5,
            deviations={"left_knee": -23.4},
            cues=(cue,) if count % 10 == 0 else (),
            silence=None if clock is not None else Silence.PAUSED,
        )
        return replace(usual, **self.shows)


class FakeLessons:
    """Lessons on the routine `demo` by fake coaches, which are kept."""

    def __init__(self, before_step: Callable[[], None] = lambda: None) -> None:
        self.coaches: list[FakeCoach] = []
        self.before_step = before_step

    async def make(self, routine_id: str) -> Lesson:
        if routine_id != "demo":
            raise NotFoundError(f"there is no routine {routine_id}")
        self.coaches.append(FakeCoach(self.before_step))
        return Lesson(self.coaches[-1], 60.0, ENGINE)


def load_at_once(_progress: Progress) -> FakeEngines:
    return FakeEngines()


class LiveServer:
    """The application on a port of its own; made off the loop, for it reads the disk."""

    def __init__(
        self,
        data: Path,
        *,
        lessons: FakeLessons | None = None,
        load: Callable[[Progress], FakeEngines] = load_at_once,
        limits: PeerLimits | None = None,
        keep_s: float = KEEP_S,
        step_s: float = STEP_S,
        keep_every_s: float = KEEP_EVERY_S,
        now: Callable[[], float] = time.monotonic,
        **settings: Any,
    ) -> None:
        self.lessons = lessons or FakeLessons()
        # nobody is refused for the load of other tests
        given = Settings(data=data, cache=data, **{"max_load": 0.0, **settings})
        practices = OneProcess(
            given,
            load=load,
            lessons_of=lambda _engines: self.lessons,
            limits=limits,
            keep_s=keep_s,
            step_s=step_s,
            keep_every_s=keep_every_s,
        )
        self.sessions = practices.sessions
        self.app: web.Application = create_app(
            given, practices=practices, library=RoutineLibrary(data / "routines"), now=now
        )
        self.client: TestClient[web.Request, web.Application]

    async def __aenter__(self) -> Self:
        self.client = TestClient(TestServer(self.app))
        await self.client.start_server()
        return self

    async def __aexit__(self, *_exception: object) -> None:
        await self.client.close()

    async def ready(self) -> None:
        """Wait until the engines are loaded."""
        async with asyncio.timeout(60):
            while True:
                async with self.client.get("/healthz") as answer:
                    if answer.status == 200:
                        return

    async def post_offer(self, fields: dict[str, Any]) -> dict[str, Any]:
        """POST /api/offer, which must be accepted."""
        async with self.client.post("/api/offer", json=fields) as answer:
            body: dict[str, Any] = await answer.json()
            assert answer.status == 200, body
            return body

    async def report(self, session: str) -> dict[str, Any]:
        async with self.client.get(f"/api/sessions/{session}/report") as answer:
            body: dict[str, Any] = await answer.json()
            assert answer.status == 200, body
            return body


@asynccontextmanager
async def live_server(data: Path, **options: Any) -> AsyncIterator[LiveServer]:
    """A `LiveServer` that is ready; stopped at the end."""
    async with await asyncio.to_thread(LiveServer, data, **options) as server:
        await server.ready()
        yield server


def sleeps(seconds: float) -> Callable[[], None]:
    """A coach that takes `seconds` for a frame."""
    return lambda: time.sleep(seconds)


async def until_free(server: LiveServer, session: str) -> dict[str, Any]:
    """Wait until the session has no connection; gives its report."""
    async with asyncio.timeout(60):
        while (report := await server.report(session))["live"]:
            pass
    return report


def assert_accounted_for(frames: dict[str, Any]) -> None:
    """Every frame of a connection that has ended was judged or is named as dropped."""
    assert frames["received"] + frames["undecoded"] == frames["judged"] + frames["dropped"]
    fates = ("replaced", "undecoded", "late", "failed", "abandoned")
    assert frames["dropped"] == sum(frames[fate] for fate in fates)
    assert frames["still"] <= frames["judged"]
    assert frames["poses_sent"] + frames["poses_skipped"] == frames["judged"]

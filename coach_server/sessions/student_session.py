"""One student's live session: frames to the coach, results to the page."""

import asyncio
from concurrent.futures import Executor, Future
from dataclasses import replace
from datetime import UTC, datetime
from typing import Final

import structlog

from coach_server.coaching.choices import USUAL, Language
from coach_server.coaching.player import PlayerClock
from coach_server.coaching.report.practice import PracticeReport
from coach_server.coaching.report.summary import Summary
from coach_server.coaching.report.summing_up import sum_up
from coach_server.errors import InternalError
from coach_server.pipeline.student import FrameResult
from coach_server.rtc.ingest import ReceivedFrame
from coach_server.rtc.messages import PageMessage, PlayerMessage, SettingsMessage
from coach_server.rtc.peer import STOOD_STILL_S, EndReason, Peer
from coach_server.sessions.coach_state import CoachState, words_of
from coach_server.sessions.coaches import Lesson
from coach_server.sessions.failures import FailedFrame, Failures
from coach_server.sessions.frame_clock import FrameClock, player_clock
from coach_server.sessions.load import LADDER, Camera, LoadMeter
from coach_server.sessions.metrics import Metrics
from coach_server.sessions.session_report import Names, SessionReport, count_in
from coach_server.sessions.tally import Tally
from coach_server.video.pixels import PictureMaker

log = structlog.get_logger(__name__)

STATE_EVERY_S: Final = 2.0

STEP_S: Final = 5.0
"""A frame takes some 30 ms; an engine that takes this long has hung."""

LOOKS_EVERY_S: Final = 0.25
"""Often, for only who wakes late from a short sleep knows how long the machine stood still."""

LATENCY_WEIGHT: Final = 0.1
"""Of the newest frame in the running mean that `state` shows."""


class StudentSession:
    """A student's practice; outlives its connections.

    Frames are judged one at a time in `pool`, so the event loop never waits for an engine, and a
    frame that comes meanwhile replaces the one that waits. An engine that raises costs the frame,
    not the session; one that takes longer than `step_s` costs the connection, and the session
    too unless it comes back: no second thread may enter its coach.
    """

    def __init__(
        self,
        names: Names,
        lesson: Lesson,
        pool: Executor,
        metrics: Metrics,
        meter: LoadMeter,
        *,
        step_s: float = STEP_S,
    ) -> None:
        self.names = names
        self._lesson = lesson
        self._pool = pool
        self._metrics = metrics
        self._meter = meter
        self._step_s = step_s
        self._loop = asyncio.get_running_loop()
        self._pictures = PictureMaker()
        self._clock = FrameClock()
        self._player: PlayerMessage | None = None
        self._choices = USUAL
        self._settings_changed = False
        self._tally = Tally()
        self._counted = Tally()
        self._practice = PracticeReport(lesson.title, lesson.plan)
        self._summed: tuple[int, float, Summary | None] = (0, 0.0, None)
        self._peer: Peer | None = None
        self._connections = 0
        self._began_s = self._loop.time()
        self._began_at = datetime.now(UTC).astimezone()
        self._connected_s = self._began_s
        self._practised_s = 0.0
        self._last_reason: EndReason | None = None
        self._failures = Failures(names.session)
        self._in_flight: Future[FrameResult | FailedFrame] | None = None
        self._overdue = False
        self._state = CoachState()
        self._told: tuple[CoachState, Language | None] | None = None
        self._language: Language | None = None
        self._camera = self._asked = LADDER[0]
        self._latency_ms = 0.0
        self._fps = 0.0

    @property
    def is_stuck(self) -> bool:
        """Whether its coach hangs in a frame, so that nobody can be served by it."""
        return self._overdue and self._in_flight is not None and not self._in_flight.done()

    def close(self) -> None:
        """Let its coach go: nobody comes back to it."""
        self._in_flight = None
        self._lesson.coach.close()

    def ask_for(self, camera: Camera) -> None:
        """Have the page send this much from now on."""
        self._camera = camera
        if self._peer is not None:
            self._ask(self._peer)

    def page_said(self, message: PageMessage) -> None:
        """Act on a message of the page."""
        if isinstance(message, PlayerMessage):
            # A film that has not run yet has not begun, wherever it rests: its student stands as
            # they like.
            if message.playing or self._player is not None:
                self._player = message
        elif isinstance(message, SettingsMessage):
            self._choices = message.on(self._choices)
            self._language = message.language or self._language
            self._settings_changed = True
        else:
            self._player = None  # the film has gone with its page; the next may go on with it

    async def practise(self, peer: Peer) -> EndReason:
        """Serve one connection until it ends; gives why it did."""
        self._clock.restart()
        self._peer = peer
        self._connections += 1
        self._told = None
        self._asked = LADDER[0]  # what a page sends unless it is asked
        self._connected_s = self._loop.time()
        tasks = [
            asyncio.create_task(self._judge_frames(peer), name="session frames"),
            asyncio.create_task(self._tell_state(peer), name="session state"),
        ]
        for task in tasks:
            task.add_done_callback(lambda done: _end_if_broken(done, peer))
        try:
            reason = await peer.ended()
        finally:
            for task in tasks:
                task.cancel()
            outcomes = await asyncio.gather(*tasks, return_exceptions=True)
            self._practised_s = self._practised()
            self._tally = self._tally.with_peer(peer)
            self._peer = None
        self._last_reason = reason
        self._metrics.connections.labels(str(reason)).inc()
        self._count()
        for outcome in outcomes:
            if isinstance(outcome, Exception):
                await asyncio.to_thread(log.error, "a session broke", exc_info=outcome)
        return reason

    async def _judge_frames(self, peer: Peer) -> None:
        if self._in_flight is not None:  # still busy with the connection before
            await self._finished(peer, self._in_flight)
        while (frame := await peer.frames.take()) is not None:
            t = self._clock.tick(frame.rtp, frame.arrived_s)
            if t is None:
                self._tally.late += 1
                continue
            clock = player_clock(self._player, frame.capture_ms, t, self._lesson.end_s)
            result = await self._judge(peer, frame, t, clock)
            if result is not None:
                self._publish(peer, frame, result)
                count_in(self._practice, result, clock)

    async def _judge(
        self, peer: Peer, frame: ReceivedFrame, t: float, clock: PlayerClock | None
    ) -> FrameResult | None:
        self._in_flight = step = self._pool.submit(self._step, frame, t, clock)
        try:
            await self._finished(peer, step)
        except (asyncio.CancelledError, InternalError):
            self._tally.abandoned += 1
            raise
        self._in_flight = None
        result = step.result()
        if isinstance(result, FailedFrame):
            self._tally.failed += 1
            if result.message is not None:
                peer.control.send("error", **result.message)
            return None
        self._tally.judged += 1
        self._tally.still += result.still
        return result

    async def _finished(self, peer: Peer, step: Future[FrameResult | FailedFrame]) -> None:
        """Wait until `step` has ended, however it did.

        Raises:
            InternalError: it hangs; the page is told.
        """
        ending = asyncio.wrap_future(step)
        try:
            hanging = await self._pending(ending)
        finally:
            # Nobody waits any more; a step that has not begun never will.
            if not ending.cancel() and not ending.cancelled():
                ending.exception()  # told by `step`; asyncio would complain that nobody looked
        self._overdue = hanging
        if hanging:
            raise _hung(peer)

    async def _pending(self, ending: asyncio.Future[FrameResult | FailedFrame]) -> bool:
        """Whether it has not ended when its time is over; a standstill of the machine is none."""
        left_s = self._step_s
        while left_s > 0:
            wait_s = min(left_s, LOOKS_EVERY_S)
            wakes_s = self._loop.time() + wait_s
            _, pending = await asyncio.wait([ending], timeout=wait_s)
            if not pending:
                return False
            late_s = self._loop.time() - wakes_s
            left_s -= wait_s if late_s > STOOD_STILL_S else wait_s + late_s
        return True

    def _step(
        self, frame: ReceivedFrame, t: float, clock: PlayerClock | None
    ) -> FrameResult | FailedFrame:
        """In a thread of the pool: colour conversion and the whole coach.

        Settings are applied here, between two frames: the coach is no thread's but this one's.
        """
        try:
            coach = self._lesson.coach
            if self._settings_changed:
                self._settings_changed = False
                coach.configure(self._choices)
            picture = self._pictures.made(frame.frame, planes=coach.takes_planes)
            return coach.step(picture, t, clock)
        except Exception as error:  # noqa: BLE001  # it costs the frame, not the session
            return self._failures.told(error)

    def _publish(self, peer: Peer, frame: ReceivedFrame, result: FrameResult) -> None:
        peer.pose.send(
            seq=self._tally.judged - 1,
            t=result.t,
            capture_ms=frame.capture_ms,
            keypoints=None if result.keypoints is None else result.keypoints.points,
            joints=None if result.pose is None else result.pose.joints,
            lag_s=result.lag_s,
            routine_t=result.routine_t,
            deviations=result.deviations,
        )
        for cue in result.cues:
            self._metrics.cues.labels(str(cue.state)).inc()
            peer.control.send("cue", **cue.as_dict())
        age_s = self._loop.time() - frame.arrived_s
        self._metrics.age.observe(age_s)
        self._meter.judged(age_s, still=result.still)
        self._latency_ms += LATENCY_WEIGHT * (age_s * 1000 - self._latency_ms)
        self._state = CoachState.of(result)
        if self._told != (self._state, self._language):
            self._send_state(peer)

    async def _tell_state(self, peer: Peer) -> None:
        judged = self._tally.judged
        while True:
            await asyncio.sleep(STATE_EVERY_S)
            self._fps = (self._tally.judged - judged) / STATE_EVERY_S
            judged = self._tally.judged
            self._count()
            self._send_state(peer)

    def _count(self) -> None:
        """Add to the server's counters what they do not have yet."""
        tally = self._tally.with_peer(self._peer)
        self._metrics.add(tally.since(self._counted))
        self._counted = replace(tally, ignored=tally.ignored.copy())

    def _send_state(self, peer: Peer) -> None:
        if not peer.control.is_open:
            return
        self._ask(peer)
        if self._language is not None and (self._told is None or self._told[1] != self._language):
            peer.control.send("words", **words_of(self._language))
        self._told = (self._state, self._language)
        peer.control.send(
            "state",
            **self._state.as_dict(),
            engine=dict(self._lesson.engine),
            load={
                "fps": round(self._fps, 1),
                "dropped": self._tally.with_peer(peer).dropped,
                "latency_ms": round(self._latency_ms, 1),
            },
        )

    def _ask(self, peer: Peer) -> None:
        if self._asked != self._camera and peer.control.is_open:
            self._asked = self._camera
            asked = self._camera
            peer.control.send("camera", max_fps=asked.max_fps, scale_down=asked.scale_down)

    def _practised(self) -> float:
        """Seconds with a connection."""
        running_s = 0.0 if self._peer is None else self._loop.time() - self._connected_s
        return self._practised_s + running_s

    def has_summary(self, within_s: float = 0.0) -> bool:
        """Whether there is a summary of the practice so far, or one that is no older than that."""
        frames, at_s, summary = self._summed
        is_current = frames == self._tally.judged or self._loop.time() - at_s < within_s
        return summary is not None and is_current

    def report(self, within_s: float = 0.0) -> SessionReport:
        """The practice so far; summing it up takes milliseconds, so lists take one `within_s`."""
        _, _, summary = self._summed
        if summary is None or not self.has_summary(within_s):
            summary = sum_up(self._practice)
            self._summed = self._tally.judged, self._loop.time(), summary
        return SessionReport(self._began_at, self._own_report(), summary)

    def _own_report(self) -> dict[str, object]:
        """What the session tells of itself, as JSON holds it."""
        return {
            "session": self.names.session,
            "routine": self.names.routine,
            "live": self._peer is not None,
            "ended": None if self._last_reason is None else str(self._last_reason),
            "connections": self._connections,
            "age_s": round(self._loop.time() - self._began_s, 3),
            "practised_s": round(self._practised(), 3),
            "latency_ms": round(self._latency_ms, 1),
            "frames": self._tally.with_peer(self._peer).as_dict(),
            "engine": dict(self._lesson.engine),
        }


def _hung(peer: Peer) -> InternalError:
    """Told to the page; made here, for whoever raises what they hold holds themselves."""
    error = InternalError("the pose engine hangs", hint="connect again")
    peer.control.send("error", **error.as_dict())
    return error


def _end_if_broken(task: asyncio.Task[None], peer: Peer) -> None:
    """A student whom nobody serves any more must not keep a slot."""
    if not task.cancelled() and task.exception() is not None:
        peer.end(EndReason.INTERNAL)

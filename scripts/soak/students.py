"""Students who come, practise for as long as chance has it, and go in one of four ways."""

import asyncio
import random
from collections import Counter
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final, Self

from coach_server.coaching.choices import Language
from scripts.load.films import Films
from scripts.load.seen import Seen
from scripts.load.webcam import RefusedError, SimulatedWebcam

FPS: Final = 30.0
PRACTICE_S: Final = (15.0, 165.0)
"""The shortest and the longest practice; any between is as likely."""
CUT_S: Final = (2.0, 15.0)
"""How long a network is gone that comes back."""
PATIENCE_S: Final = 90.0
_FILM_SHARE: Final = 0.618
"""Of the film by which each begins later than the one before."""


class Way(StrEnum):
    """How a practice ends, or goes on."""

    BYE = "bye"
    VANISHED = "vanished"
    RELOADED = "reloaded"
    CUT = "cut"


WAYS: Final = {Way.BYE: 50, Way.VANISHED: 20, Way.RELOADED: 15, Way.CUT: 15}
"""How often, in percent; who is reloaded or cut off practises on, then says bye."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What a student will do.

    Attributes:
        number: from 0, over the whole soak.
        language: of their cues.
        practice_s: until they go, or until what befalls them.
        cut_s: how long the network is gone.
        rest_s: practised after it.
    """

    number: int
    language: Language
    practice_s: float
    way: Way
    cut_s: float
    rest_s: float

    @property
    def served_s(self) -> float:
        """Seconds of practice."""
        return self.practice_s + (self.rest_s if self.way in {Way.RELOADED, Way.CUT} else 0.0)


def plan_of(seed: int, number: int) -> Plan:
    """The same student gets the same plan, however often the soak was stopped before."""
    chance = random.Random(f"{seed}/{number}")  # noqa: S311  # repeatable, not secret
    (way,) = chance.choices(list(WAYS), list(WAYS.values()))
    return Plan(
        number,
        chance.choice(list(Language)),
        round(chance.uniform(*PRACTICE_S), 2),
        way,
        round(chance.uniform(*CUT_S), 2),
        round(chance.uniform(*PRACTICE_S) / 2, 2),
    )


@dataclass
class Tally:
    """What befell students since the last look.

    Attributes:
        seen: of webcams that are gone.
        resumed: who took their session up again.
        unserved: who gave up, or saw no pose.
        reloaded: lines that students ended without a word; their webcams count them as lost.
    """

    seen: list[Seen] = field(default_factory=list)
    left: Counter[str] = field(default_factory=Counter)
    resumed: int = 0
    unserved: int = 0
    reloaded: int = 0


class Students:
    """Keeps so many seats filled, each with a pause between one student and the next.

    Args:
        address: of the server.
        films: what they send.
        at_once: how many are live on average, a fraction too.
        seed: of their plans.
        came: how many came before, in earlier servers.

    Attributes:
        came: how many so far.
        live: who practise now.
    """

    def __init__(
        self, address: str, films: Films, *, at_once: float, seed: int, came: int = 0
    ) -> None:
        self.came = came
        self.live: set[SimulatedWebcam] = set()
        self._address, self._films, self._seed = address, films, seed
        self._seats = max(1, -int(-at_once // 1))
        self._away = self._seats / at_once - 1.0
        self._tally = Tally()
        self._tasks: list[asyncio.Task[None]] = []

    async def __aenter__(self) -> Self:
        self._tasks = [asyncio.create_task(self._fill(seat)) for seat in range(self._seats)]
        return self

    async def __aexit__(self, *_: object) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    @property
    def broken(self) -> BaseException | None:
        """Why a seat is empty for good, which is a fault of this program."""
        ended = [task for task in self._tasks if task.done() and not task.cancelled()]
        return next((error for task in ended if (error := task.exception())), None)

    def take(self) -> Tally:
        """What befell them since the last call."""
        tally, self._tally = self._tally, Tally()
        tally.seen += [webcam.take() for webcam in self.live]
        return tally

    async def _fill(self, seat: int) -> None:
        await asyncio.sleep(seat)
        while True:
            plan = plan_of(self._seed, self.came)
            self.came += 1
            await self._practise(plan)
            await asyncio.sleep(self._away * plan.served_s)

    async def _practise(self, plan: Plan) -> None:
        film = self._films.at(FPS)
        webcam = SimulatedWebcam(
            self._address,
            self._films,
            fps=FPS,
            obeys=True,
            start_s=plan.number * _FILM_SHARE % 1 * len(film.packets) / film.fps,
            patience_s=PATIENCE_S,
        )
        self.live.add(webcam)
        try:
            await self._go_through(webcam, plan)
            self._tally.left[plan.way] += 1
        except (RefusedError, TimeoutError):
            self._tally.unserved += 1
        finally:
            self.live.discard(webcam)
            await webcam.leave()
            self._tally.seen.append(webcam.take())

    async def _go_through(self, webcam: SimulatedWebcam, plan: Plan) -> None:
        await webcam.join()
        await webcam.begun()
        webcam.say("settings", language=plan.language)
        await self._stay(webcam, plan.practice_s)
        match plan.way:
            case Way.BYE:
                return
            case Way.VANISHED:
                await webcam.vanish()
                return
            case Way.CUT:
                await webcam.vanish()
                await asyncio.sleep(plan.cut_s)
            case Way.RELOADED:
                self._tally.reloaded += webcam.is_live
        await self._come_back(webcam)
        await self._stay(webcam, plan.rest_s)

    async def _stay(self, webcam: SimulatedWebcam, seconds: float) -> None:
        """Practise; whose line is lost come back, as their page does."""
        loop = asyncio.get_running_loop()
        until_s = loop.time() + seconds
        while (left_s := until_s - loop.time()) > 0:
            try:
                async with asyncio.timeout(left_s):
                    await webcam.ended()
            except TimeoutError:
                return
            await self._come_back(webcam)

    async def _come_back(self, webcam: SimulatedWebcam) -> None:
        session = webcam.session
        await webcam.join()
        await webcam.begun()
        self._tally.resumed += webcam.session == session

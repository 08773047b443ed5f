"""Which worker an offer is handed to, as the front decides it from what workers have told."""

import asyncio
from pathlib import Path
from typing import Any, cast

import pytest

from coach_server.errors import FullError
from coach_server.rtc.offer import CleanOffer
from coach_server.sessions.load import Load
from coach_server.sessions.practices import Joined
from coach_server.sessions.refusals import no_such_session, too_busy
from coach_server.sessions.workers.front import Workers
from coach_server.settings import Settings

pytestmark = pytest.mark.unit

IDLE = Load()
OFFER = cast("CleanOffer", "v=0")
BUSY = Load(students=6, cpu=0.95, frame_cpu=0.01)


class Told:
    """A worker as the front knows it: it answers by what it has told."""

    serves, engines, joining, used, joined_since = True, {"device": "cpu"}, 0, 0, 0
    counted: tuple[object, ...] = ()

    def __init__(self, name: str, load: Load = IDLE) -> None:
        self.name, self.load, self.live = name, load, frozenset[str]()
        self.kept = frozenset[str]()

    async def join(self, _offer: str, **_wish: object) -> Joined:
        if not self.load.takes_one_more(0.8):
            raise too_busy()
        return Joined("v=0", f"session-{self.name}", f"resume-{self.name}")

    async def report(self, session: str) -> dict[str, object]:
        if self.name not in session:
            raise no_such_session()
        return {"text": "{}", "resumable": session in self.kept}

    async def recount(self) -> None:
        pass


async def front(path: Path, *children: Told) -> Workers:
    workers = Workers(Settings(data=path, workers=len(children), device="cpu"))
    parts: Any = workers
    parts._failed = asyncio.get_running_loop().create_future()
    parts._children = list(children)
    parts._keeping = [None] * len(children)
    return workers


async def joins(workers: Workers, resume: str | None) -> Joined:
    return await workers.join(OFFER, routine="demo", resume=resume, attempt=0)


async def test_who_comes_back_too_late_goes_where_there_is_room(tmp_path: Path) -> None:
    former, other = Told("former"), Told("other")
    workers = await front(tmp_path, former)
    kept = await joins(workers, None)
    former.load = BUSY  # and the session there is forgotten
    cast("Any", workers)._children.append(other)
    assert (await joins(workers, kept.resume)).session == "session-other"


async def test_who_is_refused_where_their_session_is_kept_is_sent_nowhere_else(
    tmp_path: Path,
) -> None:
    """As where the machine is too busy to answer: a new session would have nothing of it."""
    former, other = Told("former"), Told("other")
    workers = await front(tmp_path, former)
    kept = await joins(workers, None)
    former.load, former.kept = BUSY, frozenset({kept.session})
    cast("Any", workers)._children.append(other)
    with pytest.raises(FullError):
        await joins(workers, kept.resume)

"""Jobs that do what their arguments say, in the real process of a job under a real worker."""

import os
import signal
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from coach_server.errors import MediaError
from coach_server.inference.protocols import Progress
from coach_server.library.database import NAME, Database
from coach_server.library.folders import Folders
from coach_server.library.jobs.child import main
from coach_server.library.jobs.job import Job
from coach_server.library.jobs.ledger import Ledger
from coach_server.library.jobs.performer import Workplace
from coach_server.settings import Settings, load_settings

TESTS = Path(__file__).parents[1]

_PROGRAM = (
    "import sys; sys.path.insert(0, {tests!r}); from support.fake_jobs import {name}; {name}()"
)
JOB = (sys.executable, "-P", "-c", _PROGRAM.format(tests=str(TESTS), name="job"))
"""In place of the real program of a job."""
WORKER = (sys.executable, "-P", "-c", _PROGRAM.format(tests=str(TESTS), name="worker"))
"""In place of the real program of a worker; its jobs are such as these."""


def perform(place: Workplace, arguments: Mapping[str, Any], progress: Progress) -> dict[str, str]:
    """Do what `act` says; each attempt adds a line to the file `began` of the data folder."""
    with (place.settings.data / "began").open("a") as file:
        file.write(f"{os.getpid()}\n")
    {
        "work": _work,
        "wait": _wait,
        "wait in the middle": _wait_in_the_middle,
        "meet": _meet,
        "kill worker once": _kill_worker_once,
        "die": _die,
        "die once": _die_once,
        "refuse": _refuse,
        "break": _break,
        "eat": _eat,
        "eat in disguise": _eat_in_disguise,
        "burn": _burn,
        "fill": _fill,
        "fill and die": _fill_and_die,
    }[arguments["act"]](place, progress)
    return {"routine": str(arguments.get("routine", "made"))}


def _work(place: Workplace, progress: Progress) -> None:
    print("a library says something")  # noqa: T201  # which must not be taken for a message
    for done in range(5):
        progress("working", done, 5)
    (place.folder / "seen").write_text("yes")


def _wait(_place: Workplace, progress: Progress) -> None:
    progress("waiting", 1, 4)
    time.sleep(60)


def _wait_in_the_middle(place: Workplace, progress: Progress) -> None:
    with Folders(place.settings.data / "routines", "routine").writing("sun-1") as folder:
        (folder / "video.mp4").write_bytes(b"half")
        _wait(place, progress)


def _meet(place: Workplace, progress: Progress) -> None:
    """Wait until another has begun, then look at what is in the own folder."""
    (place.folder / "mine").touch()
    while len(attempts(place.settings.data)) < 2:
        time.sleep(0.02)
    progress("met", 1, 2)
    if [file.name for file in place.folder.iterdir()] != ["mine"]:
        raise MediaError("somebody else was here")


def _kill_worker_once(place: Workplace, _progress: Progress) -> None:
    note = place.folder / "killed"
    if not note.exists():
        note.touch()
        os.kill(os.getppid(), signal.SIGKILL)
        time.sleep(60)


def _die(_place: Workplace, _progress: Progress) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def _die_once(place: Workplace, _progress: Progress) -> None:
    note = place.folder / "died"
    if not note.exists():
        note.touch()
        os.kill(os.getpid(), signal.SIGKILL)


def _refuse(_place: Workplace, _progress: Progress) -> None:
    raise MediaError("squat.mp4 is cut short.", hint="Upload it again.")


def _break(_place: Workplace, _progress: Progress) -> None:
    raise RuntimeError("a fault of ours")


def _eat(_place: Workplace, _progress: Progress) -> None:
    eaten = []
    while True:
        eaten.append(bytearray(16 << 20))


def _eat_in_disguise(_place: Workplace, _progress: Progress) -> None:
    """As FFmpeg's decoders do, that find the film at fault."""
    eaten = []
    try:
        while True:
            eaten.append(bytearray(1 << 20))
            time.sleep(0.002)
    except MemoryError:
        pass
    raise MediaError("squat.mp4 is damaged.")


def _burn(_place: Workplace, _progress: Progress) -> None:
    while True:
        pass


def _fill(place: Workplace, _progress: Progress) -> None:
    """Nothing of it is on the disk: the file has a hole."""
    try:
        with (place.folder / "film").open("wb") as file:
            file.truncate(2 << 30)
    except OSError as error:
        raise MediaError("squat.mp4 cannot be written.") from error


def _fill_and_die(place: Workplace, progress: Progress) -> None:
    """As a program does that Python has not told to go on."""
    signal.signal(signal.SIGXFSZ, signal.SIG_DFL)
    _fill(place, progress)


def job() -> None:
    main(dict.fromkeys(("prepare", "compare", "import", "trim"), perform))


def worker() -> None:
    from coach_server.library.jobs.worker import Worker  # jobs need no huey

    Worker(load_settings(), command=JOB, niceness=0).run()  # else a busy machine starves it


def ledger_of(settings: Settings) -> Ledger:
    return Ledger(Database(settings.data / NAME))


def is_alive(pid: int) -> bool:
    try:
        return "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except (FileNotFoundError, ProcessLookupError):  # the latter where it ends as it is read
        return False


def attempts(data: Path) -> list[int]:
    """The processes that jobs of this data folder were begun in."""
    return [int(pid) for pid in (data / "began").read_text().split()]


def until(ledger: Ledger, job_id: str, is_so: Callable[[Job], bool], *, seconds: float = 60) -> Job:
    """The job once it is so; fails when that takes too long."""
    ends_at = time.monotonic() + seconds
    while not is_so(job := ledger.get(job_id)):
        assert time.monotonic() < ends_at, job
        time.sleep(0.05)
    return job

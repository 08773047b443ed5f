"""A student's film under its own clock: the live pipeline without the live path."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from coach_server.coaching.choices import USUAL, Choices
from coach_server.coaching.cue import CueEvent
from coach_server.coaching.player import PlayerClock
from coach_server.coaching.routine import Routine
from coach_server.inference.protocols import EngineSet
from coach_server.inference.still_frames import new_student_detector
from coach_server.library.progress import FrameProgress
from coach_server.pipeline.student import StudentPipeline
from coach_server.video.limits import USUAL as USUAL_FILM
from coach_server.video.limits import FilmLimits
from coach_server.video.pixels import PictureMaker
from coach_server.video.reader import FilmReader


def replay(
    routine: Routine,
    film: Path,
    engines: EngineSet,
    *,
    choices: Choices = USUAL,
    limits: FilmLimits = USUAL_FILM,
    skip_still: bool = True,
    progress: FrameProgress = lambda _done, _of: None,
) -> Iterator[CueEvent]:
    """The cues a student of this film would have been given, in order.

    The player starts at routine time 0 with the film's first frame, runs at rate 1 and stops at
    the routine's end, after which nothing new is raised. Still frames are left out as live, where
    `skip_still`.

    Raises:
        MediaError, TooLargeError: the film cannot be read.
    """
    detector = new_student_detector(engines, skip_still=skip_still)
    lifter = engines.new_lifter()
    clock = PlayerClock(t=0.0, playing=True, rate=1.0, at_s=0.0, end_s=routine.duration_s)
    pictures = PictureMaker()
    with (
        closing(StudentPipeline(detector, lifter, routine, choices)) as pipeline,
        FilmReader(film, limits) as reader,
    ):
        expected = reader.expected_frames
        for done, shown in enumerate(reader, start=1):
            yield from pipeline.step(pictures.rgb(shown.frame), shown.time_s, clock).cues
            progress(done, expected)

"""Cutting a routine's film, and with it all that is said of its times."""

from dataclasses import replace
from typing import Final, TypeVar

import numpy as np
from numpy.typing import NDArray

from coach_server.coaching.holds import Hold
from coach_server.coaching.track import Track
from coach_server.errors import InputError
from coach_server.inference.protocols import Progress
from coach_server.library.chapters import (
    Chapter,
    are_numbered,
    numbered,
    read_chapters,
    write_chapters,
)
from coach_server.library.editing import SHORTEST_S
from coach_server.library.poster import save_poster
from coach_server.library.progress import Staged, silent
from coach_server.library.routine_file import RoutineMeta, Segment, Span, write_meta
from coach_server.library.store import RoutineLibrary, StoredRoutine
from coach_server.library.track_file import load_track, save_track
from coach_server.video.limits import LET_IN
from coach_server.video.playable import make_playable

AnySpan = TypeVar("AnySpan", bound=Span)

LEAST_S: Final = 2.0
"""So much must be left."""


def trim_routine(
    library: RoutineLibrary,
    routine_id: str,
    start_s: float,
    end_s: float,
    progress: Progress = silent,
) -> RoutineMeta:
    """Keep a stretch of a routine alone: film, track, holds, names and warnings.

    The film is encoded anew, so that it begins with the very picture asked for; the track is not
    made again, for each of its rows belongs to a picture.

    Args:
        library: holds it.
        routine_id: which.
        start_s: where it begins, seconds on the routine's clock.
        end_s: where it ends.
        progress: is told how far it is.

    Returns:
        What is known of the routine now.

    Raises:
        NotFoundError: there is no such routine.
        BusyError: somebody else changes it at this moment.
        InputError: the stretch lies outside the film or is too short, or nobody is seen in it.
            Nothing is changed.
    """
    staged = Staged(progress, {"cutting the film": 0.95, "writing the routine": 0.05})
    with library.changing(routine_id) as stored:
        end_s = checked_end(start_s, end_s, stored.meta.duration_s)
        track = load_track(stored.track)
        kept = (track.time_s >= start_s) & (track.time_s < end_s)
        if not track.present[kept].any():
            raise InputError(
                f"Nobody is seen from {start_s:.1f} s to {end_s:.1f} s.",
                hint="Keep a stretch in which the instructor is in view.",
                code="no_person",
            )
        begin_s = float(track.time_s[kept][0])  # the new film's first picture is shown at 0
        with library.writing(routine_id) as folder:
            cut = folder / stored.video.name
            make_playable(
                stored.video,
                cut,
                called=stored.meta.title,
                limits=LET_IN,
                span=(start_s, end_s),
                progress=staged.stage("cutting the film"),
            )
            written = staged.stage("writing the routine")
            shorter = _rows(track, kept, begin_s)
            meta = _meta(stored, shorter, begin_s)
            save_track(shorter, folder / stored.track.name)
            write_chapters(_chapters(stored, meta, begin_s), folder / stored.chapters.name)
            save_poster(cut, meta.holds, meta.duration_s, folder / stored.poster.name)
            write_meta(meta, folder)
            written(1, 1)
        return meta


def checked_end(start_s: float, end_s: float, duration_s: float) -> float:
    """Where a stretch of a film ends that is to be kept: at the film's end at the latest.

    Raises:
        InputError: it lies outside the film, or is too short.
    """
    end_s = min(end_s, duration_s)
    if not 0 <= start_s <= end_s - LEAST_S:
        raise InputError(
            f"From {start_s:.1f} s to {end_s:.1f} s of {duration_s:.1f} s leaves less than "
            f"{LEAST_S:.0f} s.",
            hint="Keep more of it.",
            code="bad_trim",
        )
    return end_s


def _rows(track: Track, kept: NDArray[np.bool_], begin_s: float) -> Track:
    time_s = track.time_s[kept] - begin_s
    return replace(
        track,
        # a film may have more pictures a second in one part than in another
        fps=(len(time_s) - 1) / float(time_s[-1]) if len(time_s) > 1 else track.fps,
        time_s=time_s,
        keypoints=track.keypoints[kept],
        depth=track.depth[kept],
        joints=track.joints[kept],
        joints_sigma=track.joints_sigma[kept],
        present=track.present[kept],
    )


def _meta(stored: StoredRoutine, track: Track, begin_s: float) -> RoutineMeta:
    duration_s = len(track.time_s) / track.fps
    segments = _moved(stored.meta.segments, begin_s, duration_s, SHORTEST_S)
    return stored.meta.model_copy(
        update={
            "fps": track.fps,
            "duration_s": duration_s,
            "segments": tuple(_counted(s, stored.meta.segments, begin_s) for s in segments),
            "anomalies": _moved(stored.meta.anomalies, begin_s, duration_s),
            "warnings": tuple(
                warning.model_copy(update={"spans": spans})
                for warning in stored.meta.warnings
                # a warning without spans is of the whole film
                if (spans := _moved(warning.spans, begin_s, duration_s)) or not warning.spans
            ),
        }
    )


def _moved(
    spans: tuple[AnySpan, ...], begin_s: float, duration_s: float, least_s: float = 0.0
) -> tuple[AnySpan, ...]:
    """What is left of spans when the film begins at `begin_s`; shorter ones than that are gone."""
    moved = []
    for span in spans:
        start_s = max(span.start_s - begin_s, 0.0)
        end_s = min(span.end_s - begin_s, duration_s)
        is_moment = span.start_s == span.end_s
        if end_s - start_s > least_s or (is_moment and 0.0 < start_s == end_s < duration_s):
            times = {"start_s": round(start_s, 3), "end_s": round(end_s, 3)}
            moved.append(span.model_copy(update=times))
    return tuple(moved)


def _counted(segment: Segment, before: tuple[Segment, ...], begin_s: float) -> Segment:
    """A stretch of repetitions that was cut has fewer of them."""
    if segment.count is None:
        return segment
    whole = next(s for s in before if s.count and s.end_s >= segment.start_s + begin_s)
    share = (segment.end_s - segment.start_s) / (whole.end_s - whole.start_s)
    return segment.model_copy(update={"count": max(1, round(segment.count * share))})


def _chapters(stored: StoredRoutine, meta: RoutineMeta, begin_s: float) -> tuple[Chapter, ...]:
    chapters = read_chapters(stored.chapters)
    if are_numbered(chapters):
        return numbered(tuple(Hold(hold.start_s, hold.end_s) for hold in meta.holds))
    moved = (
        Chapter(max(c.start_s - begin_s, 0.0), min(c.end_s - begin_s, meta.duration_s), c.title)
        for c in chapters
    )
    return tuple(c for c in moved if c.end_s - c.start_s > SHORTEST_S)

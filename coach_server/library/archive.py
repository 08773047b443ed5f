"""A routine as one file, to give away or to keep: a zip archive of its folder's files."""

import lzma
import zipfile
import zlib
from pathlib import Path, PurePosixPath
from typing import IO, Final, TypeVar

from coach_server.coaching.holds import Hold
from coach_server.coaching.routine import Mirror
from coach_server.coaching.track import Track
from coach_server.errors import CoachError, InputError, KindError, TooLargeError
from coach_server.inference.protocols import Progress
from coach_server.library.chapters import read_chapters, within, write_chapters
from coach_server.library.editing import MAX_HOLDS, checked_holds, checked_title
from coach_server.library.poster import save_poster
from coach_server.library.progress import Staged, silent
from coach_server.library.routine_file import FILE, Level, RoutineMeta, Span, read_meta, write_meta
from coach_server.library.segments import is_seen, with_transitions
from coach_server.library.store import FILES, RoutineLibrary, StoredRoutine
from coach_server.library.track_file import load_track, save_track
from coach_server.video.limits import LET_IN, USUAL, FilmLimits
from coach_server.video.playable import make_playable
from coach_server.video.reader import FilmReader

SUFFIX: Final = ".routine.zip"

_MOST: Final = {FILE: 4 << 20, "track.npz": 1 << 30, "chapters.vtt": 1 << 20, "poster.jpg": 8 << 20}
"""Bytes that a file may have, unpacked; the film has the limit of films."""

_UNPACKABLE: Final = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    NotImplementedError,  # zipfile's, of a file packed in a way that it does not know
    RuntimeError,  # zipfile's, of one that is encrypted
    EOFError,
    ValueError,
)
_MOST_WARNINGS: Final = 50

AnySpan = TypeVar("AnySpan", bound=Span)

_CHUNK: Final = 1 << 20

_AGREES_S: Final = 1.0
"""Track and film may differ by this in length."""


def export_routine(stored: StoredRoutine, target: IO[bytes]) -> None:
    """Write a routine as one archive; the film is packed already, so nothing is packed again.

    Raises:
        OSError: it cannot be read or written.
    """
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as archive:
        for name in FILES:
            file = stored.folder / name
            if file.is_file():
                archive.write(file, f"{stored.meta.id}/{name}")


def import_routine(
    library: RoutineLibrary,
    archive: Path,
    routine_id: str,
    *,
    called: str | None = None,
    title: str | None = None,
    mirror: Mirror | None = None,
    level: Level | None = None,
    limits: FilmLimits = USUAL,
    progress: Progress = silent,
) -> RoutineMeta:
    """Take in a routine that was exported, whoever made the file.

    Nothing of it is believed: only the files of a routine are unpacked, within their sizes, each
    is read and written anew in today's format, and the film is looked through to its end.

    Args:
        library: where it goes.
        archive: the file.
        routine_id: the folder's name, whatever the archive says.
        called: what the user calls the archive, where that is not the file's name.
        title: what it is to be called; as it was where None.
        mirror: how students follow it; as they did where None.
        level: whom it is for; as it was where None.
        limits: how large the film may be.
        progress: is told how far it is.

    Returns:
        What is known of it.

    Raises:
        KindError: it is no archive of a routine.
        TooLargeError: a file of it is too large.
        InputError: something of it is missing or damaged; says what. Nothing is left behind.
    """
    called = called or archive.name
    shares = {"unpacking": 0.3, "looking through the film": 0.6, "writing the routine": 0.1}
    staged = Staged(progress, shares)
    with library.writing(routine_id) as folder:
        packed = folder / "packed"
        packed.mkdir()
        staged.stage("unpacking")
        _unpack(archive, packed, called, limits)
        track = load_track(packed / "track.npz")
        meta = _checked(read_meta(packed), track, called)
        meta = meta.model_copy(
            update={
                "id": routine_id,
                "title": meta.title if title is None else checked_title(title),
                "mirror": meta.mirror if mirror is None else mirror,
                "level": meta.level if level is None else level,
            }
        )
        make_playable(
            packed / "video.mp4",
            folder / "video.mp4",
            called=f"the film in {called}",
            limits=limits,
            progress=staged.stage("looking through the film"),
        )
        written = staged.stage("writing the routine")
        _check_same_film(folder / "video.mp4", track, called)
        save_track(track, folder / "track.npz")
        chapters = read_chapters(packed / "chapters.vtt")
        write_chapters(within(chapters, meta.duration_s), folder / "chapters.vtt")
        save_poster(folder / "video.mp4", meta.holds, meta.duration_s, folder / "poster.jpg")
        write_meta(meta, folder)
        for file in packed.iterdir():
            file.unlink()
        packed.rmdir()
        written(1, 1)
    return meta


def _checked(meta: RoutineMeta, track: Track, called: str) -> RoutineMeta:
    """What is said of the routine, as far as it fits the track.

    Raises:
        InputError: the track shows nobody, or the holds do not fit.
    """
    if not track.present.any() or abs(track.time_s[0]) > _AGREES_S:
        raise _damaged(called, "its track shows nobody, or does not begin with its film")
    duration_s = len(track.time_s) / track.fps
    if abs(meta.duration_s - duration_s) > _AGREES_S:
        raise _damaged(called, "its track is not as long as it says")
    spans = checked_holds(meta.holds, duration_s)
    given = sorted(meta.holds, key=lambda hold: hold.start_s)
    holds = [
        hold.model_copy(update={"start_s": start_s, "end_s": end_s})
        for hold, (start_s, end_s) in zip(given, spans, strict=True)
    ]
    if not all(is_seen(track, Hold(hold.start_s, hold.end_s)) for hold in holds):
        raise _damaged(called, "nobody is seen in one of its holds")
    repeated = [s for s in within_film(meta.segments, duration_s) if s.kind == "repetitions"]
    return meta.model_copy(
        update={
            "title": checked_title(meta.title),
            "fps": track.fps,
            "duration_s": duration_s,
            "segments": with_transitions(holds, repeated, duration_s),
            "anomalies": within_film(meta.anomalies, duration_s),
            "warnings": tuple(
                warning.model_copy(update={"spans": within_film(warning.spans, duration_s)})
                for warning in meta.warnings[:_MOST_WARNINGS]
            ),
        }
    )


def within_film(spans: tuple[AnySpan, ...], duration_s: float) -> tuple[AnySpan, ...]:
    """Those that lie within a film, and not too many of them."""
    fitting = [s for s in spans if s.start_s <= s.end_s <= duration_s + _AGREES_S]
    return tuple(fitting[:MAX_HOLDS])


def _check_same_film(film: Path, track: Track, called: str) -> None:
    """Refuse a track that has other pictures than the film.

    Raises:
        InputError: it has.
    """
    with FilmReader(film, LET_IN, called=called) as reader:
        pictures, last_s = reader.count()
    rows = len(track.time_s)
    if abs(pictures - rows) > max(2, rows // 50) or abs(last_s - track.time_s[-1]) > _AGREES_S:
        raise _damaged(called, "its track is not of its film")


def _unpack(source: Path, folder: Path, called: str, limits: FilmLimits) -> None:
    try:
        with zipfile.ZipFile(source) as archive:
            members = {PurePosixPath(info.filename).name: info for info in archive.infolist()}
            missing = [name for name in FILES if name not in members and name != "poster.jpg"]
            if missing:
                raise KindError(
                    f"{called} is no routine: it holds no {missing[0]}.",
                    hint="Give a film, or a file that the library page or `coach library export` "
                    "has written.",
                )
            for name in FILES:
                if name in members:
                    with archive.open(members[name]) as packed:
                        most = _MOST.get(name, limits.max_bytes)
                        _copy(packed, folder / name, most, f"{name} in {called}")
    except _UNPACKABLE as error:
        raise _damaged(called, f"it cannot be unpacked ({error})") from error


def _copy(packed: IO[bytes], target: Path, most: int, called: str) -> None:
    """What the archive says of sizes may be wrong, so they are counted."""
    written = 0
    with target.open("wb") as file:
        while chunk := packed.read(_CHUNK):
            written += len(chunk)
            if written > most:
                raise TooLargeError(
                    f"{called} has more than {most >> 20} MB.", hint="Give a smaller routine."
                )
            file.write(chunk)


def _damaged(called: str, why: str) -> CoachError:
    return InputError(
        f"{called} is damaged: {why}.", hint="Export the routine again.", code="bad_archive"
    )

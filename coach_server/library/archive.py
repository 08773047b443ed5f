"""A routine as one file, to give away or to keep: a zip archive of its folder's files."""

import zipfile
from pathlib import Path, PurePosixPath
from typing import IO, Final

from coach_server.errors import CoachError, InputError, KindError, TooLargeError
from coach_server.inference.protocols import Progress
from coach_server.library.chapters import read_chapters, within, write_chapters
from coach_server.library.poster import save_poster
from coach_server.library.progress import Staged, silent
from coach_server.library.routine_file import FILE, RoutineMeta, read_meta, write_meta
from coach_server.library.store import FILES, RoutineLibrary, StoredRoutine
from coach_server.library.track_file import load_track, save_track
from coach_server.video.limits import USUAL, FilmLimits
from coach_server.video.playable import make_playable

SUFFIX: Final = ".routine.zip"

_MOST: Final = {FILE: 4 << 20, "track.npz": 1 << 30, "chapters.vtt": 1 << 20, "poster.jpg": 8 << 20}
"""Bytes that a file may have, unpacked; the film has the limit of films."""

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
        meta = read_meta(packed).model_copy(update={"id": routine_id})
        track = load_track(packed / "track.npz")
        make_playable(
            packed / "video.mp4",
            folder / "video.mp4",
            called=f"the film in {called}",
            limits=limits,
            progress=staged.stage("looking through the film"),
        )
        written = staged.stage("writing the routine")
        if abs(meta.duration_s - len(track.time_s) / track.fps) > _AGREES_S:
            raise _damaged(called, "its track is not of its film")
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
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError) as error:
        # RuntimeError: it is encrypted; NotImplementedError: packed in an unknown way
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

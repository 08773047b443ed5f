"""Engines that a user made of a checkpoint: their names, and where they are kept."""

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from coach_server.errors import EngineError
from coach_server.files import write_whole
from coach_server.inference.recipe import IMPORTED

_HASH: Final = 8
_STEM: Final = 40


@dataclass(frozen=True, slots=True)
class Imported:
    """What was made of a checkpoint.

    Attributes:
        name: of the engine, as commands take it.
        caveats: sentences for people: what is to be known before it is used.
    """

    name: str
    caveats: tuple[str, ...]


def keep_imported(cache: Path, checkpoint: Path, kind: str, weights: bytes, recipe: str) -> str:
    """Keep weights and their recipe in `cache`; the same ones again change nothing.

    Args:
        cache: the cache folder of the settings.
        checkpoint: what they were made of.
        kind: ending of the file that they lie in.
        weights: for that file.
        recipe: TOML with `{name}`, `{file}`, `{size}` and `{sha256}` to be filled in.

    Returns:
        The engine's name.

    Raises:
        EngineError: the folder cannot be written.
    """
    digest = hashlib.sha256(weights).hexdigest()
    stem = re.sub(r"[^a-z0-9]+", "-", checkpoint.stem.lower())[:_STEM].strip("-")
    name = "-".join(filter(None, ("imported", stem, digest[:_HASH])))
    file, folder = f"{name}.{kind}", cache / IMPORTED
    filled = recipe.format(name=name, file=file, size=len(weights), sha256=digest)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        write_whole(folder / file, weights)
        write_whole(folder / f"{name}.toml", filled.encode())
    except OSError as error:
        raise EngineError(
            f"the imported model cannot be kept in {folder}: {error.strerror or error}",
            hint="make it writable, or set COACH_CACHE to a folder that is",
        ) from error
    return name

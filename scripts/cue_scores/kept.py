"""Results that are kept, so that a run that was cut short goes on where it was."""

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import coach_server
from scripts import cue_scores

FOLDER: Final = "cue-scores"


def source_digest() -> str:
    """Changes whenever the product's code or the benchmark's does."""
    digest = hashlib.sha256()
    for package in (coach_server, cue_scores):
        root = Path(str(package.__file__)).parent
        for path in sorted(root.rglob("*.py")):
            digest.update(str(path.relative_to(root)).encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()


class Kept:
    """Results in a folder of the cache, by what they were made of."""

    def __init__(self, cache: Path) -> None:
        self._folder = cache / FOLDER

    def get(self, parts: tuple[str, ...], make: Callable[[], dict[str, Any]]) -> dict[str, Any]:
        """What was made of these parts before, or is made now."""
        name = hashlib.sha256("\n".join(parts).encode()).hexdigest()[:32]
        path = self._folder / f"{name}.json"
        if path.exists():
            known: dict[str, Any] = json.loads(path.read_text())
            return known
        made = make()
        self._folder.mkdir(parents=True, exist_ok=True)
        partial = path.with_suffix(".partial")
        partial.write_text(json.dumps(made))
        partial.replace(path)
        # as it will be read the next time
        again: dict[str, Any] = json.loads(path.read_text())
        return again

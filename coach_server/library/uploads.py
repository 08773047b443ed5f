"""What was sent and waits for its job: one folder a job, under names that we choose."""

import contextlib
import secrets
import shutil
import unicodedata
from collections.abc import Collection
from pathlib import Path
from typing import Final

_LONGEST: Final = 120
"""Characters of a name that are shown."""


class Uploads:
    """The folders of uploads under `root`, which nobody serves.

    Args:
        root: where they lie.
    """

    def __init__(self, root: Path) -> None:
        self.root = root

    def new(self) -> Path:
        """An empty folder under a name of its own, which is to be the job's.

        Raises:
            OSError: it cannot be made.
        """
        folder = self.root / secrets.token_hex(8)
        folder.mkdir(parents=True)
        return folder

    def free_bytes(self) -> int:
        """What the disk still takes.

        Raises:
            OSError: the folder cannot be made.
        """
        self.root.mkdir(parents=True, exist_ok=True)
        return shutil.disk_usage(self.root).free

    def remove(self, name: str) -> None:
        """Remove a folder, where it is there."""
        if name.isalnum():
            shutil.rmtree(self.root / name, ignore_errors=True)

    def recover(self, wanted: Collection[str]) -> None:
        """Remove all but the folders of these jobs: a machine that stopped has left them."""
        with contextlib.suppress(FileNotFoundError):
            for folder in self.root.iterdir():
                if folder.name not in wanted:
                    shutil.rmtree(folder, ignore_errors=True)


def shown_name(sent: str | None, otherwise: str) -> str:
    """What a file is called in sentences, of the name that was sent with it.

    Neither folders nor anything that is not seen stays: control characters, and those that turn
    the direction of writing.
    """
    last = (sent or "").replace("\\", "/").rsplit("/", 1)[-1]
    seen = "".join(c if unicodedata.category(c)[0] not in "CZ" else " " for c in last)
    return " ".join(seen.split())[:_LONGEST].strip(" .") or otherwise


def title_of(called: str) -> str:
    """A title for what has none: the file's name without its ending, with spaces."""
    stem = called.rsplit(".", 1)[0] if "." in called else called
    return " ".join(stem.replace("_", " ").replace("-", " ").split()) or called

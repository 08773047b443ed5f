"""Trials in one file a set, kept in git, so that anybody can judge a lifter without filming."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from coach_server.errors import InputError
from scripts.studio.training.record import FIELDS, Record, unpacked

PACKS: Final = Path(__file__).parent / "packs"


def pack(folder: Path, packs: Path = PACKS) -> Path:
    """Pack all trials of a folder into a file of `packs`; returns it."""
    packs.mkdir(exist_ok=True)
    arrays: dict[str, NDArray[Any]] = {}
    for path in sorted(folder.glob("*.npz")):
        with np.load(path, allow_pickle=False) as data:
            arrays |= {f"{path.stem}.{name}": data[name] for name in FIELDS}
    written = packs / f"{folder.name}.npz"
    np.savez_compressed(written, allow_pickle=False, **arrays)
    return written


def records(name: str, packs: Path = PACKS) -> Iterator[tuple[str, Record]]:
    """(name, record) of all trials of a pack of `packs`, by name.

    Raises:
        InputError: there is no such pack.
    """
    path = packs / f"{name}.npz"
    if not path.exists():
        raise InputError(
            f"There are no trials {name}.", hint="Shoot them: python -m scripts.shoot_trials."
        )
    with np.load(path, allow_pickle=False) as data:
        for trial in sorted({key.rpartition(".")[0] for key in data.files}):
            yield trial, unpacked({field: data[f"{trial}.{field}"] for field in FIELDS})

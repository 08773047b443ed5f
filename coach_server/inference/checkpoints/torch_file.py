"""Reads the weights in a checkpoint, without torch and without executing it.

Three forms are read: torch's zip archive, its older one of pickles in a row beside raw numbers
(which the authors of VideoPose3D published), and a plain pickle of numpy's arrays (Detectron2's
model zoo).
"""

import io
import pickle
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, TypeAlias

from numpy.typing import NDArray

from coach_server.errors import InputError
from coach_server.inference.checkpoints.unpickling import (
    HarmlessUnpickler,
    NumpyArray,
    TorchTensor,
)

MOST_BYTES: Final = 1 << 30
MOST_COPIES: Final = 4
"""So many times a file's own size its weights may have: layers may share some."""
_MAGIC: Final = 0x1950A86A20F9469CFC6C
_PROTOCOL: Final = 1001
_DAMAGE: Final = (
    pickle.UnpicklingError,
    zipfile.BadZipFile,
    ArithmeticError,
    AttributeError,
    EOFError,
    LookupError,
    MemoryError,
    NotImplementedError,  # zipfile's, of an archive packed in a way that it does not know
    RecursionError,
    RuntimeError,  # zipfile's, of an encrypted archive
    TypeError,
    ValueError,
    struct.error,
)
"""What a damaged or malicious file makes the unpickler and the archive raise."""

Storages: TypeAlias = Callable[[str], bytes]
"""The bytes of a storage by its key."""


def read_weights(path: Path, *keys: str) -> dict[str, NDArray[Any]]:
    """The state dictionary in a checkpoint.

    Args:
        path: the file, of at most `MOST_BYTES`.
        keys: the first of these that the dictionary has that was saved holds it; the name "" stands
            for that dictionary itself.

    Returns:
        Arrays by name; what else is in it is left aside.

    Raises:
        InputError: the file cannot be read, is no checkpoint, names what must not be called, or has
            no weights under any of the keys.
    """
    try:
        if path.stat().st_size > MOST_BYTES:
            raise _refused(path, f"it is larger than {MOST_BYTES >> 20} MiB")
        content = path.read_bytes()
    except OSError as error:
        raise _refused(path, error.strerror or str(error)) from error
    try:
        saved, storages = _read(content)
        state = _under(saved, keys)
        arrays = {} if state is None else _arrays(state, storages, MOST_COPIES * len(content))
    except _DAMAGE as error:
        raise _refused(path, str(error) or type(error).__name__) from error
    if not arrays:
        raise _refused(path, f"it has no weights under {' or '.join(filter(None, keys))}")
    return arrays


def _refused(path: Path, why: str) -> InputError:
    return InputError(
        f"{path.name} cannot be read as a checkpoint: {why}.",
        hint="Give a .pth, .pt, .bin or .pkl file as its authors published it, whole.",
        code="bad_checkpoint",
    )


def _under(saved: object, keys: tuple[str, ...]) -> dict[Any, Any] | None:
    if not isinstance(saved, dict):
        return None
    for key in keys:
        state = saved.get(key) if key else saved
        if isinstance(state, dict):
            return state
    return None


def _arrays(state: dict[Any, Any], storages: Storages, most: int) -> dict[str, NDArray[Any]]:
    """Of a state dictionary what are arrays, `most` bytes of them.

    Raises:
        ValueError: there is more, as where a thousand names stand for the same numbers.
    """
    arrays: dict[str, NDArray[Any]] = {}
    for name, value in state.items():
        if isinstance(name, str) and isinstance(value, TorchTensor | NumpyArray):
            arrays[name] = _array(value, storages)
            most -= arrays[name].nbytes
            if most < 0:
                raise ValueError("it names the same numbers over and over")
    return arrays


def _array(value: TorchTensor | NumpyArray, storages: Storages) -> NDArray[Any]:
    return value.array(storages) if isinstance(value, TorchTensor) else value.array()


def _read(content: bytes) -> tuple[Any, Storages]:
    if content.startswith(b"PK"):
        return _read_zip(content)
    file = io.BytesIO(content)
    first = HarmlessUnpickler(file)
    saved = first.load()
    if saved == _MAGIC:
        return _read_pickles(file)
    nothing: dict[str, bytes] = {}
    return saved, nothing.__getitem__


def _read_zip(content: bytes) -> tuple[Any, Storages]:
    archive = zipfile.ZipFile(io.BytesIO(content))
    if any(entry.compress_type != zipfile.ZIP_STORED for entry in archive.infolist()):
        raise ValueError("its archive is compressed, which torch's never are")
    (index,) = [name for name in archive.namelist() if name.endswith("/data.pkl")]
    root = index.removesuffix("data.pkl")
    saved = HarmlessUnpickler(io.BytesIO(archive.read(index))).load()
    return saved, lambda key: archive.read(f"{root}data/{key}")


def _read_pickles(file: io.BytesIO) -> tuple[Any, Storages]:
    """After a magic number: a version, the system, what was saved, the storages' keys; numbers."""
    if HarmlessUnpickler(file).load() != _PROTOCOL:
        raise ValueError("it is of a form that torch no longer writes")
    system = HarmlessUnpickler(file).load()
    if not system["little_endian"]:
        raise ValueError("its numbers are big-endian")
    pickled = HarmlessUnpickler(file)
    saved = pickled.load()
    storages = {}
    for key in HarmlessUnpickler(file).load():
        (count,) = struct.unpack("<Q", file.read(8))
        storages[key] = file.read(count * pickled.dtypes[key].itemsize)
    return saved, storages.__getitem__

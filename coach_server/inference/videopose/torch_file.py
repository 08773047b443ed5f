"""Reads the weights in a file that `torch.save` wrote, without torch and without executing it.

Such a file is a pickle beside raw numbers, and a pickle may name any function to be called. Here
only three names mean anything: an ordered dictionary, a tensor, and the kinds of numbers. Other
names of torch and numpy, as for the state of an optimiser or of a random generator, become objects
that do nothing; any name from elsewhere ends the reading. Both forms of the file are read: the zip
archive, and the older one of pickles in a row, which the authors' checkpoints have.
"""

import io
import pickle  # nothing that a pickle names is called: see _Unpickler
import struct
import zipfile
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final, Self

import numpy as np
from numpy.typing import NDArray

from coach_server.errors import InputError

MOST_BYTES: Final = 1 << 30
_MAGIC: Final = 0x1950A86A20F9469CFC6C
_PROTOCOL: Final = 1001
_STORAGES: Final[Mapping[str, np.dtype[Any]]] = MappingProxyType(
    {
        "DoubleStorage": np.dtype("<f8"),
        "FloatStorage": np.dtype("<f4"),
        "HalfStorage": np.dtype("<f2"),
        "LongStorage": np.dtype("<i8"),
        "IntStorage": np.dtype("<i4"),
        "ByteStorage": np.dtype("<u1"),
    }
)
_HARMLESS: Final = ("torch", "numpy", "_codecs")
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
    TypeError,
    ValueError,
    struct.error,
)
"""What a damaged or malicious file makes the unpickler and the archive raise."""


def read_weights(path: Path, key: str) -> dict[str, NDArray[Any]]:
    """The state dictionary under `key` in a checkpoint.

    Args:
        path: the file, of at most `MOST_BYTES`.
        key: in the dictionary that was saved.

    Returns:
        Arrays by name.

    Raises:
        InputError: the file cannot be read, is none of torch's, names what must not be called, or
            has no weights under `key`.
    """
    try:
        if path.stat().st_size > MOST_BYTES:
            raise _refused(path, f"it is larger than {MOST_BYTES >> 20} MiB")
        content = path.read_bytes()
    except OSError as error:
        raise _refused(path, error.strerror or str(error)) from error
    try:
        zipped = content.startswith(b"PK")
        saved, storages = _read_zip(content) if zipped else _read_pickles(content)
        state = saved.get(key) if isinstance(saved, dict) else None
        if not isinstance(state, dict):
            raise _refused(path, f"it has no weights under {key}")
        return {
            name: value.array(storages)
            for name, value in state.items()
            if isinstance(name, str) and isinstance(value, _Tensor)
        }
    except _DAMAGE as error:
        raise _refused(path, str(error) or type(error).__name__) from error


def _refused(path: Path, why: str) -> InputError:
    return InputError(
        f"{path.name} cannot be read as a checkpoint: {why}.",
        hint="Give a .bin or .pt file that torch.save wrote, whole.",
        code="bad_checkpoint",
    )


@dataclass(frozen=True, slots=True)
class _Storage:
    """Numbers that lie elsewhere in the file."""

    dtype: np.dtype[Any]
    key: str


@dataclass(frozen=True, slots=True)
class _Tensor:
    """A view of a storage."""

    storage: _Storage
    offset: int
    size: tuple[int, ...]
    stride: tuple[int, ...]

    def array(self, storages: Callable[[str], bytes]) -> NDArray[Any]:
        """The tensor's numbers.

        Raises:
            ValueError: it reaches beyond its storage.
        """
        flat = np.frombuffer(storages(self.storage.key), self.storage.dtype)
        steps = [(n - 1) * s for n, s in zip(self.size, self.stride, strict=True)]
        count = int(np.prod(self.size, dtype=object))
        if min((self.offset, *self.size, *self.stride)) < 0 or count > len(flat):
            raise ValueError("a tensor is larger than its storage")
        if count and self.offset + sum(steps) >= len(flat):
            raise ValueError("a tensor reaches beyond its storage")
        strides = [step * flat.itemsize for step in self.stride]
        return np.lib.stride_tricks.as_strided(flat[self.offset :], self.size, strides).copy()


class _Inert:
    """Stands for whatever a checkpoint holds beside weights: takes everything, does nothing."""

    def __new__(cls, *_args: object) -> Self:
        return super().__new__(cls)

    def __init__(self, *_args: object) -> None:
        pass

    def __setstate__(self, _state: object) -> None:
        pass


def _rebuilt(
    storage: _Storage, offset: int, size: tuple[int, ...], stride: tuple[int, ...], *_rest: object
) -> _Tensor:
    if not isinstance(storage, _Storage):
        raise TypeError("a tensor without a storage")
    return _Tensor(storage, int(offset), tuple(map(int, size)), tuple(map(int, stride)))


class _Unpickler(pickle.Unpickler):
    """Builds dictionaries of `_Tensor`; calls nothing but what is in this file.

    Attributes:
        dtypes: of the numbers in each storage that was named so far.
    """

    def __init__(self, file: io.BytesIO) -> None:
        super().__init__(file)
        self.dtypes: dict[str, np.dtype[Any]] = {}

    def find_class(self, module: str, name: str) -> object:
        if (module, name) == ("collections", "OrderedDict"):
            return OrderedDict
        if (module, name) == ("torch._utils", "_rebuild_tensor_v2"):
            return _rebuilt
        if module == "torch" and name in _STORAGES:
            return _STORAGES[name]
        if module.partition(".")[0] in _HARMLESS:
            return _Inert
        raise pickle.UnpicklingError(f"it asks for {module}.{name}, which no weights need")

    def persistent_load(self, pid: object) -> _Storage:
        if not isinstance(pid, tuple):
            raise pickle.UnpicklingError("it names its numbers in an unknown way")
        kind, dtype, key, *_rest = pid
        if kind != "storage" or not isinstance(dtype, np.dtype):
            raise pickle.UnpicklingError("it holds numbers of an unknown kind")
        self.dtypes[key] = dtype
        return _Storage(dtype, key)


def _read_zip(content: bytes) -> tuple[Any, Callable[[str], bytes]]:
    archive = zipfile.ZipFile(io.BytesIO(content))
    if any(entry.compress_type != zipfile.ZIP_STORED for entry in archive.infolist()):
        raise ValueError("its archive is compressed, which torch's never are")
    (index,) = [name for name in archive.namelist() if name.endswith("/data.pkl")]
    root = index.removesuffix("data.pkl")
    saved = _Unpickler(io.BytesIO(archive.read(index))).load()
    return saved, lambda key: archive.read(f"{root}data/{key}")


def _read_pickles(content: bytes) -> tuple[Any, Callable[[str], bytes]]:
    """A magic number, a version, the system, what was saved, the storages' keys; then numbers."""
    file = io.BytesIO(content)
    if (_Unpickler(file).load(), _Unpickler(file).load()) != (_MAGIC, _PROTOCOL):
        raise ValueError("it is none of torch's")
    system = _Unpickler(file).load()
    if not system["little_endian"]:
        raise ValueError("its numbers are big-endian")
    pickled = _Unpickler(file)
    saved = pickled.load()
    storages = {}
    for key in _Unpickler(file).load():
        (count,) = struct.unpack("<Q", file.read(8))
        storages[key] = file.read(count * pickled.dtypes[key].itemsize)
    return saved, storages.__getitem__

"""An unpickler that builds dictionaries of numbers and calls nothing that a pickle names.

A pickle may name any function to be called. Here only these names mean anything: an ordered
dictionary, a tensor of torch, an array of numpy, and their kinds of numbers; each leads to a class
of this file. Other names of torch and numpy, as for the state of an optimiser or of a random
generator, become objects that do nothing; any name from elsewhere ends the reading.
"""

import pickle  # nothing that a pickle names is called: see HarmlessUnpickler
import pickletools
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import prod
from types import MappingProxyType
from typing import IO, Any, Final, Self

import numpy as np
from numpy.typing import NDArray

STORAGES: Final[Mapping[str, np.dtype[Any]]] = MappingProxyType(
    {
        "DoubleStorage": np.dtype("<f8"),
        "FloatStorage": np.dtype("<f4"),
        "HalfStorage": np.dtype("<f2"),
        "LongStorage": np.dtype("<i8"),
        "IntStorage": np.dtype("<i4"),
        "ByteStorage": np.dtype("<u1"),
    }
)
_NUMBERS: Final = frozenset("?bBhHiIlLqQefd")
"""Kinds of numbers that numpy names by one letter, or by a letter and a size."""
_SIZED: Final = frozenset(f"{kind}{size}" for kind in "iuf" for size in (1, 2, 4, 8)) | {"b1"}
_HARMLESS: Final = ("torch", "numpy", "_codecs")


@dataclass(frozen=True, slots=True)
class Storage:
    """Numbers that lie elsewhere in a file of torch's."""

    dtype: np.dtype[Any]
    key: str


@dataclass(frozen=True, slots=True)
class TorchTensor:
    """A view of a storage."""

    storage: Storage
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
        count = prod(self.size)
        if min((self.offset, *self.size, *self.stride)) < 0 or count > len(flat):
            raise ValueError("a tensor is larger than its storage")
        if count and self.offset + sum(steps) >= len(flat):
            raise ValueError("a tensor reaches beyond its storage")
        strides = [step * flat.itemsize for step in self.stride]
        return np.lib.stride_tricks.as_strided(flat[self.offset :], self.size, strides).copy()


class NumpyType:
    """A kind of numbers as numpy pickles it: a code, then its byte order as the state."""

    def __init__(self, code: object = "", *_flags: object) -> None:
        self._code = code if isinstance(code, str) else ""
        self._big = False

    def __setstate__(self, state: tuple[Any, ...]) -> None:
        self._big = state[1] == ">"

    @property
    def dtype(self) -> np.dtype[Any]:
        """The same for numpy.

        Raises:
            ValueError: it is no kind of numbers.
        """
        if self._code not in _NUMBERS | _SIZED:
            raise ValueError("an array holds something else than numbers")
        return np.dtype(self._code).newbyteorder(">" if self._big else "<")


class NumpyArray:
    """An array as numpy pickles it: empty first, then what is in it as the state."""

    def __init__(self, *_asked: object) -> None:
        self._state: tuple[Any, ...] = ()

    def __setstate__(self, state: tuple[Any, ...]) -> None:
        self._state = state

    def array(self) -> NDArray[Any]:
        """The array's numbers.

        Raises:
            ValueError: its shape and its bytes do not fit each other.
        """
        _, shape, kind, turned, content = self._state
        if isinstance(content, str):  # as Python 2 wrote bytes
            content = content.encode("latin1")
        if not isinstance(kind, NumpyType) or not isinstance(content, bytes):
            raise ValueError("an array holds something else than numbers")  # noqa: TRY004  # the file is wrong, no caller
        if min(shape, default=0) < 0 or prod(shape) * kind.dtype.itemsize != len(content):
            raise ValueError("an array is not as large as its shape")
        flat = np.frombuffer(content, kind.dtype)
        return flat.reshape(shape, order="F" if turned else "C").copy()


class Meant:
    """A function that a pickle may have called; nothing can be set on it, as on plain ones.

    Args:
        function: of this file.
    """

    __slots__ = ("_function",)

    def __init__(self, function: Callable[..., object]) -> None:
        self._function = function

    def __call__(self, *given: object) -> object:
        """As the function."""
        return self._function(*given)

    def __setstate__(self, _state: object) -> None:
        raise pickle.UnpicklingError("it wants to change the code that reads it")


class Inert:
    """Stands for whatever a checkpoint holds beside weights: takes everything, does nothing."""

    def __new__(cls, *_args: object) -> Self:
        """Whatever it is called with."""
        return super().__new__(cls)

    def __init__(self, *_args: object) -> None:
        pass

    def __setstate__(self, _state: object) -> None:
        pass


def _tensor(
    storage: Storage, offset: int, size: tuple[int, ...], stride: tuple[int, ...], *_rest: object
) -> TorchTensor:
    if not isinstance(storage, Storage):
        raise TypeError("a tensor without a storage")
    return TorchTensor(storage, int(offset), tuple(map(int, size)), tuple(map(int, stride)))


def _parameter(data: object, *_rest: object) -> object:
    return data


def _encoded(text: object, coding: object = "latin1") -> bytes:
    """As Python 3 writes bytes in the older protocols."""
    if not isinstance(text, str) or coding != "latin1":
        raise TypeError("bytes in an unknown coding")
    return text.encode("latin1")


def _from_buffer(
    content: object, kind: object, shape: tuple[int, ...], order: object = "C"
) -> NumpyArray:
    """As numpy pickles arrays in the newest protocol."""
    array = NumpyArray()
    held = bytes(content) if isinstance(content, bytearray) else content
    array.__setstate__((1, shape, kind, order == "F", held))
    return array


def _check_memo(file: IO[bytes]) -> None:
    """See that a pickle, which begins where `file` stands, remembers no more than it has bytes.

    An index in its memo makes the unpickler allocate as many places: eight bytes can ask for all of
    a machine's memory.
    """
    began = file.tell()
    for operation, argument, at in pickletools.genops(file):
        is_put = operation.name in ("PUT", "BINPUT", "LONG_BINPUT")
        if is_put and isinstance(argument, int) and at is not None and argument > at + 1:
            raise pickle.UnpicklingError("it asks for more memory than it can need")
    file.seek(began)


_MEANT: Final[Mapping[tuple[str, str], object]] = MappingProxyType(
    {
        ("collections", "OrderedDict"): OrderedDict,
        ("torch._utils", "_rebuild_tensor_v2"): Meant(_tensor),
        ("torch._utils", "_rebuild_parameter"): Meant(_parameter),
        ("numpy", "dtype"): NumpyType,
        ("numpy", "ndarray"): NumpyArray,
        ("numpy.core.multiarray", "_reconstruct"): NumpyArray,
        ("numpy._core.multiarray", "_reconstruct"): NumpyArray,
        ("numpy.core.numeric", "_frombuffer"): Meant(_from_buffer),
        ("numpy._core.numeric", "_frombuffer"): Meant(_from_buffer),
        ("_codecs", "encode"): Meant(_encoded),
    }
)


class HarmlessUnpickler(pickle.Unpickler):
    """Builds dictionaries of `TorchTensor` and `NumpyArray`; calls only what is in this file.

    Attributes:
        dtypes: of the numbers in each storage that was named so far.
    """

    def __init__(self, file: IO[bytes]) -> None:
        _check_memo(file)
        super().__init__(file, encoding="latin1")
        self.dtypes: dict[str, np.dtype[Any]] = {}

    def find_class(self, module: str, name: str) -> object:
        """What a name stands for here."""
        if (meant := _MEANT.get((module, name))) is not None:
            return meant
        if module == "torch" and name in STORAGES:
            return STORAGES[name]
        if module.partition(".")[0] in _HARMLESS:
            return Inert
        raise pickle.UnpicklingError(f"it asks for {module}.{name}, which no weights need")

    def persistent_load(self, pid: object) -> Storage:
        """The storage that a tensor is a view of."""
        if not isinstance(pid, tuple):
            raise pickle.UnpicklingError("it names its numbers in an unknown way")
        kind, dtype, key, *_rest = pid
        if kind != "storage" or not isinstance(dtype, np.dtype):
            raise pickle.UnpicklingError("it holds numbers of an unknown kind")
        self.dtypes[key] = dtype
        return Storage(dtype, key)

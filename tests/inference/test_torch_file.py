"""Weights from torch's files without torch; what a stranger put beside them is not executed."""

import collections
import io
import os
import pickle
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from coach_server.errors import InputError
from coach_server.inference.checkpoints.torch_file import read_weights

torch = pytest.importorskip("torch", reason="the train extra is not installed")

pytestmark = pytest.mark.unit

BOTH_FORMS = pytest.mark.parametrize("zipped", [True, False], ids=["zip", "older"])


def weights() -> dict[str, Any]:
    generator = torch.Generator().manual_seed(3)
    plain = torch.randn(4, 6, generator=generator)
    return collections.OrderedDict(
        plain=plain,
        turned=plain.t(),
        part=plain[1:3, ::2],
        half=plain.half(),
        double=plain.double(),
        number=torch.tensor(7),
        parameter=torch.nn.Parameter(plain).data,
        empty=torch.zeros(0, 3),
    )


def save(path: Path, saved: object, *, zipped: bool) -> Path:
    torch.save(saved, path, _use_new_zipfile_serialization=zipped)
    return path


@BOTH_FORMS
def test_weights_are_what_torch_reads(tmp_path: Path, zipped: bool) -> None:
    path = save(tmp_path / "a.bin", {"model_pos": weights()}, zipped=zipped)
    read = read_weights(path, "model_pos")
    expected = torch.load(path, weights_only=True)["model_pos"]
    assert list(read) == list(expected)
    for name, tensor in expected.items():
        assert read[name].dtype == tensor.numpy().dtype
        np.testing.assert_array_equal(read[name], tensor.numpy())


@BOTH_FORMS
def test_what_the_authors_save_beside_the_weights_is_left_aside(
    tmp_path: Path, zipped: bool
) -> None:
    state = weights()
    moments = {"step": torch.tensor(3.0), "exp_avg": state["plain"]}
    saved = {
        "epoch": 80,
        "lr": 0.001,
        "random_state": np.random.RandomState(1234),  # it is what they save
        "loss": np.float64(3),
        "optimizer": {"state": {0: moments}, "param_groups": [{"lr": 1e-3, "params": [0]}]},
        "model_pos": state,
        "model_traj": None,
    }
    read = read_weights(save(tmp_path / "a.bin", saved, zipped=zipped), "model_pos")
    np.testing.assert_array_equal(read["plain"], state["plain"].numpy())


class Malicious:
    """Makes whoever unpickles it set a variable of the environment."""

    def __reduce__(self) -> tuple[Callable[..., object], tuple[object, ...]]:
        return exec, ("import os; os.environ['EXECUTED'] = 'yes'",)


@BOTH_FORMS
@pytest.mark.parametrize("beside", [True, False])
def test_a_malicious_file_is_refused_and_not_executed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, zipped: bool, beside: bool
) -> None:
    monkeypatch.setenv("EXECUTED", "no")
    evil = Malicious()
    saved = {"model_pos": weights(), "note": evil} if beside else {"model_pos": evil}
    path = save(tmp_path / "a.bin", saved, zipped=zipped)
    with pytest.raises(InputError, match=r"__builtin__\.exec") as failure:
        read_weights(path, "model_pos")
    assert failure.value.exit_code == 2
    assert os.environ["EXECUTED"] == "no"
    torch.load(path, weights_only=False)  # the file does what it says where it is let
    assert os.environ["EXECUTED"] == "yes"


@pytest.mark.parametrize(
    "called", ["builtins.eval", "subprocess.Popen", "torchvision.x", "numpy_evil.y", "nt.system"]
)
def test_no_name_from_elsewhere_is_looked_up(tmp_path: Path, called: str) -> None:
    module, _, name = called.rpartition(".")
    pickled = b"\x80\x02c" + f"{module}\n{name}\n".encode() + b")R."
    with pytest.raises(InputError, match=called):
        read_weights(zip_of(tmp_path, pickled), "model_pos")


def test_a_name_of_torch_or_numpy_does_nothing(tmp_path: Path) -> None:
    made = tmp_path / "made"
    pickled = b"\x80\x02cnumpy\nsave\nX" + struct.pack("<I", len(str(made))) + str(made).encode()
    with pytest.raises(InputError, match="no weights under model_pos"):
        read_weights(zip_of(tmp_path, pickled + b"K\x01\x86R."), "model_pos")
    assert [path.name for path in tmp_path.iterdir()] == ["a.bin"]


def zip_of(folder: Path, pickled: bytes, storage: bytes = b"", *, deflate: bool = False) -> Path:
    path = folder / "a.bin"
    kind = zipfile.ZIP_DEFLATED if deflate else zipfile.ZIP_STORED
    with zipfile.ZipFile(path, "w", kind) as archive:
        archive.writestr("archive/data.pkl", pickled)
        archive.writestr("archive/data/0", storage)
    return path


STORAGE = object()


def tensor_pickle(offset: int, size: tuple[int, ...], stride: tuple[int, ...]) -> bytes:
    """The pickle of a tensor over storage 0 with the view that is asked for."""

    class View:
        def __reduce__(self) -> tuple[Callable[..., object], tuple[object, ...]]:
            arguments: tuple[object, ...] = (STORAGE, offset, size, stride, False, {})
            return torch._utils._rebuild_tensor_v2, arguments

    class Pickler(pickle.Pickler):
        def persistent_id(self, saved: object) -> object:
            kept = ("storage", torch.FloatStorage, "0", "cpu", 6)
            return kept if saved is STORAGE else None

    file = io.BytesIO()
    Pickler(file, 2).dump({"model_pos": {"w": View()}})
    return file.getvalue()


NUMBERS = np.arange(6, dtype=np.float32).tobytes()


def test_a_view_within_its_storage(tmp_path: Path) -> None:
    path = zip_of(tmp_path, tensor_pickle(1, (2, 2), (3, 1)), NUMBERS)
    assert read_weights(path, "model_pos")["w"].tolist() == [[1, 2], [4, 5]]


@pytest.mark.parametrize(
    ("offset", "size", "stride"),
    [
        (5, (2,), (1,)),
        (0, (2, 3), (4, 1)),
        (-1, (2,), (1,)),
        (0, (3,), (-1,)),
        (0, (1 << 40,), (0,)),
        (0, (1 << 40, 1 << 40), (1, 1)),
        (1 << 62, (1,), (1,)),
    ],
)
def test_a_view_beyond_its_storage(
    tmp_path: Path, offset: int, size: tuple[int, ...], stride: tuple[int, ...]
) -> None:
    path = zip_of(tmp_path, tensor_pickle(offset, size, stride), NUMBERS)
    with pytest.raises(InputError, match="storage"):
        read_weights(path, "model_pos")


def test_a_compressed_archive_may_be_a_bomb(tmp_path: Path) -> None:
    path = zip_of(tmp_path, tensor_pickle(0, (2,), (1,)), NUMBERS, deflate=True)
    with pytest.raises(InputError, match="compressed"):
        read_weights(path, "model_pos")


@BOTH_FORMS
def test_a_file_cut_short_anywhere(tmp_path: Path, zipped: bool) -> None:
    whole = save(tmp_path / "a.bin", {"model_pos": weights()}, zipped=zipped).read_bytes()
    short = tmp_path / "short.bin"
    for length in range(0, len(whole) - 1, 7):
        short.write_bytes(whole[:length])
        with pytest.raises(InputError, match=r"short\.bin cannot be read"):
            read_weights(short, "model_pos")


def test_noise_is_no_checkpoint(tmp_path: Path) -> None:
    path = tmp_path / "noise.bin"
    for seed in range(200):
        path.write_bytes(np.random.default_rng(seed).bytes(300))
        with pytest.raises(InputError, match=r"noise\.bin"):
            read_weights(path, "model_pos")


def test_what_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="No such file"):
        read_weights(tmp_path / "none.bin", "model_pos")
    path = save(tmp_path / "other.bin", {"model": weights()}, zipped=True)
    with pytest.raises(InputError, match="no weights under model_pos"):
        read_weights(path, "model_pos")
    path = save(tmp_path / "list.bin", [1, 2], zipped=True)
    with pytest.raises(InputError, match="no weights under model_pos"):
        read_weights(path, "model_pos")

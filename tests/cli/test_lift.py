"""`coach lift` and `coach engines import`: files in, files and names out."""

import hashlib
import pickle
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import structlog
from numpy.typing import NDArray
from support.paper_network import random_state
from support.stick_figure import ARMS_OUT, ARMS_UP, Limbs, track_of

from coach_server.cli import app
from coach_server.inference.videopose.folding import folded
from coach_server.inference.videopose.streaming_graph import streaming_model
from coach_server.library.track_file import save_track

pytestmark = pytest.mark.unit

NAME = "tiny"
RECIPE = """
name = "tiny"
role = "lifter"
family = "videopose3d"
summary = "random weights"
licence = "Apache-2.0"
copyright = "nobody"

[weights]
file = "tiny.onnx"
size = {size}
sha256 = "{sha256}"

[network]
encoding = "box"
widths = [3, 3]
channels = 16
causal = true
spread = true
"""


@pytest.fixture(autouse=True)
def own_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("COACH_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("COACH_CACHE", str(tmp_path / "cache"))
    monkeypatch.chdir(tmp_path)
    yield
    structlog.reset_defaults()  # the command line sends logs to a stderr that is gone by now


@pytest.fixture
def lifter(tmp_path: Path) -> str:
    """A causal lifter with random weights, as though it had been imported; its name."""
    state = random_state((3, 3), 16, 88, 102)
    model = streaming_model(folded(state, causal=True), NAME)
    folder = tmp_path / "cache" / "imported"
    folder.mkdir(parents=True)
    (folder / "tiny.onnx").write_bytes(model)
    recipe = RECIPE.format(size=len(model), sha256=hashlib.sha256(model).hexdigest())
    (folder / "tiny.toml").write_text(recipe)
    return NAME


def coach(monkeypatch: pytest.MonkeyPatch, *arguments: object) -> int:
    """Run the command line in this process; gives the exit code."""
    monkeypatch.setattr(sys, "argv", ["coach", *map(str, arguments)])
    with pytest.raises(SystemExit) as ended:
        app.main()
    assert isinstance(ended.value.code, int)
    return ended.value.code


def track(path: Path) -> Path:
    """Keypoints of a figure that moves, among other keys."""
    poses: list[tuple[Limbs, float, float]] = [(ARMS_OUT, 0.0, 1.0), (ARMS_UP, 1.0, 2.0)]
    save_track(track_of(poses), path)
    return path


def rows(path: Path) -> dict[str, NDArray[Any]]:
    with np.load(path, allow_pickle=False) as file:
        return {name: file[name] for name in file.files}


def write(path: Path, arrays: dict[str, Any]) -> None:
    np.savez(path, allow_pickle=True, **arrays)


def test_a_track_is_lifted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, lifter: str) -> None:
    source = track(tmp_path / "track.npz")
    assert coach(monkeypatch, "lift", source, "--out", "j.npz", "--lifter", lifter) == 0
    lifted = rows(tmp_path / "j.npz")
    count = len(rows(source)["keypoints"])
    assert set(lifted) == {"joints", "joints_sigma"}
    assert lifted["joints"].shape == lifted["joints_sigma"].shape == (count, 17, 3)
    assert np.isfinite(lifted["joints"]).all()
    assert not lifted["joints"][:, 0].any()
    assert (lifted["joints_sigma"][:, 1:] > 0).all()


def test_a_row_depends_on_no_later_row(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, lifter: str
) -> None:
    whole = rows(track(tmp_path / "track.npz"))
    half = {name: whole[name][:20] for name in ("keypoints", "depth")}
    write(tmp_path / "half.npz", whole | half)
    for name in ("track", "half"):
        out = f"{name}-joints.npz"
        assert coach(monkeypatch, "lift", f"{name}.npz", "--out", out, "--lifter", lifter) == 0
    all_rows, first = rows(tmp_path / "track-joints.npz"), rows(tmp_path / "half-joints.npz")
    np.testing.assert_array_equal(all_rows["joints"][:20], first["joints"])


def test_rows_without_a_person_are_left_empty_and_leave_no_ghosts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, lifter: str
) -> None:
    keypoints = rows(track(tmp_path / "track.npz"))["keypoints"][:30]
    alone = {"image_size": (640, 480), "fps": 30.0}
    write(tmp_path / "second.npz", {"keypoints": keypoints[20:], **alone})
    keypoints[5:15] = 0
    keypoints[15:20] = np.nan
    write(tmp_path / "gap.npz", {"keypoints": keypoints, **alone})
    for name in ("gap", "second"):
        out = f"{name}-joints.npz"
        assert coach(monkeypatch, "lift", f"{name}.npz", "--out", out, "--lifter", lifter) == 0
    joints = rows(tmp_path / "gap-joints.npz")["joints"]
    assert np.isnan(joints[5:20]).all()
    assert np.isfinite(joints[:5]).all()
    second = rows(tmp_path / "second-joints.npz")["joints"]
    np.testing.assert_allclose(joints[20:], second, atol=1e-6)


def test_the_world_lifter_says_that_it_needs_more(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    source = track(tmp_path / "track.npz")
    code = coach(monkeypatch, "lift", source, "--out", "j.npz", "--lifter", "blazepose-world")
    assert code == 2
    assert "needs a keypoint detector that estimates 3D" in capsys.readouterr().err
    assert not (tmp_path / "j.npz").exists()


GOOD = {"keypoints": np.ones((4, 17, 3)), "image_size": (640, 480), "fps": 30.0}


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"keypoints": np.ones((4, 17, 2))}, "keypoints has shape (4, 17, 2)"),
        ({"keypoints": np.ones(17)}, "keypoints has shape"),
        ({"depth": np.ones((3, 17))}, "depth has shape (3, 17)"),
        ({"image_size": (640,)}, "image_size"),
        ({"image_size": (640, 0)}, "image_size"),
        ({"image_size": (np.nan, 480)}, "image_size"),
        ({"fps": 0.0}, "fps"),
        ({"fps": np.inf}, "fps"),
        ({"fps": np.zeros(3)}, "fps"),
        ({"keypoints": np.array(["x"])}, "cannot be read as keypoints"),
        ({"keypoints": np.array([{}], dtype=object)}, "cannot be read as keypoints"),
    ],
)
def test_keypoints_that_make_no_sense(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    lifter: str,
    change: dict[str, object],
    said: str,
) -> None:
    write(tmp_path / "k.npz", GOOD | change)
    assert coach(monkeypatch, "lift", "k.npz", "--out", "j.npz", "--lifter", lifter) == 2
    error = " ".join(capsys.readouterr().err.split())
    assert said in error
    assert "Give an .npz with keypoints" in error


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 cut short", b"\x93NUMPY", None])
def test_files_that_are_none(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    content: bytes | None,
) -> None:
    if content is not None:
        (tmp_path / "k.npz").write_bytes(content)
    assert coach(monkeypatch, "lift", "k.npz", "--out", "j.npz") == 2
    assert "k.npz cannot be read as keypoints" in capsys.readouterr().err


def test_what_is_not_a_checkpoint_is_not_imported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "a.bin").write_bytes(pickle.dumps({"model_pos": {}}))
    assert coach(monkeypatch, "engines", "import", "a.bin") == 2
    assert "a.bin cannot be read as a checkpoint" in capsys.readouterr().err


def test_a_checkpoint_is_imported_and_lifts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    torch = pytest.importorskip("torch", reason="the train extra is not installed")
    state = {n: torch.from_numpy(a) for n, a in random_state((3, 3), 8, 34, 51).items()}
    torch.save({"model_pos": state}, tmp_path / "weights.bin")
    assert coach(monkeypatch, "engines", "import", "weights.bin", "--widths", "3,3") == 0
    said = capsys.readouterr()
    name = said.out.splitlines()[-1]
    assert "caveat: It was trained to see 4 frames" in said.err
    source = track(tmp_path / "track.npz")
    assert coach(monkeypatch, "lift", source, "--out", "j.npz", "--lifter", name) == 0
    lifted = rows(tmp_path / "j.npz")
    assert np.isfinite(lifted["joints"]).all()
    assert np.isnan(lifted["joints_sigma"]).all()


@pytest.mark.parametrize("widths", ["3,4x", "3,3,3"])
def test_widths_that_do_not_fit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, widths: str
) -> None:
    torch = pytest.importorskip("torch", reason="the train extra is not installed")
    state = {n: torch.from_numpy(a) for n, a in random_state((3, 3), 8, 34, 51).items()}
    torch.save({"model_pos": state}, tmp_path / "weights.bin")
    assert coach(monkeypatch, "engines", "import", "weights.bin", "--widths", widths) == 2

"""Makes a lifter of a checkpoint that the authors of VideoPose3D published, or their code wrote."""

import re
from pathlib import Path
from typing import Final

from coach_server.errors import EngineError, InputError
from coach_server.inference.checkpoints.torch_file import read_weights
from coach_server.inference.imported import Imported, keep_imported
from coach_server.inference.videopose.architecture import Architecture
from coach_server.inference.videopose.encoding import Encoding
from coach_server.inference.videopose.folding import folded
from coach_server.inference.videopose.streaming_graph import streaming_model
from coach_server.inference.videopose.time_grid import FPS

STATE: Final = "model_pos"
"""Where the authors' code keeps the weights of the network that we run."""


def import_checkpoint(
    cache: Path, checkpoint: Path, *, widths: tuple[int, ...] | None = None, causal: bool = False
) -> Imported:
    """Make a lifter of a checkpoint and keep it in `cache`; the same one again changes nothing.

    Args:
        cache: the cache folder of the settings.
        checkpoint: a file of VideoPose3D's, with a state dictionary under `model_pos`.
        widths: filter widths that it is to have; None takes those that its weights have.
        causal: whether it was trained with `--causal`.

    Raises:
        InputError: the file is no checkpoint, or asks for code to be executed.
        EngineError: the weights are of another network, or cannot be kept.
    """
    network = folded(read_weights(checkpoint, STATE), causal=causal)
    architecture = network.architecture
    if widths is not None and widths != architecture.widths:
        raise EngineError(
            f"the filter widths in {checkpoint.name} are {_listed(architecture.widths)}, "
            f"not {_listed(widths)}",
            hint="leave --widths away: the weights say them",
        )
    if architecture.inputs != Encoding.PICTURE.features or architecture.spread:
        raise EngineError(
            f"{checkpoint.name} takes {architecture.inputs} numbers a frame and gives "
            f"{architecture.outputs}, where 17 joints in and out are {Encoding.PICTURE.features} "
            "and 51",
            hint="give a checkpoint that was trained on 17 keypoints in COCO's order",
        )
    model = streaming_model(network, "videopose3d")
    recipe = (
        _RECIPE.replace("ENCODING", Encoding.PICTURE.value)
        .replace("WIDTHS", str(list(architecture.widths)))
        .replace("CHANNELS", str(architecture.channels))
        .replace("CAUSAL", str(causal).lower())
    )
    name = keep_imported(cache, checkpoint, "onnx", model, recipe)
    return Imported(name, tuple(_caveats(architecture)))


def _caveats(architecture: Architecture) -> list[str]:
    ahead = architecture.look_ahead
    blind = (
        f"It was trained to see {ahead} frames ({ahead / FPS:.1f} s) of the future, which a live "
        "coach has not: the newest frame stands in for them, and poses are worse than published."
    )
    return [*([blind] if ahead else []), _KEYPOINTS, _LICENCE]


def parsed_widths(text: str) -> tuple[int, ...]:
    """Filter widths from text such as `3,3,3`.

    Raises:
        InputError: it is something else.
    """
    if not re.fullmatch(r"\d{1,3}(,\d{1,3})*", text):
        raise InputError(
            f"{text!r} are no filter widths.", hint="Give them as 3,3,3,3,3.", code="bad_widths"
        )
    return tuple(int(width) for width in text.split(","))


def _listed(widths: tuple[int, ...]) -> str:
    return ",".join(map(str, widths))


_KEYPOINTS: Final = (
    "It must have been trained on COCO's keypoints in their order, as "
    "pretrained_h36m_detectron_coco was: nothing in the file says so. It says no spread, and its "
    "angles may be far off where its detector and yours differ."
)
_LICENCE: Final = "The authors' checkpoints are under CC BY-NC 4.0: not for commercial use."
_RECIPE: Final = """\
name = "{name}"
role = "lifter"
family = "videopose3d"
summary = "An imported checkpoint of VideoPose3D; says no spread"
licence = "CC-BY-NC-4.0"
copyright = "its authors"

[weights]
file = "{file}"
size = {size}
sha256 = "{sha256}"

[network]
encoding = "ENCODING" # x and y in the picture, as the authors normalise them
widths = WIDTHS
channels = CHANNELS
causal = CAUSAL
spread = false
"""

"""A trained network as an engine: `engines/<name>.onnx` and its recipe."""

import hashlib
from pathlib import Path
from typing import Final

from coach_server.body.keypoints import FloatArray
from coach_server.errors import InputError
from coach_server.files import write_whole
from coach_server.inference.videopose.encoding import Encoding
from coach_server.inference.videopose.folding import folded
from coach_server.inference.videopose.streaming_graph import streaming_model
from scripts.lifter.network import VideoPose

SUMMARY: Final = "Causal VideoPose3D, trained on people seen by the default keypoint engine"


def export(
    network: VideoPose, encoding: Encoding, name: str, folder: Path, corrections: FloatArray
) -> Path:
    """Write the streaming form of a network and the recipe that names it.

    Args:
        network: trained.
        encoding: that it was trained on.
        name: of the engine.
        folder: where engines lie.
        corrections: (17, 3) logarithms of what its spreads are multiplied with
            (`evaluation.spread_corrections`).

    Returns:
        The recipe's path.

    Raises:
        InputError: the folder cannot be written.
    """
    architecture = network.architecture
    state = {key: tensor.numpy().copy() for key, tensor in network.state_dict().items()}
    state["shrink.bias"][-corrections.size :] += corrections.ravel()
    model = streaming_model(folded(state, causal=architecture.causal), name)
    recipe = _RECIPE.format(
        name=name,
        summary=SUMMARY,
        size=len(model),
        sha256=hashlib.sha256(model).hexdigest(),
        encoding=encoding.value,
        widths=list(architecture.widths),
        channels=architecture.channels,
        causal=str(architecture.causal).lower(),
        spread=str(architecture.spread).lower(),
    )
    try:
        write_whole(folder / f"{name}.onnx", model)
        write_whole(folder / f"{name}.toml", recipe.encode())
    except OSError as error:
        raise InputError(f"{folder} cannot be written: {error.strerror}.") from error
    return folder / f"{name}.toml"


_RECIPE: Final = """\
name = "{name}"
role = "lifter"
family = "videopose3d"
summary = "{summary}"
licence = "Apache-2.0"
copyright = "The coach-server authors"

[weights]
file = "{name}.onnx"
size = {size}
sha256 = "{sha256}"

[network]
encoding = "{encoding}"
widths = {widths}
channels = {channels}
causal = {causal}
spread = {spread}
mirrored = true
"""

"""A checkpoint of a training as an engine: `engines/<name>.onnx` and its recipe."""

import hashlib
from pathlib import Path
from typing import Any, Final

from coach_server.errors import InputError
from coach_server.files import write_whole
from coach_server.inference.videopose.folding import folded
from coach_server.inference.videopose.streaming_graph import streaming_model

SUMMARY: Final = "Causal VideoPose3D, trained on people seen by the default keypoint engine"


def export(checkpoint: dict[str, Any], name: str, folder: Path, summary: str = SUMMARY) -> Path:
    """Write the streaming form of a network and the recipe that names it.

    Args:
        checkpoint: as `loop.read_checkpoint` reads it.
        name: of the engine.
        folder: where engines lie.
        summary: one line for people.

    Returns:
        The recipe's path.

    Raises:
        InputError: the folder cannot be written.
    """
    state = {key: tensor.numpy() for key, tensor in checkpoint["network"].items()}
    network = folded(state, causal=True)
    model = streaming_model(network, name)
    recipe = _RECIPE.format(
        name=name,
        summary=summary,
        size=len(model),
        sha256=hashlib.sha256(model).hexdigest(),
        encoding=checkpoint["plan"]["encoding"],
        widths=list(network.architecture.widths),
        channels=network.architecture.channels,
        spread=str(network.architecture.spread).lower(),
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
causal = true
spread = {spread}
"""

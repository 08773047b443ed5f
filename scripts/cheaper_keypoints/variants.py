"""BlazePose as it is, in eight bits (onnxruntime's static quantisation), still frames left out.

And BlazePose as it is of what other pages send: a smaller picture, twice the frames.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from coach_server.body.keypoints import FloatArray
from coach_server.inference.blazepose.landmarks import INPUT
from coach_server.inference.blazepose.maker import BlazePoseMaker
from coach_server.inference.cache import EngineCache
from coach_server.inference.onnx_runtime import load_model
from coach_server.inference.protocols import KeypointDetector
from coach_server.inference.pull import pull
from coach_server.inference.recipe import Recipes
from coach_server.inference.runtime import LoadedModel, Runs, Shapes
from coach_server.inference.still_frames import StillFrames
from coach_server.library.demo import demo_folder
from coach_server.sessions.load import LADDER, Camera
from coach_server.video.pixels import PictureMaker
from coach_server.video.reader import FilmReader

FULL: Final = "blazepose-full"
LITE: Final = "blazepose-lite"
INT8: Final = " int8"
STILL: Final = " still frames left out"
SMALLER: Final = " smaller picture"
OFTEN: Final = " twice the frames"
USUAL: Final = LADDER[2]
"""What is sent of a film: its own picture, as many frames a second as the studio's sets have."""
_SENT: Final = {SMALLER: LADDER[3], OFTEN: LADDER[0]}
VARIANTS: Final = (
    *(FULL, LITE, FULL + INT8, LITE + INT8, FULL + STILL, LITE + STILL),
    *(FULL + SMALLER, FULL + OFTEN),
)
CALIBRATED_ON: Final = 120
"""Crops of the demo's instructor."""
_EVERY: Final = 20


def camera(variant: str) -> Camera:
    """What the page sends of a film: a rung of what pages are asked for under load."""
    return next((sent for of, sent in _SENT.items() if variant.endswith(of)), USUAL)


def of_instructor(variant: str) -> str:
    """Who reads an instructor's film: no page sends it, and no frame of it is left out."""
    for of in (STILL, *_SENT):
        variant = variant.removesuffix(of)
    return variant


def new_detector(variant: str, cache: Path) -> KeypointDetector:
    """A detector that has seen nothing yet, alone as who reads a film."""
    if variant.endswith(STILL):
        return StillFrames(new_detector(variant.removesuffix(STILL), cache))
    variant = of_instructor(variant)
    name = variant.removesuffix(INT8)
    chosen = Recipes.known(cache).with_needs(name)
    contents = pull(chosen, EngineCache(cache))
    search, landmarks = (load_model(contents[one.name], one.name, "cpu") for one in chosen)
    if variant.endswith(INT8):
        path = cache / "studio" / "cheaper" / f"{name}-int8.onnx"
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            _quantise(contents[name], search, landmarks, path)
        landmarks = load_model(path.read_bytes(), variant, "cpu")
    return BlazePoseMaker(variant, variant, search, landmarks, shared=False).new()


class _Listening:
    """A model whose inputs are kept."""

    def __init__(self, model: LoadedModel) -> None:
        self._model = model
        self.device, self.provider = model.device, model.provider
        self.seen: list[FloatArray] = []

    def runner(self, inputs: Shapes, outputs: Shapes) -> Runs:
        runner, seen = self._model.runner(inputs, outputs), self.seen

        class Kept:
            inputs, outputs = runner.inputs, runner.outputs

            def run(self) -> None:
                seen.append(runner.inputs["image"].copy())
                runner.run()

        return Kept()


def _quantise(model: bytes, search: LoadedModel, landmarks: LoadedModel, path: Path) -> None:
    """Write the model in eight bits: activations unsigned, weights signed, a scale a channel."""
    from onnxruntime import quantization

    listening = _Listening(landmarks)
    detector = BlazePoseMaker("", "", search, listening, shared=False).new()
    maker = PictureMaker()
    with FilmReader(demo_folder() / "video.mp4") as film:
        for i, shown in enumerate(film):
            if i % _EVERY < 2:  # the second of a pair is followed, as live
                detector.detect(maker.rgbx(shown.frame))
    shown_crops = listening.seen[1::2][:CALIBRATED_ON]
    source = path.with_suffix(".float.onnx")
    source.write_bytes(model)
    partial = path.with_suffix(".partial")
    quantization.quantize_static(
        source,
        partial,
        _Crops(shown_crops),
        quant_format=quantization.QuantFormat.QDQ,
        activation_type=quantization.QuantType.QUInt8,
        weight_type=quantization.QuantType.QInt8,
        per_channel=True,
    )
    source.unlink()
    partial.replace(path)


class _Crops:
    """As onnxruntime's `CalibrationDataReader`."""

    def __init__(self, crops: Sequence[FloatArray]) -> None:
        self._left = iter(crops)

    def get_next(self) -> dict[str, Any] | None:
        crop = next(self._left, None)
        return None if crop is None else {"image": crop.reshape(1, INPUT, INPUT, 3)}

    def set_range(self, start_index: int, end_index: int) -> None:
        """It is not read in ranges."""

    def __iter__(self) -> "_Crops":
        return self

    def __next__(self) -> dict[str, Any]:
        crop = self.get_next()
        if crop is None:
            raise StopIteration
        return crop

    def __len__(self) -> int:
        return CALIBRATED_ON

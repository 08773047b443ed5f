"""Each TensorFlow Lite operator that pose networks use, as ONNX nodes.

TensorFlow Lite keeps channels last (NHWC), ONNX wants them second (NCHW). Activations stay NCHW
from the first node on; a tensor is turned back only where its memory order shows: in a reshape and
at an output.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias

import numpy as np
import tflite
from numpy.typing import NDArray

from coach_server.errors import EngineError
from coach_server.inference.onnx_writer import OnnxWriter
from coach_server.inference.tflite.schema import Graph, Operator

_NCHW_AXIS: Final = (0, 2, 3, 1)
"""Where each NHWC axis lies in NCHW; as a permutation it turns NCHW into NHWC."""
_TO_NCHW: Final = (0, 3, 1, 2)


@dataclass(slots=True)
class Conversion:
    """A graph on its way from TensorFlow Lite to ONNX.

    Attributes:
        graph: the source.
        writer: the target.
        names: ONNX name of each converted tensor.
        channels_second: tensors that are NCHW in ONNX; the others keep their source order.
        constants: values of tensors that are known without running the graph.
    """

    graph: Graph
    writer: OnnxWriter
    names: dict[int, str] = field(default_factory=dict)
    channels_second: set[int] = field(default_factory=set)
    constants: dict[int, NDArray[Any]] = field(default_factory=dict)

    def shape(self, tensor: int) -> tuple[int, ...]:
        """Shape in the source's order."""
        return self.graph.tensors[tensor].shape

    def constant(self, tensor: int) -> NDArray[Any] | None:
        """Values of a constant tensor, None for an activation."""
        return self.constants.get(tensor, self.graph.tensors[tensor].data)

    def weights(self, tensor: int) -> NDArray[np.float32]:
        """Values of a tensor that must be constant, in single precision."""
        values = self.constant(tensor)
        if values is None:
            raise EngineError("the model computes its weights, which cannot be converted")
        return values.astype(np.float32)

    def activation(self, tensor: int) -> str:
        """ONNX name of a tensor as the nodes want it; a constant is written out."""
        if tensor in self.names:
            return self.names[tensor]
        values = self.weights(tensor)
        if values.ndim == 1:  # one value a channel
            values = values.reshape(1, -1, 1, 1)
        elif values.ndim == 4:
            values = values.transpose(_TO_NCHW)
        return self.writer.constant(values)

    def channels_last(self, tensor: int) -> str:
        """ONNX name of a tensor in the source's order."""
        if tensor in self.channels_second:
            return self.writer.node("Transpose", [self.names[tensor]], perm=_NCHW_AXIS)
        return self.names[tensor]

    def emit(self, tensor: int, name: str, *, channels_second: bool = True) -> None:
        """Say what `tensor` became."""
        self.names[tensor] = name
        if channels_second:
            self.channels_second.add(tensor)

    def fused(self, name: str, function: int) -> str:
        """`name` after the activation function that the source fuses into an operator."""
        kinds = tflite.ActivationFunctionType
        if function == kinds.NONE:
            return name
        if function == kinds.RELU:
            return self.writer.node("Relu", [name])
        if function == kinds.RELU6:
            bounds = [self.writer.constant(np.array(bound, np.float32)) for bound in (0, 6)]
            return self.writer.node("Clip", [name, *bounds])
        raise EngineError(f"the model's activation function {function} cannot be converted")


def _same_pads(
    size: tuple[int, ...],
    kernel: tuple[int, int],
    stride: tuple[int, int],
    dilation: tuple[int, int],
) -> list[int]:
    """ONNX pads of TensorFlow's SAME padding: the odd pixel goes after."""
    before, after = [], []
    for n, k, s, d in zip(size, kernel, stride, dilation, strict=True):
        total = max((math.ceil(n / s) - 1) * s + (k - 1) * d + 1 - n, 0)
        before.append(total // 2)
        after.append(total - total // 2)
    return before + after


def _convolution(c: Conversion, op: Operator) -> None:
    depthwise = op.kind == "DEPTHWISE_CONV_2D"
    options = op.options(tflite.DepthwiseConv2DOptions if depthwise else tflite.Conv2DOptions)
    source, kernel = op.inputs[0], c.weights(op.inputs[1])
    size, stride = kernel.shape[1:3], (options.StrideH(), options.StrideW())
    dilation = (options.DilationHFactor(), options.DilationWFactor())
    channels = c.shape(source)[3]
    inputs = [
        c.activation(source),
        c.writer.constant(kernel.transpose((3, 0, 1, 2) if depthwise else _TO_NCHW)),
    ]
    if len(op.inputs) > 2 and op.inputs[2] >= 0:
        inputs.append(c.writer.constant(c.weights(op.inputs[2])))
    valid = options.Padding() == tflite.Padding.VALID
    name = c.writer.node(
        "Conv",
        inputs,
        kernel_shape=size,
        strides=stride,
        dilations=dilation,
        group=channels if depthwise else channels // kernel.shape[3],
        pads=[0] * 4 if valid else _same_pads(c.shape(source)[1:3], size, stride, dilation),
    )
    c.emit(op.outputs[0], c.fused(name, options.FusedActivationFunction()))


def _add(c: Conversion, op: Operator) -> None:
    options = op.options(tflite.AddOptions)
    name = c.writer.node("Add", [c.activation(tensor) for tensor in op.inputs])
    c.emit(op.outputs[0], c.fused(name, options.FusedActivationFunction()))


def _max_pool(c: Conversion, op: Operator) -> None:
    options = op.options(tflite.Pool2DOptions)
    source = op.inputs[0]
    size = (options.FilterHeight(), options.FilterWidth())
    stride = (options.StrideH(), options.StrideW())
    valid = options.Padding() == tflite.Padding.VALID
    name = c.writer.node(
        "MaxPool",
        [c.activation(source)],
        kernel_shape=size,
        strides=stride,
        pads=[0] * 4 if valid else _same_pads(c.shape(source)[1:3], size, stride, (1, 1)),
    )
    c.emit(op.outputs[0], c.fused(name, options.FusedActivationFunction()))


def _pad(c: Conversion, op: Operator) -> None:
    margins = c.constant(op.inputs[1])
    if margins is None or margins.shape != (4, 2):
        raise EngineError("the model pads by an amount that cannot be converted")
    pads = margins[list(_TO_NCHW)].T.ravel().astype(np.int64)
    name = c.writer.node("Pad", [c.activation(op.inputs[0]), c.writer.constant(pads)])
    c.emit(op.outputs[0], name)


def _resize_bilinear(c: Conversion, op: Operator) -> None:
    options = op.options(tflite.ResizeBilinearOptions)
    before, after = c.shape(op.inputs[0]), c.shape(op.outputs[0])
    if options.AlignCorners():
        corners = "align_corners"
    else:
        corners = "half_pixel" if options.HalfPixelCenters() else "asymmetric"
    scales = np.array([1, 1, after[1] / before[1], after[2] / before[2]], np.float32)
    name = c.writer.node(
        "Resize",
        [c.activation(op.inputs[0]), "", c.writer.constant(scales)],
        mode="linear",
        coordinate_transformation_mode=corners,
    )
    c.emit(op.outputs[0], name)


def _depth_to_space(c: Conversion, op: Operator) -> None:
    block = op.options(tflite.DepthToSpaceOptions).BlockSize()
    name = c.writer.node("DepthToSpace", [c.activation(op.inputs[0])], blocksize=block, mode="DCR")
    c.emit(op.outputs[0], name)


def _reshape(c: Conversion, op: Operator) -> None:
    # 0 copies the source's dimension: the batch stays free.
    shape = np.array([0, *c.shape(op.outputs[0])[1:]], np.int64)
    name = c.writer.node("Reshape", [c.channels_last(op.inputs[0]), c.writer.constant(shape)])
    c.emit(op.outputs[0], name, channels_second=False)


def _concatenation(c: Conversion, op: Operator) -> None:
    axis = op.options(tflite.ConcatenationOptions).Axis() % len(c.shape(op.outputs[0]))
    turned = all(tensor in c.channels_second for tensor in op.inputs)
    names = [c.names[t] if turned else c.channels_last(t) for t in op.inputs]
    name = c.writer.node("Concat", names, axis=_TO_NCHW.index(axis) if turned else axis)
    c.emit(op.outputs[0], name, channels_second=turned)


def _logistic(c: Conversion, op: Operator) -> None:
    source = op.inputs[0]
    name = c.writer.node("Sigmoid", [c.names[source]])
    c.emit(op.outputs[0], name, channels_second=source in c.channels_second)


def _constant_only(c: Conversion, op: Operator) -> None:
    """DENSIFY and DEQUANTIZE of weights: reading has densified, writing casts to float32."""
    c.constants[op.outputs[0]] = c.weights(op.inputs[0])


Converter: TypeAlias = Callable[[Conversion, Operator], None]

CONVERTERS: Final[Mapping[str, Converter]] = {
    "ADD": _add,
    "CONCATENATION": _concatenation,
    "CONV_2D": _convolution,
    "DENSIFY": _constant_only,
    "DEPTHWISE_CONV_2D": _convolution,
    "DEPTH_TO_SPACE": _depth_to_space,
    "DEQUANTIZE": _constant_only,
    "LOGISTIC": _logistic,
    "MAX_POOL_2D": _max_pool,
    "PAD": _pad,
    "RESHAPE": _reshape,
    "RESIZE_BILINEAR": _resize_bilinear,
}
"""Operators by their name in TensorFlow Lite's schema."""

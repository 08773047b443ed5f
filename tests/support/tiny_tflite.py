"""A TensorFlow Lite model of one operator, small enough to be made in a test."""

from collections.abc import Callable

import flatbuffers
import tflite


def tiny_tflite(operator: int = tflite.BuiltinOperator.LOGISTIC, name: str = "x") -> bytes:
    """One `operator` without options from input `name` to output `y`, both (1, 2, 2, 3)."""
    b = flatbuffers.Builder(1024)

    def vector(items: list[int], start: Callable[..., object]) -> int:
        start(b, len(items))
        for item in reversed(items):
            b.PrependInt32(item)
        return int(b.EndVector())

    def offsets(items: list[int], start: Callable[..., object]) -> int:
        start(b, len(items))
        for item in reversed(items):
            b.PrependUOffsetTRelative(item)
        return int(b.EndVector())

    def tensor(label: str) -> int:
        text = b.CreateString(label)
        shape = vector([1, 2, 2, 3], tflite.TensorStartShapeVector)
        tflite.TensorStart(b)
        tflite.TensorAddShape(b, shape)
        tflite.TensorAddType(b, tflite.TensorType.FLOAT32)
        tflite.TensorAddBuffer(b, 0)
        tflite.TensorAddName(b, text)
        return int(tflite.TensorEnd(b))

    tensors = offsets([tensor(name), tensor("y")], tflite.SubGraphStartTensorsVector)
    inputs = vector([0], tflite.OperatorStartInputsVector)
    outputs = vector([1], tflite.OperatorStartOutputsVector)
    tflite.OperatorStart(b)
    tflite.OperatorAddOpcodeIndex(b, 0)
    tflite.OperatorAddInputs(b, inputs)
    tflite.OperatorAddOutputs(b, outputs)
    operators = offsets([tflite.OperatorEnd(b)], tflite.SubGraphStartOperatorsVector)
    graph_inputs = vector([0], tflite.SubGraphStartInputsVector)
    graph_outputs = vector([1], tflite.SubGraphStartOutputsVector)
    tflite.SubGraphStart(b)
    tflite.SubGraphAddTensors(b, tensors)
    tflite.SubGraphAddInputs(b, graph_inputs)
    tflite.SubGraphAddOutputs(b, graph_outputs)
    tflite.SubGraphAddOperators(b, operators)
    graphs = offsets([tflite.SubGraphEnd(b)], tflite.ModelStartSubgraphsVector)
    tflite.OperatorCodeStart(b)
    tflite.OperatorCodeAddDeprecatedBuiltinCode(b, operator)  # where codes below 127 go
    codes = offsets([tflite.OperatorCodeEnd(b)], tflite.ModelStartOperatorCodesVector)
    tflite.BufferStart(b)
    buffers = offsets([tflite.BufferEnd(b)], tflite.ModelStartBuffersVector)
    tflite.ModelStart(b)
    tflite.ModelAddVersion(b, 3)
    tflite.ModelAddOperatorCodes(b, codes)
    tflite.ModelAddSubgraphs(b, graphs)
    tflite.ModelAddBuffers(b, buffers)
    b.Finish(tflite.ModelEnd(b), b"TFL3")
    return bytes(b.Output())

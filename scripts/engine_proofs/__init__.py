"""Proof, on a machine without a GPU, that every engine graph becomes a TensorRT plan.

1. The compiler takes the whole graph as one engine, nothing of it left to torch.
2. A real plan is built, through torch-tensorrt's own converters. Level 1 alone is not enough: it
   has passed graphs for which no network could be built.
3. A real plan is built from ONNX by TensorRT's own parser: of the graph as torch writes it, and of
   the lifter's model that the CPU runs.

What these cannot show is that a plan computes the right numbers, and how fast: that takes a GPU, on
which `engines build` measures both. Plans are those of TensorRT for RTX, whose builder runs without
a GPU and for which torch-tensorrt has the same converters as for TensorRT proper.
"""

"""TensorRT by way of torch-tensorrt: plans for one GPU are built, kept, and run.

`plan` knows no torch; `compiling` is the one module that imports torch_tensorrt.
"""

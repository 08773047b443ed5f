"""Every network as a torch module of static shapes, for torch-tensorrt to compile.

The only torch in the package beside `tensorrt`; the base install has none, so nothing here is
imported before an engine for the GPU is asked for.
"""

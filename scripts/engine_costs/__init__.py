"""The paper model of the engines: operations, bytes, and the floors that follow on known GPUs.

    python -m scripts.engine_costs [--json FILE]

Counted from the very graphs that are compiled. A floor is what no program beats; how near one comes
is taken from published figures of others. Nothing here was timed on a GPU.
"""

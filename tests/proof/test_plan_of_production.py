"""What `engines build` calls, in the environment of `engines check`: options that are known, a plan
whose bindings are float32 and have their names."""

import json
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

# Not imported here: that asks for a GPU, which is faked in a process of its own only.
HERE = pytest.mark.skipif(
    find_spec("torch_tensorrt") is None, reason="torch-tensorrt is there in `engines check` only"
)
pytestmark = [pytest.mark.proof, pytest.mark.timeout(600), HERE]

PROGRAM = """
import dataclasses, inspect, json
from scripts.engine_proofs.fake_device import fake_device

fake_device()
from torch_tensorrt import dynamo
from torch_tensorrt.dynamo._settings import CompilationSettings
from torch_tensorrt.dynamo.runtime import TorchTensorRTModule
from scripts.engine_proofs import levels
from scripts.engine_proofs.cases import Case
from coach_server.inference.tensorrt.compiling import OPTIONS, compile_plan

convert = dynamo.convert_exported_program_to_serialized_trt_engine
found = {
    "options": sorted(OPTIONS),
    "fields": [field.name for field in dataclasses.fields(CompilationSettings)],
    "takes": list(inspect.signature(convert).parameters),
    "runtime": list(inspect.signature(TorchTensorRTModule).parameters),
}
graph = Case("shipped", "lifter", 2, True, "streaming").graph()
with levels._no_loading("SM86"):
    try:
        compile_plan(graph, "cpu")
    except levels._BuiltPlan as plan:
        found["inputs"] = [(n, s, str(d)) for n, s, d in plan.inputs]
        found["outputs"] = [(n, s, str(d)) for n, s, d in plan.outputs]
found["wanted"] = [(n, tuple(t.shape)) for n, t in graph.inputs.items()]
found["gives"] = graph.outputs
print(json.dumps(found))
"""


def test_options_and_bindings() -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    found = json.loads(done.stdout.splitlines()[-1])
    assert set(found["options"]) <= set(found["fields"]), "the compiler would ignore it silently"
    assert set(found["options"]) <= set(found["takes"]), "the compiler would ignore it silently"
    assert {"arg_input_binding_names", "output_binding_names"} <= set(found["takes"])
    assert {"serialized_engine", "input_binding_names", "output_binding_names"} <= set(
        found["runtime"]
    )
    assert [binding[:2] for binding in found["inputs"]] == found["wanted"]
    assert [binding[0] for binding in found["outputs"]] == found["gives"]
    assert {binding[2] for binding in found["inputs"] + found["outputs"]} == {"DataType.FLOAT"}

"""What `coach doctor` says of the GPU: what is there, what keeps engines off it, what was built."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from coach_server.inference.devices import Problem, problems
from coach_server.inference.machine import Machine
from coach_server.inference.recipe import Recipes
from coach_server.inference.tensorrt.plan import Manifest, PlanShelf, Target
from coach_server.settings import Settings


@dataclass(frozen=True, slots=True)
class Finding:
    """One line.

    Attributes:
        verdict: `MEND` where what was asked for cannot run; `note` where something could be better.
        of: what it is about.
        said: what was found, and what mends it.
    """

    verdict: Literal["ok", "note", "MEND"]
    of: str
    said: str


def gpu_findings(settings: Settings, machine: Machine) -> Iterator[Finding]:
    """The GPU, the packages it needs, and the plans built for it.

    Raises:
        EngineError: the folder of plans cannot be read.
    """
    yield from _gpu(settings, machine)
    if machine.packages:
        named = ", ".join(f"{name} {version}" for name, version in machine.packages.items())
        yield Finding("ok", "packages", f"{named}{_cuda_of_torch(machine)}")
    yield from _plans(settings, machine)


def _gpu(settings: Settings, machine: Machine) -> Iterator[Finding]:
    driver = f"driver {machine.driver or 'unknown'}"
    if machine.cuda:
        driver += f", CUDA {machine.cuda[0]}.{machine.cuda[1]}"
    for gpu in machine.gpus:
        yield Finding("ok", "gpu", f"{gpu}, {driver}")
    found = _problems(settings, machine)
    if settings.device == "cuda":
        for problem in found:
            yield Finding("MEND", "gpu", _mended(problem))
    elif settings.device == "cpu":
        if not machine.gpus:
            yield Finding("ok", "gpu", "none is asked for: the device is cpu")
    elif found and not (machine.gpus or machine.cards or machine.driver):
        yield Finding("ok", "gpu", f"{found[0].sentence}, so the CPU is used")
    else:
        for problem in found:
            yield Finding("note", "gpu", _mended(problem))


def _problems(settings: Settings, machine: Machine) -> list[Problem]:
    """Of both engines, each problem once."""
    families = {recipe.name: recipe.family for recipe in Recipes.known(settings.cache).all()}
    asked = [families[name] for name in (settings.keypoints, settings.lifter) if name in families]
    return list(dict.fromkeys(p for family in asked for p in problems(machine, family)))


def _mended(problem: Problem) -> str:
    return f"{problem.sentence}; run: {problem.command}"


def _cuda_of_torch(machine: Machine) -> str:
    if "torch" not in machine.packages:
        return ""
    if machine.torch_cuda is None:
        return "; torch is the CPU build"
    return f"; torch is for CUDA {machine.torch_cuda[0]}.{machine.torch_cuda[1]}"


def _plans(settings: Settings, machine: Machine) -> Iterator[Finding]:
    plans = PlanShelf(settings.cache).all()
    here = Target.of(machine)
    for plan in plans:
        yield _plan(plan, here)
    if not plans and settings.device == "cuda" and machine.gpus:
        yield Finding("note", "plans", "none is built yet; run: coach engines build")


def _plan(plan: Manifest, here: Target) -> Finding:
    key = plan.key
    said = f"{key.graph} in {key.precision} for {key.target.gpu}, {plan.speed_ms:.1f} ms a run"
    if key.target == here:
        return Finding("ok", "plan", said)
    why = "another GPU" if key.target.gpu != here.gpu else "other versions"
    return Finding(
        "note", "plan", f"{said}; it is for {why} than are here; run: coach engines build"
    )

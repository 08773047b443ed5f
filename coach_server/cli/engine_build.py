"""`coach engines build`: from weights to TensorRT plans for this GPU, compared and timed."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from coach_server.cli.console import columns, progress_bar, stderr
from coach_server.cli.options import AsJson
from coach_server.errors import InputError
from coach_server.inference import devices
from coach_server.inference.machine import this_machine
from coach_server.inference.recipe import Recipe, Recipes
from coach_server.inference.tensorrt.plan import Manifest
from coach_server.settings import load_settings

if TYPE_CHECKING:  # it imports torch, which only an installation for a GPU has
    from coach_server.inference.tensorrt.accelerator import Accelerator


def build(
    names: Annotated[
        list[str] | None, typer.Argument(help="models; those of the settings where none is named")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Build TensorRT plans for this GPU, and compare and time them; valid ones are kept.

    A plan that does not answer as the CPU does is refused, with the figures.
    """
    settings = load_settings(device="cuda")  # so that it builds what would be served there
    recipes = Recipes.known(settings.cache)
    wanted = [recipes.get(name) for name in names or (settings.keypoints, settings.lifter)]
    found, machine = planned(wanted), this_machine()
    for recipe in found:
        devices.choose("cuda", recipe.family, machine)
    from coach_server.inference.tensorrt.accelerator import Accelerator

    report(build_all(found, settings.cache, Accelerator.this_gpu()), as_json=as_json)


def planned(recipes: Sequence[Recipe]) -> list[Recipe]:
    """Those of some models that run as plans; of the others it is said that they need none.

    Raises:
        InputError: none of them does.
    """
    found = [r for r in recipes if devices.RUNTIMES.get(r.family) is devices.Runtime.TENSORRT]
    if not found:
        named = ", ".join(recipe.name for recipe in recipes)
        raise InputError(
            f"There is nothing to build of {named}: no TensorRT plan is needed to run it.",
            hint="Name a Keypoint R-CNN or a lifter; `coach engines list` shows them.",
            code="no_plan",
        )
    for recipe in recipes:
        if recipe not in found:
            stderr.print(f"{recipe.name} runs without a plan", markup=False)
    return found


def build_all(
    wanted: Sequence[Recipe],
    cache: Path,
    accelerator: "Accelerator",
) -> list[Manifest]:
    """Every plan of some models, built where it is missing.

    Raises:
        EngineError: weights cannot be had; a plan cannot be built, or is refused. Those before it
            are kept.
    """
    from coach_server.inference.tensorrt.accelerator import plans_of, weights_of

    built = []
    with progress_bar() as progress:
        builder = accelerator.builder(cache, progress)
        for recipe in wanted:
            weights = weights_of(recipe, cache, progress)
            plans = plans_of(recipe, weights, accelerator)
            built += [builder.ready(one) for one in plans.wanted.values()]
    return built


def report(manifests: Sequence[Manifest], *, as_json: bool) -> None:
    """What was built or is there: a table, or the manifests themselves."""
    if as_json:
        typer.echo(json.dumps([manifest.model_dump(mode="json") for manifest in manifests]))
        return
    rows = [("plan", "precision", "size", "a run", "off from the CPU by")]
    for manifest in manifests:
        off = ", ".join(f"{name} {value:.3g}" for name, value in manifest.parity.items())
        size, speed = f"{manifest.size / 1e6:.0f} MB", f"{manifest.speed_ms:.2f} ms"
        rows.append((manifest.key.graph, manifest.key.precision, size, speed, off))
    typer.echo(columns(rows))

"""One target under atheris; the command is `python -m scripts.fuzz`."""

import sys

import atheris  # type: ignore[import-untyped]  # it says no types

with atheris.instrument_imports(include=["coach_server"]):
    from scripts.fuzz.targets import TARGETS


def main() -> None:
    """Fuzz until told to stop, or until a find; libFuzzer ends the process itself."""
    name = sys.argv.pop(1)
    atheris.Setup(sys.argv, TARGETS[name].run)
    atheris.Fuzz()


if __name__ == "__main__":
    main()

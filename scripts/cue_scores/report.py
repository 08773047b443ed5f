"""The figures of `coach bench cues` as markdown, the goals beside them."""

from collections.abc import Callable
from typing import Any, Final, TypeAlias

Figures: TypeAlias = dict[str, Any]

GOALS: Final = {
    "T0": {
        "15": ">= .85",
        "20": ">= .97",
        "30": ">= .99",
        "precision": ">= .97",
        "sign": ">= .995",
        "joint": ">= .99",
        "false": "<= .05",
        "spoken": "<= .05",
        "tf": ">= .90",
        "median": "<= .8",
        "p95": "<= 1.5",
        "lag": "<= 120",
        "found": "3 s",
        "drop": ".03",
        "fixed": ">= .95",
    },
    "T1": {
        "15": ">= .75",
        "20": ">= .92",
        "30": ">= .98",
        "precision": ">= .90",
        "sign": ">= .98",
        "joint": ">= .97",
        "false": "<= .2",
        "spoken": "<= .1",
        "tf": ">= .80",
        "median": "<= 1.0",
        "p95": "<= 2.0",
        "lag": "<= 220",
        "found": "4 s",
        "drop": ".07",
        "fixed": ">= .95",
    },
    "T2": {
        "20": ">= .80",
        "precision": ">= .85",
        "sign": ">= .98",
        "false": "<= .3",
        "spoken": "<= .1",
        "median": "<= 1.2",
        "fixed": ">= .95",
    },
}
NOT_BY_RIVALS: Final = ("spoken", "fixed", "praised", "close")
"""What is the coach's alone: the others neither speak nor praise."""


def markdown(result: Figures) -> str:
    """All tables."""
    parts = [f"cues; set {result['split']}; {result['machine']}"]
    for name, tier in result["tiers"].items():
        others = tier.get("swapped_in", {}) | tier.get("rivals", {})
        parts += [f"### {name}", _main(name, tier, others)]
        if "rows" in tier:
            parts += [_rows(name, tier["rows"]), _controls(name, tier["controls"])]
        if "perfect_by_yaw" in tier:
            parts += [_labels(tier), _aside(tier)]
        cost = tier["cost_ms"]
        parts.append(f"CPU a frame: median {cost['p50']:.2f}, 95 % {cost['p95']:.2f} ms.")
    parts += [f"{name} left out: {why}" for name, why in result["left_out"].items()]
    return "\n\n".join(parts)


def table(head: list[str], rows: list[list[str]]) -> str:
    """A markdown table."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


_MAIN: Final[tuple[tuple[str, str, Callable[[Figures], str]], ...]] = (
    ("15", "recall at 15 degrees", lambda f: shown(f["recall"].get("15"))),
    ("20", "recall at 20 degrees", lambda f: shown(f["recall"].get("20"))),
    ("30", "recall at 30 degrees", lambda f: shown(f["recall"].get("30"))),
    ("precision", "precision", lambda f: shown(f["precision"])),
    ("sign", "sign right", lambda f: shown(f["sign_right"])),
    ("joint", "joint and side right", lambda f: shown(f["joint_and_side_right"])),
    ("false", "false a minute, perfect student", lambda f: shown(f["perfect"]["false_per_min"])),
    ("spoken", "of which spoken", lambda f: shown(f["perfect"]["false_spoken_per_min"])),
    ("tf", "T-F at 1.5 s", lambda f: number(f["tf"])),
    ("median", "delay, median, s", lambda f: number(f["delay_s"]["median"])),
    ("p95", "delay, 95 %, s", lambda f: number(f["delay_s"]["p95"])),
    ("lag", "lag error in transitions, ms", lambda f: _lag(f.get("following"))),
    ("fixed", "fix acknowledged in 1.5 s", lambda f: shown(f["acknowledged"])),
    ("praised", "praised wrongly", lambda f: shown(f["praised_wrongly"])),
    (
        "close",
        "spoken within 6 s of another",
        lambda f: str(f["spoken_too_close"] + f["perfect"]["spoken_too_close"]),
    ),
)


def _main(name: str, tier: Figures, others: dict[str, Figures]) -> str:
    rivals = tier.get("rivals", {})
    rows = []
    for key, label, of in _MAIN:
        cells = [
            "-" if other in rivals and key in NOT_BY_RIVALS else of(figures)
            for other, figures in others.items()
        ]
        rows.append([label, GOALS[name].get(key, "-"), of(tier), *cells])
    return table([name, "goal", "coach", *others], rows)


def _lag(following: Figures | None) -> str:
    if following is None:
        return "-"
    return f"{number(following['lag_error_ms'], 0)} ({following['silent']:.0%} silent)"


def _rows(name: str, rows: dict[str, Figures]) -> str:
    head = ["row", "F1", f"drop (goal {GOALS[name]['drop']})", "recall", "precision", "sign right"]
    return table(
        head,
        [
            [
                row,
                number(of["f1"]),
                number(of.get("f1_drop")),
                shown(of["recall"]),
                shown(of["precision"]),
                shown(of["sign_right"]),
            ]
            for row, of in rows.items()
        ],
    )


def _controls(name: str, controls: dict[str, Figures]) -> str:
    rows = []
    for control, of in controls.items():
        if control == "habit":
            said = f"named each half minute {shown(of['named_each_half_minute'])}"
            rows.append([control, f"{said}; first after {number(of['first_s']['median'])} s"])
            continue
        said = f"{shown(of['false_per_min'])} false a minute"
        if "found_s" in of:
            found = of["found_s"]
            said += f"; found after {number(found['median'])} / {number(found['p95'])} s"
            said += f" (goal {GOALS[name]['found']}; never {shown(of['never'])})"
        if control == "hidden_limbs":
            said += f"; {of['on_hidden_joints']} of hidden joints"
        rows.append([control, said])
    return table(["control", "coach"], rows)


def _labels(tier: Figures) -> str:
    """Recall by angle, view and body; with the truth swapped in as well."""
    others = tier["swapped_in"]
    rows = [
        [label, shown(figure), *(shown(other["recall"].get(label)) for other in others.values())]
        for label, figure in tier["recall"].items()
    ]
    return table(["recall", "coach", *others], rows)


def _aside(tier: Figures) -> str:
    unseen, perfect = tier["cannot_be_seen"], tier["perfect"]
    neutral = (
        "Neither right nor false, since they name what a fault takes along or how bodies truly "
        f"differ: {tier['cues']['neutral']} cues to those with faults, "
        f"{perfect['cues']['neutral']} to right ones."
    )
    said = [
        neutral,
        f"Left out because the camera cannot see them: {shown(unseen)} of all faults.",
        f"{tier['students']} students; {perfect['minutes']:.1f} minutes of right ones.",
        "False cues a minute by the camera's yaw: "
        + ", ".join(f"{yaw} degrees {shown(of)}" for yaw, of in tier["perfect_by_yaw"].items())
        + ".",
        "Of the frames the coach is silent in: "
        + ", ".join(f"{why or 'none'} {part:.1%}" for why, part in tier["silences"].items())
        + ".",
    ]
    return "\n".join(said)


def shown(figure: Figures | None) -> str:
    """A share or a rate with its interval and count."""
    if figure is None or figure["value"] is None:
        return "-"
    of = f"/{figure['of']}" if "of" in figure else ""
    spread = f"{figure['low']:.2f} to {figure['high']:.2f}"
    return f"{figure['value']:.2f} ({spread}; {figure['count']}{of})"


def number(value: float | None, places: int = 2) -> str:
    """A plain number."""
    return "-" if value is None else f"{value:.{places}f}"

"""The figures of `coach bench cues` as markdown, the goals beside them."""

from typing import Any, Final

GOALS: Final = {
    "T0": {
        "15": ".85",
        "20": ".97",
        "30": ".99",
        "precision": ".97",
        "sign": ".995",
        "joint": ".99",
        "false": ".05",
        "spoken": ".05",
        "tf": ".90",
        "delay": ".8 / 1.5 s",
        "lag": "120 ms",
        "found": "3 s",
        "drop": ".03",
        "fixed": ".95",
    },
    "T1": {
        "15": ".75",
        "20": ".92",
        "30": ".98",
        "precision": ".90",
        "sign": ".98",
        "joint": ".97",
        "false": ".2",
        "spoken": ".1",
        "tf": ".80",
        "delay": "1.0 / 2.0 s",
        "lag": "220 ms",
        "found": "4 s",
        "drop": ".07",
        "fixed": ".95",
    },
}


def markdown(result: dict[str, Any]) -> str:
    """All tables."""
    parts = [f"{result['machine']}"]
    for name, tier in result["tiers"].items():
        parts += [f"### {name}", _main(name, tier)]
        if "rows" in tier:
            parts += [_rows(name, tier["rows"]), _controls(name, tier["controls"])]
    return "\n\n".join(parts)


def table(head: list[str], rows: list[list[str]]) -> str:
    """A markdown table."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def _main(name: str, tier: dict[str, Any]) -> str:
    goals, perfect, recall = GOALS[name], tier["perfect"], tier["recall"]
    delay, lag = tier["delay_s"], tier["following"]
    rows = [
        *(
            [f"recall at {size} degrees", goals[size], shown(recall.get(size))]
            for size in ("15", "20", "30")
        ),
        ["precision", goals["precision"], shown(tier["precision"])],
        ["sign right", goals["sign"], shown(tier["sign_right"])],
        ["joint and side right", goals["joint"], shown(tier["joint_and_side_right"])],
        ["false cues a minute, perfect student", goals["false"], shown(perfect["false_per_min"])],
        ["of which spoken", goals["spoken"], shown(perfect["false_spoken_per_min"])],
        ["T-F score at 1.5 s", goals["tf"], number(tier["tf"])],
        [
            "delay, median / p95",
            goals["delay"],
            f"{number(delay['median'])} / {number(delay['p95'])} s ({delay['count']})",
        ],
        [
            "lag error in transitions",
            goals["lag"],
            f"{number(lag['lag_error_ms'], 0)} ms ({lag['silent']:.0%} silent)",
        ],
        ["fix acknowledged in 1.5 s", goals["fixed"], shown(tier["acknowledged"])],
        ["praised wrongly", "0", shown(tier["praised_wrongly"])],
        [
            "spoken within 6 s of another",
            "0",
            f"{tier['spoken_too_close'] + perfect['spoken_too_close']}",
        ],
        [
            "CPU a frame, median / p95",
            "1 ms",
            f"{tier['cost_ms']['p50']:.2f} / {tier['cost_ms']['p95']:.2f} ms",
        ],
    ]
    return table([f"{name}", "goal", "coach"], rows)


def _rows(name: str, rows: dict[str, Any]) -> str:
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


def _controls(name: str, controls: dict[str, Any]) -> str:
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


def shown(figure: dict[str, Any] | None) -> str:
    """A share or a rate with its interval and count."""
    if figure is None or figure["value"] is None:
        return "-"
    of = f"/{figure['of']}" if "of" in figure else ""
    spread = f"{figure['low']:.2f} to {figure['high']:.2f}"
    return f"{figure['value']:.2f} ({spread}; {figure['count']}{of})"


def number(value: float | None, places: int = 2) -> str:
    """A plain number."""
    return "-" if value is None else f"{value:.{places}f}"

"""The figures of `coach bench lifter` as markdown."""

from typing import Any


def markdown(result: dict[str, Any]) -> str:
    """All tables."""
    parts = [
        f"{result['lifter']} behind {result['keypoints']}; {result['machine']}",
        _sources(result["sources"]),
        _groups(result["sources"]),
        _seen_from(result["sources"]),
        _angles(result["sources"][result["lifter"]]),
        _views(result["sources"]),
    ]
    parts += _own(result)
    return "\n\n".join(parts)


def _table(head: list[str], rows: list[list[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def _sources(sources: dict[str, Any]) -> str:
    head = [
        "source (val)",
        "MPJPE / P-MPJPE mm",
        "on the floor, MPJPE",
        "angles, median / p90 deg",
        "the same without offsets",
        "two views, median / p90 deg",
        "slope, median",
        "within .6 to 1.3",
        "false > 15 deg",
        "still: raw / smoothed mm",
    ]
    rows = []
    for name, scores in sources.items():
        near, still = scores["accuracy"], scores["steadiness"]
        raw = near["without_offsets"]
        felt, false, same = (
            scores[key] for key in ("sensitivity", "false_readings", "consistency")
        )
        rows.append(
            [
                name,
                f"{near['mpjpe_mm']:.1f} / {near['pmpjpe_mm']:.1f}",
                f"{near['floor']['mpjpe_mm']:.1f}",
                f"{near['angle_median_deg']:.1f} / {near['angle_p90_deg']:.1f}",
                f"{raw['median_deg']:.1f} / {raw['p90_deg']:.1f}",
                f"{same['median_deg']:.1f} / {same['p90_deg']:.1f}",
                f"{felt['slope_median']:.2f}",
                f"{felt['within']:.0%} of {felt['faults']}",
                f"{false['false']:.1%} of {false['pairs']}",
                f"{still['raw_mm']:.1f} / {still['smoothed_mm']:.1f}",
            ]
        )
    return _table(head, rows)


def _groups(sources: dict[str, Any]) -> str:
    groups = sorted({g for scores in sources.values() for g in scores["accuracy"]["groups"]})
    rows = [
        [name, *(_near(scores["accuracy"]["groups"].get(group)) for group in groups)]
        for name, scores in sources.items()
    ]
    return _table(["MPJPE / P-MPJPE mm; angles deg", *groups], rows)


def _seen_from(sources: dict[str, Any]) -> str:
    views = list(next(iter(sources.values()))["by_view"])
    rows = [
        [name, *(_near(scores["by_view"][view]) for view in views)]
        for name, scores in sources.items()
    ]
    return _table(["the same, faults", *(f"yaw {view}" for view in views)], rows)


def _near(of: dict[str, Any] | None) -> str:
    if of is None:
        return ""
    return f"{of['mpjpe_mm']:.0f} / {of['pmpjpe_mm']:.0f}; {of['angle_median_deg']:.1f}"


def _angles(scores: dict[str, Any]) -> str:
    felt = scores["sensitivity"]["angles"]
    apart = scores["consistency"]["angles"]
    rows = [
        [
            name,
            f"{of['median_deg']:.1f} / {of['p90_deg']:.1f}",
            f"{apart[name]['median_deg']:.1f} / {apart[name]['p90_deg']:.1f}"
            if name in apart
            else "",
        ]
        for name, of in scores["accuracy"]["angles"].items()
    ]
    slopes = [
        [name, str(of["faults"]), f"{of['slope_median']:.2f}", f"{of['within']:.0%}"]
        for name, of in felt.items()
    ]
    hidden = scores["sensitivity"]["cannot_be_seen"]
    return "\n\n".join(
        [
            _table(["angle", "error, median / p90 deg", "two views, median / p90 deg"], rows),
            _table(["fault", "seen", "slope, median", "within .6 to 1.3"], slopes),
            f"{hidden:.0%} of the faults cannot be seen by their camera.",
        ]
    )


def _views(sources: dict[str, Any]) -> str:
    views = next(iter(sources.values()))["false_readings"]["views"]
    rows = [
        [
            name,
            *(
                f"{of['error_median_deg']:.1f} / {of['error_p90_deg']:.1f}; {of['false']:.1%}"
                for of in scores["false_readings"]["views"].values()
            ),
        ]
        for name, scores in sources.items()
    ]
    head = ["student less instructor, error deg; false", *(f"yaw {view}" for view in views)]
    return _table(head, rows)


def _own(result: dict[str, Any]) -> list[str]:
    parts = []
    calibration = result["sources"][result["lifter"]].get("calibration")
    if calibration:
        rows = [
            [
                axis,
                f"{of['within']:.0%}",
                *(
                    f"{of[end]['share']:.0%} ({of[end]['joint']}, yaw {of[end]['view']})"
                    for end in ("lowest", "highest")
                ),
            ]
            for axis, of in calibration["axes"].items()
        ]
        parts.append(_table(["axis", "within one sigma", "lowest", "highest"], rows))
        parts.append(
            f"{calibration['cells_within']:.0%} of joints, axes and views lie between 55 and 80 %. "
            f"Negative log likelihood {calibration['nll']:.3f} nats a coordinate, "
            f"{calibration['nll_constant']:.3f} with a constant sigma of each joint and axis."
        )
    if "cost" in result:
        cost = result["cost"]
        rows = [[name, f"{ms:.3f}"] for name, ms in cost["ms"].items()]
        parts.append(_table(["one thread", "ms, median"], rows))
        parts.append(
            f"The window anew costs {cost['window_dense_to_step']:.1f} times a step "
            f"({cost['window_strided_to_step']:.1f} times with strides), 32 students one by one "
            f"{cost['32_single_to_batch']:.1f} times their batch (a row each; asked of the "
            f"mirror image too, two). Stream and window differ by at "
            f"most {result['exactness']['largest_difference_m']:.1e} m."
        )
    known = result.get("captured", {})
    if "with_depth" in known:
        parts.append(
            f"Motion capture, test subjects, {known['windows']} windows: MPJPE "
            f"{known['2d_only']['mpjpe_mm']:.1f} mm in 2D only, "
            f"{known['with_depth']['mpjpe_mm']:.1f} with depth; the mean pose "
            f"{known['mean_pose_mpjpe_mm']:.1f}."
        )
    return parts

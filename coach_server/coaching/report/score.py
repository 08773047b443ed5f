"""One number for a practice, so that practices can be compared."""

from collections.abc import Sequence

from coach_server.coaching.report.records import PoseSequence


def score(sequences: Sequence[PoseSequence]) -> int | None:
    """0..100: how much of each pose was within tolerance, all poses alike.

    The mean over the poses that the film held of the share of the judged time in which nothing was
    beyond its band; 0 of a pose that was never reached. None where no pose was held.
    """
    shares = [
        share
        for hold in {each.hold for each in sequences}
        if (share := _share([each for each in sequences if each.hold == hold])) is not None
    ]
    return round(100 * sum(shares) / len(shares)) if shares else None


def _share(visits: Sequence[PoseSequence]) -> float | None:
    """Of one pose, over all stays in it; None where that cannot be said."""
    if not any(visit.reached for visit in visits):
        return 0.0
    told = [(visit.judged_s, visit.within) for visit in visits if visit.within is not None]
    judged_s = sum(seconds for seconds, _ in told)
    return sum(seconds * within for seconds, within in told) / judged_s if judged_s > 0 else None

"""Counters for Prometheus, in a registry of their own."""

from collections.abc import Callable, Iterator, Mapping
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.metrics_core import CounterMetricFamily
from prometheus_client.registry import Collector

from coach_server.inference.batching.gathering import Counts
from coach_server.sessions.tally import Tally

_BATCHING: Final = {
    "batches": "Batches begun, by engine.",
    "asks": "Frames in those batches.",
    "waited_s": "Seconds that those frames waited to be begun.",
    "superseded": "Frames whose place a newer one took.",
    "stuck": "Frames given up with an engine that hung.",
    "replaced": "Engines that hung and were replaced.",
}


class Metrics:
    """What /metrics shows; one for each server, so that tests do not share counts."""

    def __init__(self) -> None:
        self._registry = registry = CollectorRegistry()
        self.sessions = Gauge(
            "coach_sessions", "Students connected or connecting.", registry=registry
        )
        self.connections = Counter(
            "coach_connections", "Connections ended, by reason.", ["reason"], registry=registry
        )
        self.refusals = Counter(
            "coach_refusals", "Requests refused, by code.", ["code"], registry=registry
        )
        self.frames = Counter(
            "coach_frames", "Frames, by what became of them.", ["fate"], registry=registry
        )
        self.poses = Counter(
            "coach_poses", "Pose messages, by what became of them.", ["fate"], registry=registry
        )
        self.ignored = Counter(
            "coach_messages_ignored", "Messages of pages, by reason.", ["why"], registry=registry
        )
        self.cues = Counter("coach_cues", "Cue events, by state.", ["state"], registry=registry)
        self.reports_dropped = Counter(
            "coach_reports_dropped", "Reports given up for newer ones.", registry=registry
        )
        self.jobs = Counter(
            "coach_jobs", "Background jobs begun, by kind.", ["kind"], registry=registry
        )
        self.jobs_dropped = Counter(
            "coach_jobs_dropped", "Ended jobs taken off the full list.", registry=registry
        )
        self.age = Histogram(
            "coach_result_age_seconds",
            "From a frame's arrival to its result on the channel.",
            buckets=(0.01, 0.02, 0.03, 0.045, 0.06, 0.08, 0.1, 0.15, 0.2, 0.3, 0.5, 1.0, 2.0),
            registry=registry,
        )

    def add(self, tally: Tally) -> None:
        """Add what became of some frames and messages."""
        for fate in ("judged", "replaced", "undecoded", "late", "failed", "abandoned"):
            self.frames.labels(fate).inc(getattr(tally, fate))
        self.poses.labels("sent").inc(tally.poses_sent)
        self.poses.labels("skipped").inc(tally.poses_skipped)
        for why, count in tally.ignored.items():
            self.ignored.labels(why).inc(count)

    def watch(self, engines: Callable[[], Mapping[str, Counts]]) -> None:
        """Show from now on what became of the asks at each of the engines."""
        self._registry.register(_Batching(engines))

    def exposition(self) -> bytes:
        """The counters in Prometheus' text format."""
        return generate_latest(self._registry)


class _Batching(Collector):
    """Reads the engines' own counts when somebody looks."""

    def __init__(self, engines: Callable[[], Mapping[str, Counts]]) -> None:
        self._engines = engines

    def collect(self) -> Iterator[CounterMetricFamily]:
        counts = self._engines()
        for name, what in _BATCHING.items():
            shown = name.replace("_s", "_seconds") if name.endswith("_s") else name
            family = CounterMetricFamily(f"coach_engine_{shown}", what, labels=["engine"])
            for engine, of in counts.items():
                family.add_metric([engine], getattr(of, name))
            yield family

"""What is counted of live practice, for Prometheus."""

from collections.abc import Callable, Iterator, Mapping
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
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
    """The counters of one process that serves students.

    Attributes:
        registry: holds them all.
    """

    def __init__(self) -> None:
        self.registry = registry = CollectorRegistry()
        self.sessions = Gauge(
            "coach_sessions", "Students connected or connecting.", registry=registry
        )
        self.connections = Counter(
            "coach_connections", "Connections ended, by reason.", ["reason"], registry=registry
        )
        self.frames = Counter(
            "coach_frames", "Frames, by what became of them.", ["fate"], registry=registry
        )
        self.still = Counter(
            "coach_frames_still",
            "Frames judged by what the one before showed, for nothing had moved.",
            registry=registry,
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
        self.load = Gauge(
            "coach_load",
            "Of its processor, what the busiest worker uses; late results count too.",
            registry=registry,
        )
        self.asked_less = Gauge(
            "coach_asked_less",
            "Rungs by which pages are asked for less than a webcam gives; 0: nothing.",
            registry=registry,
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
        self.still.inc(tally.still)
        self.poses.labels("sent").inc(tally.poses_sent)
        self.poses.labels("skipped").inc(tally.poses_skipped)
        for why, count in tally.ignored.items():
            self.ignored.labels(why).inc(count)

    def watch(self, engines: Callable[[], Mapping[str, Counts]]) -> None:
        """Show from now on what became of the asks at each of the engines."""
        self.registry.register(_Batching(engines))


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

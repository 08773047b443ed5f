"""Counters for Prometheus, in a registry of their own."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from coach_server.sessions.tally import Tally


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

    def exposition(self) -> bytes:
        """The counters in Prometheus' text format."""
        return generate_latest(self._registry)

"""What the server itself counts, beside what is counted of live practice."""

from prometheus_client import CollectorRegistry, Counter, generate_latest
from prometheus_client.registry import Collector


class ServerMetrics:
    """What /metrics shows; one for each server, so that tests do not share counts.

    Args:
        practices: what is counted of live practice.
    """

    def __init__(self, practices: Collector) -> None:
        self._registry = registry = CollectorRegistry()
        registry.register(practices)
        self.refusals = Counter(
            "coach_refusals", "Requests refused, by code.", ["code"], registry=registry
        )
        self.jobs = Counter(
            "coach_jobs", "Background jobs begun, by kind.", ["kind"], registry=registry
        )
        self.jobs_dropped = Counter(
            "coach_jobs_dropped", "Ended jobs taken off the full list.", registry=registry
        )

    def exposition(self) -> bytes:
        """All of it in Prometheus' text format."""
        return generate_latest(self._registry)

"""What workers count, carried to the front and added up there.

A worker that ends takes its counters with it; the front keeps what it told last, so that a counter
never falls.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Final, TypeAlias

from prometheus_client import CollectorRegistry, Counter, Gauge
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

Told: TypeAlias = list[tuple[str, str, str, list[tuple[str, dict[str, str], float]]]]
"""Families: name, type, documentation, and samples: name, labels, value."""

_LARGEST: Final = frozenset({"coach_load", "coach_asked_less"})
"""Gauges of which the largest is shown; the others are added up."""
_OWN: Final = "coach_sessions"
"""The front knows at once who has gone; what workers tell each second would be late."""


def told(families: Iterable[Metric]) -> Told:
    """Families for the way to the front."""
    return [
        (
            family.name,
            family.type,
            family.documentation,
            [(each.name, dict(each.labels), each.value) for each in family.samples],
        )
        for family in families
    ]


class FrontMetrics(Collector):
    """All workers' families, added up sample by sample, and what is counted of the workers.

    Args:
        places_taken: counts students connected or connecting.

    Attributes:
        registry: holds all of it.
        ready: workers that can serve.
        replaced: workers that ended, by reason.
    """

    def __init__(self, places_taken: Callable[[], int]) -> None:
        self._latest: dict[object, Told] = {}
        self._past: Told = []
        self.registry = CollectorRegistry()
        self.registry.register(self)
        sessions = Gauge(_OWN, "Students connected or connecting.", registry=self.registry)
        sessions.set_function(places_taken)
        self.ready = Gauge(
            "coach_workers", "Worker processes that can serve.", registry=self.registry
        )
        self.replaced = Counter(
            "coach_workers_replaced",
            "Worker processes that ended and were replaced, by reason.",
            ["reason"],
            registry=self.registry,
        )

    def take(self, worker: object, families: Told) -> None:
        """What a worker has counted since it began."""
        self._latest[worker] = [family for family in families if family[0] != _OWN]

    def ended(self, worker: object) -> None:
        """A worker is no more; its counters stay, its gauges do not."""
        last = self._latest.pop(worker, [])
        counters = [family for family in last if family[1] != "gauge"]
        self._past = told(_added([self._past, counters]))

    def collect(self) -> Iterator[Metric]:
        """The sums, as Prometheus' client reads them."""
        yield from _added([self._past, *self._latest.values()])


def _added(sources: Sequence[Told]) -> Iterator[Metric]:
    families: dict[str, Metric] = {}
    values: dict[str, dict[tuple[str, tuple[tuple[str, str], ...]], float]] = {}
    for name, kind, documentation, samples in (family for told_ in sources for family in told_):
        families.setdefault(name, Metric(name, documentation, kind))
        sums = values.setdefault(name, {})
        for sample, labels, value in samples:
            _add(sums, name, sample, labels, value)
    for name, family in families.items():
        for (sample, pairs), value in values[name].items():
            family.add_sample(sample, dict(pairs), value)
        yield family


def _add(
    sums: dict[tuple[str, tuple[tuple[str, str], ...]], float],
    family: str,
    sample: str,
    labels: Mapping[str, str],
    value: float,
) -> None:
    key = sample, tuple(labels.items())
    before = sums.get(key)
    if before is None:
        sums[key] = value
    elif family in _LARGEST:
        sums[key] = max(before, value)
    elif sample.endswith("_created"):
        sums[key] = min(before, value)
    else:
        sums[key] = before + value

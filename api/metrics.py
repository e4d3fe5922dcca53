"""Prometheus metrics of one app: requests as they end, and gauges which other parts are asked for when scraped."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Final, NamedTuple

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

LATENCY_BUCKETS_S: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)


class GaugeReading(NamedTuple):
    """One value of a gauge now. `name` follows Prometheus' rules, its unit last (`escrow_projection_lag_seconds`)."""

    name: str
    documentation: str
    value: float
    labels: Mapping[str, str]


GaugeSource = Callable[[], Iterable[GaugeReading]]
"""Reads gauges when the metrics are scraped. It must not block: it answers from memory."""


class Metrics:
    """The metrics of one app, in a registry of its own. Used from one event loop."""

    def __init__(self, gauge_sources: Iterable[GaugeSource] = ()) -> None:
        self.registry = CollectorRegistry(auto_describe=False)
        self._requests = Counter(
            "escrow_http_requests",
            "Requests answered, by route template and status.",
            ("method", "route", "status"),
            registry=self.registry,
        )
        self._latency = Histogram(
            "escrow_http_request_duration_seconds",
            "Time from a request's head to the end of its answer, by route template.",
            ("method", "route"),
            buckets=LATENCY_BUCKETS_S,
            registry=self.registry,
        )
        self.in_flight = Gauge(
            "escrow_http_requests_in_flight", "Requests that are being answered.", registry=self.registry
        )
        self._series: dict[tuple[str, str, int], tuple[Counter, Histogram]] = {}
        for source in gauge_sources:
            self.registry.register(_Gauges(source))

    def count(self, *, method: str, route: str, status: int, duration_s: float) -> None:
        """Counts one answered request."""
        series = self._series.get((method, route, status))
        if series is None:
            series = (self._requests.labels(method, route, str(status)), self._latency.labels(method, route))
            self._series[(method, route, status)] = series
        requests, latency = series
        requests.inc()
        latency.observe(duration_s)

    def render(self) -> bytes:
        """All metrics in Prometheus' text format."""
        return generate_latest(self.registry)


class _Gauges(Collector):
    def __init__(self, source: GaugeSource) -> None:
        self._source = source

    def collect(self) -> Iterator[GaugeMetricFamily]:
        families: dict[str, GaugeMetricFamily] = {}
        for reading in self._source():
            family = families.get(reading.name)
            if family is None:
                family = GaugeMetricFamily(reading.name, reading.documentation, labels=list(reading.labels))
                families[reading.name] = family
            family.add_metric(list(reading.labels.values()), reading.value)
        yield from families.values()

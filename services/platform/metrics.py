"""A few figures of a process in Prometheus' text format (version 0.0.4). ``docs/metrics.md`` explains each."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from threading import Lock
from typing import Literal

MEDIA_TYPE = "text/plain; version=0.0.4; charset=utf-8"

BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)
"""Upper bounds of the latency histogram, in seconds."""


@dataclass(frozen=True)
class Metric:
    """What one figure means."""

    name: str
    kind: Literal["counter", "gauge", "histogram"]
    help: str


METRICS = (
    Metric("daybook_requests_total", "counter", "Commands and queries answered, by service, kind and status class"),
    Metric("daybook_request_seconds", "histogram", "How long commands and queries took, by service and kind"),
    Metric("daybook_log_position", "gauge", "The last position of the service's log"),
    Metric("daybook_follower_position", "gauge", "The position that a follower has passed"),
    Metric("daybook_follower_lag_events", "gauge", "Positions between a follower and the log's head"),
    Metric("daybook_follower_lag_seconds", "gauge", "Age of the oldest event that a follower has not passed"),
    Metric("daybook_parked", "gauge", "Events parked, by service and follower"),
    Metric("daybook_relay_age_seconds", "gauge", "Age of the oldest feed entry that is not on the broker"),
    Metric("daybook_loop_failures_total", "counter", "Steps of a loop that failed and are tried again"),
    Metric("daybook_hub_lag_seconds", "gauge", "How late this process woke from a short sleep at its start"),
)
"""All figures, in the order in which they are shown."""

_BY_NAME = {metric.name: metric for metric in METRICS}

Labels = tuple[tuple[str, str], ...]


def _labels(labels: dict[str, str]) -> Labels:
    return tuple(sorted(labels.items()))


@dataclass
class _Histogram:
    counts: list[int] = field(default_factory=lambda: [0] * len(BUCKETS))
    total: float = 0.0
    number: int = 0


class Metrics:
    """The counters of one process. Thread-safe."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._values: dict[tuple[str, Labels], float] = {}
        self._histograms: dict[tuple[str, Labels], _Histogram] = {}

    def count(self, name: str, **labels: str) -> None:
        """Adds one to a counter."""
        key = (_BY_NAME[name].name, _labels(labels))
        with self._lock:
            self._values[key] = self._values.get(key, 0) + 1

    def set(self, name: str, value: float, **labels: str) -> None:
        """Sets a gauge."""
        with self._lock:
            self._values[_BY_NAME[name].name, _labels(labels)] = value

    def observe(self, name: str, seconds: float, **labels: str) -> None:
        """Adds to a histogram."""
        key = (_BY_NAME[name].name, _labels(labels))
        with self._lock:
            histogram = self._histograms.setdefault(key, _Histogram())
            histogram.total += seconds
            histogram.number += 1
            for index, bound in enumerate(BUCKETS):
                histogram.counts[index] += seconds <= bound

    def text(self, service: str) -> str:
        """All figures of a service, and those of the process."""
        with self._lock:
            values, histograms = dict(self._values), dict(self._histograms)
        lines: list[str] = []
        for metric in METRICS:
            found = [*_plain(metric, values, service), *_histogram(metric, histograms, service)]
            if found:
                lines += [f"# HELP {metric.name} {metric.help}", f"# TYPE {metric.name} {metric.kind}", *found]
        return "\n".join(lines) + "\n"


def table() -> str:
    """The table of all figures as Markdown, for ``docs/metrics.md``."""
    rows = [f"| `{metric.name}` | {metric.kind} | {metric.help} |" for metric in METRICS]
    return "\n".join(["| figure | kind | what |", "|---|---|---|", *rows]) + "\n"


def _of(labels: Labels, service: str) -> bool:
    return dict(labels).get("service", service) == service


def _plain(metric: Metric, values: dict[tuple[str, Labels], float], service: str) -> Iterable[str]:
    for (name, labels), value in sorted(values.items()):
        if name == metric.name and _of(labels, service):
            yield f"{name}{_written(labels)} {value:g}"


def _histogram(metric: Metric, histograms: dict[tuple[str, Labels], _Histogram], service: str) -> Iterable[str]:
    for (name, labels), histogram in sorted(histograms.items(), key=lambda item: item[0]):
        if name != metric.name or not _of(labels, service):
            continue
        for bound, count in zip(BUCKETS, histogram.counts, strict=True):
            yield f"{name}_bucket{_written((*labels, ('le', f'{bound:g}')))} {count}"
        yield f"{name}_bucket{_written((*labels, ('le', '+Inf')))} {histogram.number}"
        yield f"{name}_sum{_written(labels)} {histogram.total:g}"
        yield f"{name}_count{_written(labels)} {histogram.number}"


def _written(labels: Labels) -> str:
    if not labels:
        return ""
    return "{" + ",".join(f'{name}="{value}"' for name, value in labels) + "}"

"""What the service counts about itself, in the text format of Prometheus.

Nothing personal can enter: a request is counted by its route's template, never by
what was asked in it or by whom. Each worker process counts for itself.
"""

import asyncpg
from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    ProcessCollector,
    generate_latest,
)

MEDIA_TYPE = CONTENT_TYPE_LATEST

METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
"""All others are counted as one: a client can invent methods without end."""

DURATIONS_S = (0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10)
"""Upper ends of the classes: a tile takes some milliseconds, a map page seconds."""

_registry = CollectorRegistry()
ProcessCollector(registry=_registry)

_requests = Counter(
    "gis_requests",
    "Requests answered, by template of the route.",
    ("method", "route", "status"),
    registry=_registry,
)
_durations = Histogram(
    "gis_request_duration_seconds",
    "Time until the whole answer was sent, by template of the route.",
    ("route",),
    buckets=DURATIONS_S,
    registry=_registry,
)
_size = Gauge(
    "gis_pool_connections", "Reading connections that are open.", registry=_registry
)
_idle = Gauge(
    "gis_pool_connections_idle",
    "Reading connections that are open and that nobody uses.",
    registry=_registry,
)
_most = Gauge(
    "gis_pool_connections_max",
    "Reading connections that may be open at once.",
    registry=_registry,
)
WAITING = Gauge(
    "gis_pool_waiting",
    "Requests that wait for a reading connection at this moment.",
    registry=_registry,
)


def count_request(method: str, route: str, status: int, duration_s: float) -> None:
    """Count a request that was answered.

    Parameters
    ----------
    method
        As the client wrote it.
    route
        Template of the route, such as ``/api/grid/cells/{code}``.
    status
        Of the answer.
    duration_s
        From the first byte of the request to the last of the answer.
    """
    known = method if method in METHODS else "other"
    _requests.labels(known, route, str(status)).inc()
    _durations.labels(route).observe(duration_s)


def exposition(pool: asyncpg.Pool) -> bytes:
    """Return all that was counted, and how the pool stands now."""
    _size.set(pool.get_size())
    _idle.set(pool.get_idle_size())
    _most.set(pool.get_max_size())
    return generate_latest(_registry)

"""Until when a matter is due."""

import numpy as np
import pytest

from gis_service.demo import limits


@pytest.mark.parametrize(
    ("reported", "kind", "value", "due"),
    [
        ("2026-09-11T17:00", "work_hour", 4, "2026-09-14T11:00"),
        ("2026-09-10T11:30", "work_hour", 2, "2026-09-10T15:30"),
        ("2026-09-10T22:00", "work_hour", 4, "2026-09-11T12:00"),
        ("2026-09-11T15:00", "work_day", 5, "2026-09-18T18:00"),
        ("2026-09-12T15:00", "work_day", 1, "2026-09-14T18:00"),
        ("2026-10-03T09:00", "urgent_hour", 2, "2026-10-03T11:00"),
        ("2026-10-03T09:00", "natural_day", 1, "2026-10-04T18:00"),
    ],
)
def test_limit_is_counted_as_its_kind_asks(
    reported: str, kind: str, value: int, due: str
) -> None:
    found = limits.due(
        np.array([reported], dtype="datetime64[s]"), np.array([kind]), np.array([value])
    )
    assert found[0] == np.datetime64(due)

"""How people and matters of the demo county look as rows of their tables."""

import numpy as np
import pandas as pd

from gis_service.demo.matters import public_ids

UTC_OFFSET = np.timedelta64(8, "h")

RESIDENT_COLUMNS = (
    "name",
    "birth_on",
    "sex",
    "person_type",
    "relation",
    "is_registered_here",
    "is_living_here",
    "care_types",
)
MATTER_COLUMNS = (
    "id",
    "grid_code",
    "number",
    "class_code",
    "source",
    "title",
    "description",
    "state",
    "level",
    "is_urgent",
    "department",
    "village_code",
    "address",
    "accuracy_m",
    "rework_count",
    "geom",
)


def matters(found: pd.DataFrame, seed: int) -> pd.DataFrame:
    """Return matters as rows of their table."""
    # A merged matter goes into the one reported before it in its cell.
    in_time = found.sort_values(["grid_code", "reported"], kind="stable")
    before = in_time.groupby("grid_code")["id"].shift().reindex(found.index)
    times = ("reported", "accepted", "assigned", "answered", "closed", "due")
    return pd.DataFrame(
        {
            **{name: found[name] for name in MATTER_COLUMNS},
            **{f"{name}_at": universal(found[name]) for name in times},
            "public_id": public_ids(seed, found["number"]),
            "duplicate_of": before.astype("Int64").where(found["is_duplicate"]),
            "satisfaction": found["satisfaction"],
        }
    )


def universal(local: pd.Series) -> pd.Series:
    """Turn local times (UTC+8) into UTC."""
    return local - UTC_OFFSET

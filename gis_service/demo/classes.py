"""The classes of matters that are admitted now, and where they come up."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gis_service import code_lists
from gis_service.demo import limits
from gis_service.demo.streams import Counts, Numbers


@dataclass(frozen=True, slots=True)
class Classes:
    """The classes of matters now admitted, shortest limit first."""

    code: NDArray[np.object_]
    name: NDArray[np.object_]
    kind: NDArray[np.str_]
    value: Counts
    department: NDArray[np.object_]
    town_weight: Numbers
    village_weight: Numbers

    @classmethod
    def read(cls) -> "Classes":
        """Read the list that ships with the service."""
        rows = [
            row
            for row in code_lists.rows("matters/classes.csv")
            if row["parent"] and not row["admitted_until"]
        ]
        hours = [
            limits.nominal_hours(str(row["limit_type"]), int(str(row["limit_value"])))
            for row in rows
        ]
        rows = [rows[at] for at in np.argsort(hours, kind="stable").tolist()]
        is_rural = np.array([str(row["code"])[0].isalpha() for row in rows])
        return cls(
            np.array([row["code"] for row in rows], dtype=object),
            np.array([row["name"] for row in rows], dtype=object),
            np.array([row["limit_type"] for row in rows]),
            np.array([int(str(row["limit_value"])) for row in rows]),
            np.array([row["department"] for row in rows], dtype=object),
            np.where(is_rural, 0.7, 1.0),
            np.where(is_rural, 1.0, 0.03),
        )

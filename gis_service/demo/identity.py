"""Identity numbers and telephones that no living person can have.

Numbers begin with 99, an area that was never given out, and carry a valid check
character (GB 11643-1999). Telephones have 000 where the network's area stands.
"""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from gis_service.demo.streams import Counts, Numbers
from gis_service.people.id_number import CHECK_CHARACTERS, WEIGHTS

Texts = NDArray[np.object_]

PREFIXES = np.array([139, 138, 158, 177, 135, 152, 187, 150])


def numbers(
    areas: Counts, born: NDArray[np.datetime64], is_male: NDArray[np.bool_]
) -> Texts:
    """Return identity numbers, no two alike.

    Parameters
    ----------
    areas
        A number up to 9999 per person, the serial of the cell.
    born
        Days of birth; men get odd sequences, women even ones.
    """
    key = pd.DataFrame({"area": areas, "born": born, "is_male": is_male})
    order = key.groupby(["area", "born", "is_male"]).cumcount().to_numpy()
    sequence = 2 * order + np.where(is_male, 1, 2)
    days = pd.DatetimeIndex(born)
    dates = (days.year * 10000 + days.month * 100 + days.day).to_numpy(np.int64)
    bodies = ((990_000 + areas.astype(np.int64)) * 10**8 + dates) * 1000 + sequence
    total = np.zeros(len(bodies), dtype=np.int64)
    rest = bodies.copy()
    for weight in reversed(WEIGHTS):
        total += weight * (rest % 10)
        rest //= 10
    checks = np.array(list(CHECK_CHARACTERS))[total % 11]
    return np.array(
        [
            f"{body}{check}"
            for body, check in zip(bodies.tolist(), checks.tolist(), strict=True)
        ],
        dtype=object,
    )


def phones(draws: Numbers, has_phone: NDArray[np.bool_]) -> Texts:
    """Return telephone numbers that cannot ring, None for who has none."""
    line = (draws * len(PREFIXES) * 100_000).astype(np.int64)
    values = PREFIXES[line // 100_000] * 10**8 + line % 100_000
    return np.array(
        [
            str(value) if has else None
            for value, has in zip(values.tolist(), has_phone.tolist(), strict=True)
        ],
        dtype=object,
    )

"""How large a demo county is made."""

from enum import StrEnum


class Scale(StrEnum):
    """How much of the county is made."""

    TINY = "tiny"
    DEMO = "demo"
    FULL = "full"

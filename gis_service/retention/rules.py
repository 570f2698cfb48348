"""The rules of retention; they are data: ``rules.csv``."""

import csv
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from importlib.resources import files


@dataclass(frozen=True, slots=True)
class Rule:
    """How long one kind of row is kept, on which basis; ``days`` None is for good."""

    what: str
    title: str
    title_en: str
    days: int | None
    basis: str

    def before(self, now: datetime) -> datetime | None:
        """Return the moment whose past is no longer kept, None when all is."""
        return None if self.days is None else now - timedelta(days=self.days)


@cache
def rules() -> tuple[Rule, ...]:
    """Return all rules in the order in which they are followed."""
    path = files("gis_service.retention") / "rules.csv"
    with path.open(encoding="utf-8") as lines:
        return tuple(
            Rule(
                line["what"],
                line["title"],
                line["title_en"],
                int(line["days"]) if line["done"] == "deleted" else None,
                line["basis"],
            )
            for line in csv.DictReader(lines)
        )

"""What whoever brings a file declares about it."""

from dataclasses import asdict, dataclass, field
from datetime import date
from typing import Any

from gis_service.intake.request import Limits


@dataclass(frozen=True, slots=True)
class Options:
    """How files are to be taken in.

    Parameters
    ----------
    crs
        ``EPSG:4546``, ``gcj02`` or ``bd09``; None leaves it to the file.
    encoding, layer, columns
        As declared: encoding of texts, layer or sheet, our field to their heading.
    is_trial
        Write nothing, and report as if it had been written.
    is_whole
        Take all rows or none.
    is_swapped
        The columns of longitude and latitude are exchanged in the whole file.
    as_of
        The day whose village codes the file uses; those since merged are resolved.
    land_use_edition
        Edition of GB/T 21010 of the land-use codes, 2007 or 2017.
    is_editor
        Whoever reads the report may know the right check digit of an identity number.
    """

    county_code: str
    county_name: str
    master_key: bytes = field(repr=False)
    today: date
    crs: str | None = None
    encoding: str | None = None
    layer: str | None = None
    columns: dict[str, str] = field(default_factory=dict)
    is_trial: bool = False
    is_whole: bool = False
    is_swapped: bool = False
    as_of: date | None = None
    land_use_edition: str | None = None
    is_editor: bool = True
    actor: str = "gis-grid"
    limits: Limits = field(default_factory=Limits)

    @property
    def county(self) -> tuple[str, str]:
        """Code and name of the county."""
        return self.county_code, self.county_name

    def declared(self) -> dict[str, Any]:
        """Return what was declared, for the record of the batch; never the key."""
        said = asdict(self)
        for name in (
            "master_key",
            "limits",
            "county_code",
            "county_name",
            "today",
            "actor",
            "is_editor",
        ):
            said.pop(name)
        said["as_of"] = None if self.as_of is None else self.as_of.isoformat()
        return {name: value for name, value in said.items() if value}

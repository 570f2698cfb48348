"""What became of the files of one command."""

from dataclasses import dataclass, field

from gis_service.intake.findings import Findings
from gis_service.intake.merging import Merged
from gis_service.intake.request import Found


@dataclass(slots=True)
class FileReport:
    """What became of one file."""

    file_name: str
    sha256: str
    findings: Findings
    found: Found | None = None
    crs: str | None = None
    preview: list[tuple[str, str, str]] = field(default_factory=list)
    batch_id: int | None = None
    total: int = 0
    refused: int = 0
    merged: Merged = field(default_factory=lambda: Merged(0, 0, 0))
    same_as_batch: int | None = None


@dataclass(slots=True)
class BatchReport:
    """What became of a command."""

    what: str
    is_trial: bool
    is_stored: bool = False
    moved: int = 0
    files: list[FileReport] = field(default_factory=list)

    @property
    def refused(self) -> int:
        """Rows refused in all files."""
        return sum(one.refused for one in self.files)

    @property
    def good(self) -> int:
        """Rows that are now, or would be, as the files have them."""
        return sum(
            one.merged.new + one.merged.changed + one.merged.same for one in self.files
        )

    @property
    def exit_code(self) -> int:
        """0 when rows went in or nothing had to; 1 when nothing could."""
        has_rows = any(one.total for one in self.files)
        return (
            1
            if has_rows and not self.good
            else int(not (self.is_stored or self.is_trial))
        )

"""Files that exports are written to: one writer per format, fed chunk by chunk.

A chunk is a frame whose columns are ready: no private field, lists as text. A writer
keeps no more than a chunk, save GeoParquet and KML, whose makers want all at once.
"""

import csv
import json
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import geopandas
import pandas as pd
import pyarrow.parquet
import pyogrio
from geopandas import GeoDataFrame

SHAPEFILE_NAME_BYTES = 10


@dataclass(frozen=True, slots=True)
class Heading:
    """What is written about an export as a whole.

    Parameters
    ----------
    layer_id
        Name of the table in the file.
    titles
        What people call each column.
    labels
        What the codes in a column mean, for columns that hold codes.
    notes
        Title, label, licence, day: name to words, shown in the file or beside it.
    """

    layer_id: str
    titles: Mapping[str, str]
    labels: Mapping[str, Mapping[str, str]]
    notes: Mapping[str, str]


class Writer(ABC):
    """Writes chunks to a file, and is closed at the end."""

    keeps_notes = True
    """Whether the notes are in the file itself; if not, a text goes beside it."""

    def __init__(self, path: Path, heading: Heading) -> None:
        self.path = path
        self.heading = heading

    @abstractmethod
    def write(self, chunk: GeoDataFrame) -> None:
        """Add the rows of a chunk."""

    def close(self) -> None:  # noqa: B027 - most formats are finished at any time
        """Finish the file."""


class GeoJsonWriter(Writer):
    """GeoJSON as RFC 7946 has it: WGS 84, longitude first, no ``crs`` member."""

    def write(self, chunk: GeoDataFrame) -> None:
        """Add the rows of a chunk."""
        is_first = not self.path.exists()
        features = json.loads(flat(chunk).to_json(drop_id=True))["features"]
        with self.path.open("a", encoding="utf-8") as file:
            file.write(self._opening if is_first else "")
            for number, feature in enumerate(features):
                feature["id"] = feature["properties"].pop("id")
                glue = "\n" if is_first and number == 0 else ",\n"
                file.write(glue + json.dumps(feature, ensure_ascii=False))

    def close(self) -> None:
        """Finish the file."""
        with self.path.open("a", encoding="utf-8") as file:
            file.write("\n]}\n")

    @property
    def _opening(self) -> str:
        about = {"type": "FeatureCollection", "name": self.heading.layer_id}
        text = json.dumps(
            about | {"about": dict(self.heading.notes)}, ensure_ascii=False
        )
        return f'{text[:-1]}, "features": ['


class GeoPackageWriter(Writer):
    """A GeoPackage with one layer."""

    def write(self, chunk: GeoDataFrame) -> None:
        """Add the rows of a chunk."""
        is_first = not self.path.exists()
        notes = dict(self.heading.notes) if is_first else None
        pyogrio.write_dataframe(
            chunk,
            self.path,
            layer=self.heading.layer_id,
            driver="GPKG",
            append=not is_first,
            layer_metadata=notes,
        )


class ShapefileWriter(Writer):
    """A Shapefile in UTF-8 (``.cpg`` says so), with a table of the names it cut."""

    keeps_notes = False

    def __init__(self, path: Path, heading: Heading) -> None:
        super().__init__(path, heading)
        self._names = short_names(list(heading.titles))
        with path.with_suffix(".fields.csv").open(
            "w", encoding="utf-8-sig", newline=""
        ) as file:
            table = csv.writer(file)
            table.writerow(["column", "field", "title"])
            table.writerows(
                [short, name, heading.titles[name]]
                for name, short in self._names.items()
            )

    def write(self, chunk: GeoDataFrame) -> None:
        """Add the rows of a chunk."""
        kinds = chunk.geometry.geom_type.str.removeprefix("Multi")
        parts = list(chunk.groupby(kinds)) or [("", chunk)]
        for kind, part in parts:
            # A Shapefile holds one kind of shape: what else there is goes beside it.
            path = self._path_of(str(kind))
            pyogrio.write_dataframe(
                flat(part).rename(columns=self._names),
                path,
                driver="ESRI Shapefile",
                encoding="UTF-8",
                append=path.exists(),
            )

    def _path_of(self, kind: str) -> Path:
        first = self.__dict__.setdefault("_first_kind", kind)
        ending = "" if kind == first else f"_{kind.lower()}"
        return self.path.with_stem(self.path.stem + ending)


class WholeWriter(Writer):
    """Keeps all chunks and writes them at the end."""

    def __init__(self, path: Path, heading: Heading) -> None:
        super().__init__(path, heading)
        self._chunks: list[GeoDataFrame] = []

    def write(self, chunk: GeoDataFrame) -> None:
        """Keep the rows of a chunk."""
        self._chunks.append(chunk)

    @property
    def whole(self) -> GeoDataFrame:
        """All rows."""
        return geopandas.GeoDataFrame(pd.concat(self._chunks, ignore_index=True))


class GeoParquetWriter(WholeWriter):
    """GeoParquet; the notes are in its metadata under ``about``."""

    def close(self) -> None:
        """Write the file."""
        self.whole.to_parquet(self.path)
        table = pyarrow.parquet.read_table(self.path)
        notes = json.dumps(dict(self.heading.notes), ensure_ascii=False)
        metadata = {**(table.schema.metadata or {}), b"about": notes.encode()}
        pyarrow.parquet.write_table(table.replace_schema_metadata(metadata), self.path)


class KmlWriter(WholeWriter):
    """KML, whose placemarks are called what the row is called."""

    keeps_notes = False

    def close(self) -> None:
        """Write the file."""
        frame = flat(self.whole)
        if "name" in frame:
            frame = frame.rename(columns={"name": "Name"})
        pyogrio.write_dataframe(
            frame, self.path, driver="KML", layer=self.heading.layer_id
        )


def short_names(names: list[str]) -> dict[str, str]:
    """Cut names to the ten bytes of a Shapefile, each still its own."""
    short: dict[str, str] = {}
    for name in names:
        cut = name.encode()[:SHAPEFILE_NAME_BYTES].decode(errors="ignore")
        number = 1
        while cut.lower() in {each.lower() for each in short.values()}:
            number += 1
            room = SHAPEFILE_NAME_BYTES - len(f"_{number}")
            cut = f"{name.encode()[:room].decode(errors='ignore')}_{number}"
        short[name] = cut
    return short


def flat(chunk: GeoDataFrame) -> GeoDataFrame:
    """Write times as text (RFC 3339), as formats without them want it."""
    times = chunk.select_dtypes(["datetimetz"]).columns
    written = {
        name: chunk[name].map(pd.Timestamp.isoformat, na_action="ignore")
        for name in times
    }
    return chunk.assign(**written)

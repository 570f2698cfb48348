"""What layers may tell: no written text or number of a person in tiles and files."""

import pytest

from gis_service import definitions
from gis_service.publish.catalog import Catalog, Layer

CATALOG = Catalog.load(definitions.folder("layers"))
NEVER_READ = (
    "description",
    "id_number",
    "phone_sealed",
    "reporter",
    "matter.address",
    "household.address",
    "resident.name,",
)
DRAWN_OF_PROTECTED = {
    "households": {"residents"},
    "residents": set(),
    "care_residents": set(),
    "open_matters": {
        *("grid_code", "number", "class_name", "stage", "state"),
        *("reported_at", "due_at", "is_overdue", "is_urgent"),
    },
    "matter_history": {
        *("grid_code", "number", "class_name", "state"),
        *("reported_at", "closed_at", "is_late"),
    },
}
"""The whole of what tiles, files, frames and folium pages carry."""


@pytest.mark.parametrize("layer", CATALOG.values(), ids=lambda layer: layer.id)
def test_layer_reads_no_written_text_or_number_of_a_person(layer: Layer) -> None:
    for word in NEVER_READ:
        assert word not in layer.sql, word


def test_tiles_and_files_carry_nothing_else_of_persons() -> None:
    protected = {layer.id for layer in CATALOG.values() if layer.protected}
    assert protected == set(DRAWN_OF_PROTECTED)
    for name, expected in DRAWN_OF_PROTECTED.items():
        assert set(CATALOG[name].drawn_fields) == expected, name

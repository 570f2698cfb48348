"""Layer definitions: what is refused when the service starts, and in which words."""

from pathlib import Path

import pytest

from gis_service.errors import DefinitionError
from gis_service.publish.catalog import Catalog

SQL = "-- Places, one row each.\nSELECT id, geom, geom_web, name FROM places\n"
TOML = """
title = "地点"
title_en = "Places"
about = "Places."
element = "borders"
geometry = "Point"
audience = "public"
scope = "county"
zooms = [0, 22]
[fields]
name = { title = "名称", title_en = "Name", type = "text" }
[style]
symbol = "circle"
color = "#12406f"
"""


def _load(folder: Path, sql: str = SQL, toml: str = TOML) -> Catalog:
    (folder / "places.sql").write_text(sql, encoding="utf-8")
    (folder / "places.toml").write_text(toml, encoding="utf-8")
    return Catalog.load(folder)


def test_good_layer_is_read(tmp_path: Path) -> None:
    layer = _load(tmp_path)["places"]
    assert layer.yields == ("id", "geom", "geom_web", "name")
    assert layer.sql.endswith("\n")


@pytest.mark.parametrize(
    ("sql", "reason"),
    [
        (SQL.removeprefix("-- "), "comment"),
        (SQL.replace("name", ":name"), "parameter"),
        (SQL.replace("each.", "each: as seen.").replace(": as", " :as"), "parameter"),
        (SQL.rstrip() + ";", "semicolon"),
    ],
)
def test_select_that_cannot_be_wrapped_is_refused(
    tmp_path: Path, sql: str, reason: str
) -> None:
    with pytest.raises(DefinitionError, match=reason):
        _load(tmp_path, sql)


def test_cast_is_no_parameter(tmp_path: Path) -> None:
    assert _load(tmp_path, SQL.replace("name FROM", "name::text FROM"))


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("zooms = [0, 22]", "zooms = [9, 3]", "zooms"),
        ("zooms = [0, 22]", "zooms = [0, 30]", "zooms"),
        ('audience = "public"', 'audience = "everybody"', "audience"),
        ('scope = "county"', 'scope = "county"\nprotected = true', "scoped by cell"),
        ('symbol = "circle"', 'symbol = "circle"\ntext = "nothing"', "no field"),
        ('symbol = "circle"', 'symbol = "circle"\ncolour = "x"', "colour"),
        ('color = "#12406f"', 'color = "blue"', "color"),
        ("name = {", "geom = {", "not names of fields"),
        ("name = {", "Name = {", "snake case"),
        ('type = "text"', 'type = "text", private = true', "style"),
        ("title = ", "title == ", "places"),
    ],
)
def test_description_that_is_wrong_is_refused(
    tmp_path: Path, old: str, new: str, reason: str
) -> None:
    toml = TOML.replace(old, new, 1)
    if reason == "style":
        toml = toml.replace('symbol = "circle"', 'symbol = "circle"\ntext = "name"')
    with pytest.raises(DefinitionError, match=reason) as refused:
        _load(tmp_path, toml=toml)
    assert "places" in refused.value.detail


def test_half_a_layer_is_refused(tmp_path: Path) -> None:
    (tmp_path / "places.sql").write_text(SQL, encoding="utf-8")
    with pytest.raises(DefinitionError, match=r"places\.toml"):
        Catalog.load(tmp_path)


def test_empty_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DefinitionError, match="no layer"):
        Catalog.load(tmp_path)


def test_zoom_takes_the_band_it_is_drawn_with(catalog: Catalog) -> None:
    villages = catalog["villages"]
    drawn = {zoom: villages.shape_at(zoom) for zoom in (8, 9, 10, 12, 13)}
    assert drawn == {
        8: "geom_web_z8",
        9: "geom_web_z10",
        10: "geom_web_z10",
        12: "geom_web_z12",
        13: "geom_web",
    }
    assert catalog["households"].shape_at(8) == "geom_web"

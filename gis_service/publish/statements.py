"""Statements that ask a layer for a tile, a page of features or a whole frame.

Each wraps the layer's own SELECT as a subquery and adds what the purpose needs.
PostgreSQL folds the wrapper into the SELECT, so the index of the table underneath is
used; ``tests/publish`` holds every layer to that. All values are named parameters:
a statement of one shape is compiled once and serves every reader.
"""

from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Double,
    Integer,
    Select,
    Text,
    bindparam,
    cast,
    func,
    select,
    true,
)

from gis_service import crs
from gis_service.access.scope import Scope
from gis_service.publish.catalog import Layer
from gis_service.publish.choosing import Choice
from gis_service.publish.questions import EVERYTHING, Question
from gis_service.publish.rows import Rows

TILE_EXTENT = 4096
"""Units along the side of a vector tile, the MVT default."""

TILE_BUFFER = 64
"""Units drawn beyond the edge, so that outlines meet between tiles."""

DEGREE_DIGITS = 7
"""Decimals of coordinates in degrees: a centimetre."""

METRE_DIGITS = 3

IN_DEGREES = frozenset({crs.GPS, crs.STORED})


def tile_values(z: int, x: int, y: int) -> dict[str, float]:
    """Return the values of a tile statement, by name."""
    side_m = 2 * crs.EARTH_HALF_M / 2**z
    return {"z": z, "x": x, "y": y, "margin_m": side_m * TILE_BUFFER / TILE_EXTENT}


def tile(layer: Layer, scope: Scope, z: int, x: int, y: int) -> Select[Any]:
    """Select one Mapbox vector tile as bytes, none where there is nothing.

    Of protected rows it also tells how many there are, in the column ``returned``.
    """
    values = tile_values(z, x, y)
    place = [bindparam(name, values[name], Integer) for name in "zxy"]
    margin = bindparam("margin_m", values["margin_m"], Double)
    edge = func.ST_TileEnvelope(*place)
    bounds = (
        select(edge.label("edge"), func.ST_Expand(edge, margin).label("drawn"))
        .cte("bounds")
        .prefix_with("MATERIALIZED")
    )
    rows = Rows(layer)
    shape = rows[layer.shape_at(z)]
    # Without clipping and scaling in one step, half the time would go into copying.
    drawn = func.ST_AsMVTGeom(shape, bounds.c.edge, TILE_EXTENT, TILE_BUFFER, true())
    if layer.pyramid:
        square = zip(("zoom", "tile_x", "tile_y"), place, strict=True)
        found = [rows[name] == at for name, at in square]
    else:
        found = rows.touching(shape, bounds.c.drawn)
    feature = (
        select(rows["id"], *map(rows.drawn, layer.drawn_at(z)), drawn.label("geom"))
        .select_from(bounds.join(rows.table, true()))
        .where(*found, rows.in_scope(scope))
        .subquery("feature")
    )
    written = func.ST_AsMVT(feature.table_valued(), layer.id, TILE_EXTENT, "geom", "id")
    if not layer.protected:
        return select(written)
    return select(written, func.count().label("returned")).select_from(feature)


def page(layer: Layer, scope: Scope, question: Question) -> Select[Any]:
    """Select a page of GeoJSON features as one value that is handed on untouched.

    Columns are ``features`` (bytes, features separated by commas, None when there
    is none), ``returned`` (how many), ``found`` (one more when the page was not the
    last) and ``last`` (JSON array: sort values and id of the last row, to go on).
    """
    return _features(Choice(layer, scope, question))


def one(
    layer: Layer, scope: Scope, feature_id: int, question: Question = EVERYTHING
) -> Select[Any]:
    """Select one feature by its number, in the columns of ``page``."""
    choice = Choice(layer, scope, question)
    return _features(choice.only(bindparam("feature_id", feature_id, BigInteger)))


def frame(layer: Layer, scope: Scope, question: Question | None = None) -> Select[Any]:
    """Select features in stored coordinates, for ``geopandas.read_postgis``.

    Without a question all that the reader may see, whatever their number.
    """
    choice = Choice(layer, scope, question or EVERYTHING)
    rows = choice.rows
    names = choice.fields
    chosen = choice.where(select(rows["id"], *map(rows.field, names), rows["geom"]))
    chosen = chosen.order_by(*choice.order)
    return chosen if question is None else chosen.limit(choice.limit)


def count(layer: Layer, scope: Scope, question: Question) -> Select[Any]:
    """Select how many features there are on all pages together."""
    choice = Choice(layer, scope, question)
    return choice.where(select(func.count()), with_after=False)


def _features(choice: Choice) -> Select[Any]:
    rows = choice.rows
    names = choice.fields
    keys = [key.label(f"key_{number}") for number, key in enumerate(choice.keys)]
    column = "geom_web" if choice.question.srid == crs.WEB else "geom"
    # Nothing is worked out before the rows are few: what is sorted is as it is kept.
    chosen = (
        choice.where(select(*keys, *map(rows.field, names), rows[column].label("kept")))
        .order_by(*choice.order)
        # One more than asked tells whether there is a next page.
        .limit(choice.limit + 1)
        .subquery("chosen")
    )
    known = [chosen.c[f"key_{number}"] for number in range(len(keys))]
    numbered = select(
        known[-1].label("id"),
        *(chosen.c[name] for name in names),
        _answered(chosen.c.kept, choice.question).label("geom"),
        func.json_build_array(*known).label("last"),
        func.row_number().over().label("place"),
    ).subquery("numbered")
    own = (numbered.c[name] for name in names)
    whole = select(*own, numbered.c.geom).correlate(numbered)
    feature = whole.lateral("feature")
    digits = DEGREE_DIGITS if choice.question.srid in IN_DEGREES else METRE_DIGITS
    written = func.ST_AsGeoJSON(feature.table_valued(), "geom", digits)
    is_on_page = numbered.c.place <= choice.limit
    # PostGIS 3.3 writes no id: it is put in after the opening {"type": "Feature",
    head = func.concat('{"type":"Feature","id":', numbered.c.id, ",")
    joined = func.string_agg(head.concat(func.substr(written, 20)), ",")
    return select(
        func.convert_to(joined.filter(is_on_page), "UTF8").label("features"),
        func.count().filter(is_on_page).label("returned"),
        func.count().label("found"),
        func.max(cast(numbered.c["last"], Text))
        .filter(numbered.c.place == choice.limit)
        .label("last"),
    ).select_from(numbered.join(feature, true()))


def _answered(kept: ColumnElement[Any], question: Question) -> ColumnElement[Any]:
    """Return a geometry in the CRS of the answer."""
    shape = kept
    if question.srid not in {*IN_DEGREES, crs.WEB}:
        shape = func.ST_Transform(shape, question.srid)
    if question.is_official_order:
        shape = func.ST_FlipCoordinates(shape)
    # PostGIS writes a crs member for every CRS but 4326; GeoJSON has none any more.
    return func.ST_SetSRID(shape, crs.GPS)

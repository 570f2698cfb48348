"""Which layers a reader may open, and what a layer not open answers."""

from collections.abc import Iterator

from gis_service.access.reader import Reader
from gis_service.access.roles import audiences, only_department
from gis_service.access.token_scopes import READ_LAYERS, require
from gis_service.errors import NotFoundError, NotSignedInError
from gis_service.publish.catalog import Catalog, Layer


def layer_for(catalog: Catalog, layer_id: str, reader: Reader) -> Layer:
    """Return a layer as a reader sees it.

    Raises
    ------
    NotFoundError
        When there is no such layer, or the reader may not know of it.
    TokenScopeError
        When the token is for public layers alone.
    NotSignedInError
        When somebody signed in might open it: QGIS and GDAL send their credentials
        only when they are asked for them.
    """
    layer = catalog.get(layer_id)
    if layer is None:
        raise _no_layer(layer_id)
    if layer.audience not in audiences(reader):
        require(reader, READ_LAYERS)
        if reader.is_signed_in:
            raise _no_layer(layer_id)
        message = "查看这个图层请先登录 (sign in to open this layer)"
        raise NotSignedInError(message)
    return _seen(layer, reader)


def layers_for(catalog: Catalog, reader: Reader) -> Iterator[Layer]:
    """Go through the layers a reader may open, each as the reader sees it."""
    for layer in catalog.values():
        if layer.audience in audiences(reader):
            yield _seen(layer, reader)


def _seen(layer: Layer, reader: Reader) -> Layer:
    if reader.scope.is_wide:
        layer = layer.seen_widely
    return layer.seen_by(audiences(reader), only_department(reader))


def _no_layer(layer_id: str) -> NotFoundError:
    message = f"没有图层 {layer_id[:60]!r} (there is no such layer)"
    return NotFoundError(message)

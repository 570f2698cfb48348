"""Where the layer and map definitions are, in a checkout or in a wheel."""

from importlib.resources import files
from pathlib import Path
from typing import Literal


def folder(name: Literal["layers", "maps"]) -> Path:
    """Return the folder of definitions called ``name``.

    A wheel ships the two top-level folders inside the package, under
    ``_shipped``; a checkout, editable or not, reads them where they are edited.
    """
    package = Path(str(files("gis_service")))
    shipped = package / "_shipped" / name
    return shipped if shipped.is_dir() else package.parent / name

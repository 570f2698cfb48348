"""网格一张图 (One Map of the Grid): a county, its people, land, objects and matters."""

__version__ = "0.1.0"

"""What is said with every map, tile and export: whose data it is, invented or not."""

from gis_service.settings import Settings

SYNTHETIC = "合成演示数据，非真实记录"
SYNTHETIC_IN_BOTH = f"{SYNTHETIC} (synthetic demonstration data)"
WORKING_IN_BOTH = "业务数据 (working data)"


def nature(settings: Settings) -> str:
    """Return whether the data is invented."""
    return SYNTHETIC_IN_BOTH if settings.is_demo else WORKING_IN_BOTH


def attribution(settings: Settings) -> str:
    """Return whose data it is, and that it is invented if it is."""
    county = f"{settings.county_name} · 网格一张图"
    return f"{SYNTHETIC_IN_BOTH} · {county}" if settings.is_demo else county

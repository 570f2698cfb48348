"""GCJ-02 and BD-09 against published points, and there and back."""

import numpy as np
import pytest

from gis_service import offsets

PUBLISHED_GCJ02 = [
    ((116.404, 39.915), (116.41024449916938, 39.91640428150164)),
    ((121.5272106, 31.1774276), (121.531541859215, 31.17530398364597)),
    ((111.3, 27.7), (111.30544905, 27.69673877)),
    ((111.3272, 27.7266), (111.33272405, 27.72338503)),
]
PUBLISHED_BD09 = [
    ((116.404, 39.915), (116.41662724, 39.92269955)),
    ((111.3, 27.7), (111.31201057, 27.70241382)),
    ((111.3272, 27.7266), (111.33921565, 27.72943336)),
]
MICROMETRE_DEG = 1e-11


@pytest.mark.parametrize(("gps", "gcj02"), PUBLISHED_GCJ02)
def test_gcj02_meets_the_published_points(
    gps: tuple[float, float], gcj02: tuple[float, float]
) -> None:
    assert offsets.gcj02_from_gps(*gps) == pytest.approx(gcj02, abs=1e-8)


@pytest.mark.parametrize(("gps", "bd09"), PUBLISHED_BD09)
def test_bd09_meets_the_published_points(
    gps: tuple[float, float], bd09: tuple[float, float]
) -> None:
    assert offsets.bd09_from_gps(*gps) == pytest.approx(bd09, abs=1e-8)


def test_bd09_of_a_gcj02_point_meets_the_published_point() -> None:
    expected = (116.41036949371029, 39.92133699351021)
    assert offsets.bd09_from_gcj02(116.404, 39.915) == pytest.approx(expected, abs=1e-9)


def test_both_come_back_to_a_micrometre_all_over_china() -> None:
    lon, lat = np.meshgrid(np.linspace(75, 134, 60), np.linspace(18.5, 53, 60))
    for there, back in (
        (offsets.gcj02_from_gps, offsets.gps_from_gcj02),
        (offsets.bd09_from_gcj02, offsets.gcj02_from_bd09),
        (offsets.bd09_from_gps, offsets.gps_from_bd09),
    ):
        again_lon, again_lat = back(*there(lon, lat))
        assert np.abs(again_lon - lon).max() < MICROMETRE_DEG * 10
        assert np.abs(again_lat - lat).max() < MICROMETRE_DEG * 10


def test_a_point_outside_china_stays() -> None:
    assert offsets.gcj02_from_gps(2.35, 48.85) == (2.35, 48.85)

"""All the intake takes, by the word of the command line."""

from gis_service.intake.candidate_sites import CANDIDATE_SITES
from gis_service.intake.cells import CELLS
from gis_service.intake.centers import CENTERS
from gis_service.intake.fields import Thing
from gis_service.intake.households import HOUSEHOLDS
from gis_service.intake.matters import MATTERS
from gis_service.intake.objects import OBJECTS
from gis_service.intake.parcels import PARCELS
from gis_service.intake.residents import RESIDENTS
from gis_service.intake.roads import ROADS
from gis_service.intake.townships import TOWNSHIPS
from gis_service.intake.villages import VILLAGES

THINGS: dict[str, Thing] = {
    thing.what: thing
    for thing in (
        TOWNSHIPS,
        VILLAGES,
        CELLS,
        CENTERS,
        HOUSEHOLDS,
        RESIDENTS,
        PARCELS,
        OBJECTS,
        MATTERS,
        ROADS,
        CANDIDATE_SITES,
    )
}
"""In the order in which an empty county is filled."""

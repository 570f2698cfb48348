"""Who is on duty in the cells of the demo county, by surname and post only."""

from datetime import date

import numpy as np
import pandas as pd

from gis_service.demo import identity, names
from gis_service.demo.plan import Plan
from gis_service.demo.registers import numbered
from gis_service.demo.shapes import Frame

DUTY_FROM = date(2024, 1, 1)


def duties(plan: Plan) -> Frame:
    """Return an officer and a lead for every cell, by surname and post only."""
    cells = plan.filled(plan.cells)
    villages = sorted(set(cells["village_code"]))
    leads = dict(zip(villages, _posts(plan, "leads", villages, "网格长"), strict=True))
    officers = _posts(plan, "officers", cells["code"].tolist(), "网格员")
    rows = [
        {
            "grid_code": code,
            "officer_name": name,
            "role": role,
            "public_phone": phone,
            "valid_from": DUTY_FROM,
        }
        for code, village, officer in zip(
            cells["code"], cells["village_code"], officers, strict=True
        )
        for role, (name, phone) in (("officer", officer), ("lead", leads[village]))
    ]
    return numbered(pd.DataFrame(rows))


def _posts(
    plan: Plan, stream: str, codes: list[str], post: str
) -> list[tuple[str, str]]:
    draws = np.concatenate([plan.streams.rows(stream, code, (1, 2)) for code in codes])
    phones = identity.phones(draws[:, 1], np.ones(len(codes), dtype=bool))
    called = names.surnames(draws[:, 0])
    return [
        (f"{name}{post}", phone)
        for name, phone in zip(called.tolist(), phones.tolist(), strict=True)
    ]

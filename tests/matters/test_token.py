"""Matters by token: only one made for writing them reports and acts."""

from uuid import uuid4

import httpx
import pytest

from gis_service import code_lists
from gis_service.access import accounts, tokens
from gis_service.access.accounts import NewAccount
from gis_service.database import engine
from tests import village
from tests.matters.conftest import PASSWORD

LON, LAT = village.place(300, 400)
BODY = {"class_code": "0102", "lon": LON, "lat": LAT, "description": "路边垃圾"}
SCOPES = ("read:public", "read:layers", "write:matters")
OFFICER = NewAccount(
    login="officer", name="某", role="officer", branches=(village.FIRST_CELL,)
)


@pytest.fixture
def headers(copy_of_village: str) -> dict[str, dict[str, str]]:
    """Return what an officer's tokens of every scope send."""
    owner = engine(copy_of_village)
    with owner.begin() as connection:
        code_lists.load(connection)
        number = accounts.add(connection, OFFICER, PASSWORD)
        made = {
            scope: tokens.add(connection, number, scope, 1, scopes=[scope])
            for scope in SCOPES
        }
    owner.dispose()
    return {
        scope: {"Authorization": f"Bearer {token.secret}"}
        for scope, token in made.items()
    }


async def test_token_made_for_it_reports_and_acts(
    client: httpx.AsyncClient, headers: dict[str, dict[str, str]]
) -> None:
    own = headers["write:matters"]
    reported = await client.put(f"/api/matters/{uuid4()}", json=BODY, headers=own)
    assert reported.status_code == 201
    number = reported.json()["number"]
    dossier = (await client.get(f"/api/matters/{number}", headers=own)).json()
    act = {"act": "void", "opinion": "看错了地方", "version": dossier["version"]}
    stepped = await client.post(f"/api/matters/{number}/steps", json=act, headers=own)
    assert stepped.status_code == 201, stepped.text


@pytest.mark.parametrize("scope", ["read:public", "read:layers"])
async def test_token_for_reading_changes_nothing_and_is_told_what_it_lacks(
    client: httpx.AsyncClient, headers: dict[str, dict[str, str]], scope: str
) -> None:
    own, writing = headers[scope], headers["write:matters"]
    address = f"/api/matters/{uuid4()}"
    refused = [await client.put(address, json=BODY, headers=own)]
    # The same receipt is still free, so nothing was kept of the refused one.
    reported = await client.put(address, json=BODY, headers=writing)
    assert reported.status_code == 201
    steps = f"/api/matters/{reported.json()['number']}/steps"
    act = {"act": "void", "opinion": "看错了地方", "version": 1}
    refused.append(await client.post(steps, json=act, headers=own))
    for answer in refused:
        assert answer.status_code == 403
        assert answer.json()["code"] == "token_scope"
        assert answer.json()["missing"] == "write:matters"

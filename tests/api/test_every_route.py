"""Every route with every kind of client: without a token, without the permission, with another row scope, and right."""

from typing import Any

import httpx
import pytest
from fastapi.routing import iter_route_contexts

from api.web.audiences import AUDIENCES
from api.web.site import STATIC_PATH
from ledger.application.access import ROLE_SCOPES
from tests.api.fee_routes import fee_notice
from tests.api.route_cases import PUBLIC, ROUTES
from tests.api.route_shapes import Right
from tests.api.town import CLIENTS, Town

pytestmark = pytest.mark.anyio

OWN = ("bank", "institution", "parent", "regulator", "city")
FOREIGN = ("other_bank", "other_institution", "other_parent", "other_regulator")


async def ask(town: Town, who: str | None, method: str, path: str, right: Right) -> httpx.Response:
    headers = right.headers | ({"content-type": right.media_type} if right.content is not None else {})
    return await town.call(
        who,
        method,
        path.format(**right.path),
        body=right.body,
        content=right.content,
        headers=headers,
        **right.query,
    )


def holds(who: str, permission: str) -> bool:
    return permission in ROLE_SCOPES[CLIENTS[who][0]]


async def test_every_route_is_in_the_table(town: Town) -> None:
    served = {
        (method, context.path_format)
        for context in iter_route_contexts(town.app.routes)
        for method in context.methods or ()
        if method != "HEAD"
    }
    pages = {(route.method, route.path) for audience in AUDIENCES for route in audience.routes}
    nowhere = {("GET", f"/{path.split('/')[1]}/{{rest}}") for _, path in pages if path.count("/") > 1}
    assert served - pages - nowhere - {("GET", STATIC_PATH)} == set(ROUTES) | PUBLIC
    assert not pages & (set(ROUTES) | PUBLIC)


@pytest.mark.parametrize(("method", "path"), ROUTES, ids=lambda part: part)
async def test_route_with_every_client(town: Town, method: str, path: str) -> None:
    case = ROUTES[method, path]
    right = await case.arrange(town)
    before = await town.heads()
    nobody = await ask(town, None, method, path, right)
    assert (nobody.status_code, nobody.json()["code"]) == (401, "unauthenticated")
    for who in CLIENTS:
        if not holds(who, case.permission):
            denied = await ask(town, who, method, path, right)
            assert (denied.status_code, denied.json()["code"]) == (403, "permission_denied"), who
    for who in FOREIGN if not case.owner else CLIENTS:
        if holds(who, case.permission) and who != case.owner:
            check_foreign(case.foreign, await ask(town, who, method, path, right), who)
    assert await town.heads() == before
    allowed = [who for who in OWN if holds(who, case.permission) and case.owner in ("", who)]
    assert allowed
    for who in allowed:
        answer = await ask(town, who, method, path, await case.arrange(town))
        assert answer.status_code in (200, 201), (who, answer.text)
        if case.foreign == "empty":
            assert answer.json()["items"], who


async def test_public_list_is_told_to_everybody_alike_and_a_token_is_not_looked_at(town: Town) -> None:
    await town.post("institution", "/v1/fee-notices", fee_notice(town))
    await town.catch_up()
    answers = [await town.call(who, "GET", "/v1/fee-notices", institution_id="i-1") for who in (None, *CLIENTS)]
    forged = {"authorization": "Bearer forged"}
    answers.append(await town.call(None, "GET", "/v1/fee-notices", headers=forged, institution_id="i-1"))
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.text for answer in answers}) == 1
    assert answers[0].json()["items"]


def check_foreign(expected: str, answer: httpx.Response, who: str) -> None:
    if expected == "own_rows":
        assert answer.status_code in (200, 201), (who, answer.text)
        assert "i-1" not in answer.text
        return
    told: dict[str, Any] = answer.json()
    match expected:
        case "not_found":
            assert answer.status_code == 404, (who, answer.text)
            assert told["code"].endswith("not_found")
        case "empty":
            assert (answer.status_code, told) == (200, {"items": [], "next": None}), who
        case "district_denied":
            assert (answer.status_code, told["code"]) == (403, "district_denied"), who
        case "refused_items":
            items = told.get("results") or told["balances"]
            assert (answer.status_code, [item["code"] for item in items]) == (200, ["account_not_found"]), who
        case _:
            assert (answer.status_code, told["accounts"], told["events"]) == (200, 0, 0), who


async def test_family_of_another_contract_is_not_there_for_a_parent(town: Town) -> None:
    contract_id = await town.sign(family_id="f-2")
    assert (await town.call("parent", "GET", f"/v1/contracts/{contract_id}")).status_code == 404
    seen = await town.get("parent", "/v1/contracts", limit=500)
    assert {item["family_id"] for item in seen["items"]} <= {"f-1"}
    assert (await town.get("parent", "/v1/contracts", family_id="f-2"))["items"] == []


async def test_bank_of_the_body_is_never_taken_from_the_body(town: Town) -> None:
    answer = await town.call("bank", "POST", "/v1/deposits", body=town.deposit() | {"bank": "ABC"})
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (422, "unknown_field")


async def test_second_authority_sees_and_supervises_the_account(town: Town) -> None:
    account_id = await town.open_account(account_no=town.new("two"))
    path = f"/v1/accounts/{account_id}"
    assert (await town.call("other_regulator", "GET", path)).status_code == 404
    body = {"authorities": ["310104", "310105"], "reason": "licence of two"}
    named = await town.post("regulator", path + "/authorities", body)
    fresh = f"{named['partition']}:{named['position']}"
    assert (await town.get("other_regulator", path, at_least=fresh))["account_id"] == account_id
    assert [one["account_id"] for one in (await town.get("other_regulator", "/v1/accounts"))["items"]] == [account_id]
    held = await town.post("other_regulator", path + "/holds", {"amount_fen": 1, "reason": "complaint"})
    shown = await town.get("other_regulator", path + "/balance", at_least=f"{held['partition']}:{held['position']}")
    assert shown["version"] == held["version"]
    back = await town.post("regulator", path + "/authorities", {"authorities": ["310104"], "reason": "licence of one"})
    assert back["version"] == held["version"] + 1
    await town.catch_up()

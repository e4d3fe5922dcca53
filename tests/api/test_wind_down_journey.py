"""The end of an institution over HTTP: notice, claims, shares, a family that goes on elsewhere, and the report."""

from datetime import timedelta

import pytest

from tests.api.town import TODAY, Town
from tests.api.wind_down_routes import offer, offered

pytestmark = pytest.mark.anyio
WHY = {"reason": "as decided"}


async def _accounts_number(town: Town, account_id: str) -> str:
    return (await town.get("regulator", f"/v1/accounts/{account_id}"))["account_no"]


async def test_an_institution_is_wound_up_short_of_cash_and_again_when_money_comes(town: Town) -> None:
    account_id, contract_id = await town.under("default")
    number = await _accounts_number(town, account_id)
    other = await town.sign(account_id=account_id, family_id="f-2", contract_no=town.new("HT"))
    body = town.deposit(30_000, account_no=number, contract_reference=other, payer_route="route-2")
    refused = await town.post("bank", "/v1/deposits", body)
    assert refused["lines"][0]["amount_fen"] == 10_000, "the rest is above the price and waits in suspense"
    await town.post("institution", "/v1/lessons", town.lesson(contract_id, account_id=account_id))
    path = f"/v1/accounts/{account_id}"
    receipt = await town.post("regulator", path + "/wind-down", WHY, key="start")
    again = await town.call("regulator", "POST", path + "/wind-down", body=WHY, key="start")
    assert (again.status_code, again.json()) == (201, receipt)
    assert again.headers["idempotency-replayed"] == "true"
    fresh = {"at_least": f"{receipt['partition']}:{receipt['position']}"}
    await town.catch_up()
    shown = await town.get("regulator", path + "/wind-down", **fresh)
    assert (shown["state"], shown["by"], shown["claims_fen"], shown["suspense_fen"]) == (
        "winding_down",
        "order",
        19_000,
        20_000,
    )
    own = (await town.get("parent", "/v1/claims"))["items"]
    assert [(c["contract_id"], c["claim_fen"]) for c in own if c["account_id"] == account_id] == [(contract_id, 9_000)]
    [line] = own[-1]["lines"]
    assert (line["basis"], line["used_fen"], line["refund_fen"]) == ("closure", 1_000, 9_000)
    distribution = await town.post("regulator", path + "/wind-down/distributions", {})
    assert (distribution["number"], distribution["amount_fen"], distribution["claims"]) == (1, 19_000, 2)
    nothing = await town.call("regulator", "POST", path + "/wind-down/distributions", body={})
    assert (nothing.status_code, nothing.json()["code"]) == (409, "distribution_nothing")
    unfinished = await town.call("regulator", "POST", path + "/wind-down/closing", body={})
    assert (unfinished.status_code, unfinished.json()["figures"]["in_flight_fen"]) == (409, 19_000)
    await town.catch_up()
    for order in (await town.get("bank", "/v1/instructions", account_id=account_id))["items"]:
        paid = {"outcome": "settled", "amount_fen": order["amount_fen"], "settled_on": TODAY.isoformat()}
        settlement = f"/v1/instructions/{order['instruction_id']}/settlement"
        await town.post("bank", settlement, paid | {"bank_reference": town.new("paid")})
    late = await town.post(
        "bank", "/v1/deposits", town.deposit(5, account_no=number, contract_reference=other, payer_route="route-2")
    )
    assert (late["lines"][0]["to"], late["lines"][0]["reason"]) == ("suspense", "wind_down")
    payout = {"account_id": account_id, "amount_fen": 1_000}
    free = await town.get("institution", "/v1/payouts/quote", account_id=account_id)
    assert free["free_fen"] == 1_000, "families have everything: the lesson is the institution's"
    await town.post("institution", "/v1/payouts", payout)
    for item in (await town.get("regulator", "/v1/suspense", account_id=account_id))["items"]:
        if item["state"] == "open":
            await town.post("regulator", f"/v1/suspense/{item['suspense_id']}/return", WHY | {"account_id": account_id})
    await town.catch_up()
    for order in (await town.get("bank", "/v1/instructions", account_id=account_id, state="pending"))["items"]:
        paid = {"outcome": "settled", "amount_fen": order["amount_fen"], "settled_on": TODAY.isoformat()}
        settlement = f"/v1/instructions/{order['instruction_id']}/settlement"
        await town.post("bank", settlement, paid | {"bank_reference": town.new("paid")})
    report = await town.post("regulator", path + "/wind-down/closing", {})
    assert (report["claims_fen"], report["paid_fen"], report["lost_fen"], report["institution_fen"]) == (
        19_000,
        19_000,
        0,
        0,
    )
    await town.catch_up()
    closed = await town.get("regulator", "/v1/wind-downs", state="closed")
    assert account_id in [one["account_id"] for one in closed["items"]]


async def test_a_family_goes_on_in_the_other_institutions_account(town: Town) -> None:
    account_id, contract_id, choice = await offered(town)
    await town.catch_up()
    seen = await town.get("parent", "/v1/continuity-offers", from_account_id=account_id)
    assert [one["offer_id"] for one in seen["items"]] == [choice["offer_id"]]
    wrong = await town.call(
        "parent", "POST", f"/v1/contracts/{contract_id}/continuity", body=choice | {"offer_id": "none"}
    )
    assert (wrong.status_code, wrong.json()["code"]) == (422, "continuity_not_offered")
    await town.post("parent", f"/v1/contracts/{contract_id}/continuity", choice)
    await town.post("regulator", f"/v1/accounts/{account_id}/wind-down/distributions", {})
    await town.catch_up()
    [claim] = (await town.get("parent", f"/v1/accounts/{account_id}/claims"))["items"]
    assert (claim["transferred_fen"], claim["to_account_id"]) == (10_000, town.account_id)
    contract = await town.get("parent", f"/v1/contracts/{claim['to_contract_id']}")
    assert (contract["prepaid_fen"], contract["account_id"]) == (10_000, town.account_id)
    before = await town.get("regulator", f"/v1/accounts/{town.account_id}/balance")
    assert before["in_transit_fen"] >= 10_000
    [order] = (await town.get("bank", "/v1/instructions", account_id=account_id, kind="transfer"))["items"]
    paid = {"outcome": "settled", "amount_fen": 10_000, "settled_on": TODAY.isoformat()}
    settlement = f"/v1/instructions/{order['instruction_id']}/settlement"
    await town.post("bank", settlement, paid | {"bank_reference": town.new("sent")})
    receipt = await town.post("bank", "/v1/deposits", town.deposit(contract_reference=order["subject_id"]))
    assert receipt["events"] == ["account.continuity_arrived"]
    fresh = f"{receipt['partition']}:{receipt['position']}"
    after = await town.get("regulator", f"/v1/accounts/{town.account_id}/balance", at_least=fresh)
    assert after["in_transit_fen"] == before["in_transit_fen"] - 10_000
    assert after["cash_fen"] == before["cash_fen"] + 10_000
    moved = await town.post("regulator", f"/v1/accounts/{account_id}/continuity-transfers", {})
    assert moved["ended"] == {}


async def test_a_transfer_whose_text_the_bank_dropped_is_matched_to_its_receipt(town: Town) -> None:
    account_id, contract_id, choice = await offered(town)
    await town.post("parent", f"/v1/contracts/{contract_id}/continuity", choice)
    await town.post("regulator", f"/v1/accounts/{account_id}/wind-down/distributions", {})
    await town.catch_up()
    before = await town.get("regulator", f"/v1/accounts/{town.account_id}/balance")
    [claim] = (await town.get("parent", f"/v1/accounts/{account_id}/claims"))["items"]
    suspense_id = await town.suspense(10_000)
    path = f"/v1/suspense/{suspense_id}"
    await town.catch_up()
    found = (await town.get("institution", f"{path}/suggestions"))["suggestions"]
    [one] = [one for one in found if one["contract_id"] == claim["to_contract_id"]]
    assert [reason["reason"] for reason in one["reasons"]] == ["transfer_amount"]
    match = WHY | {"account_id": town.account_id, "contract_id": one["contract_id"], "amount_fen": 10_000}
    for wrong, code in (({}, "contract_overpaid"), ({"transfer_id": "nobody"}, "transfer_not_found")):
        refused = await town.call("institution", "POST", f"{path}/match", body=match | wrong)
        assert refused.json()["code"] == code
    match["transfer_id"] = one["transfer_id"]
    other = await town.call("institution", "POST", f"{path}/match", body=match | {"amount_fen": 9_999})
    assert (other.status_code, other.json()["code"]) == (422, "transfer_amount_differs")
    receipt = await town.post("institution", f"{path}/match", match)
    assert receipt["events"] == ["account.continuity_matched"]
    fresh = f"{receipt['partition']}:{receipt['position']}"
    after = await town.get("regulator", f"/v1/accounts/{town.account_id}/balance", at_least=fresh)
    assert after["in_transit_fen"] == before["in_transit_fen"] - 10_000
    assert (after["cash_fen"], after["suspense_fen"]) == (before["cash_fen"] + 10_000, before["suspense_fen"])
    shown = await town.get("regulator", "/v1/suspense", account_id=town.account_id, only_open=False)
    assert [item["state"] for item in shown["items"] if item["suspense_id"] == suspense_id] == ["matched"]
    contract = await town.get("parent", f"/v1/contracts/{one['contract_id']}")
    assert contract["prepaid_fen"] == 10_000


async def test_the_daily_close_begins_and_goes_on_with_a_planned_closure(town: Town) -> None:
    account_id, contract_id = await town.under("default")
    notice = WHY | {"account_id": account_id, "closes_on": TODAY.isoformat()}
    told = await town.post("institution", "/v1/closures", notice)
    assert (told["closes_on"], told["earliest_on"]) == (TODAY.isoformat(), TODAY.isoformat())
    twice = await town.call("institution", "POST", "/v1/closures", body=notice)
    assert (twice.status_code, twice.json()["code"]) == (409, "closure_notified")
    willing = await town.call("institution", "POST", "/v1/continuity-offers", body=offer(town, account_id))
    assert willing.status_code == 201
    start_of = town.clock.now
    try:
        town.clock.go_to(TODAY + timedelta(days=1))
        closed = await town.post("city", "/v1/close-day", {"close_on": (TODAY + timedelta(days=1)).isoformat()})
        assert closed["wind_downs"]["wind_downs"] >= 1
    finally:
        town.clock.now = max(town.clock.now, start_of)
    await town.catch_up()
    shown = await town.get("regulator", f"/v1/accounts/{account_id}/wind-down")
    assert (shown["state"], shown["by"], shown["claims_fen"]) == ("winding_down", "closure", 10_000)
    [claim] = (await town.get("parent", "/v1/claims", contract_id=contract_id))["items"]
    assert claim["claim_fen"] == 10_000
    missing = await town.call("regulator", "GET", f"/v1/accounts/{town.account_id}/wind-down")
    assert (missing.status_code, missing.json()["code"]) == (404, "wind_down_not_found")

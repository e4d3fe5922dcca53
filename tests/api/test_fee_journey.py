"""Fees over HTTP: published to anybody, charged within the law, amended with the family, billed by the lesson."""

from typing import Any

import pytest

from tests.api.fee_routes import amendment, cash, fee_notice, proposed
from tests.api.town import TODAY, Json, Town

pytestmark = pytest.mark.anyio

TERM = {"starts_on": "2026-09-15", "ends_on": "2026-12-14"}
TEN_LESSONS = [{"price_fen": 10_000, "list_price_fen": 10_000, "paid_lessons": 10}]


async def account(town: Town, pack: str) -> tuple[str, str]:
    """A new account under a pack, and its number."""
    number = town.new("fees")
    account_id = await town.open_account(account_no=number)
    policy = {"pack": pack, "reason": "the law"}
    await town.post("regulator", f"/v1/accounts/{account_id}/policy", policy)
    return account_id, number


def fresh(receipt: Json) -> str:
    return f"{receipt['partition']}:{receipt['position']}"


async def test_a_published_price_is_public_and_binds_contracts(town: Town) -> None:
    account_id, _ = await account(town, "national")
    contract = town.contract(account_id=account_id, packages=TEN_LESSONS, **TERM)
    refused = await town.call("institution", "POST", "/v1/contracts", body=contract)
    assert (refused.status_code, refused.json()["code"]) == (422, "fee_not_published")
    notice = fee_notice(town, account_id=account_id, course_id="piano")
    first = await town.post("institution", "/v1/fee-notices", notice)
    second = await town.post("institution", "/v1/fee-notices", notice | {"unit_price_fen": 999, "minutes": 40})
    assert (first["notice_version"], second["notice_version"]) == (1, 2)
    listed = await town.call(
        None, "GET", "/v1/fee-notices", course_id="piano", on=TODAY.isoformat(), at_least=fresh(second)
    )
    shown = [item for item in listed.json()["items"] if item["account_id"] == account_id]
    assert [(item["version"], item["unit_price_fen"], item["period"]) for item in shown] == [(2, 999, "lesson")]
    every = await town.call(None, "GET", "/v1/fee-notices", course_id="piano")
    assert len([item for item in every.json()["items"] if item["account_id"] == account_id]) == 2
    await town.sign(**contract)
    dear = contract | {"contract_no": town.new("HT"), "packages": [TEN_LESSONS[0] | {"paid_lessons": 8}]}
    refused = await town.call("institution", "POST", "/v1/contracts", body=dear)
    assert refused.json()["figures"] == {"amount_fen": 10_000, "limit_fen": 8_991}


async def test_pages_of_notices_follow_each_other(town: Town) -> None:
    district = "310199"
    body = {"institution_id": "i-1", "bank": "ICBC", "account_no": town.new("no"), "district": district}
    account_id = (await town.post("city", "/v1/accounts", body | {"authorities": [district]}))["account_id"]
    for _ in range(3):
        await town.post("institution", "/v1/fee-notices", fee_notice(town, account_id=account_id))
    await town.catch_up()
    seen: list[str] = []
    cursor: dict[str, Any] = {}
    while True:
        page = (await town.call(None, "GET", "/v1/fee-notices", district=district, limit=2, **cursor)).json()
        seen += [item["course_id"] for item in page["items"]]
        if page["next"] is None:
            break
        cursor = {"cursor": page["next"]}
    assert len(seen) == len(set(seen)) == 3


async def test_a_loan_is_held_back_and_its_reason_is_shown(town: Town) -> None:
    account_id, number = await account(town, "national")
    await town.post("institution", "/v1/fee-notices", fee_notice(town, account_id=account_id, course_id="piano"))
    contract_id = await town.sign(account_id=account_id, packages=TEN_LESSONS, **TERM)
    entry = town.deposit(account_no=number, contract_reference=contract_id, payment_source="loan")
    receipt = await town.post("bank", "/v1/deposits", entry)
    [line] = receipt["lines"]
    assert (line["to"], line["amount_fen"], line["reason"]) == ("suspense", 10_000, "training_loan")
    again = await town.call("bank", "POST", "/v1/deposits", body=entry)
    assert again.json() == receipt
    changed = await town.call("bank", "POST", "/v1/deposits", body=entry | {"payment_source": "account"})
    assert changed.json()["code"] == "entry_reused"
    match = {"account_id": account_id, "contract_id": contract_id, "amount_fen": 10_000, "reason": "r"}
    refused = await town.call("institution", "POST", f"/v1/suspense/{line['suspense_id']}/match", body=match)
    assert refused.json()["code"] == "fee_from_loan"


async def test_a_contract_is_amended_when_the_family_accepts_what_it_sees(town: Town) -> None:
    contract_id, amendment_id = await proposed(town)
    await town.catch_up()
    seen = await town.get("parent", f"/v1/contracts/{contract_id}")
    assert seen["amendment"]["amendment_id"] == amendment_id
    assert seen["amendment"]["terms"]["course_id"] == "dance"
    accepted = await town.post(
        "parent", f"/v1/contracts/{contract_id}/amendment/acceptance", {"amendment_id": amendment_id}
    )
    assert accepted["amount_fen"] == 10_000
    old = await town.get("parent", f"/v1/contracts/{contract_id}", at_least=fresh(accepted))
    new = await town.get("parent", f"/v1/contracts/{accepted['contract_id']}")
    assert (old["status"], old["amended_to"], old["moved_fen"], old["prepaid_fen"], old["amendment"]) == (
        "amended",
        accepted["contract_id"],
        10_000,
        0,
        None,
    )
    assert (new["status"], new["amended_from"], new["prepaid_fen"], new["family_id"]) == (
        "open",
        contract_id,
        10_000,
        "f-1",
    )
    refund = await town.post("parent", "/v1/refunds", {"contract_id": accepted["contract_id"], "reason": "r"})
    answer = await town.post("institution", f"/v1/refunds/{refund['refund_id']}/answer", {"agree": True})
    assert [(leg["route"], leg["amount_fen"]) for leg in answer["legs"]] == [("route-1", 10_000)]


async def test_a_proposal_is_turned_down_or_taken_back_and_says_by_whom(town: Town) -> None:
    contract_id, amendment_id = await proposed(town)
    path = f"/v1/contracts/{contract_id}/amendment"
    declined = await town.post("parent", f"{path}/refusal", {"amendment_id": amendment_id})
    seen = await town.get("institution", f"/v1/contracts/{contract_id}", at_least=fresh(declined))
    assert (seen["amendment"], seen["prepaid_fen"], seen["status"]) == (None, 10_000, "open")
    ended = {"amendment_id": amendment_id, "ended_on": TODAY.isoformat(), "ended_by": "family", "reason": ""}
    assert seen["last_proposal"] == ended | {"contract_no": seen["last_proposal"]["contract_no"]}
    late = await town.call("parent", "POST", f"{path}/acceptance", body={"amendment_id": amendment_id})
    assert (late.status_code, late.json()["code"]) == (404, "amendment_not_found")
    again = (await town.post("institution", path, amendment(town)))["amendment_id"]
    taken = await town.post("institution", f"{path}/withdrawal", {"amendment_id": again, "reason": "the class is full"})
    seen = await town.get("parent", f"/v1/contracts/{contract_id}", at_least=fresh(taken))
    assert (seen["last_proposal"]["ended_by"], seen["last_proposal"]["reason"]) == ("institution", "the class is full")


async def test_a_proposal_made_before_a_lesson_is_not_accepted(town: Town) -> None:
    contract_id, amendment_id = await proposed(town)
    await town.teach(contract_id)
    path = f"/v1/contracts/{contract_id}/amendment/acceptance"
    refused = await town.call("parent", "POST", path, body={"amendment_id": amendment_id})
    assert (refused.status_code, refused.json()["code"]) == (409, "amendment_outdated")
    nothing = await town.call("parent", "POST", path, body={"amendment_id": "none"})
    assert (nothing.status_code, nothing.json()["code"]) == (404, "amendment_not_found")
    proposal = amendment(town)
    wrong = await town.call("institution", "POST", f"/v1/contracts/{contract_id}/amendment", body=proposal)
    assert wrong.json()["figures"] == {"package": 1, "left_fen": 9_000, "carried_fen": 10_000}


async def test_a_contract_paid_after_its_lessons_shows_its_bills(town: Town) -> None:
    account_id, number = await account(town, "default")
    contract_id = await town.sign(account_id=account_id, billing="after_lesson")
    await town.post("institution", "/v1/lessons", town.lesson(contract_id, account_id=account_id))
    await town.catch_up()
    billed = await town.get("parent", f"/v1/contracts/{contract_id}")
    assert (billed["billing"], billed["billed_fen"], billed["prepaid_fen"], billed["packages"][0]["billed_fen"]) == (
        "after_lesson",
        1_000,
        0,
        1_000,
    )
    receipt = await town.post(
        "bank", "/v1/deposits", town.deposit(1_500, account_no=number, contract_reference=contract_id)
    )
    assert [(line["to"], line["amount_fen"]) for line in receipt["lines"]] == [("contract", 1_000), ("suspense", 500)]
    paid = await town.get("parent", f"/v1/contracts/{contract_id}", at_least=fresh(receipt))
    assert (paid["billed_fen"], paid["paid_fen"], paid["drawn_fen"], paid["prepaid_fen"]) == (0, 1_000, 1_000, 0)
    held = await town.get("regulator", f"/v1/accounts/{account_id}", at_least=fresh(receipt))
    assert (held["earned_fen"], held["prepaid_fen"]) == (1_000, 0)


async def test_cash_is_reported_and_counted_when_it_comes(town: Town) -> None:
    account_id, number = await account(town, "default")
    contract_id = await town.sign(account_id=account_id)
    body = cash(town, contract_id)
    assert (await town.post("institution", "/v1/cash-reports", body))["due_on"] is None
    again = await town.call("institution", "POST", "/v1/cash-reports", body=body)
    assert (again.status_code, again.json()["code"]) == (409, "cash_reported_before")
    entry = town.deposit(account_no=number, contract_reference=contract_id, payment_source="cash")
    receipt = await town.post("bank", "/v1/deposits", entry)
    assert receipt["events"] == ["account.fee_paid", "account.cash_swept"]
    closing = {"account_id": account_id, "reason": "r"}
    gone = await town.call("regulator", "POST", f"/v1/cash-reports/{body['cash_id']}/closure", body=closing)
    assert (gone.status_code, gone.json()["code"]) == (404, "cash_not_found")

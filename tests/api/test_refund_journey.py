"""Refunds over HTTP: quoted before they are asked for, on every basis, and their clocks stopped and started."""

from datetime import date, timedelta

import pytest

from tests.api.town import TODAY, Json, Town

pytestmark = pytest.mark.anyio


def fresh(receipt: Json) -> str:
    return f"{receipt['partition']}:{receipt['position']}"


async def test_a_quote_is_read_without_asking_and_says_the_same_as_the_request(town: Town) -> None:
    contract_id = await town.paid_contract()
    for _ in range(3):
        await town.teach(contract_id)
    heads = await town.heads()
    quoted = await town.get("parent", f"/v1/contracts/{contract_id}/refund-quote", ground="relocation")
    assert await town.heads() == heads
    assert (quoted["basis"], quoted["quoted_fen"]) == ("unconsumed", 7_000)
    assert quoted["policy"].startswith("default@")
    assert [(line["basis"], line["refund_fen"]) for line in quoted["bases"]] == [
        ("unconsumed", 7_000),
        ("relocation", 7_000),
    ]
    [line] = quoted["lines"]
    assert line["refund_fen"] == line["paid_fen"] - line["used_fen"] - line["refunded_fen"]
    assert line["rules"] == ["refund.after_start", "refund.discount"]
    asked = await town.post(
        "parent", "/v1/refunds", {"contract_id": contract_id, "reason": "moved", "ground": "relocation"}
    )
    assert (asked["quote"], asked["bases"]) == (quoted["lines"], quoted["bases"])
    seen = await town.get("institution", f"/v1/refunds/{asked['refund_id']}", at_least=fresh(asked))
    assert (seen["ground"], seen["who_acts"], seen["due_on"], seen["legal_basis"]) == (
        "relocation",
        "institution",
        asked["answer_due_on"],
        ["refund.deemed_agreed_after"],
    )
    for who_acts, expected in (("institution", 1), ("bank", 0)):
        page = await town.get("institution", "/v1/refunds", contract_id=contract_id, who_acts=who_acts, overdue=False)
        assert len(page["items"]) == expected


async def test_an_order_names_its_case(town: Town) -> None:
    refund_id = await town.refund()
    body = {"amount_fen": 10_000, "reason": "heard", "case_id": "case-7"}
    ordered = await town.post("regulator", f"/v1/refunds/{refund_id}/order", body)
    seen = await town.get("parent", f"/v1/refunds/{refund_id}", at_least=fresh(ordered))
    assert (seen["case_id"], seen["agreed_by"], seen["who_acts"]) == ("case-7", "order", "bank")


async def test_suspended_clocks_stand_still_and_move_when_teaching_resumes(town: Town) -> None:
    number = town.new("own")
    account_id = await town.open_account(account_no=number)
    contract_id = await town.sign(account_id=account_id)
    await town.post("bank", "/v1/deposits", town.deposit(account_no=number, contract_reference=contract_id))
    refund_id = await town.refund(contract_id)
    since = {"reason": "flood", "effective_on": (TODAY - timedelta(days=7)).isoformat()}
    suspended = await town.post("regulator", f"/v1/accounts/{account_id}/suspend", since)
    assert suspended["events"] == ["account.teaching_suspended"]
    seen = await town.get("regulator", f"/v1/accounts/{account_id}", at_least=fresh(suspended))
    assert seen["suspended_on"] == since["effective_on"]
    body = {"account_id": account_id, "amount_fen": 1}
    refused = await town.call("institution", "POST", "/v1/payouts", body=body)
    assert (refused.status_code, refused.json()["code"]) == (409, "account_suspended")
    again = await town.call("regulator", "POST", f"/v1/accounts/{account_id}/suspend", body={"reason": "r"})
    assert again.json()["figures"] == {"since": since["effective_on"]}
    resumed = await town.post("regulator", f"/v1/accounts/{account_id}/resume", {"reason": "dry"})
    assert resumed["moved"] == []  # the day on which it was asked for is not counted anyway
    seen = await town.get("regulator", f"/v1/accounts/{account_id}", at_least=fresh(resumed))
    assert seen["suspended_on"] is None
    refund = await town.get("parent", f"/v1/refunds/{refund_id}")
    assert date.fromisoformat(refund["due_on"]) == date(2026, 9, 8)

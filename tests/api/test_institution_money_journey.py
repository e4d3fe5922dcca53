"""Money that institutions get or keep over HTTP: an advance to its end, a deposit that pays a family, a schedule."""

import pytest

from tests.api.town import TODAY, Town

pytestmark = pytest.mark.anyio


async def test_an_advance_is_quoted_asked_for_paid_and_recouped(town: Town) -> None:
    account_id, contract_id = await town.under("jinhua")
    quote = await town.get("institution", "/v1/advances/quote", account_id=account_id)
    assert (quote["available_fen"], quote["share_bp"]) == (2_000, 2_000)
    assert [term["term"] for term in quote["terms"]] == ["eligible_fen", "limit_fen", "outstanding_fen", "safe_fen"]
    refused = await town.call(
        "institution", "POST", "/v1/advances", body={"account_id": account_id, "amount_fen": 2_001}
    )
    assert (refused.status_code, refused.json()["code"]) == (422, "advance_above_limit")
    advance = await town.post("institution", "/v1/advances", {"account_id": account_id, "amount_fen": 2_000})
    assert advance["limit_fen"] == 2_000
    await town.catch_up()
    [told] = (await town.get("bank", "/v1/instructions", kind="advance", account_id=account_id))["items"]
    assert (told["amount_fen"], told["state"], told["end_to_end_id"]) == (2_000, "pending", advance["end_to_end_id"])
    paid = {"outcome": "settled", "amount_fen": 2_000, "settled_on": TODAY.isoformat(), "bank_reference": "advance-1"}
    receipt = await town.post("bank", f"/v1/instructions/{advance['instruction_id']}/settlement", paid)
    at = f"{receipt['partition']}:{receipt['position']}"
    account = await town.get("regulator", f"/v1/accounts/{account_id}", at_least=at)
    assert (account["cash_fen"], account["advance_fen"], account["exposure_fen"]) == (8_000, 2_000, 2_000)
    told = await town.get("bank", f"/v1/instructions/{advance['instruction_id']}")
    assert (told["state"], told["bank_reference"]) == ("settled", "advance-1")
    assert contract_id


async def test_a_kept_fee_goes_back_from_the_institution_and_from_its_deposit(town: Town) -> None:
    refund_id = await town.kept_refund()
    refund = await town.get("parent", f"/v1/refunds/{refund_id}")
    assert (refund["state"], refund["legs"]) == ("agreed", [])
    path = f"/v1/refunds/{refund_id}"
    await town.post("regulator", f"{path}/institution-payment", {"amount_fen": 4_000, "document": "slip-1"})
    again = await town.call(
        "regulator", "POST", f"{path}/reserve-draw", body={"amount_fen": 6_001, "reason": "it does not pay"}
    )
    assert (again.json()["code"], again.json()["figures"]["kept_fen"]) == ("refund_not_with_institution", 6_000)
    drawn = await town.post("regulator", f"{path}/reserve-draw", {"amount_fen": 6_000, "reason": "it does not pay"})
    [leg] = drawn["legs"]
    paid = {"outcome": "settled", "amount_fen": 6_000, "settled_on": TODAY.isoformat(), "bank_reference": "refund-1"}
    receipt = await town.post("bank", f"/v1/instructions/{leg['instruction_id']}/settlement", paid)
    at = f"{receipt['partition']}:{receipt['position']}"
    refund = await town.get("parent", path, at_least=at)
    assert (refund["state"], refund["paid_fen"]) == ("paid", 10_000)
    account = await town.get("regulator", f"/v1/accounts/{refund['account_id']}")
    assert (account["held_by_institution_fen"], account["reserve_fen"], account["cash_fen"]) == (0, 4_000, 4_000)


async def test_the_quote_says_what_else_limits_a_payout(town: Town) -> None:
    account_id, _ = await town.under("rongcheng")
    minimum = {"amount_fen": 300, "reason": "size"}
    await town.post("regulator", f"/v1/accounts/{account_id}/minimum-balance", minimum)
    quote = await town.get("institution", "/v1/payouts/quote", account_id=account_id)
    assert (quote["month_left_fen"], quote["schedule"], quote["notice_above_fen"]) == (600, "on_request", None)
    other_id, _ = await town.under("guangzhou")
    quote = await town.get("institution", "/v1/payouts/quote", account_id=other_id)
    assert (quote["month_left_fen"], quote["notice_above_fen"], quote["missing_fen"]) == (None, 1_000, 0)
    announced = await town.post(
        "institution", "/v1/payouts/announcements", {"account_id": other_id, "amount_fen": 5_000}
    )
    assert announced["payable_on"] > TODAY.isoformat()
    weekly_id, _ = await town.under("xiamen")
    refused = await town.call("institution", "POST", "/v1/payouts", body={"account_id": weekly_id, "amount_fen": 1})
    assert refused.json()["code"] == "payout_scheduled"

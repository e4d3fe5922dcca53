"""A bank's day over HTTP: a statement with entries, the close, a break and its end; the loss; the league tables."""

import pytest

from tests.api.reconciliation_routes import broken_account, statement
from tests.api.town import TODAY, Json, Town

pytestmark = pytest.mark.anyio
DAY = TODAY.isoformat()


def receipt(reference: str, amount_fen: int) -> Json:
    return {"entry_reference": reference, "amount_fen": amount_fen, "booked_on": DAY, "kind": "receipt"}


async def account_with_fee(town: Town) -> tuple[str, str, Json]:
    """An account of its own with one paid contract: its id, its number, and the bank's entry."""
    number = town.new("own")
    account_id = await town.open_account(account_no=number)
    contract_id = await town.sign(account_id=account_id)
    deposit = town.deposit(account_no=number, contract_reference=contract_id, payer_route="route-1")
    await town.post("bank", "/v1/deposits", deposit)
    return account_id, number, receipt(deposit["bank_reference"], deposit["amount_fen"])


async def test_the_close_says_which_accounts_agree_with_their_bank(town: Town) -> None:
    account_id, number, entry = await account_with_fee(town)
    reported = await town.post("bank", "/v1/statements", statement(town, number, entry))
    assert (reported["accepted"], reported["statements"][0]["events"]) == (1, ["account.bank_statement_recorded"])
    closed = await town.post("city", "/v1/close-day", {"close_on": DAY})
    assert closed["reconciled"]["days"]["reconciled"] >= 1
    await town.catch_up()
    listed = await town.get("regulator", "/v1/reconciliation", day=DAY, state="reconciled", limit=500)
    [own] = [one for one in listed["items"] if one["account_id"] == account_id]
    figures = {name: own[f"{name}_fen"] for name in ("bank", "cash", "prepaid", "families", "lessons", "difference")}
    expected = dict.fromkeys(("bank", "cash", "prepaid", "families", "lessons"), 10_000) | {"difference": 0}
    assert figures == expected
    [day] = (await town.get("bank", f"/v1/accounts/{account_id}/reconciliation"))["items"]
    assert (day["effective_on"], day["state"]) == (DAY, "reconciled")
    balance = await town.get("regulator", f"/v1/accounts/{account_id}/balance")
    assert balance["confirmed"]["reconciled"] is True
    assert balance["confirmed"]["reconciled_on"] == DAY


async def test_a_break_is_worked_by_the_regulator_and_seen_by_its_bank(town: Town) -> None:
    account_id, break_id = await broken_account(town)
    found = await town.get("bank", f"/v1/breaks/{break_id}")
    assert (found["kind"], found["owner"], found["difference_fen"]) == ("missing_in_ledger", "bank", 5)
    await town.post("regulator", f"/v1/breaks/{break_id}/assignment", {"assignee": "office-1"})
    body = {"reason": "posted by mistake", "link": "letter-7"}
    done = await town.post("regulator", f"/v1/breaks/{break_id}/resolution", body)
    assert done["events"] == ["account.break_resolved"]
    again = await town.call("regulator", "POST", f"/v1/breaks/{break_id}/resolution", body=body)
    assert (again.status_code, again.json()["code"]) == (409, "break_not_open")
    seen = await town.get("regulator", f"/v1/breaks/{break_id}", at_least=f"{done['partition']}:{done['position']}")
    assert (seen["state"], seen["how"], seen["assignee"]) == ("resolved", "explained", "office-1")
    compared = await town.post("regulator", f"/v1/accounts/{account_id}/reconciliation", {})
    assert (compared["found"], compared["days"]) == ({}, {"reconciled": 1})


async def test_a_statement_again_is_a_replay_and_with_another_content_refused(town: Town) -> None:
    _, number, entry = await account_with_fee(town)
    body = statement(town, number, entry)
    first = await town.post("bank", "/v1/statements", body)
    again = await town.post("bank", "/v1/statements", body)
    assert again["statements"][0] == first["statements"][0] | {"replayed": True}
    body["statements"][0]["closing_fen"] += 1
    other = await town.post("bank", "/v1/statements", body)
    assert other["statements"][0]["code"] == "statement_reused"


async def test_the_loss_is_told_to_each_as_far_as_it_is_hers(town: Town) -> None:
    account_id, number, _ = await account_with_fee(town)
    other = await town.sign(account_id=account_id, family_id="f-2")
    deposit = town.deposit(5_000, account_no=number, contract_reference=other, payer_route="route-2")
    before = await town.post("bank", "/v1/deposits", deposit)
    debit = {"account_no": number, "bank_reference": town.new("seized"), "amount_fen": 1_000, "kind": "seizure"}
    said = {"statement_id": town.new("s"), "statement_on": DAY, "unexplained_debits": [debit]}
    await town.post("bank", "/v1/statements", said)
    await town.catch_up()
    path = f"/v1/accounts/{account_id}/loss"
    whole = await town.get("regulator", path)
    assert (whole["loss_fen"], whole["obligation_fen"], whole["cash_fen"]) == (1_000, 15_000, 14_000)
    assert [(one["family_id"], one["loss_fen"]) for one in whole["families"]] == [("f-1", 667), ("f-2", 333)]
    assert [one["family_id"] for one in (await town.get("parent", path))["families"]] == ["f-1"]
    assert [one["family_id"] for one in (await town.get("other_parent", path))["families"]] == ["f-2"]
    assert (await town.get("bank", path))["families"] == []
    then = await town.get("regulator", path, at_position=before["position"])
    assert (then["loss_fen"], len(then["families"])) == (0, 2)
    page = await town.get("regulator", path, limit=1)
    rest = await town.get("regulator", path, limit=1, cursor=page["next"])
    assert [one["family_id"] for one in page["families"] + rest["families"]] == ["f-1", "f-2"]
    assert rest["next"] is None


async def test_league_tables_are_for_regulators_and_page_by_page(town: Town) -> None:
    await account_with_fee(town)
    await account_with_fee(town)
    await town.catch_up()
    [district] = (await town.get("regulator", "/v1/districts"))["items"]
    assert (district["district"], district["rank"]) == ("310104", 1)
    assert district == await town.get("regulator", "/v1/districts/310104")
    first = await town.get("regulator", "/v1/institutions/league", rank_by="received_fen", limit=1, month="2026-09")
    query = {"rank_by": "received_fen", "limit": 1, "cursor": first["next"]}
    second = await town.get("regulator", "/v1/institutions/league", **query)
    assert [first["items"][0]["rank"], second["items"][0]["rank"]] == [1, 2]
    assert first["items"][0]["received_fen"] >= second["items"][0]["received_fen"] > 0

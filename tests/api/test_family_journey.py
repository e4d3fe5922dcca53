"""A contract from its signature to its refund, and every balance on the way against figures worked out by hand."""

from datetime import date

import pytest

from tests.api.town import TODAY, Json, Town

pytestmark = pytest.mark.anyio


async def own_account(town: Town) -> tuple[str, str]:
    """A new account and its number, so that the figures are those of one test."""
    number = town.new("own")
    return await town.open_account(account_no=number), number


def fresh(receipt: Json) -> str:
    return f"{receipt['partition']}:{receipt['position']}"


async def test_contract_is_paid_taught_refunded_and_paid_out(town: Town) -> None:
    account_id, number = await own_account(town)
    contract_id = await town.sign(account_id=account_id)
    paid = await town.post(
        "bank",
        "/v1/deposits",
        town.deposit(10_000, account_no=number, contract_reference=contract_id, payer_route="route-9"),
    )
    lessons = [
        await town.post("institution", "/v1/lessons", town.lesson(contract_id, account_id=account_id)) for _ in range(3)
    ]
    # 3 of 10 lessons of 10,000 fen.
    assert [line["amount_fen"] for lesson in lessons for line in lesson["lines"]] == [1_000, 1_000, 1_000]
    quote = await town.get("institution", "/v1/payouts/quote", account_id=account_id)
    assert quote["free_fen"] == 3_000
    terms = {term["term"]: term["amount_fen"] for term in quote["terms"]}
    assert terms == {
        "releasable_fen": 3_000,
        "cash_fen": 10_000,
        "payout_in_flight_fen": 0,
        "kept_for_families_fen": 7_000,
        "minimum_balance_fen": 0,
    }
    too_much = await town.call(
        "institution", "POST", "/v1/payouts", body={"account_id": account_id, "amount_fen": 3_001}
    )
    assert (too_much.json()["code"], too_much.json()["figures"]["free_fen"]) == ("payout_not_free", 3_000)
    payout = await town.post("institution", "/v1/payouts", {"account_id": account_id, "amount_fen": 2_500})

    asked = await town.post("parent", "/v1/refunds", {"contract_id": contract_id, "reason": "moving"})
    assert (asked["basis"], asked["quoted_fen"]) == ("unconsumed", 7_000)
    # Tuesday and five working days.
    assert asked["answer_due_on"] == "2026-09-08"
    waiting = await town.get("parent", f"/v1/refunds/{asked['refund_id']}", at_least=fresh(asked))
    (step,) = waiting["steps"]
    assert (step["name"], step["who"], step["since_on"], step["until_on"]) == (
        "answer",
        "institution",
        "2026-09-01",
        "2026-09-08",
    )
    assert step["policy"] == "default@2026.1/2000-01-01"
    assert step["rules"]
    blocked = await town.call(
        "institution", "POST", "/v1/lessons", body=town.lesson(contract_id, account_id=account_id)
    )
    assert blocked.json()["code"] == "contract_refund_open"

    contested = await town.post(
        "institution",
        f"/v1/refunds/{asked['refund_id']}/answer",
        {"agree": False, "offered_fen": 4_000, "reason": "books were handed out"},
    )
    assert (contested["agreed_fen"], contested["legs"][0]["route"]) == (4_000, "route-9")
    ordered = await town.post(
        "regulator", f"/v1/refunds/{asked['refund_id']}/order", {"amount_fen": 6_500, "reason": "case 7"}
    )
    assert ordered["agreed_fen"] == 2_500
    for leg in (contested["legs"][0], ordered["legs"][0]):
        body = {
            "outcome": "settled",
            "amount_fen": leg["amount_fen"],
            "settled_on": TODAY.isoformat(),
            "bank_reference": town.new("out"),
        }
        last = await town.post("bank", f"/v1/instructions/{leg['instruction_id']}/settlement", body)
    done = await town.get("parent", f"/v1/refunds/{asked['refund_id']}", at_least=fresh(last))
    assert (done["state"], done["paid_fen"]) == ("paid", 6_500)

    now = await town.get("regulator", f"/v1/accounts/{account_id}/balance", at_least=fresh(last))
    # 10,000 in; 6,500 refunded; 2,500 on its way to the institution, 500 earned and kept, 500 still prepaid.
    assert {name: value for name, value in now.items() if name.endswith("_fen") and value} == {
        "cash_fen": 3_500,
        "prepaid_fen": 500,
        "earned_fen": 500,
        "payout_in_flight_fen": 2_500,
        "obligation_fen": 500,
    }

    async def then(receipt: Json) -> Json:
        told = await town.get("city", f"/v1/accounts/{account_id}/balance", at_position=receipt["position"])
        assert told["version"] == receipt["version"]
        return {name: value for name, value in told.items() if name.endswith("_fen") and value}

    assert await then(paid) == {"cash_fen": 10_000, "prepaid_fen": 10_000, "obligation_fen": 10_000}
    assert await then(lessons[1]) == {
        "cash_fen": 10_000,
        "prepaid_fen": 8_000,
        "earned_fen": 2_000,
        "obligation_fen": 8_000,
    }
    assert await then(payout) == {
        "cash_fen": 10_000,
        "prepaid_fen": 7_000,
        "earned_fen": 500,
        "payout_in_flight_fen": 2_500,
        "obligation_fen": 7_000,
    }
    assert (await then(contested))["refund_payable_fen"] == 4_000

    history = await town.get("regulator", f"/v1/accounts/{account_id}/history", limit=500)
    assert [entry["version"] for entry in history["items"]] == list(range(1, len(history["items"]) + 1))
    assert all(_balanced(entry["postings"]) for entry in history["items"])
    upto = await town.get("regulator", f"/v1/accounts/{account_id}/history", at_position=paid["position"])
    assert [entry["topic"] for entry in upto["items"]] == [
        "account.opened",
        "account.contract_signed",
        "account.fee_paid",
    ]
    instant = upto["items"][1]["recorded_at"]
    until = await town.get("regulator", f"/v1/accounts/{account_id}/history", as_of=instant)
    assert len(until["items"]) == 2
    assert (await town.get("regulator", f"/v1/accounts/{account_id}/balance", as_of=instant))["cash_fen"] == 0


def _balanced(postings: list[Json]) -> bool:
    assets = {"cash", "advance", "held_by_institution", "shortage", "in_transit"}
    sides = [posting["amount_fen"] * (1 if posting["bucket"] in assets else -1) for posting in postings]
    return sum(sides) == 0


async def test_effective_day_and_recorded_instant_are_two_pasts(town: Town) -> None:
    account_id, number = await own_account(town)
    early = await town.post("bank", "/v1/deposits", town.deposit(100, account_no=number, value_on="2026-08-20"))
    await town.post("bank", "/v1/deposits", town.deposit(20, account_no=number, value_on="2026-08-31"))
    late = await town.post("bank", "/v1/deposits", town.deposit(3, account_no=number, value_on="2026-08-10"))

    async def cash(**then: object) -> int:
        told = await town.get("bank", f"/v1/accounts/{account_id}/balance", **then)
        return told["cash_fen"]

    days = ["2026-08-09", "2026-08-10", "2026-08-19", "2026-08-20", "2026-08-31"]
    assert [await cash(effective_on=day) for day in days] == [0, 3, 3, 103, 123]
    assert [await cash(at_position=receipt["position"]) for receipt in (early, late)] == [100, 123]
    assert await cash() == 123
    told = await town.get("bank", f"/v1/accounts/{account_id}/history", effective_on="2026-08-20")
    assert [entry["effective_on"] for entry in told["items"]] == ["2026-08-20", "2026-08-10"]


async def test_balance_of_a_contract_is_told_for_every_past(town: Town) -> None:
    account_id, number = await own_account(town)
    signed = await town.post("institution", "/v1/contracts", town.contract(account_id=account_id))
    contract_id = signed["contract_id"]

    async def pay(amount_fen: int, value_on: str) -> Json:
        body = town.deposit(amount_fen, account_no=number, value_on=value_on, contract_reference=contract_id)
        paid = await town.post("bank", "/v1/deposits", body)
        assert paid["events"] == ["account.fee_paid"]
        return paid

    early, late = await pay(100, "2026-08-31"), await pay(20, "2026-08-20")

    async def prepaid(**then: object) -> int:
        told = await town.get("parent", f"/v1/contracts/{contract_id}/balance", **then)
        return told["prepaid_fen"]

    assert await prepaid(at_least=fresh(late)) == 120
    assert [await prepaid(effective_on=day) for day in ("2026-08-19", "2026-08-20", "2026-08-31")] == [0, 20, 120]
    assert [await prepaid(at_position=one["position"]) for one in (signed, early, late)] == [0, 100, 120]
    history = await town.get("regulator", f"/v1/accounts/{account_id}/history")
    instants = {one["position"]: one["recorded_at"] for one in history["items"]}
    assert await prepaid(as_of=instants[late["position"]]) == 120
    path = f"/v1/contracts/{contract_id}/balance"
    opened = await town.call("parent", "GET", path, at_position=signed["position"] - 1)
    assert (opened.status_code, opened.json()["code"]) == (404, "contract_not_found")
    twice = await town.call("parent", "GET", path, at_position=1, effective_on="2026-08-31")
    assert (twice.status_code, twice.json()["code"]) == (400, "as_of_ambiguous")


async def test_if_match_guards_a_decision(town: Town) -> None:
    account_id, _ = await own_account(town)
    answer = await town.call("regulator", "GET", f"/v1/accounts/{account_id}")
    tag = answer.headers["etag"]
    path = f"/v1/accounts/{account_id}/rating"
    body = {"rating": "A", "reason": "inspection"}
    first = await town.call("regulator", "POST", path, body=body, headers={"if-match": tag})
    assert first.status_code == 200
    second = await town.call("regulator", "POST", path, body=body, headers={"if-match": tag})
    assert (second.status_code, second.json()["code"]) == (412, "version_mismatch")
    third = await town.call("regulator", "POST", path, body=body, headers={"if-match": first.headers["etag"]})
    assert third.status_code == 200


async def test_receipt_in_suspense_is_matched_or_sent_back(town: Town) -> None:
    contract_id, suspense_id = await town.sign(), await town.suspense(900)
    body = {"account_id": town.account_id, "contract_id": contract_id, "amount_fen": 600, "reason": "receipt shown"}
    matched = await town.post("institution", f"/v1/suspense/{suspense_id}/match", body)
    assert matched["events"] == ["account.suspense_matched"]
    back = await town.post(
        "regulator", f"/v1/suspense/{suspense_id}/return", {"account_id": town.account_id, "reason": "rest unknown"}
    )
    assert back["amount_fen"] == 300
    listed = await town.get("regulator", "/v1/suspense", at_least=fresh(back), limit=500)
    (item,) = [one for one in listed["items"] if one["suspense_id"] == suspense_id]
    assert (item["state"], item["amount_fen"], item["instruction_id"]) == ("returning", 300, back["instruction_id"])


async def test_withdrawn_refund_lets_lessons_go_on(town: Town) -> None:
    contract_id = await town.paid_contract()
    refund_id = await town.refund(contract_id)
    await town.post("parent", f"/v1/refunds/{refund_id}/withdrawal", {"reason": "stays"})
    assert await town.teach(contract_id)


async def test_minimum_balance_below_raises_an_alert_with_its_figures(town: Town) -> None:
    account_id, number = await own_account(town)
    set_ = await town.post(
        "regulator", f"/v1/accounts/{account_id}/minimum-balance", {"amount_fen": 500, "reason": "size"}
    )
    assert set_["events"] == ["account.minimum_balance_held", "account.top_up_demanded"]
    told = await town.get("regulator", "/v1/alerts", account_id=account_id, only_open=True, at_least=fresh(set_))
    (alert,) = told["items"]
    assert (alert["rule"], alert["severity"], alert["figures"]["missing_fen"]) == (
        "balance.below_minimum",
        "red",
        500,
    )
    topped = await town.post("bank", "/v1/deposits", town.deposit(500, account_no=number, purpose="reserve"))
    after = await town.get("regulator", f"/v1/alerts/{alert['alert_id']}", at_least=fresh(topped))
    assert after["state"] == "resolved"
    same = await town.post(
        "regulator", f"/v1/accounts/{account_id}/minimum-balance", {"amount_fen": 500, "reason": "size"}
    )
    assert same["events"] == []


async def test_day_close_agrees_to_what_was_met_with_silence(town: Town) -> None:
    refund_id = await town.refund()
    town.clock.go_to(date(2026, 9, 9))
    closed = await town.post("regulator", "/v1/close-day", {"close_on": "2026-09-09"})
    assert closed["accounts"] >= 1
    assert closed["events"] >= 2
    await town.catch_up()
    refund = await town.get("parent", f"/v1/refunds/{refund_id}")
    assert (refund["state"], refund["agreed_by"]) == ("paying", "silence")
    again = await town.post("regulator", "/v1/close-day", {"close_on": "2026-09-09"})
    assert (again["accounts"], again["events"]) == (closed["accounts"], 0)

"""A bank integrates: receipts, batches, files, instructions, statements, and what happens when it asks twice."""

from typing import Any

import pytest

from tests.api.town import ACCOUNT_NO, OTHER_ACCOUNT_NO, TODAY, Json, Town

pytestmark = pytest.mark.anyio

HEAD = "bank_reference,account_no,amount,currency,booked_on,contract_reference,payer_account\n"


def csv(*lines: str) -> bytes:
    return (HEAD + "".join(f"{line}\n" for line in lines)).encode()


async def send_file(town: Town, content: bytes, **query: Any) -> Json:
    answer = await town.call(
        "bank", "POST", "/v1/bank-files", content=content, headers={"content-type": "text/csv"}, **query
    )
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_receipt_goes_to_its_contract_by_id_and_by_number(town: Town) -> None:
    number = town.new("HT")
    contract_id = await town.sign(contract_no=number)
    by_id = await town.post("bank", "/v1/deposits", town.deposit(4_000, contract_reference=contract_id))
    by_number = await town.post("bank", "/v1/deposits", town.deposit(6_500, contract_reference=number))
    assert [(line["to"], line["amount_fen"]) for line in by_id["lines"]] == [("contract", 4_000)]
    assert [(line["to"], line["amount_fen"], line["reason"]) for line in by_number["lines"]] == [
        ("contract", 6_000, None),
        ("suspense", 500, "overpayment"),
    ]
    assert by_number["position"] > by_id["position"]
    paid = await town.get(
        "institution", f"/v1/contracts/{contract_id}", at_least=f"{by_number['partition']}:{by_number['position']}"
    )
    assert (paid["paid_fen"], paid["prepaid_fen"]) == (10_000, 10_000)


async def test_same_key_gives_the_same_answer_byte_for_byte(town: Town) -> None:
    body = town.deposit()
    first = await town.call("bank", "POST", "/v1/deposits", body=body, key="again")
    heads = await town.heads()
    shuffled = dict(reversed(body.items()))
    second = await town.call("bank", "POST", "/v1/deposits", body=shuffled, key="again")
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.content == second.content
    assert "idempotency-replayed" not in first.headers
    assert second.headers["idempotency-replayed"] == "true"
    assert first.headers["etag"] == second.headers["etag"] == f'"{first.json()["version"]}"'
    assert await town.heads() == heads


async def test_same_entry_under_another_key_gives_its_first_receipt(town: Town) -> None:
    body = town.deposit()
    first = await town.call("bank", "POST", "/v1/deposits", body=body)
    by_account_id = {name: value for name, value in body.items() if name != "account_no"}
    second = await town.call("bank", "POST", "/v1/deposits", body=by_account_id | {"account_id": town.account_id})
    assert second.content == first.content
    assert second.headers["idempotency-replayed"] == "true"


async def test_batch_has_one_result_an_item_in_order(town: Town) -> None:
    known = town.deposit()
    await town.post("bank", "/v1/deposits", known)
    twice = town.deposit()
    items = [town.deposit(5), known, town.deposit(account_no="999"), twice, twice, known | {"amount_fen": 1}]
    told = await town.post("bank", "/v1/deposits/batch", {"items": items}, key="batch")
    assert (told["accepted"], told["refused"]) == (3, 3)
    assert [item.get("code") or ("replayed" if item["replayed"] else "new") for item in told["results"]] == [
        "new",
        "replayed",
        "account_not_found",
        "new",
        "entry_duplicate_in_batch",
        "entry_duplicate_in_batch",
    ]
    heads = await town.heads()
    again = await town.call("bank", "POST", "/v1/deposits/batch", body={"items": items}, key="batch")
    assert [item.get("replayed") for item in again.json()["results"]] == [True, True, None, True, None, None]
    assert [item.get("position") for item in again.json()["results"]] == [
        item.get("position") for item in told["results"]
    ]
    assert await town.heads() == heads


async def test_atomic_batch_is_recorded_together_and_replayed_together(town: Town) -> None:
    items = [town.deposit(1), town.deposit(2), town.deposit(3)]
    first = await town.call("bank", "POST", "/v1/deposits/batch", body={"items": items, "atomic": True}, key="all")
    positions = [item["position"] for item in first.json()["results"]]
    assert positions == list(range(positions[0], positions[0] + 3))
    second = await town.call("bank", "POST", "/v1/deposits/batch", body={"items": items, "atomic": True}, key="all")
    assert second.headers["idempotency-replayed"] == "true"
    assert [item["position"] for item in second.json()["results"]] == positions


async def test_file_is_tried_then_imported_then_replayed(town: Town) -> None:
    contract_id = await town.sign()
    day = TODAY.isoformat()
    paid, lost, wrong, late = town.new("f"), town.new("f"), town.new("f"), town.new("f")
    content = csv(
        f"{paid},{ACCOUNT_NO},100.00,CNY,{day},{contract_id},6222001",
        f"{lost},{ACCOUNT_NO},0.50,CNY,{day},,",
        f"{wrong},{ACCOUNT_NO},1.001,CNY,{day},,",
        f"{late},{ACCOUNT_NO},100.00,CNY,{day},{contract_id},6222001",
    )
    before = await town.heads()
    tried = await send_file(town, content, dry_run=True)
    assert await town.heads() == before
    imported = await send_file(town, content)
    statuses = ["accepted", "accepted", "refused", "accepted"]
    for report, dry_run in ((tried, True), (imported, False)):
        assert (report["accepted"], report["replayed"], report["refused"], report["dry_run"]) == (3, 0, 1, dry_run)
        results: list[Json] = report["results"]
        assert [entry["status"] for entry in results] == statuses
        assert [entry["line"] for entry in results] == [2, 3, 4, 5]
        assert [[line["to"] for line in entry["lines"]] for entry in results] == [
            ["contract"],
            ["suspense"],
            [],
            ["suspense"],
        ]
        assert results[2]["code"] == "entry_beyond_fen"
    assert tried["results"] == imported["results"]
    heads = await town.heads()
    assert heads != before
    for dry_run in (False, True):
        again = await send_file(town, content, dry_run=dry_run)
        assert (again["accepted"], again["replayed"], again["refused"]) == (0, 3, 1)
    assert await town.heads() == heads
    changed = await send_file(town, content.replace(b"0.50", b"0.51"), dry_run=True)
    assert changed["results"][1]["code"] == "entry_reused"


async def test_account_number_of_another_bank_is_not_there(town: Town) -> None:
    await town.open_account(account_no=OTHER_ACCOUNT_NO, bank="ABC")
    mine = await town.call("bank", "POST", "/v1/deposits", body=town.deposit(account_no=OTHER_ACCOUNT_NO))
    assert (mine.status_code, mine.json()["code"]) == (404, "account_not_found")
    theirs = await town.call("other_bank", "POST", "/v1/deposits", body=town.deposit(account_no=OTHER_ACCOUNT_NO))
    assert theirs.status_code == 201
    # A reference is unique at its bank, not over all banks.
    body = town.deposit()
    assert (await town.call("bank", "POST", "/v1/deposits", body=body)).status_code == 201
    other = body | {"account_no": OTHER_ACCOUNT_NO}
    assert (await town.call("other_bank", "POST", "/v1/deposits", body=other)).status_code == 201


async def test_instruction_is_fetched_and_settled_once(town: Town) -> None:
    instruction_id = await town.instruction()
    await town.catch_up()
    pending = await town.get("bank", "/v1/instructions", state="pending", limit=500)
    assert instruction_id in [item["instruction_id"] for item in pending["items"]]
    path = f"/v1/instructions/{instruction_id}/settlement"
    body = {
        "outcome": "settled",
        "amount_fen": 10_000,
        "settled_on": TODAY.isoformat(),
        "bank_reference": town.new("out"),
    }
    wrong = await town.call("bank", "POST", path, body=body | {"amount_fen": 9_999})
    assert (wrong.status_code, wrong.json()["code"]) == (422, "instruction_amount_differs")
    settled = await town.call("bank", "POST", path, body=body)
    assert settled.json()["events"] == ["account.refund_paid"]
    again = await town.call("bank", "POST", path, body=body)
    assert again.content == settled.content
    place = settled.json()
    shown = await town.get(
        "bank", f"/v1/instructions/{instruction_id}", at_least=f"{place['partition']}:{place['position']}"
    )
    assert (shown["state"], shown["bank_reference"]) == ("settled", body["bank_reference"])


async def test_statement_reports_balances_and_debits(town: Town) -> None:
    await town.post("bank", "/v1/deposits", town.deposit(700, purpose="reserve"))
    seizure = {"account_no": ACCOUNT_NO, "bank_reference": town.new("d"), "amount_fen": 300, "kind": "seizure"}
    restored = {"account_no": ACCOUNT_NO, "bank_reference": town.new("d"), "amount_fen": 100}
    body = {
        "statement_id": town.new("st"),
        "statement_on": TODAY.isoformat(),
        "unexplained_debits": [seizure, seizure | {"account_no": "999"}],
        "restored_debits": [restored],
        "balances": [{"account_no": ACCOUNT_NO, "balance_fen": 123}],
    }
    told = await town.post("bank", "/v1/statements", body, key="statement")
    assert (told["accepted"], told["refused"]) == (3, 1)
    assert [item.get("code") for item in told["unexplained_debits"]] == [None, "account_not_found"]
    assert told["balances"][0]["events"] == ["account.bank_balance_reported"]
    heads = await town.heads()
    again = await town.post("bank", "/v1/statements", body, key="statement")
    assert [item["replayed"] for item in again["balances"]] == [True]
    assert await town.heads() == heads
    place = told["balances"][0]
    account = await town.get(
        "regulator", f"/v1/accounts/{town.account_id}", at_least=f"{place['partition']}:{place['position']}"
    )
    assert (account["shortage_fen"], account["bank_balance_fen"]) == (200, 123)

"""Bad requests and bad files: each is refused with its code and place, and nothing is recorded."""

import json
from typing import Any

import pytest

from tests.api.bad_alerts import ALERTS
from tests.api.bad_endings import ENDS
from tests.api.bad_fee_requests import FEES
from tests.api.bad_orders import ORDERS
from tests.api.bad_queries import QUERIES
from tests.api.bad_reconciliation import RECONCILIATION
from tests.api.bad_requests import ALL as OF_BAD_REQUESTS
from tests.api.bad_requests import Bad
from tests.api.town import Town

pytestmark = pytest.mark.anyio

ALL = [*OF_BAD_REQUESTS, *FEES, *ORDERS, *ALERTS, *RECONCILIATION, *ENDS, *QUERIES]

_HEAD = "bank_reference,account_no,amount,currency,booked_on\n"


@pytest.fixture(scope="module")
async def contract_id(town: Town) -> str:
    """A contract that nobody has paid."""
    return await town.sign()


def filled(value: Any, **names: str) -> Any:
    """The value with account and contract ids in their places."""
    text = json.dumps(value)
    for name, what in names.items():
        text = text.replace("{" + name + "}", what)
    return json.loads(text)


def test_there_are_enough_bad_requests() -> None:
    assert len(ALL) >= 60
    assert len({bad.name for bad in ALL}) == len(ALL)


@pytest.mark.parametrize("bad", ALL, ids=lambda bad: bad.name)
async def test_bad_request_is_refused_and_records_nothing(town: Town, contract_id: str, bad: Bad) -> None:
    names = {"account_id": town.account_id, "contract_id": contract_id}
    before = await town.heads()
    answer = await town.call(
        bad.who,
        bad.method,
        bad.path.format(**names),
        body=None if bad.body is None else filled(bad.body, **names),
        content=bad.content,
        headers=bad.headers,
        key=bad.key,
        **bad.query,
    )
    told = answer.json()
    assert (answer.status_code, told["code"]) == (bad.status, bad.code), answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    faults = [(fault["pointer"], fault["code"]) for fault in told.get("errors", [])]
    assert faults == ([(bad.pointer, bad.fault)] if bad.pointer else []), answer.text
    assert await town.heads() == before


async def test_refusal_of_a_batch_says_which_item(town: Town) -> None:
    items = [town.deposit(), town.deposit(), town.deposit(value_on="2026-09-02")]
    answer = await town.call("bank", "POST", "/v1/deposits/batch", body={"items": items, "atomic": True})
    assert (answer.status_code, answer.json()["figures"]["item"]) == (422, 2)


async def test_refusal_of_a_file_says_which_line(town: Town) -> None:
    answer = await town.call(
        "bank", "POST", "/v1/bank-files", content=(_HEAD + 'r,1,"1.00\n').encode(), headers={"content-type": "text/csv"}
    )
    assert (answer.status_code, answer.json()["code"]) == (422, "file_csv_malformed")
    assert answer.json()["figures"]["line"] == 2


@pytest.mark.parametrize(
    ("line", "code", "field"),
    [
        ("x,110914000012345678,1.005,CNY,2026-09-01", "entry_beyond_fen", "amount"),
        ("x,110914000012345678,0.00,CNY,2026-09-01", "entry_amount_not_positive", "amount"),
        ("x,110914000012345678,-1.00,CNY,2026-09-01", "entry_amount_not_positive", "amount"),
        ("x,110914000012345678,1.00,USD,2026-09-01", "entry_currency_not_cny", "currency"),
        ("x,110914000012345678,1.00,CNY,1 September", "entry_date_unreadable", "booked_on"),
        (",110914000012345678,1.00,CNY,2026-09-01", "entry_reference_missing", "bank_reference"),
        ("x,,1.00,CNY,2026-09-01", "entry_account_missing", "account_no"),
        ("x,999,1.00,CNY,2026-09-01", "account_not_found", None),
        ("x,110914000012345678,1.00,CNY,2026-09-02", "date_in_future", None),
        ("x,110914000012345678,1.00,CNY,1999-09-01", "date_too_early", None),
    ],
)
@pytest.mark.parametrize("dry_run", [False, True])
async def test_bad_entry_is_refused_in_its_place(
    town: Town, line: str, code: str, field: str | None, dry_run: bool
) -> None:
    before = await town.heads()
    answer = await town.call(
        "bank",
        "POST",
        "/v1/bank-files",
        content=(_HEAD + line + "\n").encode(),
        headers={"content-type": "text/csv; charset=utf-8"},
        dry_run=dry_run,
    )
    assert answer.status_code == 200, answer.text
    (entry,) = answer.json()["results"]
    assert (entry["status"], entry["code"], entry["field"], entry["line"]) == ("refused", code, field, 2)
    assert entry["detail"]
    assert await town.heads() == before


async def test_entry_reused_with_other_content_is_refused(town: Town) -> None:
    body = town.deposit()
    await town.post("bank", "/v1/deposits", body)
    before = await town.heads()
    for changed in (
        {"amount_fen": 9_999},
        {"value_on": "2026-08-31"},
        {"contract_reference": "x"},
        {"payer_route": "x"},
        {"purpose": "reserve"},
    ):
        answer = await town.call("bank", "POST", "/v1/deposits", body=body | changed)
        assert (answer.status_code, answer.json()["code"]) == (409, "entry_reused"), changed
    assert await town.heads() == before


async def test_key_reused_with_other_content_is_refused(town: Town) -> None:
    await town.post("bank", "/v1/deposits", town.deposit(), key="one-key")
    before = await town.heads()
    answer = await town.call("bank", "POST", "/v1/deposits", body=town.deposit(), key="one-key")
    assert (answer.status_code, answer.json()["code"]) == (422, "idempotency_key_reused")
    await town.post("bank", "/v1/deposits/batch", {"items": [town.deposit()]}, key="batch-key")
    after = await town.heads()
    assert after != before
    answer = await town.call("bank", "POST", "/v1/deposits/batch", body={"items": [town.deposit()]}, key="batch-key")
    assert (answer.status_code, answer.json()["code"]) == (422, "idempotency_key_reused")
    assert await town.heads() == after


async def test_receipts_beyond_what_can_be_added_up_are_refused(town: Town) -> None:
    number = town.new("rich")
    await town.open_account(account_no=number)
    items = [town.deposit(2**53 - 1, account_no=number), town.deposit(1, account_no=number)]
    told = await town.post("bank", "/v1/deposits/batch", {"items": items})
    assert [item.get("code") for item in told["results"]] == [None, "total_too_large"]
    place = told["results"][0]
    account = await town.get(
        "bank", f"/v1/accounts/{place['account_id']}", at_least=f"{place['partition']}:{place['position']}"
    )
    assert account["cash_fen"] == 2**53 - 1


async def test_refusals_speak_chinese(town: Town) -> None:
    answer = await town.call(
        "bank", "POST", "/v1/deposits", body=town.deposit(account_no="999"), headers={"accept-language": "zh-CN"}
    )
    assert answer.json()["detail"] == "账户不存在。"
    results = await town.post(
        "bank",
        "/v1/deposits/batch",
        {"items": [town.deposit(account_no="999")]},
        headers={"accept-language": "zh-CN"},
    )
    assert results["results"][0]["detail"] == "账户不存在。"

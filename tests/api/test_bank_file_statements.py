"""A bank's statement over HTTP: instructions settled by it, what is skipped, told twice, and the bank's own CSV."""

from typing import Any

import pytest

from tests.api.town import ACCOUNT_NO, TODAY, Json, Town
from tests.bank.files.camt import details_xml, entry_xml, transaction_xml
from tests.bank.files.statement import balance_xml, balances_xml, code_xml, statement_file, stmt_xml

pytestmark = pytest.mark.anyio

DAY = TODAY.isoformat()
BOOKED = f"<BookgDt><Dt>{DAY}</Dt></BookgDt>"


def entry(reference: str | None, amount: str, **parts: Any) -> str:
    return entry_xml(reference, amount, booked=BOOKED, valued="", **parts)


def statement(town: Town, *entries: str, balances: str = balances_xml("0", "1", day=DAY)) -> bytes:
    account = f"<Othr><Id>{ACCOUNT_NO}</Id></Othr>"
    return statement_file(stmt_xml(*entries, statement_id=town.new("S"), account=account, balances=balances))


async def send(town: Town, content: bytes, media_type: str = "application/xml", **query: Any) -> Json:
    headers = {"content-type": media_type}
    answer = await town.call("bank", "POST", "/v1/bank-files", content=content, headers=headers, **query)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_a_statement_settles_an_instruction_and_records_charges(town: Town) -> None:
    instruction_id = await town.instruction()
    instruction = await town.get("bank", f"/v1/instructions/{instruction_id}")
    amount = f"{instruction['amount_fen'] // 100}.{instruction['amount_fen'] % 100:02d}"
    details = details_xml(transaction_xml(None, amount, end_to_end_id=instruction["end_to_end_id"]))
    paid, fee, receipt, pending = (town.new("st") for _ in range(4))
    content = statement(
        town,
        entry(paid, amount, direction="DBIT", details=details),
        entry(receipt, "3.00"),
        entry(fee, "0.50", direction="DBIT", code=code_xml("CHRG")),
        entry(pending, "4.00", status="PDNG"),
    )
    before = await town.heads()
    tried = await send(town, content, dry_run=True)
    assert await town.heads() == before
    told = await send(town, content)
    for report in (tried, told):
        assert (report["kind"], report["accepted"], report["refused"], report["skipped"]) == ("camt.053", 3, 0, 1)
        assert [(one["status"], one.get("kind"), one.get("credit")) for one in report["results"]] == [
            ("accepted", "payment", False),
            ("accepted", "receipt", True),
            ("accepted", "bank_fee", False),
            ("skipped", None, None),
        ]
        assert report["results"][0]["lines"][0]["instruction_id"] == instruction_id
        assert report["results"][3]["code"] == "entry_pending"
        assert [one["status"] for one in report["statements"]] == ["accepted"]
    await town.catch_up()
    settled = await town.get("bank", f"/v1/instructions/{instruction_id}")
    assert (settled["state"], settled["bank_reference"]) == ("settled", paid)
    heads = await town.heads()
    again = await town.call(
        "bank", "POST", "/v1/bank-files", content=content, headers={"content-type": "text/xml; charset=utf-8"}
    )
    assert (again.json()["replayed"], again.json()["statements"][0]["status"]) == (3, "replayed")
    assert await town.heads() == heads


async def test_a_statement_that_cannot_be_recorded_says_why_and_its_entries_stay(town: Town) -> None:
    content = statement(town, entry(town.new("st"), "3.00"), balances=balance_xml("CLAV", "3.00", day=DAY))
    report = await send(town, content)
    (told,) = report["statements"]
    assert (report["accepted"], told["status"], told["code"], told["line"]) == (
        1,
        "refused",
        "statement_balance_missing",
        5,
    )
    assert "OPBD" in told["detail"]


async def test_an_entry_settled_over_http_is_known_to_the_statement(town: Town) -> None:
    instruction_id = await town.instruction()
    instruction = await town.get("bank", f"/v1/instructions/{instruction_id}")
    reference = town.new("st")
    body = {
        "outcome": "settled",
        "amount_fen": instruction["amount_fen"],
        "bank_reference": reference,
        "settled_on": DAY,
    }
    answer = await town.call("bank", "POST", f"/v1/instructions/{instruction_id}/settlement", body=body)
    assert answer.status_code in (200, 201), answer.text
    amount = f"{instruction['amount_fen'] // 100}.{instruction['amount_fen'] % 100:02d}"
    details = details_xml(transaction_xml(None, amount, end_to_end_id=instruction["end_to_end_id"]))
    report = await send(town, statement(town, entry(reference, amount, direction="DBIT", details=details)))
    assert [one["status"] for one in report["results"]] == ["replayed"]


async def test_chinese_text_may_come_in_its_charset(town: Town) -> None:
    head = "银行流水号,监管账号,金额,币种,入账日期,附言\n"
    content = (head + f"{town.new('流水')},{ACCOUNT_NO},1.00,CNY,{DAY},学费\n").encode("gb18030")
    report = await send(town, content, 'text/csv; charset="GBK"', dry_run=True)
    assert (report["accepted"], report["refused"]) == (1, 0)
    refused = await town.call(
        "bank", "POST", "/v1/bank-files", content=content, headers={"content-type": "text/csv"}, dry_run=True
    )
    assert refused.json()["code"] == "file_encoding_wrong"

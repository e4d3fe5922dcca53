"""Status reports of every supported version, read as they are written; bad ones refused with code and line."""

from datetime import date

import pytest

from ledger.bank.findings import FileRefused
from ledger.bank.pain002 import NOTHING, REJECTED, SETTLED, SUPPORTED, meaning_of, read_pain002
from ledger.domain.errors import LedgerError
from tests.bank.files.pain import payment, report, transaction


@pytest.mark.parametrize("version", SUPPORTED)
def test_a_report_of_every_version_is_read_with_places(version: str) -> None:
    one = transaction("e2e-1", "ACSC", more="<AcctSvcrRef>BK-1</AcctSvcrRef>")
    two = transaction("e2e-2", "RJCT", reason="AC04")
    found = read_pain002(report("M1", payment("M1-1", one, two, status="PART"), status="PART", version=version))
    assert (found.version, found.message_id, found.report_id) == (version, "M1", "R-1")
    assert found.created_on == date(2026, 9, 1)
    settled, rejected = found.entries
    assert (settled.status, settled.bank_reference, settled.end_to_end_id) == ("ACSC", "BK-1", "e2e-1")
    assert (settled.level, settled.payment, settled.transaction, settled.payment_id) == ("transaction", 1, 1, "M1-1")
    assert (rejected.status, rejected.reason, rejected.transaction) == ("RJCT", "AC04", 2)
    assert rejected.line == settled.line + 1


def test_a_status_stands_for_a_payment_or_for_the_group() -> None:
    found = read_pain002(report("M1", payment("M1-1", status="RJCT", reason="AM04"), status="ACCP"))
    assert [(e.level, e.status, e.reason) for e in found.entries] == [
        ("payment", "RJCT", "AM04"),
        ("group", "ACCP", ""),
    ]
    alone = read_pain002(report("M1", status="RJCT", reason="DUPL"))
    assert [(e.level, e.status, e.reason) for e in alone.entries] == [("group", "RJCT", "DUPL")]
    assert read_pain002(report("M1", payment("M1-1", status="PART"), status="PART")).entries == ()


def test_a_transaction_without_a_status_has_that_of_its_payment_or_group() -> None:
    data = report("M1", payment("M1-1", transaction("e2e-1"), status="PART"), status="ACSC")
    assert [e.status for e in read_pain002(data).entries] == ["ACSC", "ACSC"]
    data = report("M1", payment("M1-1", transaction("e2e-1"), status="RJCT"), status="ACSC")
    assert [e.status for e in read_pain002(data).entries] == ["RJCT", "RJCT", "ACSC"]
    data = report("M1", payment("M1-1", transaction("e2e-1")))
    assert [e.status for e in read_pain002(data).entries] == [""]


def test_a_reason_is_the_nearest_and_a_code() -> None:
    near = transaction("e2e-1", "RJCT", reason="AC01")
    far = transaction("e2e-2", "RJCT")
    data = report("M1", payment("M1-1", near, far, status="RJCT", reason="AC04"), status="RJCT", reason="DUPL")
    assert [e.reason for e in read_pain002(data).entries] == ["AC01", "AC04", "AC04", "DUPL"]
    prose = "<StsRsnInf><Rsn><Prtry>Wang's account</Prtry></Rsn></StsRsnInf>"
    named = f"<TxInfAndSts><OrgnlEndToEndId>e2e-3</OrgnlEndToEndId><TxSts>RJCT</TxSts>{prose}</TxInfAndSts>"
    assert read_pain002(report("M1", payment("M1-1", named))).entries[0].reason == ""


@pytest.mark.parametrize(
    ("more", "day"),
    [
        ("", date(2026, 9, 1)),
        ("<OrgnlTxRef><IntrBkSttlmDt>2026-08-31</IntrBkSttlmDt></OrgnlTxRef>", date(2026, 8, 31)),
        ("<OrgnlTxRef><IntrBkSttlmDt>2026-08-31+08:00</IntrBkSttlmDt></OrgnlTxRef>", date(2026, 8, 31)),
    ],
)
def test_the_day_is_that_of_settlement_or_of_the_report(more: str, day: date) -> None:
    data = report("M1", payment("M1-1", transaction("e2e-1", "ACSC", more=more)))
    assert read_pain002(data).entries[0].settled_on == day


@pytest.mark.parametrize(
    ("created", "day"),
    [
        ("2026-08-31T23:30:00+08:00", date(2026, 8, 31)),
        ("2026-08-31T16:30:00Z", date(2026, 9, 1)),
        ("2026-08-31T23:30:00", date(2026, 8, 31)),
        ("2026-08-31T23:30:00.125", date(2026, 8, 31)),
    ],
)
def test_an_instant_is_a_day_in_china(created: str, day: date) -> None:
    assert read_pain002(report("M1", status="ACSC", created=created)).created_on == day


@pytest.mark.parametrize(
    ("amount", "amount_fen"),
    [
        ('<Amt><InstdAmt Ccy="CNY">1280.50</InstdAmt></Amt>', 128_050),
        ('<IntrBkSttlmAmt Ccy="CNY">1280.5</IntrBkSttlmAmt>', 128_050),
        ('<Amt><InstdAmt Ccy="USD">1280.50</InstdAmt></Amt>', -1),
        ('<Amt><InstdAmt Ccy="CNY">1280.505</InstdAmt></Amt>', -1),
        ('<Amt><InstdAmt Ccy="CNY">0</InstdAmt></Amt>', -1),
    ],
)
def test_an_amount_is_read_to_the_fen(amount: str, amount_fen: int) -> None:
    data = report("M1", payment("M1-1", transaction("e2e-1", "ACSC", more=f"<OrgnlTxRef>{amount}</OrgnlTxRef>")))
    assert read_pain002(data).entries[0].amount_fen == amount_fen
    assert read_pain002(report("M1", payment("M1-1", transaction("e2e-1", "ACSC")))).entries[0].amount_fen is None


def test_only_final_statuses_mean_something() -> None:
    assert {meaning_of(status) for status in SETTLED} == {"settled"}
    assert {meaning_of(status) for status in REJECTED} == {"rejected"}
    assert {meaning_of(status) for status in NOTHING} == {"nothing"}
    assert (meaning_of("ACSP"), meaning_of("PDNG"), meaning_of("ZZZZ")) == ("nothing", "nothing", "unknown")


GOOD = report("M1", payment("M1-1", transaction("e2e-1", "ACSC")))


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "file_not_xml"),
        (b"<a", "file_not_xml"),
        (GOOD.replace(b"UTF-8", b"GBK"), "file_encoding_wrong"),
        (GOOD.replace(b"?>", b'?><!DOCTYPE a SYSTEM "x">', 1), "file_doctype_refused"),
        (GOOD.replace(b"pain.002", b"pain.008"), "status_kind_unknown"),
        (b"<Document/>", "status_kind_unknown"),
        (GOOD.replace(b"001.12", b"001.02"), "status_version_unsupported"),
        (GOOD.replace(b"001.12", b"001.13"), "status_version_unsupported"),
        (GOOD.replace(b"<MsgId>R-1</MsgId>", b""), "status_schema_invalid"),
        (GOOD.replace(b"ACSC", b"ACSCX"), "status_schema_invalid"),
        (GOOD.replace(b"001.12", b"001.03").replace(b"ACSC", b"ACCC"), "status_schema_invalid"),
        (GOOD.replace(b"001.12", b"001.10").replace(b"TxSts", b"TxStatus"), "status_schema_invalid"),
    ],
)
def test_a_file_that_is_no_report_is_refused(data: bytes, code: str) -> None:
    with pytest.raises(LedgerError) as refusal:
        read_pain002(data)
    assert refusal.value.code == code
    assert refusal.value.message_zh


def test_a_broken_schema_is_named_with_its_line_and_without_its_values() -> None:
    data = report("M1", payment("M1-1", transaction("e2e-1", "Wang Xiaoming")))
    with pytest.raises(LedgerError) as refusal:
        read_pain002(data)
    assert refusal.value.figures["line"] == 6
    assert "Wang" not in refusal.value.message


def test_a_refused_file_is_told_as_files_are() -> None:
    with pytest.raises(FileRefused):
        read_pain002(b"<a")

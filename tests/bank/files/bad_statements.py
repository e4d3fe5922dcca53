"""Bad camt.053 files, statements and entries, each with the code and place that its refusal must name."""

from typing import NamedTuple

from tests.bank.files.bad_camt import BILLION_LAUGHS, BadEntry, BadFile
from tests.bank.files.camt import details_xml, entry_xml, transaction_xml
from tests.bank.files.statement import (
    MESSAGE_PAGE,
    STATEMENT_PAGE,
    balance_xml,
    balances_xml,
    statement_file,
    stmt_xml,
)

GOOD = entry_xml("GOOD")


class BadStatement(NamedTuple):
    name: str
    data: bytes
    code: str
    line: int
    number: int = 1


def _summary(total: str, content: str) -> str:
    return f"<TxsSummry><{total}>{content}</{total}></TxsSummry>"


def _one_file(*entries: str, **parts: str) -> bytes:
    return statement_file(stmt_xml(*entries, **parts))


BAD_STATEMENT_FILES = (
    BadFile("nothing", b"", "file_empty", None),
    BadFile(
        "a statement of the intraday kind",
        _one_file(GOOD).replace(b"camt.053", b"camt.052"),
        "file_message_unsupported",
        2,
    ),
    BadFile("a version between", _one_file(GOOD).replace(b"001.08", b"001.03"), "file_version_unsupported", 2),
    BadFile("the newest version", _one_file(GOOD).replace(b"001.08", b"001.13"), "file_version_unsupported", 2),
    BadFile("no namespace", b"<Document/>", "file_namespace_unknown", 1),
    BadFile("billion laughs", BILLION_LAUGHS, "file_doctype_refused", 3),
    BadFile(
        "a DOCTYPE in front of a good statement",
        b"<!DOCTYPE d>\n" + _one_file(GOOD).partition(b"\n")[2],
        "file_doctype_refused",
        1,
    ),
    BadFile(
        "a DOCTYPE behind a long comment",
        b"<!--" + b"x" * 300_000 + b"-->\n<!DOCTYPE d><d/>",
        "file_doctype_refused",
        2,
    ),
    BadFile("UTF-16", _one_file(GOOD).decode().encode("utf-16"), "file_encoding_wrong", 1),
    BadFile("GBK bytes", _one_file(GOOD.replace("GOOD", "合同")).decode().encode("gbk"), "file_encoding_wrong", 8),
    BadFile("cut off in the middle", _one_file(GOOD)[:-120], "file_not_xml", 8),
    BadFile("cut off at its very end", _one_file(GOOD)[:-1], "file_not_xml", 10),
    BadFile(
        "two messages in one file", _one_file(GOOD) + b"\n" + _one_file(GOOD).partition(b"\n")[2], "file_not_xml", 11
    ),
    BadFile("no balance at all", _one_file(GOOD, balances=""), "file_schema_invalid", 5),
    BadFile("no account", _one_file(GOOD, account=""), "file_schema_invalid", 5),
    BadFile(
        "an entry without amount",
        _one_file(GOOD, GOOD.replace('<Amt Ccy="CNY">1280.50</Amt>', "")),
        "file_schema_invalid",
        9,
    ),
    BadFile(
        "letters for an amount in the second statement",
        statement_file(stmt_xml(GOOD), stmt_xml(entry_xml("R2", "ten"), statement_id="S2")),
        "file_schema_invalid",
        13,
    ),
    BadFile("something behind the entries", _one_file(GOOD, after="<Extra/>"), "file_schema_invalid", 9),
    BadFile(
        "an entry lost",
        _one_file(GOOD, summary=_summary("TtlNtries", "<NbOfNtries>2</NbOfNtries>")),
        "file_totals_differ",
        7,
    ),
    BadFile(
        "a sum that differs by a fen",
        _one_file(GOOD, summary=_summary("TtlCdtNtries", "<NbOfNtries>1</NbOfNtries><Sum>1280.49</Sum>")),
        "file_totals_differ",
        7,
    ),
)

BAD_STATEMENTS = (
    BadStatement(
        "an account of blanks", _one_file(GOOD, account="<Othr><Id> </Id></Othr>"), "statement_account_missing", 5
    ),
    BadStatement(
        "balances in dollars",
        _one_file(GOOD, balances=balance_xml("OPBD", "0", currency="USD") + balance_xml("CLBD", "1280.50")),
        "statement_currency_not_cny",
        5,
    ),
    BadStatement(
        "a tenth of a fen",
        _one_file(GOOD, balances=balances_xml("0.001", "1280.50")),
        "statement_balance_beyond_fen",
        5,
    ),
    BadStatement(
        "no closing balance", _one_file(GOOD, balances=balance_xml("OPBD", "0")), "statement_balance_missing", 5
    ),
    BadStatement(
        "no opening balance", _one_file(GOOD, balances=balance_xml("CLBD", "1")), "statement_balance_missing", 5
    ),
    BadStatement(
        "available balances only",
        _one_file(GOOD, balances=balance_xml("OPAV", "0") + balance_xml("CLAV", "1280.50")),
        "statement_balance_missing",
        5,
    ),
    BadStatement(
        "the year 12026",
        _one_file(GOOD, balances=balances_xml("0", "1", day="12026-03-02")),
        "statement_date_unreadable",
        5,
    ),
    BadStatement(
        "after the last day of the calendar",
        _one_file(
            GOOD,
            period="<FrToDt><FrDtTm>9999-12-31T23:00:00Z</FrDtTm><ToDtTm>9999-12-31T23:30:00Z</ToDtTm></FrToDt>",
        ),
        "statement_date_unreadable",
        5,
    ),
    BadStatement(
        "a middle page without balances of its own",
        _one_file(GOOD, pages=STATEMENT_PAGE.format(number=2, last="false"), balances=balance_xml("CLAV", "1")),
        "statement_page_unplaced",
        5,
    ),
    BadStatement(
        "a page with the balances of the whole",
        statement_file(
            stmt_xml(GOOD, balances=balances_xml("0", "9999.00")), pages=MESSAGE_PAGE.format(number=1, last="false")
        ),
        "statement_page_unplaced",
        5,
    ),
    BadStatement(
        "the same statement twice",
        statement_file(stmt_xml(GOOD), stmt_xml(entry_xml("R2"))),
        "statement_repeated_in_file",
        10,
        2,
    ),
)


def _one(
    name: str, entry: str, code: str, field: str | None, transaction: int | None = None, line: int = 9
) -> BadEntry:
    """The bad entry second, after a good one that has to stay usable."""
    return BadEntry(name, _one_file(GOOD, entry), code, line, 2, field, transaction)


def _batch(*transactions: str, amount: str = "30.00", stated: int | None = None) -> str:
    return entry_xml("B1", amount, details=details_xml(*(f"\n{part}" for part in transactions), stated=stated))


BAD_STATEMENT_ENTRIES = (
    _one("dollars", entry_xml(currency="USD"), "entry_currency_not_cny", "Amt/@Ccy"),
    _one("a tenth of a fen", entry_xml(amount="12.345"), "entry_beyond_fen", "Amt"),
    _one("zero", entry_xml(amount="0.00"), "entry_amount_not_positive", "Amt"),
    _one("one fen too much", entry_xml(amount="90071992547409.92"), "entry_amount_too_large", "Amt"),
    _one("pending", entry_xml(status="PDNG"), "entry_pending", "Sts"),
    _one("for information", entry_xml(status="INFO"), "entry_for_information", "Sts"),
    _one(
        "a bank's own status",
        entry_xml().replace("<Cd>BOOK</Cd>", "<Prtry>DONE</Prtry>"),
        "entry_status_not_booked",
        "Sts",
    ),
    _one("a reference in two lines", entry_xml("R\n1"), "entry_reference_malformed", "bank_reference"),
    _one("the same again", GOOD, "entry_duplicate_in_file", "AcctSvcrRef"),
    _one("the reference again", entry_xml("GOOD", "1.00"), "entry_conflict_in_file", "AcctSvcrRef"),
    _one(
        "the reference again as a debit", entry_xml("GOOD", direction="DBIT"), "entry_conflict_in_file", "AcctSvcrRef"
    ),
    _one("no booking date", entry_xml(booked=""), "entry_date_missing", "BookgDt"),
    _one(
        "the year 12026",
        entry_xml(booked="<BookgDt><Dt>12026-03-02</Dt></BookgDt>"),
        "entry_date_unreadable",
        "BookgDt",
    ),
    _one(
        "text without end",
        entry_xml(
            details=details_xml(transaction_xml(amount="1280.50", remittance=f"<Ustrd>{'x' * 140}</Ustrd>" * 15))
        ),
        "entry_text_too_long",
        "remittance",
    ),
    _one(
        "a batch a fen short",
        _batch(transaction_xml("T1", "10.00"), transaction_xml("T2", "19.99")),
        "entry_batch_sum_differs",
        "NtryDtls/TxDtls/Amt",
    ),
    _one(
        "a batch that lost one",
        _batch(transaction_xml("T1", "10.00"), transaction_xml("T2", "20.00"), stated=3),
        "entry_batch_count_differs",
        "NtryDtls/Btch/NbOfTxs",
    ),
    _one(
        "a batch without amounts",
        _batch(transaction_xml("T1", None), transaction_xml("T2", None)),
        "entry_amount_missing",
        "NtryDtls/TxDtls/Amt",
    ),
    _one(
        "a batch that keeps its transactions",
        entry_xml("B1", "30.00", details=details_xml(stated=3)),
        "entry_batch_without_details",
        "NtryDtls/TxDtls",
    ),
    _one(
        "a batch of nobody knows how many",
        entry_xml("B1", "30.00", details="<NtryDtls><Btch><PmtInfId>P1</PmtInfId></Btch></NtryDtls>"),
        "entry_batch_without_details",
        "NtryDtls/TxDtls",
    ),
    _one(
        "a transaction twice in its batch",
        _batch(transaction_xml("T1", "15.00"), transaction_xml("T1", "15.00")),
        "entry_duplicate_in_file",
        "NtryDtls/TxDtls/Refs/AcctSvcrRef",
        transaction=2,
        line=11,
    ),
    BadEntry(
        "an account of blanks",
        _one_file(GOOD, account="<Othr><Id> </Id></Othr>"),
        "entry_account_missing",
        8,
        1,
        "Acct/Id",
    ),
)

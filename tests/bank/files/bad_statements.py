"""Bad camt.053 files, statements and entries, each with the code and place that its refusal must name."""

from typing import NamedTuple

from tests.bank.files.bad_camt import (
    BILLION_LAUGHS,
    GOOD,
    WRONG_IN_ANY,
    BadEntry,
    BadFile,
    WrongEntry,
    second,
    summary_xml,
)
from tests.bank.files.camt import entry_xml
from tests.bank.files.statement import (
    MESSAGE_PAGE,
    STATEMENT_PAGE,
    balance_xml,
    balances_xml,
    statement_file,
    stmt_xml,
)


class BadStatement(NamedTuple):
    name: str
    data: bytes
    code: str
    line: int
    number: int = 1


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
        _one_file(GOOD, summary=summary_xml("TtlNtries", "<NbOfNtries>2</NbOfNtries>")),
        "file_totals_differ",
        7,
    ),
    BadFile(
        "a sum that differs by a fen",
        _one_file(GOOD, summary=summary_xml("TtlCdtNtries", "<NbOfNtries>1</NbOfNtries><Sum>1280.49</Sum>")),
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

WRONG_IN_STATEMENTS = (
    WrongEntry(
        "the reference again as a debit", entry_xml("GOOD", direction="DBIT"), "entry_conflict_in_file", "AcctSvcrRef"
    ),
    WrongEntry(
        "a batch of nobody knows how many",
        entry_xml("B1", "30.00", details="<NtryDtls><Btch><PmtInfId>P1</PmtInfId></Btch></NtryDtls>"),
        "entry_batch_without_details",
        "NtryDtls/TxDtls",
    ),
)

BAD_STATEMENT_ENTRIES = (
    *(second(wrong, _one_file) for wrong in (*WRONG_IN_ANY, *WRONG_IN_STATEMENTS)),
    BadEntry(
        "an account of blanks",
        _one_file(GOOD, account="<Othr><Id> </Id></Othr>"),
        "entry_account_missing",
        8,
        1,
        "Acct/Id",
    ),
)

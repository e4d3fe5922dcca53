"""Bad camt.054 files and entries, each with the code and place that its refusal must name."""

from collections.abc import Callable
from typing import NamedTuple

from tests.bank.files.camt import ACCOUNT, details_xml, entry_xml, file_xml, transaction_xml


class BadFile(NamedTuple):
    name: str
    data: bytes
    code: str
    line: int | None


class BadEntry(NamedTuple):
    name: str
    data: bytes
    code: str
    line: int
    entry: int
    field: str | None
    transaction: int | None = None


GOOD = entry_xml("GOOD")

BILLION_LAUGHS = b"""<?xml version="1.0"?>
<!-- a comment first -->
<!DOCTYPE lolz [
 <!ENTITY lol "lol">
 <!ENTITY lol1 "&lol;&lol;&lol;&lol;&lol;&lol;&lol;&lol;&lol;&lol;">
 <!ENTITY lol2 "&lol1;&lol1;&lol1;&lol1;&lol1;&lol1;&lol1;&lol1;&lol1;&lol1;">
]>
<lolz>&lol2;</lolz>
"""
EXTERNAL_ENTITY = b"""<?xml version="1.0"?>
<!DOCTYPE d [<!ENTITY x SYSTEM "file:///etc/passwd">]>
<d>&x;</d>
"""


def summary_xml(total: str, content: str) -> str:
    return f"<TxsSummry><{total}>{content}</{total}></TxsSummry>"


BAD_FILES = (
    BadFile("nothing", b"", "file_empty", None),
    BadFile("only white space", b" \n \n", "file_empty", None),
    BadFile("plain text", b"hello", "file_not_xml", 1),
    BadFile("cut off", file_xml(GOOD)[:-20], "file_not_xml", 9),
    BadFile("tags crossed", b"<a>\n<b>\n</a></b>", "file_not_xml", 3),
    BadFile("two roots", b"<a/>\n<b/>", "file_not_xml", 2),
    BadFile("undeclared entity", file_xml(GOOD.replace("R1", "&x;").replace("GOOD", "&x;")), "file_not_xml", 8),
    BadFile("control character", file_xml(GOOD.replace("GOOD", "G\x01")), "file_not_xml", 8),
    BadFile("too deep", b"<a>" * 300 + b"</a>" * 300, "file_not_xml", 1),
    BadFile("billion laughs", BILLION_LAUGHS, "file_doctype_refused", 3),
    BadFile("external entity", EXTERNAL_ENTITY, "file_doctype_refused", 2),
    BadFile("external DTD", b'<!DOCTYPE d SYSTEM "http://localhost/d.dtd"><d/>', "file_doctype_refused", 1),
    BadFile("DOCTYPE after a mark", b"\xef\xbb\xbf<?x y?>\n<!DOCTYPE d><d/>", "file_doctype_refused", 2),
    BadFile("DOCTYPE after the root", b"<d>\n<!DOCTYPE d></d>", "file_not_xml", 2),
    BadFile("UTF-16", file_xml(GOOD).decode().encode("utf-16"), "file_encoding_wrong", 1),
    BadFile("UTF-16 without a mark", BILLION_LAUGHS.decode().encode("utf-16-le"), "file_encoding_wrong", 1),
    BadFile(
        "declared GB18030",
        file_xml(GOOD, declaration='<?xml version="1.0" encoding="GB18030"?>'),
        "file_encoding_wrong",
        1,
    ),
    BadFile("declared UTF-7", b'<?xml version="1.0" encoding="utf-7"?><d/>', "file_encoding_wrong", 1),
    BadFile("GBK bytes", file_xml(GOOD.replace("GOOD", "合同")).decode().encode("gbk"), "file_encoding_wrong", 8),
    BadFile("no namespace", b"<Document/>", "file_namespace_unknown", 1),
    BadFile(
        "an intraday report",
        file_xml(GOOD, namespace="urn:iso:std:iso:20022:tech:xsd:camt.052.001.08"),
        "file_message_unsupported",
        2,
    ),
    BadFile(
        "a statement that is a notification",
        file_xml(GOOD, namespace="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"),
        "file_schema_invalid",
        3,
    ),
    BadFile("another vocabulary", file_xml(GOOD, namespace="urn:x"), "file_namespace_unknown", 2),
    BadFile("version 001.06", file_xml(GOOD, version="001.06"), "file_version_unsupported", 2),
    BadFile("a status of another version", file_xml(entry_xml(version="001.02")), "file_schema_invalid", 8),
    BadFile("letters for an amount", file_xml(GOOD, entry_xml("R2", "12,50")), "file_schema_invalid", 9),
    BadFile("a negative amount", file_xml(entry_xml(amount="-5.00")), "file_schema_invalid", 8),
    BadFile("six decimals", file_xml(entry_xml(amount="1.123456")), "file_schema_invalid", 8),
    BadFile("an exponent", file_xml(entry_xml(amount="1e3")), "file_schema_invalid", 8),
    BadFile("a reference too long", file_xml(GOOD, entry_xml("R" * 36)), "file_schema_invalid", 9),
    BadFile(
        "the 30th of February",
        file_xml(entry_xml(booked="<BookgDt><Dt>2026-02-30</Dt></BookgDt>")),
        "file_schema_invalid",
        8,
    ),
    BadFile("no account", file_xml(GOOD, account=""), "file_schema_invalid", 6),
    BadFile("no entries", file_xml(), "file_without_entries", None),
    BadFile(
        "an entry lost",
        file_xml(GOOD, summary=summary_xml("TtlNtries", "<NbOfNtries>2</NbOfNtries>")),
        "file_totals_differ",
        7,
    ),
    BadFile(
        "a sum that differs by a fen",
        file_xml(GOOD, summary=summary_xml("TtlCdtNtries", "<NbOfNtries>1</NbOfNtries><Sum>1280.51</Sum>")),
        "file_totals_differ",
        7,
    ),
    BadFile(
        "a debit lost",
        file_xml(GOOD, summary=summary_xml("TtlDbtNtries", "<NbOfNtries>1</NbOfNtries>")),
        "file_totals_differ",
        7,
    ),
)


class WrongEntry(NamedTuple):
    """What is wrong with an entry, whichever file it stands in; `line` when it is the second and has no breaks."""

    name: str
    entry: str
    code: str
    field: str | None
    transaction: int | None = None
    line: int = 9


def batch_xml(*transactions: str, amount: str = "30.00", stated: int | None = None) -> str:
    return entry_xml("B1", amount, details=details_xml(*(f"\n{part}" for part in transactions), stated=stated))


def second(wrong: WrongEntry, file_of: Callable[[str, str], bytes]) -> BadEntry:
    """The bad entry second, after a good one that has to stay usable."""
    data = file_of(GOOD, wrong.entry)
    return BadEntry(wrong.name, data, wrong.code, wrong.line, 2, wrong.field, wrong.transaction)


WRONG_IN_ANY = (
    WrongEntry("dollars", entry_xml(currency="USD"), "entry_currency_not_cny", "Amt/@Ccy"),
    WrongEntry("a tenth of a fen", entry_xml(amount="12.345"), "entry_beyond_fen", "Amt"),
    WrongEntry("zero", entry_xml(amount="0.00"), "entry_amount_not_positive", "Amt"),
    WrongEntry("one fen too much", entry_xml(amount="90071992547409.92"), "entry_amount_too_large", "Amt"),
    WrongEntry("pending", entry_xml(status="PDNG"), "entry_pending", "Sts"),
    WrongEntry("for information", entry_xml(status="INFO"), "entry_for_information", "Sts"),
    WrongEntry(
        "a bank's own status",
        entry_xml().replace("<Cd>BOOK</Cd>", "<Prtry>DONE</Prtry>"),
        "entry_status_not_booked",
        "Sts",
    ),
    WrongEntry("a reference in two lines", entry_xml("R\n1"), "entry_reference_malformed", "bank_reference"),
    WrongEntry("the same again", GOOD, "entry_duplicate_in_file", "AcctSvcrRef"),
    WrongEntry("the reference again", entry_xml("GOOD", "1.00"), "entry_conflict_in_file", "AcctSvcrRef"),
    WrongEntry("no booking date", entry_xml(booked=""), "entry_date_missing", "BookgDt"),
    WrongEntry(
        "the year 12026",
        entry_xml(booked="<BookgDt><Dt>12026-03-02</Dt></BookgDt>"),
        "entry_date_unreadable",
        "BookgDt",
    ),
    WrongEntry(
        "text without end",
        entry_xml(
            details=details_xml(transaction_xml(amount="1280.50", remittance=f"<Ustrd>{'x' * 140}</Ustrd>" * 15))
        ),
        "entry_text_too_long",
        "remittance",
    ),
    WrongEntry(
        "a batch a fen short",
        batch_xml(transaction_xml("T1", "10.00"), transaction_xml("T2", "19.99")),
        "entry_batch_sum_differs",
        "NtryDtls/TxDtls/Amt",
    ),
    WrongEntry(
        "a batch that lost one",
        batch_xml(transaction_xml("T1", "10.00"), transaction_xml("T2", "20.00"), stated=3),
        "entry_batch_count_differs",
        "NtryDtls/Btch/NbOfTxs",
    ),
    WrongEntry(
        "a batch that keeps its transactions",
        entry_xml("B1", "30.00", details=details_xml(stated=3)),
        "entry_batch_without_details",
        "NtryDtls/TxDtls",
    ),
    WrongEntry(
        "a batch without amounts",
        batch_xml(transaction_xml("T1", None), transaction_xml("T2", None)),
        "entry_amount_missing",
        "NtryDtls/TxDtls/Amt",
    ),
    WrongEntry(
        "a transaction twice in its batch",
        batch_xml(transaction_xml("T1", "15.00"), transaction_xml("T1", "15.00")),
        "entry_duplicate_in_file",
        "NtryDtls/TxDtls/Refs/AcctSvcrRef",
        transaction=2,
        line=11,
    ),
)
WRONG_IN_NOTICES = (
    WrongEntry("a thousandth of a fen", entry_xml(amount="0.00001"), "entry_beyond_fen", "Amt"),
    WrongEntry("a debit", entry_xml(direction="DBIT"), "entry_not_credit", "credit"),
    WrongEntry("in the future", entry_xml(status="FUTR"), "entry_pending", "Sts"),
    WrongEntry("no reference", entry_xml(None), "entry_reference_missing", "AcctSvcrRef"),
    WrongEntry(
        "the account for a reference",
        entry_xml(None, entry_reference=ACCOUNT),
        "entry_reference_missing",
        "AcctSvcrRef",
    ),
    WrongEntry(
        "an IBAN for a reference",
        entry_xml(None, entry_reference="CH4431999123000889012"),
        "entry_reference_missing",
        "AcctSvcrRef",
    ),
    WrongEntry("a reference of blanks", entry_xml("  "), "entry_reference_missing", "AcctSvcrRef"),
    WrongEntry(
        "after the last day of the calendar",
        entry_xml(valued="<ValDt><DtTm>9999-12-31T23:00:00Z</DtTm></ValDt>"),
        "entry_date_unreadable",
        "ValDt",
    ),
    WrongEntry(
        "one transaction of another amount",
        batch_xml(transaction_xml("T1", "10.00")),
        "entry_batch_sum_differs",
        "NtryDtls/TxDtls/Amt",
    ),
    WrongEntry(
        "a running number for a reference",
        entry_xml(None, entry_reference="17"),
        "entry_reference_missing",
        "AcctSvcrRef",
    ),
    WrongEntry("a word for no reference", entry_xml("NONREF"), "entry_reference_missing", "AcctSvcrRef"),
    WrongEntry(
        "a batch with dollars in it",
        batch_xml(transaction_xml("T1", "10.00"), transaction_xml("T2", "20.00", currency="USD")),
        "entry_currency_not_cny",
        "Amt/@Ccy",
    ),
    WrongEntry(
        "a transaction without reference",
        batch_xml(transaction_xml("T1", "10.00"), transaction_xml(None, "20.00")),
        "entry_reference_missing",
        "NtryDtls/TxDtls/Refs/AcctSvcrRef",
        transaction=2,
        line=11,
    ),
    WrongEntry(
        "a charge inside a batch",
        batch_xml(transaction_xml("T1", "31.00"), transaction_xml("T2", "1.00", direction="DBIT")),
        "entry_not_credit",
        "credit",
        transaction=2,
        line=11,
    ),
)

BAD_ENTRIES = (
    *(second(wrong, file_xml) for wrong in (*WRONG_IN_ANY, *WRONG_IN_NOTICES)),
    BadEntry(
        "an account of blanks",
        file_xml(GOOD, account="<Othr><Id> </Id></Othr>"),
        "entry_account_missing",
        8,
        1,
        "Acct/Id",
    ),
)

"""Reads ISO 20022 pain.002 files (customer payment status report): what a bank says of the orders of one message.

A status stands for a transaction, for the others of its payment information, or for the others of the group. Statuses
are told as they are written; what they mean for an order is `meaning_of`'s to say.
"""

import re
from collections.abc import Iterator
from datetime import date, datetime, timedelta, timezone
from hashlib import sha256
from typing import Final, Literal

import msgspec

from ledger.bank.amounts import yuan_to_fen
from ledger.bank.findings import EntryProblem
from ledger.bank.pain_schemas import PAIN002_VERSIONS, namespace_of_pain, pain002_schema
from ledger.bank.xml_document import Node, parse
from ledger.domain.errors import LedgerError

Level = Literal["transaction", "payment", "group"]
Meaning = Literal["settled", "rejected", "nothing", "unknown"]

READ_AS: Final = {"001.10": "001.12", "001.11": "001.12"}
"""Versions without a schema of their own here are held to that of the next one: what it does not take is refused."""
SUPPORTED: Final = tuple(sorted({*PAIN002_VERSIONS, *READ_AS}))
_ROOT: Final = re.compile(r"\{urn:iso:std:iso:20022:tech:xsd:pain\.002\.(\d{3}\.\d{2})\}Document")
_CODE: Final = re.compile(r"[A-Za-z0-9_-]{1,35}")
_CHINA: Final = timezone(timedelta(hours=8), "CST")
_PARTLY: Final = "PART"

SETTLED: Final = frozenset({"ACSC", "ACCC"})
"""The debtor's account is debited for good, or the creditor has the money."""
REJECTED: Final = frozenset({"RJCT", "CANC"})
"""Refused, or cancelled before it was carried out: the money never left."""
NOTHING: Final = frozenset(
    {"", "ACCP", "ACFC", "ACSP", "ACTC", "ACWC", "ACWP", "BLCK", "PART", "PATC", "PDNG", "PRES", "RCVD"}
)
"""On its way, or not looked at yet: nothing is final."""


class StatusEntry(msgspec.Struct, frozen=True, kw_only=True):
    """One status with its place (1-based numbers; 0: it stands for more than a transaction, or than a payment).

    `reason` is a code and nothing else, since a bank's own words may name people. `amount_fen` is None where the bank
    does not repeat the amount, and -1 where it is no amount in fen of CNY.
    """

    level: Level
    line: int
    payment: int = 0
    transaction: int = 0
    payment_id: str = ""
    end_to_end_id: str = ""
    status: str
    reason: str = ""
    bank_reference: str = ""
    settled_on: date
    amount_fen: int | None = None


class StatusReport(msgspec.Struct, frozen=True, kw_only=True):
    """A report: its own id, the message that it is about, and its statuses in file order, the group's last."""

    sha256: str
    version: str
    report_id: str
    message_id: str
    created_on: date
    entries: tuple[StatusEntry, ...]


def meaning_of(status: str) -> Meaning:
    """What a status makes of an order. Only a final one settles it."""
    if status in SETTLED:
        return "settled"
    if status in REJECTED:
        return "rejected"
    return "nothing" if status in NOTHING else "unknown"


def read_pain002(data: bytes) -> StatusReport:
    """The report of a file.

    Raises `FileRefused` for what is no safe XML, and LedgerError `status_kind_unknown`, `status_version_unsupported`,
    `status_schema_invalid` with the line, in this order. Source: ISO 20022 message definition pain.002.
    """
    tree = parse(data)
    root = tree.getroot().tag
    match = _ROOT.fullmatch(root)
    if match is None:
        raise LedgerError("status_kind_unknown", root=root[:120])
    version = match[1]
    if version not in SUPPORTED:
        raise LedgerError("status_version_unsupported", version=version, supported=", ".join(SUPPORTED))
    shipped = READ_AS.get(version, version)
    if shipped != version:
        tree = parse(data.replace(namespace_of_pain(f"pain.002.{version}").encode(), _namespace(shipped).encode()))
    fault = pain002_schema(shipped).fault(tree)
    if fault is not None:
        raise LedgerError("status_schema_invalid", line=fault.line, version=version, sentence=fault.sentence)
    report = Node(tree.getroot(), _namespace(shipped)).first("CstmrPmtStsRpt")
    assert report is not None, "the schema requires the report"
    created_on = _day_of_instant(report.text("GrpHdr/CreDtTm") or "")
    return StatusReport(
        sha256=sha256(data).hexdigest(),
        version=version,
        report_id=report.text("GrpHdr/MsgId") or "",
        message_id=report.text("OrgnlGrpInfAndSts/OrgnlMsgId") or "",
        created_on=created_on,
        entries=tuple(_entries(report, created_on)),
    )


def _namespace(version: str) -> str:
    return namespace_of_pain(f"pain.002.{version}")


def _day_of_instant(text: str) -> date:
    """The day in China of an instant; without an offset the bank means China's time."""
    at = datetime.fromisoformat(text)
    return (at if at.tzinfo else at.replace(tzinfo=_CHINA)).astimezone(_CHINA).date()


def _entries(report: Node, created_on: date) -> Iterator[StatusEntry]:
    group = report.first("OrgnlGrpInfAndSts")
    assert group is not None, "the schema requires the group"
    of_group = group.text("GrpSts") or ""
    for number, payment in enumerate(report.all("OrgnlPmtInfAndSts"), start=1):
        payment_id = payment.text("OrgnlPmtInfId") or ""
        of_payment = payment.text("PmtInfSts") or ""
        wider = next((status for status in (of_payment, of_group) if status not in ("", _PARTLY)), "")
        for place, transaction in enumerate(payment.all("TxInfAndSts"), start=1):
            yield StatusEntry(
                level="transaction",
                line=transaction.line or 0,
                payment=number,
                transaction=place,
                payment_id=payment_id,
                end_to_end_id=transaction.text("OrgnlEndToEndId") or "",
                status=transaction.text("TxSts") or wider,
                reason=_reason(transaction, payment, group),
                bank_reference=transaction.text("AcctSvcrRef") or "",
                settled_on=_settled_on(transaction) or created_on,
                amount_fen=_amount_fen(transaction),
            )
        if of_payment not in ("", _PARTLY):
            yield StatusEntry(
                level="payment",
                line=payment.line or 0,
                payment=number,
                payment_id=payment_id,
                status=of_payment,
                reason=_reason(payment, group),
                settled_on=created_on,
            )
    if of_group not in ("", _PARTLY):
        yield StatusEntry(
            level="group", line=group.line or 0, status=of_group, reason=_reason(group), settled_on=created_on
        )


def _reason(*nodes: Node) -> str:
    """The first code of a reason, the transaction's own before its payment's and its group's."""
    for node in nodes:
        for information in node.all("StsRsnInf"):
            code = information.text("Rsn/Cd", "Rsn/Prtry")
            if code is not None and _CODE.fullmatch(code):
                return code
    return ""


def _settled_on(transaction: Node) -> date | None:
    """The day of settlement between the banks, where the report says it."""
    day = transaction.text("FctvIntrBkSttlmDt/Dt", "OrgnlTxRef/IntrBkSttlmDt")
    # A schema date may carry an offset (2026-03-01+08:00); the day is the day as written.
    return None if day is None else date.fromisoformat(day[:10])


def _amount_fen(transaction: Node) -> int | None:
    amount = transaction.first("OrgnlTxRef/Amt/InstdAmt") or transaction.first("OrgnlTxRef/IntrBkSttlmAmt")
    if amount is None:
        return None
    try:
        return yuan_to_fen(amount.content) if amount.attribute("Ccy") == "CNY" else -1
    except EntryProblem:
        return -1

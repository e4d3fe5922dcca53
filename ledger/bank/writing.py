"""Writes receipts as a bank would send them, camt.054.001.08: the same bytes for the same receipts."""

from collections.abc import Iterable
from datetime import UTC, date, datetime
from typing import Any

import msgspec

from ledger.bank.amounts import fen_to_yuan
from ledger.bank.entry_references import is_iban
from ledger.bank.schemas import namespace_of
from ledger.bank.xml_document import etree

VERSION = "001.08"
_MAX_REFERENCE = 35
_MAX_TEXT = 140


class Receipt(msgspec.Struct, frozen=True, kw_only=True):
    """One movement as the bank knows it, payer in clear: the row that a simulated bank writes to its file.

    Amounts in fen. References up to 35 characters and `remittance` up to 140, as ISO 20022 has it; a longer
    `contract_reference` (a UUID) is written into the text as `CONTRACT:<reference>`. `kind` (see `entry_kinds`) goes
    into CSV alone.
    """

    bank_reference: str
    account_no: str
    amount_fen: int
    booked_on: date
    value_on: date | None = None
    credit: bool = True
    reversal: bool = False
    end_to_end_id: str | None = None
    contract_reference: str | None = None
    remittance: str = ""
    payer_name: str | None = None
    payer_account: str | None = None
    kind: str = ""


def write_camt054(receipts: Iterable[Receipt], *, message_id: str, created_at: datetime) -> bytes:
    """A camt.054.001.08 file, valid by its schema: one notification an account, with control totals.

    Accounts come in the order of their first receipt. `created_at` is aware and written in UTC, whole seconds.
    Raises `ValueError` for a text that does not fit its field, a naive instant, or no receipts.
    """
    if created_at.tzinfo is None:
        raise ValueError("created_at needs a time zone")
    by_account: dict[str, list[Receipt]] = {}
    for receipt in receipts:
        by_account.setdefault(receipt.account_no, []).append(receipt)
    if not by_account:
        raise ValueError("a bank file has at least one receipt")

    namespace = namespace_of(VERSION)
    document: Any = etree.Element(f"{{{namespace}}}Document", nsmap={None: namespace})
    message = _Writer(document, namespace).under("BkToCstmrDbtCdtNtfctn")
    created = created_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    header = message.under("GrpHdr")
    header.put("MsgId", _fits(message_id, _MAX_REFERENCE))
    header.put("CreDtTm", created)
    for number, (account_no, rows) in enumerate(by_account.items(), start=1):
        notification = message.under("Ntfctn")
        notification.put("Id", _fits(f"{message_id[:28]}-{number}", _MAX_REFERENCE))
        notification.put("CreDtTm", created)
        _put_account(notification.under("Acct"), account_no)
        _put_totals(notification, rows)
        for row in rows:
            _put_entry(notification.under("Ntry"), row)
    etree.indent(document, space=" ")
    return etree.tostring(document, xml_declaration=True, encoding="UTF-8") + b"\n"


class _Writer:
    """Appends elements of one namespace under one element."""

    def __init__(self, element: Any, namespace: str) -> None:
        self._element = element
        self._namespace = namespace

    def under(self, path: str) -> "_Writer":
        """A writer below the newly made path, such as `Refs` or `Sts/Cd`."""
        element = self._element
        for name in path.split("/"):
            element = etree.SubElement(element, f"{{{self._namespace}}}{name}")
        return _Writer(element, self._namespace)

    def put(self, path: str, text: str, **attributes: str) -> None:
        """A newly made path with a text."""
        element = self.under(path)._element
        element.text = text
        for name, value in attributes.items():
            element.set(name, value)


def _put_account(account: _Writer, account_no: str) -> None:
    if is_iban(account_no):
        account.put("Id/IBAN", account_no)
    else:
        account.put("Id/Othr/Id", _fits(account_no, 34))


def _put_totals(notification: _Writer, rows: list[Receipt]) -> None:
    summary = notification.under("TxsSummry")
    for total, credit in (("TtlCdtNtries", True), ("TtlDbtNtries", False)):
        amounts = [row.amount_fen for row in rows if row.credit is credit]
        if amounts:
            element = summary.under(total)
            element.put("NbOfNtries", str(len(amounts)))
            element.put("Sum", fen_to_yuan(sum(amounts)))


def _put_entry(entry: _Writer, row: Receipt) -> None:
    direction = "CRDT" if row.credit else "DBIT"
    entry.put("Amt", fen_to_yuan(row.amount_fen), Ccy="CNY")
    entry.put("CdtDbtInd", direction)
    if row.reversal:
        entry.put("RvslInd", "true")
    entry.put("Sts/Cd", "BOOK")
    entry.put("BookgDt/Dt", row.booked_on.isoformat())
    entry.put("ValDt/Dt", (row.value_on or row.booked_on).isoformat())
    entry.put("AcctSvcrRef", _fits(row.bank_reference, _MAX_REFERENCE))
    domain = entry.under("BkTxCd/Domn")
    domain.put("Cd", "PMNT")
    family = domain.under("Fmly")
    family.put("Cd", "RCDT" if row.credit else "ICDT")
    family.put("SubFmlyCd", "DMCT")
    details = entry.under("NtryDtls/TxDtls")
    details.put("Refs/EndToEndId", _fits(row.end_to_end_id or "NOTPROVIDED", _MAX_REFERENCE))
    details.put("Amt", fen_to_yuan(row.amount_fen), Ccy="CNY")
    details.put("CdtDbtInd", direction)
    if row.payer_name or row.payer_account:
        parties = details.under("RltdPties")
        if row.payer_name:
            parties.put("Dbtr/Pty/Nm", _fits(row.payer_name, _MAX_TEXT))
        if row.payer_account:
            parties.put("DbtrAcct/Id/Othr/Id", _fits(row.payer_account, 34))
    _put_remittance(details, row)


def _put_remittance(details: _Writer, row: Receipt) -> None:
    reference = row.contract_reference
    if reference is None and not row.remittance:
        return
    information = details.under("RmtInf")
    if reference is not None and len(reference) > _MAX_REFERENCE:
        information.put("Ustrd", _fits(f"CONTRACT:{reference} {row.remittance}".strip(), _MAX_TEXT))
        return
    if row.remittance:
        information.put("Ustrd", _fits(row.remittance, _MAX_TEXT))
    if reference is not None:
        information.put("Strd/CdtrRefInf/Ref", reference)


def _fits(text: str, limit: int) -> str:
    if not 1 <= len(text) <= limit:
        raise ValueError(f"a text of {len(text)} characters does not fit 1 to {limit}")
    return text

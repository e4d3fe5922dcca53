"""Writes orders as an ISO 20022 pain.001.001.09 message (customer credit transfer initiation), or as CSV.

The same message always gives the same bytes. What is written is held to the official schema before it is returned.
"""

import csv
import io
from datetime import UTC, date, datetime
from typing import Any, Final

import msgspec

from ledger.bank.amounts import fen_to_yuan
from ledger.bank.creditors import Creditor
from ledger.bank.pain_schemas import PAIN001_VERSION, namespace_of_pain, pain001_schema
from ledger.bank.xml_document import etree

INITIATOR: Final = "Supervised tuition escrow"
NAME: Final = f"pain.001.{PAIN001_VERSION}"
CSV_HEADER: Final = (
    "message_id",
    "payment_id",
    "account_no",
    "execute_on",
    "end_to_end_id",
    "kind",
    "amount",
    "currency",
    "creditor_scheme",
    "creditor_account",
    "creditor_name",
    "purpose",
)


class Transfer(msgspec.Struct, frozen=True, kw_only=True):
    """One order (fen). `purpose` is what it pays, in words without personal data."""

    end_to_end_id: str
    amount_fen: int
    creditor: Creditor
    kind: str
    purpose: str


class Payment(msgspec.Struct, frozen=True, kw_only=True):
    """The orders of one debtor account for one day, under the payment information id of the message."""

    payment_id: str
    account_no: str
    institution_id: str
    bank: str
    execute_on: date
    transfers: tuple[Transfer, ...]


class PaymentMessage(msgspec.Struct, frozen=True, kw_only=True):
    """A message as it is written; `message_at` is aware and written in UTC, whole seconds."""

    message_id: str
    message_at: datetime
    payments: tuple[Payment, ...]


class _Writer:
    """Appends elements of one namespace under one element."""

    def __init__(self, element: Any, namespace: str) -> None:
        self._element = element
        self._namespace = namespace

    def under(self, path: str) -> "_Writer":
        """A writer below the newly made path, such as `FinInstnId/Othr`."""
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


def write_pain001(message: PaymentMessage) -> bytes:
    """The file: one `PmtInf` a debtor account and day, with counts and control sums of each and of the whole.

    Raises `ValueError` for a message without orders, and for one that its schema does not take.
    """
    transfers = [transfer for payment in message.payments for transfer in payment.transfers]
    if not transfers:
        raise ValueError("a message has at least one order")
    namespace = namespace_of_pain(NAME)
    document: Any = etree.Element(f"{{{namespace}}}Document", nsmap={None: namespace})
    initiation = _Writer(document, namespace).under("CstmrCdtTrfInitn")
    header = initiation.under("GrpHdr")
    header.put("MsgId", message.message_id)
    header.put("CreDtTm", message.message_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"))
    _put_totals(header, transfers)
    header.put("InitgPty/Nm", INITIATOR)
    for payment in message.payments:
        _put_payment(initiation.under("PmtInf"), payment)
    etree.indent(document, space=" ")
    data: bytes = etree.tostring(document, xml_declaration=True, encoding="UTF-8") + b"\n"
    fault = pain001_schema().fault(etree.ElementTree(etree.fromstring(data)))
    if fault is not None:
        raise ValueError(f"the message {message.message_id} breaks its schema in line {fault.line}: {fault.sentence}")
    return data


def _put_totals(block: _Writer, transfers: list[Transfer] | tuple[Transfer, ...]) -> None:
    block.put("NbOfTxs", str(len(transfers)))
    block.put("CtrlSum", fen_to_yuan(sum(transfer.amount_fen for transfer in transfers)))


def _put_payment(block: _Writer, payment: Payment) -> None:
    block.put("PmtInfId", payment.payment_id)
    block.put("PmtMtd", "TRF")
    block.put("BtchBookg", "false")
    _put_totals(block, payment.transfers)
    block.put("ReqdExctnDt/Dt", payment.execute_on.isoformat())
    block.put("Dbtr/Nm", payment.institution_id)
    account = block.under("DbtrAcct")
    account.put("Id/Othr/Id", payment.account_no)
    account.put("Ccy", "CNY")
    block.put("DbtrAgt/FinInstnId/Othr/Id", payment.bank[:35])
    for transfer in payment.transfers:
        _put_transfer(block.under("CdtTrfTxInf"), transfer)


def _put_transfer(block: _Writer, transfer: Transfer) -> None:
    creditor = transfer.creditor
    block.put("PmtId/EndToEndId", transfer.end_to_end_id)
    block.put("Amt/InstdAmt", fen_to_yuan(transfer.amount_fen), Ccy="CNY")
    if creditor.agent is not None:
        block.put("CdtrAgt/FinInstnId/BICFI", creditor.agent)
    block.put("Cdtr/Nm", creditor.name or "NOTPROVIDED")
    account = block.under("CdtrAcct")
    other = account.under("Id/Othr")
    other.put("Id", creditor.account)
    if creditor.scheme is not None:
        other.put("SchmeNm/Prtry", creditor.scheme)
    if creditor.token is not None:
        account.put("Prxy/Id", creditor.token)
    block.put("RmtInf/Ustrd", transfer.purpose[:140])


def write_orders_csv(message: PaymentMessage) -> bytes:
    """The same orders as a UTF-8 CSV file with a header, CRLF line ends (RFC 4180); amounts in yuan.

    Made for machines: cells are exact and nothing is escaped against spreadsheets.
    """
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(CSV_HEADER)
    for payment in message.payments:
        for transfer in payment.transfers:
            creditor = transfer.creditor
            writer.writerow(
                (
                    message.message_id,
                    payment.payment_id,
                    payment.account_no,
                    payment.execute_on.isoformat(),
                    transfer.end_to_end_id,
                    transfer.kind,
                    fen_to_yuan(transfer.amount_fen),
                    "CNY",
                    creditor.scheme or "ACCOUNT",
                    creditor.token or creditor.account,
                    creditor.name or "",
                    transfer.purpose,
                )
            )
    return text.getvalue().encode()

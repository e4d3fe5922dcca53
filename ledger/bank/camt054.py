"""Reads ISO 20022 camt.054 (bank to customer debit credit notification) files, versions 001.02, 001.04 and 001.08."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

from ledger.bank.amounts import scaled, unscaled
from ledger.bank.camt054_dates import instant
from ledger.bank.camt054_entry import EntryReader
from ledger.bank.entries import DEFAULT_LIMITS, BankFile, Limits
from ledger.bank.findings import EntryProblem, file_refused
from ledger.bank.intake import Intake, digest, read_all
from ledger.bank.schemas import SUPPORTED_VERSIONS, default_schema_dir, namespace_of, schema
from ledger.bank.tokens import PayerTokens
from ledger.bank.xml_document import ElementTree, Node, parse

_ROOT = re.compile(r"\{urn:iso:std:iso:20022:tech:xsd:camt\.054\.(\d{3}\.\d{2})\}Document")
_MESSAGE = "BkToCstmrDbtCdtNtfctn"


def read_camt054(
    stream: BinaryIO | bytes,
    *,
    salt: bytes,
    schema_dir: Path | None = None,
    limits: Limits = DEFAULT_LIMITS,
    credits_only: bool = True,
) -> BankFile:
    """Read a camt.054 file into booked entries.

    A batch (several `TxDtls` in one entry) gives one `BankEntry` for each transaction. `salt` is the secret of the
    payer tokens. With `credits_only` a debit is refused as `entry_not_credit`; without, it is an entry with
    `credit=False`. Whatever makes one entry unusable is in `refusals`; the others stay usable.

    Raises `FileRefused` for the whole file, in this order: size, encoding, DOCTYPE, XML, namespace, version,
    schema, no entries, too many entries, control totals. Source: ISO 20022 message definition camt.054.
    """
    data = read_all(stream, limits)
    tree = parse(data)
    version = _version(tree)
    schema(version, schema_dir or default_schema_dir()).require(tree, max_findings=limits.max_schema_findings)

    message = Node(tree.getroot(), namespace_of(version)).first(_MESSAGE)
    assert message is not None, "the schema requires the message"
    notifications = message.all("Ntfctn")
    _require_entries(notifications, limits)
    if not _is_page_of_several(message):
        for notification in notifications:
            _require_totals(notification)

    intake = Intake(limits, credits_only=credits_only)
    reader = EntryReader(intake, PayerTokens(salt), limits)
    for number, (account_no, entry) in enumerate(_entries(notifications), start=1):
        try:
            reader.read(entry, number=number, account_no=account_no)
        except EntryProblem as problem:
            intake.refuse(problem, line=entry.line, entry=number)

    return BankFile(
        kind="camt.054",
        sha256=digest(data),
        entries=intake.entries,
        refusals=tuple(intake.refusals),
        message_id=message.text("GrpHdr/MsgId"),
        created_at=_created_at(message),
        version=version,
        notifications=len(notifications),
    )


def _version(tree: ElementTree) -> str:
    tag = tree.getroot().tag
    match = _ROOT.fullmatch(tag)
    if match is None:
        raise file_refused("file_namespace_unknown", line=tree.getroot().sourceline, root=tag[:120])
    if match[1] not in SUPPORTED_VERSIONS:
        raise file_refused(
            "file_version_unsupported",
            line=tree.getroot().sourceline,
            version=match[1],
            supported=", ".join(SUPPORTED_VERSIONS),
        )
    return match[1]


def _entries(notifications: list[Node]) -> Iterator[tuple[str | None, Node]]:
    """Each entry with its account: the only walk over entries, so that a streaming parser can take its place."""
    for notification in notifications:
        account_no = notification.text("Acct/Id/IBAN", "Acct/Id/Othr/Id")
        for entry in notification.stream("Ntry"):
            yield account_no, entry


def _require_entries(notifications: list[Node], limits: Limits) -> None:
    count = sum(1 for _ in _entries(notifications))
    if count == 0:
        raise file_refused("file_without_entries")
    if count > limits.max_entries:
        raise file_refused("file_entries_many", limit=limits.max_entries)


def _is_page_of_several(message: Node) -> bool:
    """Totals of a paged message may speak of all its pages."""
    pages = message.first("GrpHdr/MsgPgntn")
    return pages is not None and (pages.text("PgNb") != "1" or pages.text("LastPgInd") not in ("true", "1"))


def _require_totals(notification: Node) -> None:
    """The bank's own control totals: a file that lost or gained an entry on its way does not pass."""
    if notification.first("NtfctnPgntn") is not None:
        return
    summary = notification.first("TxsSummry")
    if summary is None:
        return
    entries = list(notification.all("Ntry"))
    for total, direction in (("TtlNtries", None), ("TtlCdtNtries", "CRDT"), ("TtlDbtNtries", "DBIT")):
        stated = summary.first(total)
        if stated is None:
            continue
        counted = [entry for entry in entries if direction is None or entry.text("CdtDbtInd") == direction]
        count = stated.text("NbOfNtries")
        if count is not None and int(count) != len(counted):
            raise file_refused(
                "file_totals_differ",
                line=stated.line,
                total=f"{total}/NbOfNtries",
                stated=int(count),
                found=len(counted),
            )
        amount = stated.text("Sum")
        found = sum(scaled(entry.text("Amt") or "") or 0 for entry in counted)
        if amount is not None and scaled(amount) != found:
            raise file_refused(
                "file_totals_differ", line=stated.line, total=f"{total}/Sum", stated=amount, found=unscaled(found)
            )


def _created_at(message: Node) -> datetime | None:
    text = message.text("GrpHdr/CreDtTm")
    try:
        return None if text is None else instant(text).astimezone(UTC)
    except (ValueError, OverflowError):
        return None

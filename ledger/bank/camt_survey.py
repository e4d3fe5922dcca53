"""The first reading of a camt file: every check of the whole, and what each statement or notification adds up to.

Nothing of a file is used before all of it was seen: a file that is cut off, breaks its schema or lost an entry on its
way is refused as a whole.
"""

import re
from datetime import UTC, datetime
from pathlib import Path
from threading import Lock
from typing import Any, Literal, NamedTuple, cast

from ledger.bank.amounts import scaled, unscaled
from ledger.bank.camt_dates import instant
from ledger.bank.camt_statement import Head, Page, page_of, statement_of
from ledger.bank.content import Content
from ledger.bank.entries import FileFacts, Limits, Statement
from ledger.bank.findings import FileFinding, FileRefused, StatementRefused, file_refused
from ledger.bank.schemas import SUPPORTED_VERSIONS, namespace_of, plain_sentence, schema
from ledger.bank.xml_document import Element, Node
from ledger.bank.xml_stream import document_around, elements, follows, forget, forget_before, require_safe, root_of

_ROOT = re.compile(r"\{urn:iso:std:iso:20022:tech:xsd:([a-z]{4}\.\d{3})\.(\d{3}\.\d{2})\}Document")
_PARTS = {"camt.053": "Stmt", "camt.054": "Ntfctn"}
_PAGES = {"camt.053": "StmtPgntn", "camt.054": "NtfctnPgntn"}
_MESSAGES = {"camt.053": "BkToCstmrStmt", "camt.054": "BkToCstmrDbtCdtNtfctn"}
BOOKED = "BOOK"

CamtKind = Literal["camt.053", "camt.054"]

_one_validation = Lock()
"""A schema's error log is shared by all who validate with it."""


class Message(NamedTuple):
    """Which message in which version, and the tags by which it is read."""

    kind: CamtKind
    version: str

    @property
    def namespace(self) -> str:
        return namespace_of(self.version, self.kind)

    @property
    def entry_tag(self) -> str:
        return f"{{{self.namespace}}}Ntry"

    @property
    def part_tag(self) -> str:
        """Of one statement or one notification."""
        return f"{{{self.namespace}}}{_PARTS[self.kind]}"

    @property
    def header_tag(self) -> str:
        return f"{{{self.namespace}}}GrpHdr"

    @property
    def page_name(self) -> str:
        return _PAGES[self.kind]


def survey(content: Content, *, schema_dir: Path, limits: Limits) -> tuple[Message, FileFacts]:
    """The message and the facts of a file.

    Raises `FileRefused`, in this order: encoding, DOCTYPE, XML, namespace, message, version, schema, no entries (of a
    notification), too many entries, control totals.
    """
    require_safe(content)
    message = _message(content)
    if not follows(content, schema(message.kind, message.version, schema_dir), free=message.entry_tag):
        raise _schema_refusal(content, message, schema_dir, limits)
    reading = _Reading(message, limits)
    for element in elements(content, (message.entry_tag, message.part_tag, message.header_tag)):
        reading.take(element)
    return message, reading.facts(content.sha256)


def _message(content: Content) -> Message:
    tag, line = root_of(content)
    match = _ROOT.fullmatch(tag)
    if match is not None and match[1] in _MESSAGES:
        if match[2] in SUPPORTED_VERSIONS:
            return Message(cast(CamtKind, match[1]), match[2])
        refusal = file_refused(
            "file_version_unsupported",
            line=line,
            message=match[1],
            version=match[2],
            supported=", ".join(SUPPORTED_VERSIONS),
        )
    elif match is not None:
        refusal = file_refused("file_message_unsupported", line=line, message=match[1])
    else:
        refusal = file_refused("file_namespace_unknown", line=line, root=tag[:120])
    for element in elements(content, (tag,)):  # that it is no XML at all goes before
        forget(element)
    raise refusal


class _Reading:
    """Counts what goes by, and refuses what does not agree with the bank's own totals.

    Refusals wait until the whole was read: that it breaks its schema goes before.
    """

    def __init__(self, message: Message, limits: Limits) -> None:
        self._message = message
        self._limits = limits
        self._header: _Header | None = None
        self._head: Head | None = None
        self._number = 0
        self._count = 0
        self._statements: list[Statement | StatementRefused] = []
        self._lines: dict[tuple[str, str], int] = {}
        self._refusal: FileRefused | None = None

    def take(self, element: Element) -> None:
        if element.tag == self._message.entry_tag:
            self._take_entry(element)
        elif element.tag == self._message.part_tag:
            self._take_part(element)
        else:
            self._header = _Header(Node(element, self._message.namespace))
        if element.tag != self._message.header_tag:
            forget(element)

    def _take_entry(self, element: Element) -> None:
        self._count += 1
        if self._count > self._limits.max_entries:
            raise file_refused("file_entries_many", limit=self._limits.max_entries)
        if self._head is None:
            parent = element.getparent()
            assert parent is not None
            self._head = self._new_head(parent)
        entry = Node(element, self._message.namespace)
        status = entry.text("Sts/Cd", "Sts")
        self._head.add(
            units=scaled(entry.text("Amt") or "") or 0,
            credit=entry.text("CdtDbtInd") == "CRDT",
            booked=status == BOOKED,
        )

    def _new_head(self, element: Element) -> Head:
        self._number += 1
        header_page = None if self._header is None else self._header.page
        return head_of(Node(element, self._message.namespace), self._message, self._number, header_page)

    def _take_part(self, element: Element) -> None:
        head = self._head or self._new_head(element)
        self._head = None
        node = Node(element, self._message.namespace)
        try:
            if head.page is None or head.page.whole:
                _require_totals(head, node)
        except FileRefused as refusal:
            self._refusal = self._refusal or refusal
        if self._message.kind == "camt.053":
            self._statements.append(self._once(statement_of(head, node)))

    def _once(self, statement: Statement | StatementRefused) -> Statement | StatementRefused:
        """The statement unless one of its id and account stood before."""
        key = (statement.account_no, statement.statement_id)
        first_line = self._lines.setdefault(key, statement.line or 0)
        if first_line == (statement.line or 0) or isinstance(statement, StatementRefused):
            return statement
        return StatementRefused(
            code="statement_repeated_in_file",
            figures={"statement_id": statement.statement_id, "first_line": first_line},
            number=statement.number,
            line=statement.line,
            statement_id=statement.statement_id,
            account_no=statement.account_no,
        )

    def facts(self, sha256: str) -> FileFacts:
        """Raises `FileRefused` `file_without_entries`, `file_totals_differ`."""
        if self._count == 0 and self._message.kind == "camt.054":
            raise file_refused("file_without_entries")
        if self._refusal is not None:
            raise self._refusal
        header = self._header
        assert header is not None, "the schema requires the group header"
        return FileFacts(
            kind=self._message.kind,
            sha256=sha256,
            entry_count=self._count,
            message_id=header.message_id,
            created_at=header.created_at,
            version=self._message.version,
            notifications=self._number,
            statements=tuple(self._statements),
        )


class _Header:
    """The group header, read at once: its element is not kept."""

    def __init__(self, node: Node) -> None:
        self.message_id = node.text("MsgId")
        self.page = page_of(node, "MsgPgntn")
        self.created_at: datetime | None = None
        text = node.text("CreDtTm")
        try:
            self.created_at = None if text is None else instant(text).astimezone(UTC)
        except (ValueError, OverflowError):
            self.created_at = None


def head_of(node: Node, message: Message, number: int, header_page: Page | None) -> Head:
    """The head of a statement or notification whose entries are still to come. `header_page` is the message's."""
    account_no = node.text("Acct/Id/IBAN", "Acct/Id/Othr/Id")
    return Head(
        number=number,
        line=node.line,
        id=node.text("Id") or "",
        account_no=None if account_no is None else "".join(account_no.split()),
        page=page_of(node, message.page_name) or header_page,
    )


def _require_totals(head: Head, node: Node) -> None:
    """The bank's own control totals: a file that lost or gained an entry on its way does not pass."""
    summary = node.first("TxsSummry")
    if summary is None:
        return
    for total, count, units in (
        ("TtlNtries", head.count, head.credit_units + head.debit_units),
        ("TtlCdtNtries", head.credits, head.credit_units),
        ("TtlDbtNtries", head.debits, head.debit_units),
    ):
        stated = summary.first(total)
        if stated is None:
            continue
        number = stated.text("NbOfNtries")
        if number is not None and int(number) != count:
            raise file_refused(
                "file_totals_differ", line=stated.line, total=f"{total}/NbOfNtries", stated=int(number), found=count
            )
        amount = stated.text("Sum")
        if amount is not None and scaled(amount) != units:
            raise file_refused(
                "file_totals_differ", line=stated.line, total=f"{total}/Sum", stated=amount, found=unscaled(units)
            )


def _schema_refusal(content: Content, message: Message, schema_dir: Path, limits: Limits) -> FileRefused:
    """Where the file breaks its schema: each entry validated in a document of its own, then what is around them.

    It is read to its end: that it is no XML at all goes before.
    """
    compiled = schema(message.kind, message.version, schema_dir)
    found: dict[tuple[int, str], None] = {}
    document = f"{{{message.namespace}}}Document"
    for element in elements(content, (message.entry_tag, message.part_tag, document)):
        forget_before(element)
        whole = element if element.tag == document else document_around(element, leave_out=message.entry_tag)
        if len(found) < limits.max_schema_findings:
            found |= dict.fromkeys(_complaints(compiled, whole))
    findings = sorted(found, key=lambda complaint: complaint[0])[: limits.max_schema_findings]
    assert findings, "what a validating parser refuses, the validator refuses"
    return FileRefused(
        *(
            FileFinding(
                code="file_schema_invalid",
                figures={"message": message.kind, "version": message.version, "sentence": sentence},
                line=line,
            )
            for line, sentence in findings
        )
    )


def _complaints(compiled: Any, element: Element) -> list[tuple[int, str]]:
    """Line and sentence of everything that is wrong with the document of an element."""
    with _one_validation:
        if compiled.validate(element.getroottree()):
            return []
        return [(int(error.line), plain_sentence(str(error.message))) for error in compiled.error_log]

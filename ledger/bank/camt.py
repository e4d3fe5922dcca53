"""Opens ISO 20022 camt.053 (statements) and camt.054 (notifications), versions 001.02, 001.04 and 001.08."""

from collections.abc import Iterator
from pathlib import Path

from ledger.bank.camt_entry import EntryReader
from ledger.bank.camt_statement import Head, Page, page_of
from ledger.bank.camt_survey import Message, head_of, survey
from ledger.bank.content import Content, Source
from ledger.bank.entries import DEFAULT_LIMITS, BankEntry, BankFile, Limits, OpenedFile
from ledger.bank.findings import EntryRefused
from ledger.bank.intake import Intake
from ledger.bank.schemas import default_schema_dir
from ledger.bank.tokens import PayerTokens
from ledger.bank.xml_document import Element, Node
from ledger.bank.xml_stream import elements, forget


def open_camt(
    content: Content,
    *,
    salt: bytes,
    schema_dir: Path | None = None,
    limits: Limits = DEFAULT_LIMITS,
    credits_only: bool = True,
) -> OpenedFile:
    """Check the whole file; its entries are read when asked for.

    A batch (several `TxDtls` in one entry) gives one `BankEntry` for each transaction. `salt` is the secret of the
    payer tokens. With `credits_only` a debit is refused as `entry_not_credit`; without, it is an entry with
    `credit=False`. Whatever makes one entry unusable is a refusal in its place; the others stay usable.

    Raises `FileRefused` as `survey` does. Source: ISO 20022 message definitions camt.053 and camt.054.
    """
    message, facts = survey(content, schema_dir=schema_dir or default_schema_dir(), limits=limits)

    def read() -> Iterator[BankEntry | EntryRefused]:
        intake = Intake(limits, credits_only=credits_only)
        statements = message.kind == "camt.053"
        reader = EntryReader(intake, PayerTokens(salt), limits, derives=statements)
        return _entries(content, message, reader)

    return OpenedFile(facts=facts, read=read)


def read_camt(
    stream: Source,
    *,
    salt: bytes,
    schema_dir: Path | None = None,
    limits: Limits = DEFAULT_LIMITS,
    credits_only: bool = True,
) -> BankFile:
    """Open and read a whole file. Raises `FileRefused`: size, then as `open_camt`."""
    content = Content(stream, limits)
    opened = open_camt(content, salt=salt, schema_dir=schema_dir, limits=limits, credits_only=credits_only)
    return opened.collect()


def _entries(content: Content, message: Message, reader: EntryReader) -> Iterator[BankEntry | EntryRefused]:
    """The second reading: each entry with its statement's head, freed as soon as the next one is asked for."""
    page: Page | None = None
    head: Head | None = None
    number = position = parts = 0
    for element in elements(content, (message.entry_tag, message.part_tag, message.header_tag)):
        if element.tag == message.header_tag:
            page = page_of(Node(element, message.namespace), "MsgPgntn")
            continue
        if element.tag == message.part_tag:
            if head is None:  # without entries
                parts += 1
            head, position = None, 0
            forget(element)
            continue
        if head is None:
            parts += 1
            head = head_of(_parent(element, message), message, parts, page)
        number, position = number + 1, position + 1
        yield from reader.read(Node(element, message.namespace), number=number, head=head, position=position)
        forget(element)


def _parent(element: Element, message: Message) -> Node:
    parent = element.getparent()
    assert parent is not None, "an entry is in a statement or a notification"
    return Node(parent, message.namespace)

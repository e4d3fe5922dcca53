"""Collects what a reader finds: checks the texts, refuses double references, and gives every refusal its place."""

import hashlib
from datetime import date
from typing import BinaryIO

from ledger.bank.entries import BankEntry, Limits
from ledger.bank.findings import EntryProblem, EntryRefused, file_refused

BYTE_ORDER_MARK = b"\xef\xbb\xbf"
"""How UTF-8 text from spreadsheets and some banks begins."""


def read_all(stream: BinaryIO | bytes, limits: Limits) -> bytes:
    """The whole file. Raises `FileRefused` `file_empty` or `file_too_large`."""
    data = stream if isinstance(stream, bytes) else stream.read(limits.max_bytes + 1)
    if len(data) > limits.max_bytes:
        raise file_refused("file_too_large", limit_bytes=limits.max_bytes)
    if is_blank(data):
        raise file_refused("file_empty")
    return data


def is_blank(data: bytes) -> bool:
    """Whether the file is nothing but white space, with or without a byte order mark."""
    return not data.removeprefix(BYTE_ORDER_MARK).strip()


def digest(data: bytes) -> str:
    """The hex SHA-256 of the file's bytes."""
    return hashlib.sha256(data).hexdigest()


def line_of_bad_byte(data: bytes, offset: int) -> int:
    """The 1-based line of a byte offset."""
    return data.count(b"\n", 0, offset) + 1


def iso_date(text: str, field: str) -> date:
    """A date written `YYYY-MM-DD` and nothing else. Raises `EntryProblem` `entry_date_unreadable`."""
    if len(text) == 10 and text[4] == text[7] == "-" and text.isascii():
        try:
            return date.fromisoformat(text)
        except ValueError:
            pass
    raise EntryProblem("entry_date_unreadable", field, field=field)


class Intake:
    """The entries and refusals of one file, in file order.

    A bank reference counts as used once an entry with it was accepted: the pending notice of an entry does not
    stand in the way of its booking. Of two entries with one reference the first is kept.
    """

    def __init__(self, limits: Limits, *, credits_only: bool) -> None:
        self._limits = limits
        self._credits_only = credits_only
        self._seen: dict[str, BankEntry] = {}
        self.refusals: list[EntryRefused] = []

    @property
    def entries(self) -> tuple[BankEntry, ...]:
        return tuple(self._seen.values())

    def offer(self, entry: BankEntry, *, reference_field: str = "bank_reference") -> None:
        """Accept the entry or note why not. `reference_field` names the place of the bank's reference."""
        try:
            self._check(entry, reference_field)
        except EntryProblem as problem:
            self.refuse(problem, line=entry.line, entry=entry.entry, transaction=entry.transaction)
        else:
            self._seen[entry.bank_reference] = entry

    def refuse(
        self, problem: EntryProblem, *, line: int | None, entry: int | None, transaction: int | None = None
    ) -> None:
        """Note that the entry at this place is refused."""
        self.refusals.append(
            EntryRefused(
                code=problem.code,
                figures=problem.figures,
                line=line,
                entry=entry,
                field=problem.field,
                transaction=transaction,
            )
        )

    def _check(self, entry: BankEntry, reference_field: str) -> None:
        limits = self._limits
        for field, text, limit in (
            ("bank_reference", entry.bank_reference, limits.max_reference),
            ("account_no", entry.account_no, limits.max_account_no),
            ("contract_reference", entry.contract_reference, limits.max_reference),
            ("end_to_end_id", entry.end_to_end_id, limits.max_reference),
            ("remittance", entry.remittance, limits.max_remittance),
        ):
            if text is not None and len(text) > limit:
                raise EntryProblem("entry_text_too_long", field, field=field, length=len(text), limit=limit)
            # Free text may run over several lines; whatever serves as a key may not.
            if text is not None and field != "remittance" and not text.isprintable():
                raise EntryProblem("entry_reference_malformed", field, field=field)
        if self._credits_only and not entry.credit:
            raise EntryProblem("entry_not_credit", "credit", amount_fen=entry.amount_fen)
        first = self._seen.get(entry.bank_reference)
        if first is not None:
            same = first.content() == entry.content()
            code = "entry_duplicate_in_file" if same else "entry_conflict_in_file"
            raise EntryProblem(
                code,
                reference_field,
                bank_reference=entry.bank_reference,
                first_entry=first.entry or 0,
                first_line=first.line or 0,
            )

"""Judges what a reader finds: checks the texts, refuses double references, and gives every refusal its place."""

from datetime import date
from hashlib import blake2b
from typing import NamedTuple

import msgspec

from ledger.bank.entries import BankEntry, Limits
from ledger.bank.findings import EntryProblem, EntryRefused


def iso_date(text: str, field: str) -> date:
    """A date written `YYYY-MM-DD` and nothing else. Raises `EntryProblem` `entry_date_unreadable`."""
    if len(text) == 10 and text[4] == text[7] == "-" and text.isascii():
        try:
            return date.fromisoformat(text)
        except ValueError:
            pass
    raise EntryProblem("entry_date_unreadable", field, field=field)


class _First(NamedTuple):
    """Where a reference stood first in its direction, and what it said."""

    digest: bytes
    account_no: str
    takes_back: bool
    entry: int
    line: int

    def is_contradicted_by(self, turned: BankEntry) -> bool:
        """Whether that entry of the other direction is no other side of a booking, and takes nothing back."""
        return turned.account_no == self.account_no and not (turned.takes_back or self.takes_back)


class Intake:
    """Judges the entries of one file in file order.

    A bank reference counts as used once an entry with it was accepted: the pending notice of an entry does not
    stand in the way of its booking. Of two entries with one reference the first is kept, unless they are a debit and a
    credit: both sides of a booking between two accounts, or an entry and what takes it back.
    """

    def __init__(self, limits: Limits, *, credits_only: bool) -> None:
        self._limits = limits
        self._credits_only = credits_only
        self._seen: dict[tuple[str, bool], _First] = {}

    def judge(self, entry: BankEntry, *, reference_field: str = "bank_reference") -> BankEntry | EntryRefused:
        """The entry, or why it cannot be used. `reference_field` names the place of the bank's reference."""
        try:
            self._check(entry, reference_field)
        except EntryProblem as problem:
            return refused(problem, line=entry.line, entry=entry.entry, transaction=entry.transaction)
        return entry

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
        digest = blake2b(msgspec.json.encode(entry.content()), digest_size=16).digest()
        first = self._seen.get((entry.bank_reference, entry.credit))
        if first is None:
            turned = self._seen.get((entry.bank_reference, not entry.credit))
            first = turned if turned is not None and turned.is_contradicted_by(entry) else None
        if first is not None:
            raise EntryProblem(
                "entry_duplicate_in_file" if first.digest == digest else "entry_conflict_in_file",
                reference_field,
                bank_reference=entry.bank_reference,
                first_entry=first.entry,
                first_line=first.line,
            )
        self._seen[entry.bank_reference, entry.credit] = _First(
            digest, entry.account_no, entry.takes_back, entry.entry or 0, entry.line or 0
        )


def refused(
    problem: EntryProblem, *, line: int | None, entry: int | None, transaction: int | None = None
) -> EntryRefused:
    """The refusal of the entry at this place."""
    return EntryRefused(
        code=problem.code,
        figures=problem.figures,
        line=line,
        entry=entry,
        field=problem.field,
        transaction=transaction,
    )

"""Item by item: what each entry that the two sides do not agree on is."""

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Final

import msgspec

from ledger.domain.events import BreakKind
from ledger.domain.reconciliation.books import Entry
from ledger.domain.reconciliation.findings import Difference

_TAKEN: Final[dict[str, BreakKind]] = {"bank_fee": "bank_fee", "seizure": "seizure"}
_OF_STANDING: Final[dict[str, BreakKind]] = {
    "unapproved": "settled_without_approval",
    "pending": "settlement_missing",
    "settled": "paid_twice",
    "rejected": "paid_after_rejection",
}


def entry_differences(entries: Sequence[Entry], through: date, shortage_fen: int) -> Iterator[Difference]:
    """At most one difference an entry, in the entries' order. A fee or a seizure that the ledger has is one until
    everything that left without an instruction came back (`shortage_fen` is what did not)."""
    for entry in _with_both_directions(entries):
        match entry.bank_fen, entry.ledger_fen:
            case None, int(ledger_fen):
                if entry.covered or entry.unapproved:
                    yield _of_ledger_alone(entry, ledger_fen)
            case int(bank_fen), None:
                if _listed_by(entry, through):
                    yield _of_bank_alone(entry, bank_fen)
            case int(bank_fen), int(ledger_fen):
                if _listed_by(entry, through):
                    yield from _of_both(entry, bank_fen, ledger_fen, shortage_fen)
            case _:
                raise AssertionError(f"entry {entry.reference} has no side")


def _with_both_directions(entries: Sequence[Entry]) -> Iterator[Entry]:
    """The entries, but what the bank alone has in the one direction and the ledger alone in the other is one entry."""
    here = {entry.reference: entry for entry in entries if entry.bank_fen is None}
    turned = {entry.reference for entry in entries if entry.ledger_fen is None and entry.reference in here}
    for entry in entries:
        if entry.reference not in turned:
            yield entry
        elif entry.ledger_fen is None:
            other = here[entry.reference]
            yield msgspec.structs.replace(
                entry,
                ledger_fen=other.ledger_fen,
                ledger_on=other.ledger_on,
                covered=other.covered,
                unapproved=other.unapproved,
                shared=False,
            )


def _listed_by(entry: Entry, through: date) -> bool:
    return entry.statement_on is not None and entry.statement_on <= through


def _of_ledger_alone(entry: Entry, ledger_fen: int) -> Difference:
    """`unapproved` before there is a statement: the bank's own report on the instruction said so."""
    assert entry.ledger_on is not None
    return Difference(
        kind="missing_at_bank" if entry.covered else "settled_without_approval",
        subject=entry.subject,
        since_on=entry.ledger_on,
        difference_fen=-ledger_fen if entry.covered else 0,
        ledger_fen=ledger_fen,
        ledger_on=entry.ledger_on,
        end_to_end_id=entry.end_to_end_id,
        short_fen=max(0, ledger_fen) if entry.covered else 0,
    )


def _of_bank_alone(entry: Entry, bank_fen: int) -> Difference:
    kind = _kind_of_bank_alone(entry, bank_fen)
    # What an instruction will take is not in the cash that is free any more: only what nobody gave an order for is
    # missing.
    promised = kind == "settlement_missing"
    return _difference(kind, entry, bank_fen, None, short_fen=0 if promised else max(0, -bank_fen))


def _kind_of_bank_alone(entry: Entry, bank_fen: int) -> BreakKind:
    if entry.repeats:
        return "duplicate_entry"
    if entry.bank_kind in _TAKEN:
        return _TAKEN[entry.bank_kind]
    if bank_fen < 0:
        return _OF_STANDING.get(entry.instruction, "unexplained_debit")
    if entry.bank_kind == "return" and not entry.instruction:
        return "returned_unknown"
    return "missing_in_ledger"


def _of_both(entry: Entry, bank_fen: int, ledger_fen: int, shortage_fen: int) -> Iterator[Difference]:
    short_fen = max(0, ledger_fen - bank_fen)
    if (bank_fen < 0) != (ledger_fen < 0):
        yield _difference("wrong_direction", entry, bank_fen, ledger_fen, short_fen=short_fen)
    elif bank_fen != ledger_fen:
        yield _difference("amount_differs", entry, bank_fen, ledger_fen, short_fen=short_fen)
    elif entry.unapproved:
        yield _difference("settled_without_approval", entry, bank_fen, ledger_fen)
    elif not entry.in_period:
        yield _difference("entry_outside_period", entry, bank_fen, ledger_fen)
    elif entry.bank_on != entry.ledger_on:
        yield _difference("date_differs", entry, bank_fen, ledger_fen)
    elif entry.bank_kind in _TAKEN and shortage_fen:
        yield _difference(_TAKEN[entry.bank_kind], entry, bank_fen, ledger_fen)


def _difference(
    kind: BreakKind, entry: Entry, bank_fen: int, ledger_fen: int | None, *, short_fen: int = 0
) -> Difference:
    assert entry.statement_on is not None
    since_on = entry.statement_on if entry.ledger_on is None else min(entry.statement_on, entry.ledger_on)
    return Difference(
        kind=kind,
        subject=entry.subject,
        since_on=since_on,
        difference_fen=bank_fen - (ledger_fen or 0),
        bank_fen=bank_fen,
        ledger_fen=ledger_fen,
        bank_on=entry.bank_on,
        ledger_on=entry.ledger_on,
        end_to_end_id=entry.end_to_end_id,
        short_fen=short_fen,
    )

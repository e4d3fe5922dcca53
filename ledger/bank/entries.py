"""What a bank file gives: `BankEntry`, one booked movement, `Statement`, and an `OpenedFile` of both."""

from collections.abc import Callable, Iterator
from datetime import date, datetime
from typing import Literal

import msgspec

from ledger.bank.findings import EntryRefused, StatementRefused
from ledger.domain.events import StatementEntryKind
from ledger.domain.money import MAX_FEN

FileKind = Literal["camt.053", "camt.054", "csv"]


class BankEntry(msgspec.Struct, frozen=True, kw_only=True):
    """One booked movement on a supervised account, as the bank reported it.

    - `bank_reference`: the bank's own reference; with the direction the key against posting an entry twice.
    - `account_no`: the supervised account's number (IBAN or the bank's own), without spaces.
    - `amount_fen`: 1 to `MAX_FEN`; `currency` is always CNY.
    - `credit`: money in. Debits appear only when the reader was asked for them.
    - `reversal`: the entry takes back an earlier one of the other direction.
    - `booked_on`, `value_on`: dates at the bank; the value date is the booking date where none is given.
    - `contract_reference`: the contract that the payer named, or None when none or several are named.
    - `kind`: what the bank says it is (see `entry_kinds`).
    - `return_reason`: the code of a return's reason, such as `AC04`.
    - `remittance`: free text as the payer wrote it. It may hold names: it stays out of events and logs.
    - `remitter_token`, `payer_route`: opaque tokens of the payer and of the payer's account (see `tokens`).
    - `line`, `entry`, `transaction`: the place in the file, 1-based; `transaction` only inside a batch. `statement`
      is the number of the entry's statement in its file; None outside statements.
    """

    bank_reference: str
    account_no: str
    amount_fen: int
    booked_on: date
    value_on: date
    credit: bool = True
    reversal: bool = False
    currency: Literal["CNY"] = "CNY"
    end_to_end_id: str | None = None
    kind: StatementEntryKind = "receipt"
    return_reason: str = ""
    contract_reference: str | None = None
    remittance: str = ""
    remitter_token: str | None = None
    payer_route: str | None = None
    line: int | None = None
    entry: int | None = None
    transaction: int | None = None
    statement: int | None = None

    @property
    def signed_fen(self) -> int:
        """The amount, a credit positive."""
        return self.amount_fen if self.credit else -self.amount_fen

    @property
    def takes_back(self) -> bool:
        """Whether the bank says that it takes back an earlier entry, whose reference it may have."""
        return self.reversal or self.kind in ("return", "restored")

    def content(self) -> "BankEntry":
        """The entry without its place: two entries say the same when their contents are equal."""
        return msgspec.structs.replace(self, line=None, entry=None, transaction=None, statement=None)


class Statement(msgspec.Struct, frozen=True, kw_only=True):
    """One statement of a camt.053 file that can be recorded: the days `from_on` to `to_on`, balances in fen.

    `statement_id` of a page of a statement in several messages ends in `#` and the page's number, and its balances are
    the page's. `difference_fen` is what closing exceeds opening and booked entries by: 0, or the bank's own break.
    `number` and `line` are its place in the file.
    """

    number: int
    line: int | None
    statement_id: str
    account_no: str
    from_on: date
    to_on: date
    opening_fen: int
    closing_fen: int
    difference_fen: int = 0


class FileFacts(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of a file once it has passed every check of the whole.

    `sha256` is the hex digest of the file's bytes, the evidence an event may point to. `message_id`, `created_at`
    (aware UTC), `version` (such as `001.08`) and `notifications` (or statements) are of camt files; `entry_count`
    counts the file's own entries, a batch as one.
    """

    kind: FileKind
    sha256: str
    entry_count: int
    message_id: str | None = None
    created_at: datetime | None = None
    version: str | None = None
    notifications: int = 0
    statements: tuple[Statement | StatementRefused, ...] = ()


class BankFile(FileFacts, frozen=True, kw_only=True):
    """A bank file that was read: usable entries in file order, and every entry that was refused."""

    entries: tuple[BankEntry, ...]
    refusals: tuple[EntryRefused, ...]


class OpenedFile(msgspec.Struct, frozen=True, kw_only=True):
    """A file as a whole that nothing is wrong with, and its entries, which are read one by one at each call of `read`.

    Each comes usable or refused, in file order; no more than one is in memory.
    """

    facts: FileFacts
    read: Callable[[], Iterator[BankEntry | EntryRefused]]

    def collect(self) -> BankFile:
        """All of it at once, for files of modest size."""
        items = list(self.read())
        facts = {name: getattr(self.facts, name) for name in FileFacts.__struct_fields__}
        return BankFile(
            **facts,
            entries=tuple(item for item in items if isinstance(item, BankEntry)),
            refusals=tuple(item for item in items if isinstance(item, EntryRefused)),
        )


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """How much a reader takes. Files are read in pieces: what stays in memory is a digest for each reference."""

    max_bytes: int = 256 * 1024 * 1024
    max_entries: int = 200_000
    max_schema_findings: int = 20
    max_amount_fen: int = MAX_FEN
    max_reference: int = 64
    max_account_no: int = 34
    max_remittance: int = 2_000


DEFAULT_LIMITS = Limits()

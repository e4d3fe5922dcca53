"""What a bank file gives: `BankEntry`, one booked movement, and `BankFile`, all of them with what was refused."""

from datetime import date, datetime
from typing import Literal

import msgspec

from ledger.bank.findings import EntryRefused
from ledger.domain.money import MAX_FEN

FileKind = Literal["camt.054", "csv"]


class BankEntry(msgspec.Struct, frozen=True, kw_only=True):
    """One booked movement on a supervised account, as the bank reported it.

    - `bank_reference`: the bank's own reference, unique per bank; the key against posting an entry twice.
    - `account_no`: the supervised account's number (IBAN or the bank's own), without spaces.
    - `amount_fen`: 1 to `MAX_FEN`; `currency` is always CNY.
    - `credit`: money in. Debits appear only when the reader was asked for them.
    - `reversal`: the entry takes back an earlier one of the other direction.
    - `booked_on`, `value_on`: dates at the bank; the value date is the booking date where none is given.
    - `contract_reference`: the contract that the payer named, or None when none or several are named.
    - `remittance`: free text as the payer wrote it. It may hold names: it stays out of events and logs.
    - `remitter_token`, `payer_route`: opaque tokens of the payer and of the payer's account (see `tokens`).
    - `line`, `entry`, `transaction`: the place in the file, 1-based; `transaction` only inside a batch.
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
    contract_reference: str | None = None
    remittance: str = ""
    remitter_token: str | None = None
    payer_route: str | None = None
    line: int | None = None
    entry: int | None = None
    transaction: int | None = None

    def content(self) -> "BankEntry":
        """The entry without its place: two entries say the same when their contents are equal."""
        return msgspec.structs.replace(self, line=None, entry=None, transaction=None)


class BankFile(msgspec.Struct, frozen=True, kw_only=True):
    """A bank file that was read: usable entries in file order, and every entry that was refused.

    `sha256` is the hex digest of the file's bytes, the evidence an event may point to. `message_id`,
    `created_at` (aware UTC), `version` (such as `001.08`) and `notifications` are of camt.054 files.
    """

    kind: FileKind
    sha256: str
    entries: tuple[BankEntry, ...]
    refusals: tuple[EntryRefused, ...]
    message_id: str | None = None
    created_at: datetime | None = None
    version: str | None = None
    notifications: int = 0


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """How much a reader takes. The tree of a camt.054 file is some ten times its bytes in memory."""

    max_bytes: int = 64 * 1024 * 1024
    max_entries: int = 50_000
    max_schema_findings: int = 20
    max_amount_fen: int = MAX_FEN
    max_reference: int = 64
    max_account_no: int = 34
    max_remittance: int = 2_000


DEFAULT_LIMITS = Limits()

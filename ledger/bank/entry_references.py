"""By which reference an entry is known: the bank's own, or, in a statement, one that is derived and always the same."""

import re
from datetime import date
from hashlib import blake2b

import msgspec

_IBAN_SHAPE = re.compile(r"[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}")
_RUNNING_NUMBER = re.compile(r"[0-9]{1,6}")
_PLACEHOLDERS = frozenset({"NOTPROVIDED", "NONREF", "NOREF", "NONE", "UNKNOWN", "N/A"})
DERIVED_PREFIX = "u-"


def given(reference: str | None) -> str | None:
    """The reference unless it is one of the words that banks write for none."""
    return None if reference is None or reference.upper() in _PLACEHOLDERS else reference


def given_number(reference: str | None, account_no: str) -> str | None:
    """An entry's `NtryRef` as a reference of the bank.

    Some banks put the account there, or a running number of the statement (up to six digits) that begins anew with
    the next one: neither tells an entry from others.
    """
    if reference is None or reference == account_no or is_iban(reference) or _RUNNING_NUMBER.fullmatch(reference):
        return None
    return given(reference)


def is_iban(text: str) -> bool:
    """Whether the text is an account number by IBAN's check digits (ISO 13616)."""
    if not _IBAN_SHAPE.fullmatch(text):
        return False
    return int("".join(str(int(sign, 36)) for sign in text[4:] + text[:4])) % 97 == 1


class Unreferenced(msgspec.Struct, frozen=True, kw_only=True):
    """Everything by which an entry without reference is recognised when its statement comes again.

    `statement_id` has the page of a statement in several messages; `position` is the entry's place in it (1-based),
    `transaction` the place in a batch (0: none). Names and free text are left out: a digest of them could be guessed.
    """

    account_no: str
    statement_id: str
    position: int
    transaction: int
    amount_fen: int
    credit: bool
    booked_on: date
    value_on: date
    end_to_end_id: str
    entry_reference: str
    codes: tuple[str, ...]

    def reference(self) -> str:
        """`u-` and 32 hex digits."""
        return DERIVED_PREFIX + blake2b(msgspec.json.encode(self), digest_size=16).hexdigest()

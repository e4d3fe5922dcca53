"""What kind of movement an entry is, told by the bank's own words alone: the same entry is always of the same kind.

The kind does not decide what is recorded: whether a debit settles an instruction is for the account to say. It is
what a statement says of each of its lines, and which debits are charges or seizures.
Sources: ISO 20022 external code set of bank transaction codes (sub-families), and what Chinese banks print.
"""

import re

from ledger.domain.events import StatementEntryKind

CHARGES = frozenset({"CHRG", "FEES", "COMM", "COME", "COMI", "COMT", "TAXE"})
"""Bank transaction sub-families of charges, fees, commissions and taxes."""
RETURNS = frozenset({"RRTN", "RPCR"})
"""Sub-families of money that comes back: a payment's return, a payment cancelled."""

_SEIZURE = re.compile(r"扣划|划扣|司法|法院|seiz|garnish|levy|attachment of", re.IGNORECASE)
_CHARGE = re.compile(r"手续费|服务费|管理费|工本费|年费|汇费|bank charge|bank fee|service fee", re.IGNORECASE)
_RETURN = re.compile(r"退汇|退票|退回|returned|\breturn\b", re.IGNORECASE)
_RESTORED = re.compile(r"返还|退还手续费|\brestored\b", re.IGNORECASE)
_NAMED: dict[str, StatementEntryKind] = {
    "receipt": "receipt",
    "payment": "payment",
    "return": "return",
    "bank_fee": "bank_fee",
    "seizure": "seizure",
    "restored": "restored",
    "unknown": "unknown",
}
_OURS = re.compile(r"[0-9a-f]{32}", re.IGNORECASE)


def is_instruction_like(end_to_end_id: str | None) -> bool:
    """Whether an end-to-end id has the shape of those that the ledger gives: 32 hex digits."""
    return end_to_end_id is not None and _OURS.fullmatch(end_to_end_id) is not None


def kind_of(
    *,
    credit: bool,
    reversal: bool = False,
    returned: bool = False,
    codes: frozenset[str] = frozenset(),
    words: str = "",
    end_to_end_id: str | None = None,
) -> StatementEntryKind:
    """The kind of an entry.

    `codes` are its bank transaction sub-families, `words` what the bank (not the payer) wrote of it; a word that is
    a kind's own name (`bank_fee`) is taken at its word. `returned`: the entry has return information.
    """
    named = _NAMED.get(words.strip().casefold())
    if named is not None and credit == (named in ("receipt", "return", "restored")):
        return named
    if credit:
        if returned or codes & RETURNS or _RETURN.search(words):
            return "return"
        return "restored" if reversal or codes & CHARGES or _RESTORED.search(words) else "receipt"
    if is_instruction_like(end_to_end_id):
        return "payment"
    if _SEIZURE.search(words):
        return "seizure"
    return "bank_fee" if codes & CHARGES or _CHARGE.search(words) else "unknown"

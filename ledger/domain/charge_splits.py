"""Charges of one child and subject that are split over several accounts of an institution (拆分合同).

Within one account a charge is added up when a contract is signed (`ledger.domain.decisions.charges`). No account sees
the others, so what is split over them is looked for beside them.
"""

from collections.abc import Iterator, Sequence
from datetime import date

import msgspec

from ledger.domain.events import Category
from ledger.domain.months import months_spanned
from ledger.domain.policy import Policy


class ContractTerms(msgspec.Struct, frozen=True, kw_only=True):
    """A prepaid contract as one part of a charge: all its lessons, gifts among them, and all its fees (fen)."""

    account_id: str
    contract_id: str
    category: Category
    signed_on: date
    starts_on: date
    ends_on: date
    lessons: int
    amount_fen: int


class ChargeSplit(msgspec.Struct, frozen=True, kw_only=True):
    """A cap that the parts break together. `account_id` is where the last of them was signed."""

    rule: str
    value: int
    limit: int
    unit: str
    account_id: str
    accounts: int
    contracts: tuple[str, ...]


def splits_of(terms: Sequence[ContractTerms], policy: Policy) -> Iterator[ChargeSplit]:
    """The caps that contracts of one child and subject in several accounts break together with the one signed last.

    Parts are the contracts that were signed within the policy's days of it, or run at the same time. A cap that the
    parts of one account break alone is that account's own to tell of.
    """
    last = max(terms, key=lambda one: (one.signed_on, one.account_id, one.contract_id))
    parts = [one for one in terms if one is last or _is_part(one, last, policy)]
    accounts = {one.account_id for one in parts}
    if len(accounts) < 2:
        return
    contracts = tuple(sorted(one.contract_id for one in parts))
    for rule, unit, limit in (
        ("fee.cap_months", "months", policy.fee_cap_months),
        ("fee.cap_lessons", "lessons", policy.fee_cap_lessons),
        ("fee.cap_amount", "fen", policy.fee_cap_amount_fen),
    ):
        value = _value(rule, parts)
        if not 0 < limit < value or policy.enforces(rule) == "off":
            continue
        if any(_value(rule, [one for one in parts if one.account_id == account]) > limit for account in accounts):
            continue
        yield ChargeSplit(
            rule=rule,
            value=value,
            limit=limit,
            unit=unit,
            account_id=last.account_id,
            accounts=len(accounts),
            contracts=contracts,
        )


def _is_part(one: ContractTerms, last: ContractTerms, policy: Policy) -> bool:
    near = abs((one.signed_on - last.signed_on).days) <= policy.fee_split_days
    return near or (one.starts_on <= last.ends_on and last.starts_on <= one.ends_on)


def _value(rule: str, parts: Sequence[ContractTerms]) -> int:
    match rule:
        case "fee.cap_months":
            return months_spanned(min(one.starts_on for one in parts), max(one.ends_on for one in parts))
        case "fee.cap_lessons":
            return sum(one.lessons for one in parts)
        case _:
            return sum(one.amount_fen for one in parts if one.category != "academic")

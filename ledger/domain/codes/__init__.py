"""The catalogue of refusal codes: code -> (English sentence, Chinese sentence). Codes are never renamed or reused."""

from ledger.domain.codes import (
    account,
    advances,
    alerts,
    bank_truth,
    cases,
    clients,
    clocks,
    contracts,
    fees,
    holds,
    kept_fees,
    lessons,
    money_in,
    payment_orders,
    payouts,
    people,
    reconciliation,
    refunds,
    requests,
    rulebook,
    service,
    webhooks,
)

_GROUPS = (
    requests,
    people,
    service,
    account,
    contracts,
    fees,
    money_in,
    lessons,
    payouts,
    payment_orders,
    advances,
    kept_fees,
    refunds,
    holds,
    bank_truth,
    reconciliation,
    cases,
    clients,
    clocks,
    alerts,
    rulebook,
    webhooks,
)

CODES: dict[str, tuple[str, str]] = {code: sentences for group in _GROUPS for code, sentences in group.CODES.items()}
assert len(CODES) == sum(len(group.CODES) for group in _GROUPS), "a code is in the catalogue twice"

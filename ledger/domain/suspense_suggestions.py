"""Which contract a receipt in suspense may pay: by its reference, its payer's route and its amount, with reasons; and
which transfer from another institution's account it may be.

A suggestion decides nothing: somebody matches the receipt, and says why.
"""

import unicodedata
from collections import Counter
from collections.abc import Iterator
from typing import Final, Literal, NamedTuple

import msgspec

from ledger.domain.account import Contract, EscrowAccount

Reason = Literal[
    "reference",
    "reference_form",
    "reference_typo",
    "transfer_amount",
    "transfer_reference",
    "payer_route",
    "amount_due",
    "amount_package",
]
MOST: Final = 20
"""So many suggestions are given, the likeliest first."""
MOST_TYPOS: Final = 2
LONG_REFERENCE: Final = 8
"""A shorter reference may differ in one place only: others would be meant too often."""

POINTS: Final[dict[Reason, int]] = {
    "reference": 100,
    "reference_form": 90,
    "reference_typo": 60,
    "transfer_amount": 70,
    "transfer_reference": 30,
    "payer_route": 50,
    "amount_due": 30,
    "amount_package": 15,
}
"""How much each reason counts: a reference that names the contract is worth more than payer and amount together."""
SENTENCES: Final[dict[Reason, tuple[str, str]]] = {
    "reference": ("The receipt names this contract: {reference}.", "款项注明该合同：{reference}。"),
    "reference_form": (
        "The receipt says {given}, which but for spaces, case or width is {reference}.",
        "款项注明{given}，除空格、大小写或全半角外与{reference}相同。",
    ),
    "reference_typo": (
        "The receipt says {given}, which differs from {reference} in {typos} place(s).",
        "款项注明{given}，与{reference}相差{typos}处。",
    ),
    "transfer_amount": (
        "The receipt is exactly what is in transit from another institution's account: {transfer_fen} fen.",
        "金额与其他机构账户转来的在途款项相同：{transfer_fen}分。",
    ),
    "transfer_reference": (
        "The receipt says {given}, a part of the id of transfer {transfer_id}.",
        "款项注明{given}，是转移{transfer_id}编号的一部分。",
    ),
    "payer_route": (
        "The same payer's account paid this contract before, {payments} time(s).",
        "同一付款账户曾为该合同付款{payments}次。",
    ),
    "amount_due": (
        "The receipt is exactly what the contract owes: {due_fen} fen.",
        "金额与合同应付额相同：{due_fen}分。",
    ),
    "amount_package": (
        "The receipt is exactly the price of package {package}: {price_fen} fen.",
        "金额与课包{package}价款相同：{price_fen}分。",
    ),
}


class SuggestionReason(msgspec.Struct, frozen=True, kw_only=True):
    """One reason with its figures, in a sentence of either language."""

    reason: Reason
    points: int
    message: str
    message_zh: str
    figures: dict[str, int | str]


class Suggestion(msgspec.Struct, frozen=True, kw_only=True):
    """A contract that the receipt may pay, up to `amount_fen`; `points` add up its reasons.

    With `transfer_id` the receipt may be the money of that transfer to the contract: `due_fen` of it is in transit.
    """

    contract_id: str
    contract_no: str
    amount_fen: int
    due_fen: int
    points: int
    reasons: tuple[SuggestionReason, ...]
    transfer_id: str = ""


class _Named(NamedTuple):
    reason: Reason
    typos: int
    reference: str


def suggest_contracts(account: EscrowAccount, suspense_id: str, contract_reference: str) -> list[Suggestion]:
    """The likeliest contracts first, those of equal points by their id; none for an item that is not there (any more)
    or on its way back. Contracts that owe nothing, and to which no transfer of the amount is on its way, are left out:
    nothing can be matched to them."""
    item = account.suspense.get(suspense_id)
    if item is None or item.returning:
        return []
    given = normal_form(contract_reference)
    found = list(_transfers(account, item.amount_fen, contract_reference, given))
    for contract in account.contracts.values():
        due_fen = contract.due_fen
        if due_fen <= 0:
            continue
        reasons: list[SuggestionReason] = []
        if given and (named := _named(contract, contract_reference, given)) is not None:
            figures: dict[str, int | str] = {"reference": named.reference}
            if named.reason != "reference":
                figures["given"] = contract_reference
            if named.typos:
                figures["typos"] = named.typos
            reasons.append(_reason(named.reason, **figures))
        if item.route:
            payments = sum(payment.route == item.route for payment in contract.payments.values())
            if payments:
                reasons.append(_reason("payer_route", payments=payments))
        if item.amount_fen == due_fen:
            reasons.append(_reason("amount_due", due_fen=due_fen))
        else:
            package = next((p for p in contract.packages if p.price_fen == item.amount_fen and not p.paid_fen), None)
            if package is not None:
                reasons.append(_reason("amount_package", package=package.number, price_fen=package.price_fen))
        if reasons:
            found.append(
                Suggestion(
                    contract_id=contract.contract_id,
                    contract_no=contract.contract_no,
                    amount_fen=min(item.amount_fen, due_fen),
                    due_fen=due_fen,
                    points=sum(reason.points for reason in reasons),
                    reasons=tuple(reasons),
                )
            )
    found.sort(key=lambda suggestion: (-suggestion.points, suggestion.contract_id, suggestion.transfer_id))
    return found[:MOST]


def _transfers(account: EscrowAccount, amount_fen: int, written: str, given: str) -> Iterator[Suggestion]:
    """Transfers of exactly the amount; those first of whose text the bank left enough to know it again."""
    for transfer_id, transfer in account.transfers_in.items():
        if transfer.amount_fen != amount_fen:
            continue
        reasons = [_reason("transfer_amount", transfer_fen=amount_fen)]
        if len(given) >= LONG_REFERENCE and given in normal_form(transfer_id):
            reasons.append(_reason("transfer_reference", given=written, transfer_id=transfer_id))
        contract = account.contracts.get(transfer.contract_id)
        yield Suggestion(
            contract_id=transfer.contract_id,
            contract_no=contract.contract_no if contract is not None else "",  # it may have ended meanwhile
            amount_fen=amount_fen,
            due_fen=amount_fen,
            points=sum(reason.points for reason in reasons),
            reasons=tuple(reasons),
            transfer_id=transfer_id,
        )


def normal_form(reference: str) -> str:
    """A reference without what people write in many ways: width, case, spaces and punctuation."""
    return "".join(c for c in unicodedata.normalize("NFKC", reference).casefold() if c.isalnum())


def typos_between(one: str, other: str, most: int) -> int | None:
    """In how many places two texts differ (a letter more, less, other, or two exchanged); None beyond `most`."""
    if abs(len(one) - len(other)) > most:
        return None
    letters = Counter(one)
    letters.subtract(other)
    if sum(abs(count) for count in letters.values()) > 2 * most:
        return None
    before_last: list[int] = []
    last = list(range(len(other) + 1))
    for row, letter in enumerate(one, start=1):
        now = [row]
        for column, wanted in enumerate(other, start=1):
            cost = min(last[column] + 1, now[column - 1] + 1, last[column - 1] + (letter != wanted))
            if row > 1 and column > 1 and letter == other[column - 2] and one[row - 2] == wanted:
                cost = min(cost, before_last[column - 2] + 1)
            now.append(cost)
        before_last, last = last, now
    return last[-1] if last[-1] <= most else None


def _named(contract: Contract, written: str, given: str) -> _Named | None:
    """How the receipt's reference names the contract, by its best reading of number and id."""
    best: _Named | None = None
    for reference in (contract.contract_no, contract.contract_id):
        if reference == written:
            return _Named("reference", 0, reference)
        wanted = normal_form(reference)
        if not wanted:
            continue
        typos = typos_between(given, wanted, MOST_TYPOS if len(wanted) >= LONG_REFERENCE else 1)
        if typos is not None and (best is None or typos < best.typos):
            best = _Named("reference_typo" if typos else "reference_form", typos, reference)
    return best


def _reason(reason: Reason, **figures: int | str) -> SuggestionReason:
    english, chinese = SENTENCES[reason]
    return SuggestionReason(
        reason=reason,
        points=POINTS[reason],
        message=english.format(**figures),
        message_zh=chinese.format(**figures),
        figures=figures,
    )

"""How an agreed amount is taken out of a contract's packages: as the quote says, then as far as there is more."""

from ledger.domain.account import Contract, PackageState, Refund
from ledger.domain.events import PackageAmount

Share = PackageAmount


def capacity_fen(contract: Contract, refund: Refund) -> int:
    """The most that the refund can still give: of each package what is left of its quote, or what is free there."""
    return sum(max(package.unreserved_fen, _left_fen(refund, package)) for package in contract.packages)


def spread(contract: Contract, refund: Refund, amount_fen: int) -> tuple[Share, ...]:
    """The parts of an amount (at most the capacity), by package: first what was quoted for each, then what is free."""
    parts: dict[int, int] = {}
    for package in contract.packages:
        parts[package.number] = part = min(amount_fen, _left_fen(refund, package))
        amount_fen -= part
    for package in contract.packages:
        more = min(amount_fen, max(0, package.unreserved_fen - parts[package.number]))
        parts[package.number] += more
        amount_fen -= more
    assert amount_fen == 0, "an agreed amount is within the capacity"
    return tuple(Share(package=number, amount_fen=part) for number, part in parts.items() if part > 0)


def _left_fen(refund: Refund, package: PackageState) -> int:
    """What was quoted for the package and not agreed yet. A refund whose quote is not known has what is free."""
    if not refund.quote:
        return package.unreserved_fen
    quoted = refund.quote[package.number - 1]
    return quoted.refund_fen - quoted.agreed_fen

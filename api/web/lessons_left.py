"""How many lessons a family can still have, as its pages and the institution's say it."""

from collections.abc import Iterable

from ledger.projections.contract_parts import PackageBalance
from ledger.projections.contracts import ContractBalance


def lessons_left(packages: Iterable[PackageBalance]) -> int:
    """The lessons to come of these packages. What was refunded or moved to the last fen has none."""
    return sum(package.lessons_left for package in packages if not _is_settled(package))


def can_be_taught(contract: ContractBalance) -> bool:
    """Whether a lesson may be recorded: one is left, and paid for where it is to be paid beforehand."""
    return lessons_left(contract.packages) > 0 and (contract.billing != "prepaid" or contract.prepaid_fen > 0)


def _is_settled(package: PackageBalance) -> bool:
    gone_fen = package.refunded_fen + package.charged_fen + package.moved_fen
    return gone_fen > 0 and package.paid_fen == package.drawn_fen + gone_fen

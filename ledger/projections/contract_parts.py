"""What a contract's row is made of: its packages, and the proposal to put another contract in its place."""

from datetime import date
from typing import Final, Literal

import msgspec

from ledger.domain.events import AmendedTerms, Package

FIXED: Final = (
    "partition",
    "position",
    "contract_no",
    "family_id",
    "student_id",
    "course_id",
    "subject",
    "category",
    "signed_on",
    "starts_on",
    "lesson_minutes",
    "gift_valuation",
    "billing",
    "amended_from",
)
"""What a contract's row keeps as it was signed."""


class PackageBalance(msgspec.Struct, gc=False):
    """One package: its price and lessons, and what was paid, drawn, refunded and charged with a refund (fen).

    `moved_fen` went on to the contract that took this one's place; `billed_fen` are taught and not paid yet.
    """

    number: int
    price_fen: int
    list_price_fen: int
    paid_lessons: int
    gift_lessons: int
    lessons_left: int
    paid_fen: int = 0
    drawn_fen: int = 0
    refunded_fen: int = 0
    charged_fen: int = 0
    moved_fen: int = 0
    billed_fen: int = 0
    time_card: bool = False


class ProposedContract(msgspec.Struct, gc=False):
    """What the institution proposes in the contract's place; the family accepts it by `amendment_id`."""

    amendment_id: str
    proposed_on: date
    reason: str
    terms: AmendedTerms


class EndedProposal(msgspec.Struct, gc=False):
    """A proposal that came to nothing: turned down by the family, or taken back by the institution."""

    amendment_id: str
    contract_no: str
    ended_on: date
    ended_by: Literal["family", "institution"]
    reason: str


def package_of(terms: Package) -> PackageBalance:
    """A package as signed."""
    return PackageBalance(
        number=terms.number,
        price_fen=terms.price_fen,
        list_price_fen=terms.list_price_fen,
        paid_lessons=terms.paid_lessons,
        gift_lessons=terms.gift_lessons,
        lessons_left=terms.paid_lessons + terms.gift_lessons,
        time_card=terms.time_card,
    )

"""Events of contracts: signed with their packages, and ended."""

from datetime import date
from typing import Literal

from ledger.domain.events.base import Event, Value, topic
from ledger.domain.events.charges import Billing, ChargeFinding

Category = Literal["academic", "arts", "sports", "technology", "other"]
GiftValuation = Literal["ratio", "last"]


class Package(Value, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """One charge: `price_fen` paid for `paid_lessons`, with `gift_lessons` and the undiscounted `list_price_fen`.

    A `time_card` (计时卡) is for all lessons of the contract's time, however many are taken.
    """

    number: int
    price_fen: int
    paid_lessons: int
    gift_lessons: int = 0
    list_price_fen: int
    time_card: bool = False


@topic("account.contract_signed")
class ContractSigned(Event, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """A family's contract with its packages. Family and student are opaque ids.

    With `billing` after each lesson (先学后付) nothing is prepaid: a package's price is what its lessons are billed at.
    `findings` are what the charge goes beyond where the policy raises an alert.
    """

    contract_id: str
    contract_no: str
    family_id: str
    student_id: str
    course_id: str
    subject: str
    category: Category
    starts_on: date
    ends_on: date
    lesson_minutes: int
    packages: tuple[Package, ...]
    gift_valuation: GiftValuation
    model_version: str = ""
    document_sha256: str = ""
    billing: Billing = "prepaid"
    findings: tuple[ChargeFinding, ...] = ()


@topic("account.contract_ended")
class ContractEnded(Event, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """Nothing is owed on the contract any more; it leaves the working state."""

    contract_id: str
    reason: str

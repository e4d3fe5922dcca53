"""Commands about contracts and lessons."""

from datetime import date, datetime

from ledger.domain.commands.base import Command
from ledger.domain.events import Billing, Category, Package


class SignContract(Command, frozen=True, kw_only=True, gc=False):
    """Record a family's contract. `contract_id` is made by the ledger, `contract_no` by the institution."""

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
    model_version: str = ""
    document_sha256: str = ""
    billing: Billing = "prepaid"


class EndContract(Command, frozen=True, kw_only=True, gc=False):
    """End a contract on which nothing is owed."""

    contract_id: str
    reason: str


class DeliverLesson(Command, frozen=True, kw_only=True, gc=False):
    """Record that a class was taught on `effective_on` to the students of these contracts.

    `makes_up` names the missed lesson that it makes up for.
    """

    lesson_id: str
    course_id: str
    teacher_id: str = ""
    room_id: str = ""
    starts_at: datetime | None = None
    minutes: int
    contracts: tuple[str, ...]
    makes_up: str = ""


class CorrectLesson(Command, frozen=True, kw_only=True, gc=False):
    """Take back a lesson's draws on these contracts (absent, wrong class, not taught)."""

    lesson_id: str
    contracts: tuple[str, ...]
    reason: str

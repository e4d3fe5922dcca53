"""What each family and each course will do, decided once by the seed before the story begins. Days count from 0."""

from random import Random
from typing import Literal

import msgspec

from ledger.domain.money import cumulative_floor
from ledger.simulation.city import Contract

WEEK = 7
PAYMENT_FORMS = ("full", "two parts", "too much", "no reference", "half")
_FORM_WEIGHTS = (80, 8, 4, 3, 5)
_SECOND_PART_AFTER = 21
_REFUND_SHARE = 0.02

RefundCourse = Literal["agreed", "contested", "silent"]


class Receipt(msgspec.Struct, frozen=True, kw_only=True):
    """One payment as it reaches the bank. `named`: the payer gave the contract's number."""

    day: int
    reference: str
    contract: Contract
    amount_fen: int
    named: bool = True


class RefundPlan(msgspec.Struct, frozen=True, kw_only=True):
    """A family asks on `day`; what the institution does about it, and whether the bank will forget to pay."""

    day: int
    course: RefundCourse
    forgotten: bool = False


class Plan(msgspec.Struct, kw_only=True):
    """One contract's plan, and what the story has come to so far: what is paid, and how many lessons are drawn."""

    contract: Contract
    signed_day: int
    first_lesson_day: int
    receipts: tuple[Receipt, ...]
    refund: RefundPlan | None
    paid_fen: int = 0
    drawn: int = 0

    def takes_lesson(self, day: int) -> bool:
        """Whether the student is in class on that day: paid far enough, lessons left, no refund asked."""
        if self.refund is not None and self.refund.day <= day:
            return False
        course = self.contract.course
        parts = course.lessons + course.gift_lessons
        if self.drawn >= parts:
            return False
        return self.paid_fen >= cumulative_floor(self.contract.price_fen, parts, self.drawn + 1)


def first_lesson_day(random: Random, weekday: int, start_weekday: int, *, early: bool) -> int:
    """The first day of the course: in the first week for early ones, in the first three for others."""
    return (weekday - start_weekday) % WEEK + WEEK * (0 if early else random.randrange(3))


def plan_contract(random: Random, contract: Contract, lesson_day: int, *, last_day: int) -> Plan:
    """How the family pays, and whether it will ask for its money back."""
    signed = max(0, lesson_day - 1 - random.randrange(3))
    (form,) = random.choices(PAYMENT_FORMS, _FORM_WEIGHTS)
    refund = None
    if form == "full" and random.random() < _REFUND_SHARE and lesson_day + 3 * WEEK < last_day - 2:
        day = random.randrange(lesson_day + 2 * WEEK, last_day - 2)
        refund = RefundPlan(day=day, course=random.choice(("agreed", "agreed", "agreed", "contested", "silent")))
    return Plan(
        contract=contract,
        signed_day=signed,
        first_lesson_day=lesson_day,
        receipts=_receipts(contract, form, signed),
        refund=refund,
    )


def pay_at_once(plan: Plan) -> None:
    """Let the family pay the whole price on the day of the contract."""
    plan.receipts = _receipts(plan.contract, "full", plan.signed_day)


def _receipts(contract: Contract, form: str, day: int) -> tuple[Receipt, ...]:
    price_fen = contract.price_fen
    half_fen = price_fen // 2
    amounts: list[tuple[int, int]] = {
        "two parts": [(day, half_fen), (day + _SECOND_PART_AFTER, price_fen - half_fen)],
        "too much": [(day, price_fen + price_fen // 10)],
        "half": [(day, half_fen)],
    }.get(form, [(day, price_fen)])
    return tuple(
        Receipt(
            day=when,
            reference=f"{contract.institution.bank}-{contract.contract_no}-{part}",
            contract=contract,
            amount_fen=amount_fen,
            named=form != "no reference",
        )
        for part, (when, amount_fen) in enumerate(amounts, 1)
    )

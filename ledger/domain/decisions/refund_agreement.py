"""What agreeing to a refund causes: the amount becomes owed, lessons are given back if need be, the bank is told."""

from typing import Any

import msgspec

from ledger.domain.account import Contract, EscrowAccount, PackageState
from ledger.domain.commands import Command
from ledger.domain.decisions.context import Context, Decision
from ledger.domain.decisions.recoupment import recoup
from ledger.domain.dual_control import control_rules, needs_approval
from ledger.domain.events import (
    AgreedBy,
    DrawLine,
    DrawReversed,
    Event,
    LessonWithdrawn,
    PackageAmount,
    RefundAgreed,
    RefundInstructed,
)
from ledger.domain.original_route import RoutePlan
from ledger.domain.postings import postings
from ledger.domain.refund_solver import spread

GIVEN_BACK = "refund"
"""The reason of lessons that are given back with a refund."""


class Agreements:
    """The refunds that one command agrees to or sends: each sees the cash and the buckets as the ones before leave
    them, without a copy of the whole account."""

    def __init__(self, account: EscrowAccount, command: Command, context: Context) -> None:
        self.command, self.context = command, context
        self.policy = context.policy_of(account, command)
        self.account = msgspec.structs.replace(account, buckets=msgspec.structs.replace(account.buckets))
        self.plan = RoutePlan(account)
        self.events: Decision = []

    def agree(
        self, refund_id: str, amount_fen: int, *, by: AgreedBy, final: bool, case_id: str = "", send: bool = True
    ) -> None:
        """The amount becomes owed and, when the cash suffices, goes to the bank at once along the original routes.

        A basis that gives more than the contract holds takes lessons back, newest first: what was drawn for them comes
        out of what the institution has earned, and beyond that it owes it as an advance. What a full agreement
        leaves to the institution beyond its lessons is charged.
        """
        refund = self.account.refunds[refund_id]
        contract = self.account.contracts[refund.contract_id]
        lines = spread(contract, refund, amount_fen)
        started = any(package.drawn_lessons for package in contract.packages)
        wanted = {line.package: line.amount_fen for line in lines}
        full = final and refund.agreed_fen + amount_fen >= refund.quoted_fen
        charged: list[PackageAmount] = []
        for package in contract.packages:
            wanted_fen = wanted.get(package.number, 0)
            given_back = self._give_back(contract, package, wanted_fen)
            if full and refund.quote:
                used_fen = refund.quote[package.number - 1].used_fen
                left_fen = package.unreserved_fen + given_back.freed_fen - wanted_fen
                charge_fen = min(left_fen, used_fen - (package.drawn_fen - given_back.drawn_fen))
                if charge_fen > 0:
                    charged.append(PackageAmount(package=package.number, amount_fen=charge_fen))
        rule, period = (
            ("refund.after_start", self.policy.refund_after_start)
            if started
            else ("refund.before_start", self.policy.refund_before_start)
        )
        pay_due_on, pay_term = self.context.clock(self.command, period)
        self.record(
            RefundAgreed(
                **self.context.ruled(self.command, self.policy, *self._rules_of(by), rule),
                refund_id=refund_id,
                contract_id=refund.contract_id,
                amount_fen=amount_fen,
                lines=lines,
                by=by,
                pay_due_on=pay_due_on,
                pay_term=pay_term,
                final=final,
                charged=tuple(charged),
                case_id=case_id,
            )
        )
        if charged:
            for event in recoup(self.account, self.command, self.context, newly_earned_fen=0):
                self.record(event)
        # In a wind-down nothing more goes than it has given.
        if send and refund.allocated_fen is None:
            self._instruct(refund_id, contract, refund.to_instruct_fen + amount_fen)

    def send(self, refund_id: str) -> None:
        """Send what is agreed and not on its way; nothing when the cash does not suffice."""
        refund = self.account.refunds[refund_id]
        self._instruct(refund_id, self.account.contracts[refund.contract_id], refund.to_instruct_fen)

    @staticmethod
    def _rules_of(by: AgreedBy) -> tuple[str, ...]:
        return ("refund.deemed_agreed_after",) if by == "silence" else ()

    def _instruct(self, refund_id: str, contract: Contract, amount_fen: int) -> None:
        legs = self.plan.legs(refund_id, contract, amount_fen)
        if legs:
            rules = ("refund.original_route", *control_rules(self.policy, "refund"))
            said = self.context.ruled(self.command, self.policy, *rules)
            approval = needs_approval(self.policy, "refund")
            self.record(RefundInstructed(**said, refund_id=refund_id, legs=legs, needs_approval=approval))

    def _give_back(self, contract: Contract, package: PackageState, wanted_fen: int) -> "_GivenBack":
        """Take whole lessons of the package back until it holds what is wanted: waiting ones first, then drawn ones."""
        given_back = _GivenBack()
        if package.unreserved_fen >= wanted_fen:
            return given_back
        said = self.context.ruled(self.command, self.policy, "refund.cooling_off")
        for lesson_id, line in _newest_first(contract, package):
            if package.unreserved_fen + given_back.freed_fen >= wanted_fen:
                break
            given_back.freed_fen += line.amount_fen
            if lesson_id in contract.pending:
                self.record(LessonWithdrawn(**said, lesson_id=lesson_id, lines=(line,), reason=GIVEN_BACK))
            else:
                given_back.drawn_fen += line.amount_fen
                self._reverse(said, lesson_id, line)
        return given_back

    def _reverse(self, said: dict[str, Any], lesson_id: str, line: DrawLine) -> None:
        from_earned_fen = min(line.amount_fen, self.account.buckets.earned)
        self.record(
            DrawReversed(
                **said,
                lesson_id=lesson_id,
                lines=(line,),
                from_earned_fen=from_earned_fen,
                from_advance_fen=line.amount_fen - from_earned_fen,
                reason=GIVEN_BACK,
            )
        )

    def record(self, event: Event) -> None:
        """Another event of the decision."""
        for posting in postings(event):
            self.account.buckets.add(posting)
        self.events.append(event)


class _GivenBack(msgspec.Struct):
    """What lessons given back freed in a package (fen), and what of it had been drawn."""

    freed_fen: int = 0
    drawn_fen: int = 0


def _newest_first(contract: Contract, package: PackageState) -> list[tuple[str, DrawLine]]:
    """The lessons of a package that can be given back: those that wait for the family's word, then those drawn."""
    found: list[tuple[bool, int, str, int]] = [
        (waits, lesson.lesson, lesson_id, lesson.amount_fen)
        for waits, lessons in ((True, contract.pending), (False, contract.draws))
        for lesson_id, lesson in lessons.items()
        if lesson.package == package.number
    ]
    return [
        (
            lesson_id,
            DrawLine(contract_id=contract.contract_id, package=package.number, lesson=lesson, amount_fen=amount_fen),
        )
        for _, lesson, lesson_id, amount_fen in sorted(found, reverse=True)
        if amount_fen
    ]

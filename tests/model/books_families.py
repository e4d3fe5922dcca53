"""Books of families: contracts, what was paid for them, lessons drawn, contracts amended."""

from collections.abc import Iterable
from datetime import date
from typing import Final

from ledger.domain import events as e
from tests.model.books_figures import Figures
from tests.model.books_state import Drawn, Family, Part, Receipt

AT_ONCE: Final = date.min
NEVER: Final = date.max
"""From when a lesson is payable while its whole order is not finished."""


class FamilyBooks(Figures):
    """What came in, and what lessons made of it."""

    def follow_money_in(self, event: e.Event) -> None:
        match event:
            case e.ContractSigned():
                self.sign(event.contract_id, event.packages, event.gift_valuation)
            case e.ContractEnded():
                family = self.families[event.contract_id]
                assert family.left == 0
                family.ended = True
                gone = {i for i, refund in self.refunds.items() if refund.contract == event.contract_id}
                assert all(refund.open == 0 for i, refund in self.refunds.items() if i in gone)
                self.refunds = {i: refund for i, refund in self.refunds.items() if i not in gone}
                self.orders = {i: order for i, order in self.orders.items() if order.subject not in gone}
            case e.OpeningBalanceImported():
                assert event.cash_fen == event.earned_fen + event.reserve_fen + event.suspense_fen
                self.bank.append(("opening balance", event.cash_fen))
                self.earn(event.earned_fen)
                self.reserve += event.reserve_fen
                if event.suspense_fen:
                    self.stray[event.suspense_id] = event.suspense_fen
            case e.FeePaid():
                self.book(event, event.amount_fen)
                self._pay(event, event.bank_reference)
            case e.DepositHeldInSuspense():
                self.book(event, event.amount_fen)
                assert event.suspense_id not in self.stray
                self.stray[event.suspense_id] = event.amount_fen
            case e.SuspenseMatched():
                self.take_stray(event.suspense_id, event.amount_fen)
                self._pay(event, event.payment_reference)
            case e.SuspenseReturnInstructed():
                self.order(event, "suspense_return", event.suspense_id)
                assert event.amount_fen == self.stray[event.suspense_id]
                assert self.cash - self.in_flight - self.going_back >= 0
            case e.SuspenseReturned():
                self.settle(event)
                self.take_stray(event.suspense_id, event.amount_fen)
            case e.ReserveDeposited():
                self.book(event, event.amount_fen)
                self.reserve += event.amount_fen
            case e.ReserveReleased():
                self.reserve -= event.amount_fen
                self.earn(event.amount_fen)
            case e.UnexplainedDebitRecorded():
                self.book(event, -event.amount_fen)
                self.shortage += event.amount_fen
            case e.UnexplainedDebitRestored():
                self.book(event, event.amount_fen)
                self.shortage -= event.amount_fen
            case e.FeeKeptByInstitution():
                self.kept += event.amount_fen
                self.held += event.amount_fen
                self.fill(event.contract_id, event.amount_fen, event.lines)
                receipts = self.families[event.contract_id].receipts
                assert event.payment_reference not in receipts
                receipts[event.payment_reference] = Receipt(event.payer_route, event.amount_fen, kept=event.amount_fen)
            case _:
                pass

    def sign(self, contract_id: str, packages: Iterable[e.Package], gifts: e.GiftValuation) -> None:
        assert contract_id not in self.families
        self.families[contract_id] = Family([Part(package, gifts) for package in packages])

    def earn(self, amount: int) -> None:
        self.own += amount
        self.ever_due += amount

    def take_stray(self, suspense_id: str, amount: int) -> None:
        self.stray[suspense_id] -= amount
        assert self.stray[suspense_id] >= 0
        if not self.stray[suspense_id]:
            del self.stray[suspense_id]

    def fill(self, contract_id: str, amount: int, lines: Iterable[e.PackageAmount]) -> None:
        family, left = self.families[contract_id], amount
        for line in lines:
            part = family.parts[line.package - 1]
            part.paid += line.amount_fen
            left -= line.amount_fen
            assert part.paid - part.gone <= part.terms.price_fen, "a package is never paid beyond its price"
        assert left == 0

    def _pay(self, event: e.FeePaid | e.SuspenseMatched, reference: str) -> None:
        self.fill(event.contract_id, event.amount_fen, event.lines)
        family = self.families[event.contract_id]
        family.receipts.setdefault(reference, Receipt(event.payer_route, 0)).amount += event.amount_fen
        if event.pays_bill:
            self.ever_due += event.amount_fen
            for line in event.lines:
                part = family.parts[line.package - 1]
                part.drawn += line.amount_fen
                part.billed -= line.amount_fen
                assert part.billed >= 0

    def follow_lessons(self, event: e.Event) -> None:
        match event:
            case e.LessonDrawn():
                for line in event.lines:
                    part = self.families[line.contract_id].parts[line.package - 1]
                    assert (event.lesson_id, line.contract_id) not in self.drawn, "a lesson is drawn once"
                    assert line.lesson not in part.lessons, "each lesson of a package is drawn once"
                    assert line.amount_fen + line.billed_fen == part.worth(line.lesson)
                    part.lessons.add(line.lesson)
                    part.drawn += line.amount_fen
                    part.billed += line.billed_fen
                    self.ever_due += line.amount_fen
                    payable_on = event.releasable_on if event.releasable_on > event.effective_on else AT_ONCE
                    self.drawn[event.lesson_id, line.contract_id] = Drawn(
                        line.package, line.lesson, line.amount_fen, line.billed_fen, payable_on
                    )
            case e.DrawReversed():
                for line in event.lines:
                    part = self.families[line.contract_id].parts[line.package - 1]
                    drawn = self.drawn.pop((event.lesson_id, line.contract_id))
                    assert (drawn.package, drawn.number) == (line.package, line.lesson)
                    assert drawn.amount + drawn.billed == line.amount_fen + line.billed_fen
                    part.lessons.remove(line.lesson)
                    part.drawn -= line.amount_fen
                    part.billed -= line.billed_fen
                self.advance += event.from_advance_fen
                assert sum(line.amount_fen for line in event.lines) == event.from_earned_fen + event.from_advance_fen
            case e.OrderFinished():
                for (_, contract_id), drawn in self.drawn.items():
                    ended = self.families[contract_id].ended and not event.contract_id
                    if drawn.payable_on == NEVER and (contract_id == event.contract_id or ended):
                        drawn.payable_on = event.releasable_on
            case e.ContractAmended():
                self._go_on(event)
            case _:
                pass

    def _go_on(self, event: e.ContractAmended) -> None:
        assert event.amount_fen == sum(line.amount_fen for line in event.lines)
        assert event.amount_fen == sum(package.carried_fen for package in event.terms.packages)
        self.leave(event.contract_id, event.lines, event.payments)
        self.sign(event.terms.contract_id, event.terms.packages, event.gift_valuation)
        family = self.families[event.terms.contract_id]
        for part, package in zip(family.parts, event.terms.packages, strict=True):
            part.paid += package.carried_fen
        self.arrive(family, event.payments)

    def leave(self, contract_id: str, lines: Iterable[e.PackageAmount], payments: Iterable[e.CarriedPayment]) -> None:
        family = self.families[contract_id]
        for line in lines:
            family.parts[line.package - 1].gone += line.amount_fen
        for payment in payments:
            receipt = family.receipts[payment.payment_reference]
            receipt.amount -= payment.amount_fen
            receipt.kept -= payment.kept_fen

    def arrive(self, family: Family, payments: Iterable[e.CarriedPayment]) -> None:
        for one in payments:
            assert one.payment_reference not in family.receipts
            family.receipts[one.payment_reference] = Receipt(one.payer_route, one.amount_fen, kept=one.kept_fen)

"""Books of refunds: agreed, sent along the routes that paid, come back, or paid by the institution."""

from ledger.domain import events as e
from tests.model.books_families import FamilyBooks
from tests.model.books_state import Given, Order


class RefundBooks(FamilyBooks):
    """No refund is paid twice, no route gets more than it paid."""

    def follow_refunds(self, event: e.Event) -> None:
        match event:
            case e.RefundRequested():
                assert event.refund_id not in self.refunds
                self.refunds[event.refund_id] = Given(event.contract_id)
            case e.RefundAgreed():
                assert event.amount_fen == sum(line.amount_fen for line in event.lines)
                self.refunds[event.refund_id].agreed += event.amount_fen
                for line in event.lines:
                    self.families[event.contract_id].parts[line.package - 1].refunded += line.amount_fen
                for line in event.charged:
                    self.families[event.contract_id].parts[line.package - 1].charged += line.amount_fen
                    self.ever_due += line.amount_fen
            case e.RefundInstructed():
                refund = self.refunds[event.refund_id]
                for leg in event.legs:
                    receipt = self.families[refund.contract].receipts[leg.payment_reference]
                    assert receipt.route == leg.route, "money goes back to the account that paid"
                    receipt.back += leg.amount_fen
                    assert receipt.back + receipt.kept <= receipt.amount, "no route gets more than it paid"
                    assert leg.instruction_id not in self.orders
                    self.orders[leg.instruction_id] = Order(
                        "refund", event.refund_id, leg.amount_fen, leg.payment_reference
                    )
                under_way = sum(o.amount for o in self.orders.values() if o.subject == event.refund_id and not o.paid)
                assert under_way <= refund.open, "no refund is paid twice"
                assert self.cash - self.in_flight - self.going_back >= 0
            case e.RefundPaid():
                self.settle(event)
                self.refunds[event.refund_id].paid += event.amount_fen
            case e.RefundRejected() | e.RefundReturned():
                order = self.orders.pop(event.instruction_id)
                assert (order.amount, order.paid) == (event.amount_fen, isinstance(event, e.RefundReturned))
                refund = self.refunds[event.refund_id]
                self.families[refund.contract].receipts[order.receipt].back -= event.amount_fen
                if isinstance(event, e.RefundReturned):
                    refund.paid -= event.amount_fen
                    self.book(event, event.amount_fen)
            case e.RefundPaidByInstitution() | e.ReserveDrawn():
                self._by_institution(event)
            case _:
                pass

    def _by_institution(self, event: e.RefundPaidByInstitution | e.ReserveDrawn) -> None:
        refund = self.refunds[event.refund_id]
        assert event.amount_fen == sum(line.amount_fen for line in event.lines)
        for line in event.lines:
            receipt = self.families[refund.contract].receipts[line.payment_reference]
            receipt.kept -= line.amount_fen
            if isinstance(event, e.RefundPaidByInstitution):
                receipt.back += line.amount_fen
        if isinstance(event, e.RefundPaidByInstitution):
            refund.paid += event.amount_fen
        else:
            self.reserve -= event.amount_fen
        self.held -= event.from_held_fen
        self.advance -= event.from_advance_fen
        self.laid_out += event.amount_fen

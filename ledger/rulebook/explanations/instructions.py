"""Sentences about orders to the bank: approved by a second person, declined, sent in a message."""

from collections.abc import Iterable, Iterator

from ledger.domain import events as e
from ledger.rulebook.explanations.wording import Teller, Told, money, word

_MANY = 20

SENTENCES: dict[type[e.Event], Told] = {
    e.InstructionApproved: Told(
        "A second person approved orders to the bank that {makers} had made.",
        "经他人复核，同意{makers}发起的支付指令。",
    ),
    e.InstructionDeclined: Told(
        "A second person declined the {kind} of {amount_fen} (instruction {instruction_id}) that {maker} had made: "
        "{reason}. It never went to the bank.",
        "经他人复核，不同意{maker}发起的{kind}{amount_fen}（指令{instruction_id}）：{reason}。该指令未发往银行。",
    ),
    e.InstructionExported: Told(
        "Orders of account {account_no} were put into the message {message_id} to bank {bank}, to be carried out on "
        "{execute_on}.",
        "账户{account_no}的支付指令列入发往{bank}银行的报文{message_id}，执行日期{execute_on}。",
    ),
}


def _orders(event: e.InstructionApproved | e.InstructionExported) -> Iterator[Told]:
    yield from _listed(event.orders)


def _listed(orders: Iterable[e.PaymentOrder]) -> Iterator[Told]:
    listed = list(orders)
    for order in listed[:_MANY]:
        kind, amount = word(order.kind), money(order.amount_fen)
        yield Told(
            f"{kind.en.capitalize()} {order.instruction_id}: {amount.en}.",
            f"{kind.zh}{order.instruction_id}：{amount.zh}。",
        )
    total = money(sum(order.amount_fen for order in listed))
    yield Told(f"In all {len(listed)}, {total.en}.", f"共{len(listed)}笔，{total.zh}。")


NEEDS_APPROVAL = Told(
    "It goes to the bank when a person other than its maker has approved it.",
    "须经发起人以外的人员复核后方可发往银行。",
)


def _instructed(event: e.AdvanceInstructed | e.SuspenseReturnInstructed) -> Iterator[Told]:
    if event.needs_approval:
        yield NEEDS_APPROVAL


def _paid(event: e.PayoutSettled | e.AdvancePaid | e.RefundPaid | e.SuspenseReturned) -> Iterator[Told]:
    if event.unapproved:
        yield Told("Nobody had approved it, though a second person should have.", "该笔款项应经他人复核而未复核。")


DETAILS: dict[type[e.Event], Teller] = {
    e.InstructionApproved: _orders,
    e.InstructionExported: _orders,
    e.AdvanceInstructed: _instructed,
    e.SuspenseReturnInstructed: _instructed,
    e.PayoutSettled: _paid,
    e.AdvancePaid: _paid,
    e.RefundPaid: _paid,
    e.SuspenseReturned: _paid,
}

"""What must be true of an account after every command of its life, in the figures of its books."""

import msgspec

from ledger.domain.account import Contract, EscrowAccount
from tests.model.books import Books
from tests.model.books_state import Family


def check_books(account: EscrowAccount, books: Books) -> None:
    """The account agrees with its books bucket by bucket and family by family, and families are safe."""
    b = account.buckets
    assert msgspec.structs.asdict(b) == books.buckets()
    assert min(books.buckets().values()) >= 0
    assert b.assets_fen == b.liabilities_fen
    assert min(b.earned, b.advance) == 0, "earned money recoups an advance first"
    assert b.cash == sum(amount for _, amount in books.bank)
    assert b.cash - b.payout_in_flight + b.exposure_fen >= b.obligation_fen + b.suspense
    for contract_id, contract in account.contracts.items():
        _check_family(contract, books.families[contract_id])
    assert set(account.contracts) == {i for i, family in books.families.items() if not family.ended}
    assert b.prepaid == sum(contract.prepaid_fen for contract in account.contracts.values())
    _check_refunds(account, books)
    assert {i: item.amount_fen for i, item in account.suspense.items()} == books.stray
    assert {i: one.amount_fen for i, one in account.transfers_out.items()} == books.unsent
    assert {i: one.amount_fen for i, one in account.transfers_in.items()} == books.transit
    assert account.holds == books.holds
    assert account.minimum_balance_fen == books.minimum
    assert account.unconfirmed_fen == sum(books.short.values())
    if account.wind_down is not None:
        assert sum(account.wind_down.shares.values()) == books.shares, "what is shared out reaches somebody"


def _check_family(contract: Contract, family: Family) -> None:
    assert contract.prepaid_fen == family.left
    for package, part in zip(contract.packages, family.parts, strict=True):
        assert package.paid_fen == part.paid - part.gone
        assert (package.drawn_fen, package.refunded_fen) == (part.drawn, part.refunded)
        assert (package.charged_fen, package.billed_fen) == (part.charged, part.billed)
        assert package.drawn_lessons == len(part.lessons)
        assert min(part.left, part.drawn, part.billed) >= 0, "draws never go beyond what is paid"
        assert 0 <= package.reserved_fen <= part.left
    assert list(contract.payments) == list(family.receipts)
    for reference, receipt in family.receipts.items():
        payment = contract.payments[reference]
        assert (payment.amount_fen, payment.refunded_fen, payment.kept_fen) == (
            receipt.amount,
            receipt.back,
            receipt.kept,
        )
        assert 0 <= receipt.back <= receipt.amount - receipt.kept <= receipt.amount, "no route gets more than it paid"


def _check_refunds(account: EscrowAccount, books: Books) -> None:
    assert set(account.refunds) == set(books.refunds)
    for refund_id, refund in account.refunds.items():
        given = books.refunds[refund_id]
        assert (refund.agreed_fen, refund.paid_fen) == (given.agreed, given.paid)
        pending = sum(o.amount for o in books.orders.values() if o.subject == refund_id and not o.paid)
        assert refund.in_flight_fen == pending
        assert 0 <= given.paid + pending <= given.agreed, "no refund is paid twice"
    for instruction_id, instruction in account.instructions.items():
        order = books.orders[instruction_id]
        assert (instruction.kind, instruction.amount_fen) == (order.kind, order.amount)
        assert (instruction.state == "paid") == order.paid
    assert set(account.instructions) == set(books.orders)

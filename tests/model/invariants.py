"""What must be true of an account after every command, in the oracle's figures."""

import msgspec

from ledger.domain.account import EscrowAccount
from ledger.domain.events import Event
from ledger.domain.evolution import evolve
from ledger.domain.postings import imbalance, postings
from ledger.storage.mapper import decode_event, encode_account, encode_event
from tests.model.oracle import Oracle


def check_account(account: EscrowAccount, oracle: Oracle) -> None:
    """The account is balanced, agrees with the oracle bucket by bucket and family by family, and families are safe."""
    buckets = account.buckets
    assert buckets.assets_fen == buckets.liabilities_fen
    assert msgspec.structs.asdict(buckets) == oracle.buckets()
    assert min(oracle.buckets().values()) >= 0
    _check_families(account, oracle)
    _check_refunds(account, oracle)
    assert {i: s.amount_fen for i, s in account.suspense.items()} == {i: s.amount for i, s in oracle.stray.items()}
    waiting = {i: instruction.amount_fen for i, instruction in account.instructions.items()}
    assert waiting == {i: oracle.amount_of(i) for i in [*oracle.payouts, *oracle.legs, *oracle.returns]}
    assert account.top_up_due_fen == oracle.top_up
    _check_safety(account, oracle)


def _check_families(account: EscrowAccount, oracle: Oracle) -> None:
    assert sum(contract.prepaid_fen for contract in account.contracts.values()) == account.buckets.prepaid
    assert set(account.contracts) == set(oracle.contracts)
    for contract_id, contract in account.contracts.items():
        agreement = oracle.contracts[contract_id]
        assert contract.prepaid_fen == agreement.left
        assert [p.prepaid_fen for p in contract.packages] == [charge.left for charge in agreement.charges]
        for package, charge in zip(contract.packages, agreement.charges, strict=True):
            assert 0 <= package.drawn_fen + package.refunded_fen <= package.paid_fen <= package.price_fen
            assert package.drawn_lessons == len(charge.taken)
        routes = [(r, payment.amount_fen, payment.refunded_fen) for r, payment in contract.payments.items()]
        assert routes == [(r.reference, r.amount, r.back) for r in agreement.receipts]
        assert all(0 <= receipt.back <= receipt.amount for receipt in agreement.receipts)


def _check_refunds(account: EscrowAccount, oracle: Oracle) -> None:
    assert set(account.refunds) == set(oracle.refunds)
    payable = 0
    for refund_id, refund in account.refunds.items():
        claim = oracle.refunds[refund_id]
        assert (refund.agreed_fen, refund.paid_fen) == (claim.agreed, claim.paid)
        assert refund.to_instruct_fen == oracle.to_instruct(refund_id)
        payable += refund.agreed_fen - refund.paid_fen
    assert payable == account.buckets.refund_payable
    assert set(account.unpaid_refunds) == {refund_id for refund_id, claim in oracle.refunds.items() if claim.waits}


def _check_safety(account: EscrowAccount, oracle: Oracle) -> None:
    b = account.buckets
    owed_to_others = b.prepaid + b.refund_payable + b.suspense
    assert b.cash - b.payout_in_flight >= owed_to_others - b.advance - b.shortage
    assert min(b.earned, b.advance) == 0, "earned money recoups an advance first"
    assert oracle.shortage or b.cash + b.advance >= owed_to_others + b.payout_in_flight


def check_payout(account: EscrowAccount, oracle: Oracle) -> None:
    """What stays after a payout was instructed: families' money, the minimum balance, held and fresh lessons."""
    b = account.buckets
    left_fen = b.cash - b.payout_in_flight
    assert left_fen >= oracle.minimum
    assert left_fen >= b.prepaid + b.refund_payable + b.suspense - b.advance
    assert oracle.institution_claim >= sum(oracle.holds.values())


def check_events(account: EscrowAccount, history: list[Event], snapshot: tuple[int, EscrowAccount] | None) -> None:
    """Replay from zero, and from a snapshot, gives the same bytes; every event is balanced and reads as written."""
    state = encode_account(account)
    replayed = EscrowAccount(id=account.id)
    for event in history:
        assert imbalance(postings(event)) == 0
        again = decode_event(event.topic, encode_event(event))
        assert again == event
        evolve(replayed, again)
    assert encode_account(replayed) == state
    if snapshot is not None:
        version, restored = snapshot
        for event in history[version:]:
            evolve(restored, event)
        assert encode_account(restored) == state

"""Penalties on fees taken outside supervision, and cards of a stored value: to the fen."""

import pytest

from ledger.domain.money import cumulative_floor
from ledger.domain.penalties import penalty_basis_fen, penalty_fen
from ledger.domain.refund_solver.stored_value import used_of_paid_fen


def test_a_penalty_is_reckoned_on_what_was_received_and_not_refunded() -> None:
    basis_fen = penalty_basis_fen(received_fen=1583125919, refunded_fen=237456640)
    assert basis_fen == 1345669279
    assert penalty_fen(basis_fen, times=5) == 6728346395


def test_refunds_beyond_what_was_received_leave_no_basis() -> None:
    assert penalty_basis_fen(received_fen=100, refunded_fen=101) == 0


def test_a_gift_of_value_is_used_in_the_ratio_of_what_was_paid() -> None:
    assert used_of_paid_fen(paid_fen=300000, gift_fen=100000, used_fen=359400) == 269550


@pytest.mark.parametrize(("used_fen", "expected"), [(0, 0), (1, 0), (2, 1), (399_999, 299_999), (400_000, 300_000)])
def test_what_is_used_never_takes_more_than_its_share(used_fen: int, expected: int) -> None:
    assert used_of_paid_fen(paid_fen=300_000, gift_fen=100_000, used_fen=used_fen) == expected


def test_more_than_the_card_holds_is_not_used() -> None:
    assert used_of_paid_fen(paid_fen=300_000, gift_fen=100_000, used_fen=400_001) == 300_000


def test_three_lessons_of_10000_fen_leave_nothing() -> None:
    drawn = [cumulative_floor(10000, 3, k) - cumulative_floor(10000, 3, k - 1) for k in (1, 2, 3)]
    assert drawn == [3333, 3333, 3334]

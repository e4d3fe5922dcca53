"""Rounding has one name, the cumulative floor, and loses nothing."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.domain.account import PackageState
from ledger.domain.errors import LedgerError
from ledger.domain.money import MAX_FEN, cumulative_floor, require_fen


def lessons_of(price_fen: int, lessons: int, gifts: int, valuation: str) -> list[int]:
    package = PackageState(number=1, price_fen=price_fen, paid_lessons=lessons, gift_lessons=gifts)
    last = valuation == "last"
    return [package.lesson_value_fen(n, "last" if last else "ratio") for n in range(1, package.lessons + 1)]


def test_ten_thousand_fen_over_three_lessons() -> None:
    assert lessons_of(10000, 3, 0, "ratio") == [3333, 3333, 3334]


def test_a_price_below_the_number_of_lessons() -> None:
    assert lessons_of(2, 5, 0, "ratio") == [0, 0, 1, 0, 1]


@given(
    price_fen=st.integers(1, MAX_FEN),
    lessons=st.integers(1, 60),
    gifts=st.integers(0, 20),
    valuation=st.sampled_from(["ratio", "last"]),
)
def test_draws_add_up_to_exactly_the_price(price_fen: int, lessons: int, gifts: int, valuation: str) -> None:
    values = lessons_of(price_fen, lessons, gifts, valuation)
    worth = values if valuation == "ratio" else values[:lessons]
    assert sum(values) == sum(worth) == price_fen
    assert len(values) == lessons + gifts
    assert max(worth) - min(worth) <= 1


@given(price_fen=st.integers(1, MAX_FEN), parts=st.integers(1, 2000), taken=st.integers(0, 2100))
def test_what_is_earned_is_the_floor_of_the_exact_share(price_fen: int, parts: int, taken: int) -> None:
    earned = cumulative_floor(price_fen, parts, taken)
    exact = price_fen * min(taken, parts)
    assert earned * parts <= exact < (earned + 1) * parts


@pytest.mark.parametrize(
    ("amount_fen", "code"),
    [(-1, "amount_not_positive"), (0, "amount_not_positive"), (MAX_FEN + 1, "amount_too_large")],
)
def test_an_amount_outside_the_limits_is_refused(amount_fen: int, code: str) -> None:
    with pytest.raises(LedgerError, match=code):
        require_fen(amount_fen)


@pytest.mark.parametrize("amount_fen", [1, 2, MAX_FEN - 1, MAX_FEN])
def test_an_amount_within_the_limits_is_itself(amount_fen: int) -> None:
    assert require_fen(amount_fen) == amount_fen

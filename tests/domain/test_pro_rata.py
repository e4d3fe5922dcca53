"""What does not suffice for all is shared by largest remainder: exact sums, fair to a fen, whatever the order."""

from itertools import pairwise
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.domain.pro_rata import allocate

AMOUNTS = st.integers(0, 10_000_000_000)
CLAIMS = st.dictionaries(st.text(min_size=1, max_size=4), st.one_of(st.integers(0, 5), AMOUNTS), max_size=40)
TOTALS = st.one_of(st.integers(0, 20), AMOUNTS)


@pytest.mark.parametrize(
    ("total_fen", "claims", "expected"),
    [
        (0, {"a": 5, "b": 5}, {"a": 0, "b": 0}),
        (1, {"a": 5, "b": 5}, {"a": 1, "b": 0}),
        (9, {"a": 5, "b": 5}, {"a": 5, "b": 4}),
        (10, {"a": 5, "b": 5}, {"a": 5, "b": 5}),
        (11, {"a": 5, "b": 5}, {"a": 5, "b": 5}),
        (100, {"a": 1, "b": 0, "c": 0}, {"a": 1, "b": 0, "c": 0}),
        (100, {}, {}),
        (0, {"a": 0}, {"a": 0}),
        # 10000 over 3 equal claims: 3333 each, and the one fen left goes to the smallest id.
        (10000, {"z": 4000, "y": 4000, "x": 4000}, {"x": 3334, "y": 3333, "z": 3333}),
        # 70.0, 23.3 and 6.6 of 100: the largest remainder gets the fen.
        (100, {"a": 210, "b": 70, "c": 20}, {"a": 70, "b": 23, "c": 7}),
    ],
)
def test_a_total_is_shared_to_the_fen(total_fen: int, claims: dict[str, int], expected: dict[str, int]) -> None:
    assert allocate(total_fen, claims) == expected


@given(total_fen=TOTALS, claims=CLAIMS)
def test_parts_add_up_to_exactly_what_is_there_or_what_is_owed(total_fen: int, claims: dict[str, int]) -> None:
    parts = allocate(total_fen, claims)
    assert parts.keys() == claims.keys()
    assert sum(parts.values()) == min(total_fen, sum(claims.values()))


@given(total_fen=TOTALS, claims=CLAIMS)
def test_nobody_gets_more_than_the_claim_or_a_fen_off_the_exact_share(total_fen: int, claims: dict[str, int]) -> None:
    claimed_fen = sum(claims.values())
    for claim_id, part_fen in allocate(total_fen, claims).items():
        assert 0 <= part_fen <= claims[claim_id]
        exact = min(total_fen, claimed_fen) * claims[claim_id]
        assert abs(part_fen * claimed_fen - exact) < max(claimed_fen, 1)


@given(total_fen=TOTALS, claims=CLAIMS, order=st.randoms(use_true_random=False))
def test_the_order_of_claims_decides_nothing(total_fen: int, claims: dict[str, int], order: Random) -> None:
    shuffled = list(claims.items())
    order.shuffle(shuffled)
    assert list(allocate(total_fen, dict(shuffled)).items()) == list(allocate(total_fen, claims).items())


@given(total_fen=TOTALS, claims=CLAIMS)
def test_a_larger_claim_never_gets_less(total_fen: int, claims: dict[str, int]) -> None:
    parts = allocate(total_fen, claims)
    ordered = sorted(claims, key=lambda claim_id: (claims[claim_id], parts[claim_id]))
    for smaller, larger in pairwise(ordered):
        assert parts[smaller] <= parts[larger]


@given(total_fen=TOTALS, claims=CLAIMS)
def test_equal_claims_differ_by_a_fen_at_most_and_the_smaller_id_has_it(total_fen: int, claims: dict[str, int]) -> None:
    parts = allocate(total_fen, claims)
    for one in sorted(claims):
        for other in (o for o in claims if o > one and claims[o] == claims[one]):
            assert parts[one] - parts[other] in (0, 1)


@pytest.mark.parametrize(("total_fen", "claims"), [(-1, {"a": 1}), (1, {"a": -1})])
def test_amounts_below_nothing_are_a_bug(total_fen: int, claims: dict[str, int]) -> None:
    with pytest.raises(AssertionError):
        allocate(total_fen, claims)

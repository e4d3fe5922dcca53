"""Amounts are exact: decimal text to fen and back, for every amount there is."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.bank.amounts import fen_text_to_fen, fen_to_yuan, scaled, unscaled, yuan_to_fen
from ledger.bank.codes import CATALOGUE
from ledger.bank.findings import EntryProblem
from ledger.domain.money import MAX_FEN

amounts = st.integers(min_value=1, max_value=MAX_FEN)


@given(amounts)
def test_fen_to_text_and_back_is_exact(amount_fen: int) -> None:
    assert yuan_to_fen(fen_to_yuan(amount_fen)) == amount_fen
    assert fen_text_to_fen(str(amount_fen)) == amount_fen


@given(amounts, st.integers(min_value=0, max_value=3), st.sampled_from(["", "+", "00", " "]))
def test_zeros_before_and_after_change_nothing(amount_fen: int, zeros: int, before: str) -> None:
    assert yuan_to_fen(before + fen_to_yuan(amount_fen) + "0" * zeros) == amount_fen


@given(amounts, st.integers(min_value=1, max_value=999))
def test_anything_beyond_the_fen_is_refused(amount_fen: int, beyond: int) -> None:
    with pytest.raises(EntryProblem, match="entry_beyond_fen"):
        yuan_to_fen(f"{fen_to_yuan(amount_fen)}{beyond:03d}")


@given(st.text(max_size=60))
def test_any_text_gives_fen_or_a_refusal(text: str) -> None:
    try:
        amount_fen = yuan_to_fen(text)
    except EntryProblem:
        return
    assert 1 <= amount_fen <= MAX_FEN
    assert text.isascii() or text.strip().isascii()


@pytest.mark.parametrize(
    ("text", "fen"),
    [("1", 100), ("1.", 100), (".5", 50), ("0.01", 1), ("1280.5", 128050), ("90071992547409.91", MAX_FEN)],
)
def test_forms_of_decimal_text(text: str, fen: int) -> None:
    assert yuan_to_fen(text) == fen


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "entry_amount_missing"),
        ("0.00", "entry_amount_not_positive"),
        ("-1", "entry_amount_not_positive"),
        ("90071992547409.92", "entry_amount_too_large"),
        ("1 000", "entry_amount_unreadable"),
        ("1_000", "entry_amount_unreadable"),
        ("٣", "entry_amount_unreadable"),
    ],
)
def test_refusals_of_decimal_text(text: str, code: str) -> None:
    with pytest.raises(EntryProblem, match=code):
        yuan_to_fen(text)


@pytest.mark.parametrize(
    ("text", "sentence", "sentence_zh"),
    [
        ("-5", "The amount -5 is not above zero.", "金额-5须大于零。"),
        (
            "90071992547409.92",
            "The amount 90071992547409.92 comes to more than the limit of 9007199254740991 fen.",
            "金额90071992547409.92折合后超过上限9007199254740991分。",
        ),
    ],
)
def test_a_refused_amount_of_yuan_is_not_told_as_fen(text: str, sentence: str, sentence_zh: str) -> None:
    with pytest.raises(EntryProblem) as refused:
        yuan_to_fen(text)
    code = CATALOGUE[refused.value.code]
    told = code.en.format(**refused.value.figures), code.zh.format(**refused.value.figures)
    assert told == (sentence, sentence_zh)


def test_a_limit_of_ones_own() -> None:
    assert yuan_to_fen("5.00", limit_fen=500) == 500
    with pytest.raises(EntryProblem, match="entry_amount_too_large"):
        yuan_to_fen("5.01", limit_fen=500)


def test_fen_of_negative_amounts_are_written_with_their_sign() -> None:
    assert fen_to_yuan(-5) == "-0.05"


@given(st.integers(min_value=-(10**20), max_value=10**20))
def test_control_sums_keep_five_decimals(value: int) -> None:
    assert scaled(unscaled(value)) == value


@pytest.mark.parametrize("text", ["0.000001", "x", "", "."])
def test_control_sums_that_cannot_be_compared(text: str) -> None:
    assert scaled(text) is None

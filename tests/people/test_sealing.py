"""Sealed values: they come back as they were, and not at all when anything about them was changed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.people.sealing import AES_256_GCM, SealBroken, new_key, seal, unseal

KEY = bytes(range(32))
PLACE = ("p-1", "name", "1")


@given(plain=st.binary(max_size=300), place=st.lists(st.text(max_size=20), max_size=4))
def test_what_was_sealed_comes_back(plain: bytes, place: list[str]) -> None:
    assert unseal(KEY, seal(KEY, plain, *place), *place) == plain


@given(plain=st.binary(max_size=60), data=st.data())
def test_a_changed_byte_is_refused(plain: bytes, data: st.DataObject) -> None:
    sealed = bytearray(seal(KEY, plain, *PLACE))
    sealed[data.draw(st.integers(0, len(sealed) - 1))] ^= data.draw(st.integers(1, 255))
    with pytest.raises(SealBroken):
        unseal(KEY, bytes(sealed), *PLACE)


@given(st.data())
def test_a_value_cut_short_is_refused(data: st.DataObject) -> None:
    sealed = seal(KEY, b"name", *PLACE)
    with pytest.raises(SealBroken):
        unseal(KEY, sealed[: data.draw(st.integers(0, len(sealed) - 1))], *PLACE)


@pytest.mark.parametrize(
    "place", [("p-2", "name", "1"), ("p-1", "phones", "1"), ("p-1", "name", "2"), ("p-1nam", "e", "1"), ("p-1", "name")]
)
def test_a_value_in_another_place_is_refused(place: tuple[str, ...]) -> None:
    with pytest.raises(SealBroken):
        unseal(KEY, seal(KEY, b"name", *PLACE), *place)


def test_another_key_opens_nothing() -> None:
    with pytest.raises(SealBroken):
        unseal(new_key(), seal(KEY, b"name", *PLACE), *PLACE)


def test_the_algorithm_stands_in_front_and_no_nonce_is_used_twice() -> None:
    sealed = [seal(KEY, b"", *PLACE) for _ in range(200)]
    assert {one[0] for one in sealed} == {AES_256_GCM}
    assert len({one[1:13] for one in sealed}) == len(sealed)

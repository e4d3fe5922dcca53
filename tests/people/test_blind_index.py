"""Blind indexes: one number however it is written, and nothing to be read without the key."""

import pytest

from ledger.people.blind_index import digest

KEY = b"k" * 32


@pytest.mark.parametrize(
    "written",
    ["13912345678", "139 1234 5678", "+86 139-1234-5678", "8613912345678", "１３９１２３４５６７８"],
)
def test_one_phone_has_one_index(written: str) -> None:
    assert digest(KEY, "phone", written) == digest(KEY, "phone", "13912345678")


def test_other_numbers_have_others() -> None:
    phones = ["13912345678", "13912345679", "021 6000 0000", "+1 391 234 5678"]
    assert len({digest(KEY, "phone", phone) for phone in phones}) == len(phones)


def test_contract_numbers_are_alike_but_for_spaces_width_and_case() -> None:
    assert digest(KEY, "contract_no", " ht-2026－0001") == digest(KEY, "contract_no", "HT-2026-0001")
    assert digest(KEY, "contract_no", "HT-2026-0001") != digest(KEY, "contract_no", "HT-2026-0002")


def test_the_kind_and_the_key_are_part_of_it() -> None:
    assert len({digest(KEY, "phone", "1"), digest(KEY, "contract_no", "1"), digest(b"j" * 32, "phone", "1")}) == 3
    assert len(digest(KEY, "phone", "1")) == 32

"""Which authority acts for which: districts, authorities of a district, the whole city."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.domain.authorities import acts_for, codes_of, covers, is_supervised_by, seen_as

CODES = st.sampled_from(["310104", "310105", "310104/sports", "310104/culture", "310105/sports"])
ACTING = st.one_of(CODES, st.sampled_from(["*", "*/sports"]))


@pytest.mark.parametrize(
    ("acting", "code", "does"),
    [
        ("310104", "310104", True),
        ("310104", "310104/sports", True),
        ("310104/sports", "310104", False),
        ("310104/sports", "310104/sports", True),
        ("310104/sports", "310104/culture", False),
        ("310105", "310104/sports", False),
        ("310105/sports", "310104/sports", False),
        ("*", "310104/sports", True),
        ("*/sports", "310104/sports", True),
        ("*/sports", "310104", False),
        ("3101", "310104", False),
    ],
)
def test_a_district_covers_its_authorities_and_not_the_other_way_round(acting: str, code: str, does: bool) -> None:
    assert covers(acting, code) is does
    assert acts_for(["999999", acting], code) is does


@given(acting=ACTING, code=CODES)
def test_a_code_is_seen_by_whoever_acts_for_it_or_for_its_district(acting: str, code: str) -> None:
    assert (acting in seen_as([code])) == covers(acting, code)


def test_codes_join_districts_and_authorities() -> None:
    assert codes_of({"2", "1"}, frozenset()) == ("1", "2")
    assert codes_of({"2", "1"}, {"sports"}) == ("1/sports", "2/sports")


@pytest.mark.parametrize(
    ("districts", "acting", "authorities", "sees"),
    [
        # A client of a whole district: every account there, and those elsewhere that name the district.
        ({"310104"}, set[str](), ("education",), True),
        ({"310105"}, set[str](), ("education", "sports"), False),
        ({"310105"}, set[str](), ("310104", "310105"), True),
        ({"*"}, set[str](), ("education",), True),
        # A client of one authority: accounts of its district that name it, and those that name the whole district.
        ({"310104"}, {"sports"}, ("education", "sports"), True),
        ({"310104"}, {"sports"}, ("education",), False),
        ({"310104"}, {"sports"}, ("310104",), True),
        ({"310105"}, {"sports"}, ("education", "sports"), False),
        ({"310105"}, {"sports"}, ("310104", "310105"), True),
        ({"*"}, {"sports"}, ("education", "sports"), True),
        ({"*"}, {"sports"}, ("education",), False),
        (set[str](), {"sports"}, ("sports",), False),
    ],
)
def test_who_supervises_an_account(
    districts: set[str], acting: set[str], authorities: tuple[str, ...], sees: bool
) -> None:
    """The account is in district 310104."""
    found = is_supervised_by(district="310104", authorities=authorities, districts=districts, acting_authorities=acting)
    assert found is sees

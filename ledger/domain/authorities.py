"""Codes of supervising authorities: a district's (`310104`), or one authority of a district (`310104/sports`).

A licence can have two authorities. An account names its district, and in `authorities` either codes of districts (every
authority there) or names of authorities of its own district (`sports`). Whoever acts for a district acts for all of its
authorities; `*` stands for every district.
"""

from collections.abc import Collection, Iterable
from typing import Final

EVERYWHERE: Final = "*"


def codes_of(districts: Iterable[str], authorities: Collection[str]) -> tuple[str, ...]:
    """The codes that a regulator of these districts acts for; only some authorities of them, if any are named."""
    if not authorities:
        return tuple(sorted(districts))
    return tuple(sorted(f"{district}/{authority}" for district in districts for authority in authorities))


def district_of(code: str) -> str:
    """The district of a code."""
    return code.partition("/")[0]


def covers(acting: str, code: str) -> bool:
    """Whether who acts for `acting` acts for `code` too."""
    district, _, authority = acting.partition("/")
    own_district, _, own_authority = code.partition("/")
    return district in (EVERYWHERE, own_district) and authority in ("", own_authority)


def acts_for(acting: Iterable[str], code: str) -> bool:
    """Whether one of the codes covers it."""
    return any(covers(one, code) for one in acting)


def is_supervised_by(
    *, district: str, authorities: Iterable[str], districts: Collection[str], acting_authorities: Collection[str]
) -> bool:
    """Whether a regulator of `districts` (and, if any are named, of `acting_authorities` alone) supervises an account.

    The account is in `district` and has `authorities`.
    """
    if acting_authorities:
        named = not set(acting_authorities).isdisjoint(authorities)
        own = named and (EVERYWHERE in districts or district in districts)
    else:
        own = EVERYWHERE in districts or district in districts
    return own or not set(districts).isdisjoint(authorities)


def seen_as(codes: Iterable[str]) -> tuple[str, ...]:
    """Every code by which a regulator can be acting for one of these: itself, its district, everywhere."""
    found: set[str] = set()
    for code in codes:
        district, _, authority = code.partition("/")
        found |= {code, district, EVERYWHERE}
        if authority:
            found.add(f"{EVERYWHERE}/{authority}")
    return tuple(sorted(found))

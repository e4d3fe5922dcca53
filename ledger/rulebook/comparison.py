"""What differs between two states of the law: two packs on a day, or one pack on two days."""

from typing import NamedTuple

from ledger.rulebook.dated_value import DatedValue
from ledger.rulebook.rule_table import RULES
from ledger.rulebook.rulebook import InForce


class Difference(NamedTuple):
    """A rule that the two sides value differently; None: that side has no value."""

    rule: str
    left: DatedValue | None
    right: DatedValue | None


def differences(left: InForce, right: InForce) -> list[Difference]:
    """The rules whose values, units or enforcement differ, in the table's order."""
    found: list[Difference] = []
    for rule in RULES:
        one, other = left.values.get(rule), right.values.get(rule)
        if _decides(one) != _decides(other):
            found.append(Difference(rule, one, other))
    return found


def _decides(value: DatedValue | None) -> object:
    if value is None:
        return None
    return value.parts, {name: value.units[name] for name in value.parts}, value.enforcement

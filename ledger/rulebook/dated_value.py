"""A rule's value in force for a time: what is decided by, shown, released and explained."""

import hashlib
from collections.abc import Iterator
from datetime import date
from typing import Any

import msgspec

from ledger.domain.policy import Enforcement
from ledger.rulebook.checks import parts_of, units_of
from ledger.rulebook.pack_file import Certainty, Dating, PackFile, Source, Told
from ledger.rulebook.rule_table import RULES

PACK_RULE = "extends"
"""Under this name a release keeps what a pack extends."""


class DatedValue(msgspec.Struct, frozen=True, kw_only=True):
    """One value of one rule in one pack, by its parts (a plain value has the part of the empty name).

    It is in force from `valid_from` until `valid_until` (that day included), or until the next value of the rule.
    """

    pack: str
    rule: str
    title: Told
    jurisdiction: str
    parts: dict[str, Any]
    units: dict[str, str]
    valid_from: date
    valid_until: date | None
    dated: Dating
    enforcement: Enforcement | None
    source: Source
    sure: Certainty
    note: Told | None

    @property
    def key(self) -> str:
        """Its name in a release: values are never edited, so pack, rule and first day are enough."""
        return f"{self.pack} {self.rule} {self.valid_from}"

    @property
    def digest(self) -> str:
        """SHA-256 over what decides: not its title, source or certainty, which may be put right."""
        decides = {
            "parts": self.parts,
            "units": {name: unit for name, unit in self.units.items() if name in self.parts},
            "enforcement": self.enforcement,
        }
        return digest_of([self.key, decides])


def digest_of(content: object) -> str:
    """SHA-256 in hexadecimal over the content as JSON with sorted keys."""
    return hashlib.sha256(msgspec.json.encode(content, order="deterministic")).hexdigest()


def values_of(pack: PackFile) -> Iterator[DatedValue]:
    """The values of a pack that was found without fault, in the file's order."""
    for rule in pack.entry.rules:
        shape = RULES[rule.id]
        units = units_of(shape, rule.unit)
        assert units is not None
        for entry in rule.values:
            parts = parts_of(shape, entry.value)
            source, sure = entry.source or rule.source, entry.sure or rule.sure
            assert parts is not None
            assert source is not None
            assert sure is not None
            yield DatedValue(
                pack=pack.name,
                rule=rule.id,
                title=rule.title,
                jurisdiction=pack.entry.jurisdiction,
                parts=parts,
                units=units,
                valid_from=entry.valid_from,
                valid_until=entry.valid_until,
                dated=entry.dated,
                enforcement=entry.enforcement,
                source=source,
                sure=sure,
                note=rule.note,
            )

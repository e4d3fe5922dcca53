"""The rulebook: for every pack and day the policy that the law makes, and for every recorded version what it was."""

import sys
from bisect import bisect_right
from collections.abc import Iterator, Mapping
from datetime import date, time, timedelta
from functools import lru_cache
from importlib.resources import files
from itertools import pairwise
from pathlib import Path
from typing import Any, Final, NamedTuple

import msgspec

from ledger.domain.errors import LedgerError
from ledger.domain.policy import Enforcement, Period, Policy
from ledger.rulebook.checks import faults_of
from ledger.rulebook.dated_value import DatedValue, values_of
from ledger.rulebook.pack_file import PackFile, read_pack
from ledger.rulebook.problems import Problem, RulebookError
from ledger.rulebook.releases import Released, faults_of_released, read_released
from ledger.rulebook.rule_table import RULES

BUILT_IN: Final = Path(str(files("ledger.rulebook"))) / "packs"
_DAY: Final = timedelta(days=1)
_PERIODS: Final = frozenset(
    field.name for field in msgspec.structs.fields(Policy) if field.type in (Period, Period | None)
)


class InForce(NamedTuple):
    """What a pack says on one day: the policy, and the value behind each rule, the nearest pack's first."""

    policy: Policy
    values: Mapping[str, DatedValue]
    since: date
    """The first day of these values; `date.min` before any of them."""


class _Book(NamedTuple):
    """The packs of one directory with their releases."""

    packs: dict[str, PackFile]
    values: dict[str, tuple[DatedValue, ...]]
    released: Released
    since: dict[str, int]
    closings: dict[str, list[tuple[int, date]]]


class Rulebook:
    """The built-in packs, and one's own beside them, read and checked once. An implementation of `Policies`.

    A policy's `version` is `RELEASE/FIRST_DAY`: the release that the values are of (`OWN+BUILT_IN` for a pack of one's
    own) and the first day on which exactly these values were in force. Released values never change, so the name of a
    policy, such as `jinhua@2026.1/2025-05-01`, tells its values for ever.
    """

    def __init__(self, *books: _Book) -> None:
        self._books = books
        self._book_of = {name: place for place, book in enumerate(books) for name in book.packs}
        latest = tuple(len(book.released.releases) - 1 for book in books)
        self._spans = {name: self._spans_of(name, latest) for name in self._book_of}
        self._named = lru_cache(maxsize=1_000)(self._find_named)

    @property
    def packs(self) -> Mapping[str, PackFile]:
        """All packs by name, in the order of names."""
        return {name: self._books[self._book_of[name]].packs[name] for name in sorted(self._book_of)}

    def of(self, pack: str, on: date) -> Policy:
        """The policy of a pack on a day. Raises `policy_unknown`."""
        return self.in_force(pack, on).policy

    def in_force(self, pack: str, on: date) -> InForce:
        """The policy and the values behind it. Raises `policy_unknown`."""
        spans = self._spans.get(pack)
        if spans is None:
            raise LedgerError("policy_unknown", pack=pack)
        starts, laws = spans
        return laws[bisect_right(starts, on) - 1]

    def spans(self, pack: str) -> tuple[InForce, ...]:
        """All that a pack ever says, in the order of days. Raises `policy_unknown`."""
        if pack not in self._spans:
            raise LedgerError("policy_unknown", pack=pack)
        return self._spans[pack][1]

    def chain(self, pack: str) -> tuple[str, ...]:
        """The pack, what it extends, and so on."""
        names = [pack]
        while (parent := self._pack(names[-1]).entry.extends) is not None:
            names.append(parent)
        return tuple(names)

    def values(self, pack: str) -> tuple[DatedValue, ...]:
        """The values that the pack itself has, of all days."""
        return self._books[self._book_of[pack]].values[pack]

    def named(self, name: str) -> InForce | None:
        """What a policy's name (`pack@version`, as events have it) stood for; None if this rulebook never had it."""
        return self._named(name)

    def rule(self, rule: str, policy: str) -> DatedValue | None:
        """The value of a rule under a policy's name, as `named`."""
        law = self.named(policy)
        return None if law is None else law.values.get(rule)

    def _pack(self, name: str) -> PackFile:
        return self._books[self._book_of[name]].packs[name]

    def _find_named(self, name: str) -> InForce | None:
        pack, _, version = name.partition("@")
        releases, _, first_day = version.partition("/")
        if pack not in self._book_of:
            return None
        try:
            since = date.fromisoformat(first_day)
        except ValueError:
            return None
        own = self._book_of[pack]
        versions = releases.split("+")
        places = [len(book.released.releases) - 1 for book in self._books]
        involved = self._involved(pack)
        if len(versions) != len(involved):
            return None
        for book, told in zip(involved, versions, strict=True):
            place = self._books[book].released.place(told)
            if place is None:
                return None
            places[book] = place
        if self._release_of_pack(pack) > places[own]:
            return None
        law = self._law(pack, since, tuple(places))
        return law if law.policy.name == name else None

    def _involved(self, pack: str) -> list[int]:
        """The books of the pack and what it extends, its own first."""
        return sorted({self._book_of[name] for name in self.chain(pack)}, reverse=True)

    def _release_of_pack(self, pack: str) -> int:
        releases = self._books[self._book_of[pack]].released.releases
        return next(place for place, release in enumerate(releases) if pack in release.packs)

    def _spans_of(self, pack: str, places: tuple[int, ...]) -> tuple[list[date], tuple[InForce, ...]]:
        starts = {date.min}
        for name in self.chain(pack):
            for _, start, end in self._ranges(name, places):
                starts |= {start} if end is None else {start, end + _DAY}
        laws: list[InForce] = []
        for start in sorted(starts):
            law = self._law(pack, start, places)
            if not laws or law.values != laws[-1].values:
                laws.append(law)
        return [law.since for law in laws], tuple(laws)

    def _ranges(self, pack: str, places: tuple[int, ...]) -> Iterator[tuple[DatedValue, date, date | None]]:
        """The pack's values as of these releases, with the days of each."""
        place = self._book_of[pack]
        book = self._books[place]
        known = [value for value in book.values[pack] if book.since[value.key] <= places[place]]
        following = {first.key: second for first, second in pairwise(known)}
        for value in known:
            end: date | None = None
            for release, until in book.closings.get(value.key, ()):
                if release <= places[place]:
                    end = until
            successor = following.get(value.key)
            if successor is not None and successor.rule == value.rule:
                end = successor.valid_from - _DAY
            yield value, value.valid_from, end

    def _law(self, pack: str, on: date, places: tuple[int, ...]) -> InForce:
        values: dict[str, DatedValue] = {}
        since = date.min
        for name in self.chain(pack):
            for value, start, end in self._ranges(name, places):
                if start <= on and (end is None or on <= end):
                    values.setdefault(value.rule, value)
                    since = max(since, start)
                elif end is not None and end < on:
                    since = max(since, end + _DAY)
        ordered = {rule: values[rule] for rule in RULES if rule in values}
        versions = [self._books[book].released.releases[places[book]].version for book in self._involved(pack)]
        version = f"{'+'.join(versions)}/{since.isoformat()}"
        return InForce(policy_of(pack, version, ordered), ordered, since)


def policy_of(pack: str, version: str, values: Mapping[str, DatedValue]) -> Policy:
    """The policy that these values make; a rule without a value leaves its fields as a new policy has them."""
    fields: dict[str, Any] = {}
    for rule, shape in RULES.items():
        value = values.get(rule)
        if value is None:
            continue
        for name, part in shape.items():
            if part.field is not None and name in value.parts:
                fields[part.field] = _field(part.field, value.units[name], value.parts[name])
    enforcement: dict[str, Enforcement] = {
        rule: value.enforcement for rule, value in values.items() if value.enforcement is not None
    }
    if fields.get("custody") == "risk_deposit" and "reserve.one_cycle" in values:
        fields["minimum_formula"] = "one_cycle"
        fields["minimum_months"] = values["reserve.one_cycle"].parts[""]
    elif "minimum.rolling_share" in values:
        fields["minimum_formula"] = "rolling_share"
    return Policy(pack=pack, version=version, enforcement=enforcement, **fields)


def _field(name: str, unit: str, value: Any) -> Any:
    if name in _PERIODS:
        # One object for each word: an event leaves a default out only if it is the very same.
        return Period(value, sys.intern(unit))  # pyright: ignore[reportArgumentType]
    match unit:
        case "time":
            return time.fromisoformat(value)
        case "choices" | "names":
            return tuple(value)
        case _:
            return value


def read_directory(directory: Path, inherited: Mapping[str, Any] | None = None) -> dict[str, PackFile]:
    """The packs of a directory without a fault, by name. Raises RulebookError with every fault that was found."""
    packs: list[PackFile] = []
    faults: list[Problem] = []
    unread: dict[str, Any] = {}
    for path in sorted(directory.glob("*.yaml")):
        try:
            packs.append(read_pack(path))
        except RulebookError as error:
            faults += error.problems
            unread[path.stem] = None
    faults += faults_of(packs, inherited=inherited or {}, unread=unread)
    if faults:
        raise RulebookError(faults)
    return {pack.name: pack for pack in packs}


def _book(directory: Path, inherited: Mapping[str, Any]) -> _Book:
    packs = read_directory(directory, inherited)
    released = read_released(directory)
    values = {name: tuple(values_of(pack)) for name, pack in packs.items()}
    parents = {name: pack.entry.extends for name, pack in packs.items()}
    faults = faults_of_released(released, parents, (value for own in values.values() for value in own))
    if faults:
        raise RulebookError(faults)
    return _Book(packs, values, released, released.since(), released.closings())


def load_rulebook(own: Path | None = None, *, built_in: Path = BUILT_IN) -> Rulebook:
    """The built-in packs and those of a directory of one's own.

    Raises RulebookError, with every fault at once, for packs that are wrong or not released; OSError for no directory.
    """
    base = _book(built_in, {})
    if own is None:
        return Rulebook(base)
    if not own.is_dir():
        raise NotADirectoryError(20, "not a directory of rule packs", str(own))
    return Rulebook(base, _book(own, base.packs))

"""What was released: a digest of every value, by release, so that no released value can be changed or removed unseen.

The release is also the rulebook's memory: it tells which values there were when an event named a version, even where
a value with an earlier day was added since.
"""

import re
from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path
from typing import Final

import msgspec

from ledger.rulebook.dated_value import DatedValue
from ledger.rulebook.problems import Problem, RulebookError, problem

RELEASED_FILE: Final = "released.json"
_VERSION: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9.-]{0,19}")


class Release(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """What came new with a version: digests by the value's key, last days by key, and what each new pack extends."""

    version: str
    packs: dict[str, str | None] = {}
    values: dict[str, str] = {}
    closed: dict[str, date] = {}


class Released(msgspec.Struct):
    """All releases of a directory, the oldest first."""

    releases: list[Release]

    def since(self) -> dict[str, int]:
        """For every released value the place of its release."""
        return {key: place for place, release in enumerate(self.releases) for key in release.values}

    def closings(self) -> dict[str, list[tuple[int, date]]]:
        """For every value that was given a last day: the place of the release, and the day."""
        found: dict[str, list[tuple[int, date]]] = {}
        for place, release in enumerate(self.releases):
            for key, until in release.closed.items():
                found.setdefault(key, []).append((place, until))
        return found

    def place(self, version: str) -> int | None:
        """The place of a version."""
        return next((place for place, release in enumerate(self.releases) if release.version == version), None)


def read_released(directory: Path) -> Released:
    """The releases of a directory, none where there is no file. Raises RulebookError `shape_wrong`."""
    path = directory / RELEASED_FILE
    if not path.exists():
        return Released([])
    try:
        return msgspec.json.decode(path.read_bytes(), type=Released)
    except msgspec.DecodeError as error:
        raise RulebookError([problem("shape_wrong", path.name, detail=error)]) from error


def faults_of_released(
    released: Released, packs: Mapping[str, str | None], values: Iterable[DatedValue]
) -> list[Problem]:
    """Released values that were changed or removed, and values that no release has."""
    now = {value.key: value for value in values}
    faults: list[Problem] = []
    known: set[str] = set()
    ends: dict[str, date] = {}
    for release in released.releases:
        for name, parent in release.packs.items():
            if name not in packs:
                faults.append(problem("value_removed", f"{name}.yaml", place="pack"))
            elif packs[name] != parent:
                faults.append(problem("value_changed", f"{name}.yaml", place="extends"))
        for key, digest in release.values.items():
            file, place = _place(key)
            if key not in now:
                faults.append(problem("value_removed", file, place=place))
            elif now[key].digest != digest:
                faults.append(problem("value_changed", file, place=place))
            known.add(key)
        ends |= release.closed
    for key, until in ends.items():
        if key in now and now[key].valid_until != until:
            file, place = _place(key)
            faults.append(problem("closing_changed", file, place=place, until=until))
    released_packs = {name for release in released.releases for name in release.packs}
    for name in packs.keys() - released_packs:
        faults.append(problem("value_unreleased", f"{name}.yaml", place="pack"))
    for key, value in now.items():
        if key not in known or (value.valid_until is not None and key not in ends):
            file, place = _place(key)
            faults.append(problem("value_unreleased", file, place=place))
    return faults


def release(directory: Path, version: str, packs: Mapping[str, str | None], values: Iterable[DatedValue]) -> Release:
    """Add what is new to the directory's releases.

    Raises RulebookError `release_malformed`, `release_twice`, `nothing_to_release`, `value_changed`, `value_removed`,
    `closing_changed`.
    """
    released = read_released(directory)
    if not _VERSION.fullmatch(version):
        raise RulebookError([problem("release_malformed", RELEASED_FILE, version=version)])
    if released.place(version) is not None:
        raise RulebookError([problem("release_twice", RELEASED_FILE, version=version)])
    values = list(values)
    faults = [fault for fault in faults_of_released(released, packs, values) if fault.kind != "value_unreleased"]
    if faults:
        raise RulebookError(faults)
    since, ends = released.since(), released.closings()
    known = {name for one in released.releases for name in one.packs}
    new = Release(
        version=version,
        packs={name: packs[name] for name in sorted(packs.keys() - known)},
        values={value.key: value.digest for value in values if value.key not in since},
        closed={
            value.key: value.valid_until for value in values if value.valid_until is not None and value.key not in ends
        },
    )
    if not (new.packs or new.values or new.closed):
        raise RulebookError([problem("nothing_to_release", RELEASED_FILE)])
    released.releases.append(new)
    text = msgspec.json.format(msgspec.json.encode(released), indent=1)
    (directory / RELEASED_FILE).write_bytes(text + b"\n")
    return new


def _place(key: str) -> tuple[str, str]:
    pack, _, rest = key.partition(" ")
    return f"{pack}.yaml", rest

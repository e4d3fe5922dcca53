"""Small packs in a directory of the test's own: written, changed and released as an operator would."""

from pathlib import Path
from typing import Any

from ledger.rulebook.dated_value import values_of
from ledger.rulebook.releases import Release, release
from ledger.rulebook.rulebook import BUILT_IN, Rulebook, load_rulebook, read_directory

CAP = "{value: 3, valid_from: 2025-01-01, dated: in_force}"
HEAD = """\
pack: own
title: {zh: 自定, en: Own}
jurisdiction: "3307"
"""
RULE = """\
  - id: fee.cap_months
    title: {zh: 时间跨度, en: Span}
    unit: months
    source: {issuer: us, document: letter 1, read: office}
    sure: D
    values:
"""


def pack_text(*values: str, extends: str = "national", head: str = HEAD, rule: str = RULE) -> str:
    """The file of pack `own` with one rule of these values."""
    return f"{head}extends: {extends}\nrules:\n{rule}" + "".join(f"      - {value}\n" for value in values)


class OwnPacks:
    """A directory of packs beside the built-in ones."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory

    def write(self, text: str, name: str = "own") -> None:
        """Replace the file of a pack."""
        (self.directory / f"{name}.yaml").write_text(text, encoding="utf-8")

    def release(self, version: str) -> Release:
        """Release what is new."""
        packs = read_directory(self.directory, inherited=read_directory(BUILT_IN))
        values = [value for pack in packs.values() for value in values_of(pack)]
        return release(self.directory, version, {name: pack.entry.extends for name, pack in packs.items()}, values)

    def load(self) -> Rulebook:
        """The rulebook with these packs."""
        return load_rulebook(self.directory)

    def written(self, text: str, version: str = "w1") -> Rulebook:
        """The rulebook after the pack was written and released."""
        self.write(text)
        self.release(version)
        return self.load()


def kinds(problems: tuple[Any, ...]) -> list[str]:
    """The kinds of problems, in order."""
    return [one.kind for one in problems]

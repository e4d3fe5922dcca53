"""A pack as it stands in its file: rules with dated values, their sources, and how sure we are of each."""

import re
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Final, Literal

import msgspec

from ledger.domain.policy import Enforcement
from ledger.rulebook.problems import RulebookError, problem
from ledger.rulebook.yaml_document import Document, read_yaml

Certainty = Literal["V", "C", "D"]
"""V: read in a public source; C: a consultation draft; D: our own default."""
Dating = Literal["in_force", "document", "year", "assumed"]
"""What `valid_from` is: the day it came into force; the document's day; the first day of the document's year; or only
assumed, since no date is known to us."""

_RULE_OF_PATH: Final = re.compile(r"\$\.rules\[(\d+)\]")


class Told(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The same in Chinese and in English."""

    zh: str
    en: str


class Source(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """Who says so, in which document and article, and where we read it."""

    issuer: str
    document: str
    read: str
    article: str = ""


class ValueEntry(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A value from a day on, until the next one's day or until `valid_until`, that day included."""

    value: int | str | bool | list[str] | dict[str, int | str | bool]
    valid_from: date
    valid_until: date | None = None
    dated: Dating
    enforcement: Enforcement | None = None
    source: Source | None = None
    sure: Certainty | None = None


class RuleEntry(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One rule. `source` and `sure` hold for every value that does not name its own; `unit` has one unit a part."""

    id: str
    title: Told
    unit: str | dict[str, str]
    values: list[ValueEntry]
    source: Source | None = None
    sure: Certainty | None = None
    note: Told | None = None


class PackEntry(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One pack. `jurisdiction` is a division's code (GB/T 2260), CN for the whole country, or `none`."""

    pack: Annotated[str, msgspec.Meta(pattern=r"^[a-z][a-z0-9-]{0,39}$")]
    title: Told
    jurisdiction: str
    extends: str | None = None
    note: Told | None = None
    rules: list[RuleEntry] = []


class PackFile(msgspec.Struct, frozen=True):
    """A pack with the file that it was read from."""

    entry: PackEntry
    document: Document

    @property
    def name(self) -> str:
        """The name by which accounts are assigned to it."""
        return self.entry.pack

    def problem(self, kind: str, rule: int | None = None, path: str = "", **figures: object) -> Any:
        """A fault of this file, at a rule by its place and a path within that rule."""
        if rule is None:
            return problem(kind, self.document.file, line=self.document.line(f"$.{path}"), place=path, **figures)
        whole = f"$.rules[{rule}]" + (f".{path}" if path else "")
        place = self.entry.rules[rule].id + (f" {path}" if path else "")
        return problem(kind, self.document.file, line=self.document.line(whole), place=place, **figures)


def read_pack(path: Path) -> PackFile:
    """The pack of a file, in its right shape. Raises RulebookError `shape_wrong`, `pack_misnamed` and those of YAML."""
    document = read_yaml(path)
    try:
        entry = msgspec.convert(document.data, PackEntry)
    except msgspec.ValidationError as error:
        detail, _, where = str(error).partition(" - at `")
        where = where.rstrip("`")
        fault = problem(
            "shape_wrong",
            path.name,
            line=document.line(where or "$"),
            place=_place(document.data, where),
            detail=detail,
        )
        raise RulebookError([fault]) from error
    file = PackFile(entry, document)
    if path.stem != entry.pack:
        raise RulebookError([file.problem("pack_misnamed", path="pack", pack=entry.pack, wanted=f"{entry.pack}.yaml")])
    return file


def _place(data: Any, path: str) -> str:
    """The path with the rule's id in front, if the rule has one."""
    found = _RULE_OF_PATH.match(path)
    if found is None:
        return path
    rule = data["rules"][int(found[1])]
    named = rule.get("id") if isinstance(rule, dict) else None  # pyright: ignore[reportUnknownVariableType, reportUnknownMemberType]
    return f"{named} {path[found.end() :].lstrip('.')}".strip() if isinstance(named, str) else path

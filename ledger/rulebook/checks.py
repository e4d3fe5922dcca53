"""What a pack must be beyond its shape: known rules, right units and values, and dates that neither overlap nor gap."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import time, timedelta
from typing import Any, cast

from ledger.rulebook.pack_file import PackFile, RuleEntry
from ledger.rulebook.problems import Problem
from ledger.rulebook.rule_table import RULES, Part, Shape

_DAY = timedelta(days=1)


def faults_of(packs: Sequence[PackFile], *, inherited: Mapping[str, Any], unread: Mapping[str, Any]) -> list[Problem]:
    """Every fault of these packs.

    They may extend those of another directory (`inherited`); of those that cannot be read, no more is said.
    """
    faults: list[Problem] = []
    names = {pack.name for pack in packs}
    for pack in packs:
        if pack.name in inherited:
            faults.append(pack.problem("pack_twice", path="pack", pack=pack.name))
        faults += _faults_of_rules(pack)
    parents = {pack.name: pack.entry.extends for pack in packs}
    for pack in packs:
        parent = pack.entry.extends
        if parent is None or parent in inherited or parent in unread:
            continue
        if parent not in names:
            faults.append(pack.problem("parent_unknown", path="extends", parent=parent))
        elif _comes_back(pack.name, parents):
            faults.append(pack.problem("parent_circle", path="extends", parent=parent))
    return faults


def faults_of_part(part: Part, unit: str, value: object) -> Iterator[tuple[str, dict[str, object]]]:
    """What is wrong with a part's unit and value: kinds of problems with their figures."""
    if unit not in part.units:
        yield "unit_wrong", {"unit": unit, "units": ", ".join(part.units)}
    elif not _fits(part, unit, value):
        yield "value_wrong", {"value": value, "unit": ", ".join(part.choices) or unit}


def _comes_back(name: str, parents: Mapping[str, str | None]) -> bool:
    seen = {name}
    parent = parents.get(name)
    while parent is not None and parent not in seen:
        seen.add(parent)
        parent = parents.get(parent)
    return parent is not None


def _faults_of_rules(pack: PackFile) -> list[Problem]:
    faults: list[Problem] = []
    seen: set[str] = set()
    for place, rule in enumerate(pack.entry.rules):
        if rule.id in seen:
            faults.append(pack.problem("rule_twice", place, "id"))
        seen.add(rule.id)
        shape = RULES.get(rule.id)
        if shape is None:
            faults.append(pack.problem("rule_unknown", place, "id"))
            continue
        if not rule.values:
            faults.append(pack.problem("values_missing", place, "values"))
        faults += _faults_of_values(pack, place, rule, shape)
        faults += _faults_of_dates(pack, place, rule)
    return faults


def _faults_of_values(pack: PackFile, place: int, rule: RuleEntry, shape: Shape) -> Iterator[Problem]:
    for index, entry in enumerate(rule.values):
        path = f"values[{index}]"
        if (entry.source or rule.source) is None:
            yield pack.problem("source_missing", place, path)
        if (entry.sure or rule.sure) is None:
            yield pack.problem("certainty_missing", place, path)
        parts = parts_of(shape, entry.value)
        units = units_of(shape, rule.unit)
        if parts is None or units is None:
            wrong, kind = (rule.unit, "unit") if units is None else (entry.value, "parts " + ", ".join(shape))
            yield pack.problem("value_wrong", place, "unit" if units is None else path, value=wrong, unit=kind)
            continue
        for name in sorted(parts.keys() - shape.keys()):
            yield pack.problem("part_unknown", place, path, part=name)
        for name in sorted(units.keys() - shape.keys()):
            yield pack.problem("part_unknown", place, "unit", part=name)
        for name, part in shape.items():
            if name not in parts:
                if not part.optional:
                    yield pack.problem("part_missing", place, path, part=name)
            elif name not in units:
                yield pack.problem("part_missing", place, "unit", part=name)
            else:
                for kind, figures in faults_of_part(part, units[name], parts[name]):
                    yield pack.problem(kind, place, "unit" if kind == "unit_wrong" else path, **figures)


def parts_of(shape: Shape, value: object) -> dict[str, Any] | None:
    """A value by its parts; None for a plain value where parts are needed."""
    if "" in shape:
        return {"": value}
    return cast(dict[str, Any], value) if isinstance(value, dict) else None


def units_of(shape: Shape, unit: str | dict[str, str]) -> dict[str, str] | None:
    """A unit by the parts of its value; None where it has not the form of the value."""
    if "" in shape:
        return {"": unit} if isinstance(unit, str) else None
    return unit if isinstance(unit, dict) else None


def _fits(part: Part, unit: str, value: object) -> bool:
    match unit:
        case "switch":
            return isinstance(value, bool)
        case "choice":
            return value in part.choices
        case "choices":
            return isinstance(value, list) and set(cast(list[Any], value)) <= set(part.choices)
        case "names":
            return isinstance(value, list)
        case "by_name" | "points":
            return isinstance(value, dict) and all(map(_is_count, cast(dict[str, Any], value).values()))
        case "time":
            return isinstance(value, str) and _is_time(value)
        case _:
            return _is_count(value)


def _is_count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _is_time(text: str) -> bool:
    try:
        return time.fromisoformat(text).tzinfo is None and len(text) == len("20:30")
    except ValueError:
        return False


def _faults_of_dates(pack: PackFile, place: int, rule: RuleEntry) -> Iterator[Problem]:
    for index, entry in enumerate(rule.values):
        path = f"values[{index}]"
        until = entry.valid_until
        if until is not None and until < entry.valid_from:
            yield pack.problem("range_empty", place, path, until=until)
        if index == 0:
            continue
        before = rule.values[index - 1]
        if entry.valid_from < before.valid_from:
            yield pack.problem("order_wrong", place, path)
        elif entry.valid_from == before.valid_from or (before.valid_until or before.valid_from) >= entry.valid_from:
            yield pack.problem("ranges_overlap", place, path, start=entry.valid_from)
        elif before.valid_until is not None and before.valid_until + _DAY < entry.valid_from:
            yield pack.problem("ranges_gap", place, path, start=entry.valid_from)

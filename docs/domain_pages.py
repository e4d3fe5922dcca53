"""Reference pages of the domain: events with their postings, commands with their refusals, and alert rules."""

import inspect
import re
from collections.abc import Callable
from datetime import date, datetime
from types import CodeType, UnionType
from typing import Any, Literal, Union, get_args, get_origin
from uuid import UUID

import msgspec
from page_text import code, codes, page, prose, table

from ledger.domain import commands
from ledger.domain.decisions import DECISIONS
from ledger.domain.decisions.context import Context, require_open
from ledger.domain.errors import CATALOGUE
from ledger.domain.events import TOPICS, BankEntryEvent, Event, Value
from ledger.domain.postings import ASSETS, LIABILITIES, POSTINGS
from ledger.domain.upcasts import UPCASTS
from ledger.projections.alert_rules import RULES

_NAMES = {int: "int", str: "text", bool: "bool", date: "date", datetime: "instant", UUID: "uuid", type(None): "null"}


def type_name(annotation: Any) -> str:
    """A field's type in words."""
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Literal:
        return ", ".join(map(str, arguments))
    if origin in (Union, UnionType):
        return " or ".join(type_name(one) for one in arguments)
    if origin is tuple:
        return f"list of {type_name(arguments[0])}"
    if origin is dict:
        return f"map of {type_name(arguments[0])} to {type_name(arguments[1])}"
    return _NAMES.get(annotation, getattr(annotation, "__name__", str(annotation)))


def _fields(struct: type[msgspec.Struct], base: type[msgspec.Struct] | None) -> str:
    inherited = {field.name for field in msgspec.structs.fields(base)} if base else set[str]()
    rows: list[tuple[str, str]] = []
    for field in msgspec.structs.fields(struct):
        if field.name not in inherited:
            optional = "" if field.required else "; optional"
            rows.append((code(field.name), type_name(field.type) + optional))
    return table(("field", "type"), rows) if rows else "No fields of its own."


class _Figure(str):
    """An amount or a name of an event that is not there: postings are read off as text."""

    def __neg__(self) -> "_Figure":
        return _Figure(f"-{self}")

    def __sub__(self, other: str) -> "_Figure":
        return _Figure(f"{self} - {other}")

    def __radd__(self, _: int) -> "_Figure":
        return _Figure(f"sum of {self}")

    def __getattr__(self, name: str) -> "_Figure":
        """A field of a part of the event."""
        return _Figure(f"{self}.{name}")


class _AnyLine:
    def __init__(self, lines: str) -> None:
        self._lines = lines

    def __getattr__(self, name: str) -> _Figure:
        return _Figure(f"{self._lines}[].{name}")


class _AnyEvent:
    def __getattr__(self, name: str) -> Any:
        return (_AnyLine(name),) if name in ("lines", "charged", "refunds") else _Figure(name)


def _postings(event: type[Event]) -> str:
    function: Callable[[Any], Any] = POSTINGS[event]
    parts: list[str] = []
    for bucket, owner, amount in function(_AnyEvent()):
        sign = "" if str(amount).startswith("-") else "+"
        parts.append(f"{bucket}{f'[{owner}]' if owner else ''} {sign}{amount}")
    return "; ".join(code(part) for part in parts)


def events_page() -> str:
    """`events.md`: every event with its topic, fields and postings."""
    rows = [
        (f"[{cls.__name__}](#{cls.__name__.lower()})", code(topic), _postings(cls) or "none")
        for topic, cls in TOPICS.items()
    ]
    parts = [
        "The facts of an account. A topic and the names of its fields are stored data and never change; a new shape is "
        "a new `class_version` with an upcast. Amounts are integer fen.",
        "## Fields of every event",
        prose(Event.__doc__),
        _fields(Event, None),
        "## Fields of an event made by a bank's entry",
        prose(BankEntryEvent.__doc__),
        _fields(BankEntryEvent, Event),
        "## Events and their postings",
        f"Over assets ({codes(ASSETS)}) and liabilities ({codes(LIABILITIES)}) a plus is an increase. Over every "
        "event the change of all assets equals the change of all liabilities.",
        table(("event", "topic", "postings (bucket[owner] amount)"), rows),
    ]
    for topic, cls in TOPICS.items():
        base = BankEntryEvent if issubclass(cls, BankEntryEvent) else Event
        facts = [f"Topic {code(topic)}, payload version {cls.class_version}."]
        if base is BankEntryEvent:
            facts.append("Made by a bank's entry.")
        older = [str(version) for name, version in UPCASTS if name == topic]
        if older:
            facts.append(f"Older versions are upcast on reading: {', '.join(older)}.")
        parts += [f"## {cls.__name__}", prose(cls.__doc__), " ".join(facts), _fields(cls, base)]
    parts.append("## Parts of events")
    for value in sorted(Value.__subclasses__(), key=lambda one: one.__name__):
        parts += [f"### {value.__name__}", prose(value.__doc__), _fields(value, None)]
    return page("Events", *parts)


class _Walk:
    """What a decision may refuse and cause: the codes and events named by it and by the domain functions it calls."""

    def __init__(self, function: Callable[..., Any]) -> None:
        self.refusals: set[str] = set()
        self.events: set[str] = set()
        self._seen: set[Callable[..., Any]] = set()
        self._follow(function)

    def _follow(self, function: Callable[..., Any]) -> None:
        if function in self._seen or not inspect.isfunction(function):
            return
        self._seen.add(function)
        self._look(function.__code__, function.__globals__)

    def _look(self, body: CodeType, names: dict[str, Any]) -> None:
        for constant in body.co_consts:
            if isinstance(constant, str) and constant in CATALOGUE:
                self.refusals.add(constant)
            elif isinstance(constant, CodeType):
                self._look(constant, names)
        for name in body.co_names:
            found: Any = Context.policy_of if name in ("policy_of", "ruled") else names.get(name)
            if inspect.isclass(found) and issubclass(found, Event):
                self.events.add(found.__name__)
            elif inspect.isfunction(found) and found.__module__.startswith("ledger.domain"):
                self._follow(found)


# Refused by the store, before or after the decision, and not by the decision itself.
_BY_UNIQUE_KEYS: dict[type[commands.Command], tuple[str, ...]] = {
    commands.OpenAccount: ("account_no_taken",),
    commands.PostDeposit: ("entry_reused",),
    commands.RecordUnexplainedDebit: ("entry_reused",),
    commands.RestoreUnexplainedDebit: ("entry_reused",),
    commands.SettleInstruction: ("entry_reused",),
}


def commands_page() -> str:
    """`commands.md`: every command with its fields, what it may cause, and what may refuse it."""
    parts = [
        "What an account can be asked. Each command is decided by one pure function (`ledger/domain/decisions/`); a "
        "refused command leaves no trace.",
        "## Of every command",
        prose(commands.Command.__doc__),
        _fields(commands.Command, None),
        f"Every command but `OpenAccount` may be refused with {codes(sorted(_Walk(require_open).refusals))}; every "
        "command with `date_in_future`, `date_too_early`, `version_mismatch`, `idempotency_key_reused`, `queue_full`, "
        "`ledger_stopping` and `outcome_unknown`. The refusals named below are those of the command itself.",
    ]
    for command, decision in DECISIONS.items():
        walk = _Walk(decision)
        refusals = sorted(walk.refusals | set(_BY_UNIQUE_KEYS.get(command, ())))
        parts += [
            f"## {command.__name__}",
            prose(command.__doc__),
            _fields(command, commands.Command),
            f"May cause: {codes(sorted(walk.events))}.",
            f"May be refused: {codes(refusals)}." if refusals else "Never refused by its own decision.",
        ]
    return page("Commands", *parts)


def alerts_page() -> str:
    """`alerts.md`: every alert rule."""
    parts = [
        "Rules of the view `alerts`, judged event by event without a clock. One alert is open for a rule and a "
        "subject at a time; it is resolved by the event at which the figures have recovered.",
        table(
            ("rule", "severity", "about", "source", "parameters"),
            [
                (
                    code(rule.id),
                    rule.severity,
                    rule.subject_kind,
                    rule.source,
                    codes(f"{name} = {value}" for name, value in rule.parameters.items()) or "none",
                )
                for rule in RULES
            ],
        ),
    ]
    for rule in RULES:
        sentences = [("raised", rule.en, rule.zh), ("resolved", rule.resolved_en, rule.resolved_zh)]
        parts += [f"## {rule.id}", table(("", "English", "中文"), sentences)]
    return page("Alert rules", *parts)


def figures_of(sentence: str) -> list[str]:
    """The names of the figures in a sentence."""
    return re.findall(r"{(\w+)}", sentence)

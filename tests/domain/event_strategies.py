"""Hypothesis strategies for every event class, made from the types of its fields."""

from datetime import UTC, date, datetime, time
from types import UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

import msgspec
from hypothesis import strategies as st

from ledger.domain.events import (
    TOPICS,
    ContinuityTransferred,
    DrawReversed,
    Event,
    OpeningBalanceImported,
    RefundPaidByInstitution,
    ReserveDrawn,
)
from ledger.domain.money import MAX_FEN

_BY_TYPE: dict[Any, st.SearchStrategy[Any]] = {
    int: st.integers(1, MAX_FEN),
    str: st.text(st.characters(codec="utf-8"), max_size=12),
    bool: st.booleans(),
    date: st.dates(date(2000, 1, 1), date(2100, 1, 1)),
    datetime: st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC)),
    time: st.times(),
    type(None): st.none(),
}


def of_type(kind: Any) -> st.SearchStrategy[Any]:
    """Values of one field's type."""
    origin, arguments = get_origin(kind), get_args(kind)
    if kind in _BY_TYPE:
        return _BY_TYPE[kind]
    if origin is Literal:
        return st.sampled_from(arguments)
    if origin in (Union, UnionType):
        return st.one_of(*map(of_type, arguments))
    if origin is tuple:
        return st.lists(of_type(arguments[0]), max_size=4).map(tuple)
    if origin is dict:
        return st.dictionaries(of_type(arguments[0]), of_type(arguments[1]), max_size=3)
    assert issubclass(kind, msgspec.Struct), kind
    fields = {name: hint for name, hint in get_type_hints(kind).items() if name in kind.__struct_fields__}
    return st.builds(kind, **{name: of_type(hint) for name, hint in fields.items()})


def _explain(event: Event) -> Event:
    """Some events say the same amount twice; a decision never lets the two differ."""
    if isinstance(event, DrawReversed):
        total = sum(line.amount_fen for line in event.lines)
        from_earned = min(event.from_earned_fen, total)
        return msgspec.structs.replace(event, from_earned_fen=from_earned, from_advance_fen=total - from_earned)
    if isinstance(event, RefundPaidByInstitution | ReserveDrawn):
        from_held = min(event.from_held_fen, event.amount_fen)
        from_advance = min(event.from_advance_fen, event.amount_fen - from_held)
        rest = event.amount_fen - from_held - from_advance
        return msgspec.structs.replace(
            event, from_held_fen=from_held, from_advance_fen=from_advance, to_earned_fen=rest
        )
    if isinstance(event, ContinuityTransferred):
        parts_fen = sum(part.amount_fen for part in (*event.lines, *event.refunds))
        return msgspec.structs.replace(event, amount_fen=parts_fen)
    if isinstance(event, OpeningBalanceImported):
        return msgspec.structs.replace(event, cash_fen=event.earned_fen + event.reserve_fen + event.suspense_fen)
    return event


def events(topic: str) -> st.SearchStrategy[Event]:
    """Any event of the topic."""
    return of_type(TOPICS[topic]).map(_explain)

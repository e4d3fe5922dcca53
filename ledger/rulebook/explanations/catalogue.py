"""All sentences, and how an event is told."""

from collections.abc import Mapping
from functools import cache
from typing import Any, Final, Literal, get_args, get_origin

import msgspec

from ledger.domain.events import Event
from ledger.rulebook.explanations import (
    account,
    cases,
    fees,
    instructions,
    lessons,
    money_in,
    payouts,
    refunds,
    supervision,
    wind_down,
)
from ledger.rulebook.explanations.wording import Teller, Told, fill

_GROUPS = (account, money_in, fees, lessons, payouts, instructions, refunds, supervision, cases, wind_down)

SENTENCES: Final[Mapping[type[Event], Told]] = {
    event: sentence for group in _GROUPS for event, sentence in group.SENTENCES.items()
}
"""For each event its sentence; `{field}` places take the event's fields as people read them."""
DETAILS: Final[Mapping[type[Event], Teller]] = {
    event: teller for group in _GROUPS for event, teller in group.DETAILS.items()
}
"""For events with arithmetic or parts: what is told beneath the sentence."""


_WORDS_AS_TEXT: Final = frozenset({"formula", "schedule"})
"""Fields with words of a list that is typed where they are decided."""


@cache
def words_of(event: type[Event]) -> frozenset[str]:
    """The fields of an event whose values are words of a list, which are told in either language."""
    return frozenset(
        field.name for field in msgspec.structs.fields(event) if _is_list(field.type) or field.name in _WORDS_AS_TEXT
    )


def _is_list(annotation: Any) -> bool:
    return get_origin(annotation) is Literal or any(get_origin(one) is Literal for one in get_args(annotation))


def tell(event: Event) -> list[Told]:
    """What happened: first one sentence, then its arithmetic, line by line."""
    kind = type(event)
    return [headline(event), *(DETAILS[kind](event) if kind in DETAILS else ())]


def headline(event: Event) -> Told:
    """What happened, in one sentence."""
    kind = type(event)
    fields = {name: getattr(event, name) for name in kind.__struct_fields__}
    return fill(SENTENCES[kind], fields, words=words_of(kind))

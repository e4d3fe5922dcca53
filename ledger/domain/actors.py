"""Who an event says it was: `role:client`, or `role:client/person`, each with `@authority+authority` for a regulator.

`client` is the API client or the page that asked; `person` is the opaque id of the human being whom it says it asked
for (the `Acting-Person` header, or a person's own log-in). Ids of persons are the role's: the same id of the same role
is the same person, whichever client named it. A client that names nobody is one person itself.
"""

from typing import NamedTuple

CLOCK = "clock"
"""The maker of what the daily close made: nobody in particular, so that anybody else is another person."""
_CLOSE = "close_day"


class Actor(NamedTuple):
    """The parts of an actor; `person` is empty where nobody was named."""

    role: str
    client: str
    person: str


def actor_name(role: str, client: str, *, person: str = "", acting: tuple[str, ...] = ()) -> str:
    """The text that events keep; `acting` are the codes of the authorities that a regulator acts for."""
    named = f"{role}:{client}/{person}" if person else f"{role}:{client}"
    return f"{named}@{'+'.join(acting)}" if acting else named


def read_actor(text: str) -> Actor:
    """The parts of an event's actor."""
    named, _, _ = text.partition("@")
    role, _, rest = named.partition(":")
    client, _, person = rest.partition("/")
    return Actor(role, client, person)


def maker_of(actor: str, cause: str) -> str:
    """Who made what an event orders: its actor, or the clock."""
    return CLOCK if cause == _CLOSE else actor


def is_same_person(one: str, other: str) -> bool:
    """Whether two actors may be one human being: the same person of a role, or one client that does not name both."""
    if CLOCK in (one, other):
        return False
    first, second = read_actor(one), read_actor(other)
    if first.role != second.role:
        return False
    if first.person and second.person:
        return first.person == second.person
    return first.client == second.client

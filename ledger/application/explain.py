"""Why was this decided: any event of the log in sentences, with the rules that decided it as they were then."""

from collections.abc import Mapping
from datetime import date, datetime
from uuid import UUID

import msgspec

from ledger.application.recording import ReadPool
from ledger.domain.errors import LedgerError
from ledger.domain.events import Event
from ledger.domain.partition import partition_of
from ledger.projections.history import RecordedPlace, find_event
from ledger.rulebook.dated_value import DatedValue
from ledger.rulebook.explanations.catalogue import headline, tell
from ledger.rulebook.pack_file import Certainty, Dating, Source
from ledger.rulebook.rulebook import Rulebook
from ledger.rulebook.value_words import CERTAINTY, value_in_words
from ledger.storage.mapper import decode_event


class Sentence(msgspec.Struct, frozen=True):
    """The same in English and Chinese."""

    en: str
    zh: str


class RuleShown(msgspec.Struct, frozen=True, kw_only=True):
    """A rule's value as it was in force, in words, with its source and how sure we are (V, C or D)."""

    rule: str
    title: Sentence
    value: Sentence
    pack: str
    valid_from: date
    dated: Dating
    sure: Certainty
    certainty: Sentence
    source: Source
    note: Sentence | None


class Explanation(msgspec.Struct, frozen=True, kw_only=True):
    """One event explained. The first of `sentences` says what happened, the others are its figures and arithmetic.

    `rules` are those that decided it, under the policy that the event names; `unknown_rules` are rule ids which that
    policy had no value for, or all of them where this rulebook never had the policy.
    """

    account_id: str
    version: int
    partition: int
    position: int
    topic: str
    recorded_at: datetime
    effective_on: date
    actor: str
    cause: str
    policy: str | None
    sentences: list[Sentence]
    rules: list[RuleShown]
    unknown_rules: list[str]


async def explain_event(
    pool: ReadPool, rulebook: Rulebook, *, partitions: int, account_id: UUID, version: int
) -> Explanation:
    """The `version`-th event of an account or a case. Raises `event_not_found`."""
    async with pool.connection() as connection:
        place = await find_event(
            connection,
            partition=partition_of(account_id, partitions),
            decode=decode_event,
            account_id=account_id,
            version=version,
        )
    if place is None:
        raise LedgerError("event_not_found", place=f"{account_id}/{version}")
    return explained(place, rulebook)


async def explain_position(pool: ReadPool, rulebook: Rulebook, *, partition: int, position: int) -> Explanation:
    """The event at a position of a partition. Raises `event_not_found`."""
    async with pool.connection() as connection:
        place = await find_event(connection, partition=partition, decode=decode_event, position=position)
    if place is None:
        raise LedgerError("event_not_found", place=f"{partition}:{position}")
    return explained(place, rulebook)


def explained(place: RecordedPlace, rulebook: Rulebook) -> Explanation:
    """The explanation of an event in its place."""
    event = place.event
    law = None if event.policy is None else rulebook.named(event.policy)
    values: Mapping[str, DatedValue] = {} if law is None else law.values
    return Explanation(
        account_id=str(place.account_id),
        version=place.version,
        partition=place.partition,
        position=place.position,
        topic=event.topic,
        recorded_at=event.recorded_at,
        effective_on=event.effective_on,
        actor=event.actor,
        cause=event.cause,
        policy=event.policy,
        sentences=[Sentence(told.en, told.zh) for told in tell(event)],
        rules=[rule_shown(values[rule]) for rule in event.rules if rule in values],
        unknown_rules=[rule for rule in event.rules if rule not in values],
    )


def in_one_sentence(event: Event) -> Sentence:
    """What the event says happened, without its arithmetic."""
    told = headline(event)
    return Sentence(told.en, told.zh)


def rule_shown(value: DatedValue) -> RuleShown:
    """A value with everything that is known of it."""
    words, certainty = value_in_words(value), CERTAINTY[value.sure]
    return RuleShown(
        rule=value.rule,
        title=Sentence(value.title.en, value.title.zh),
        value=Sentence(words.en, words.zh),
        pack=value.pack,
        valid_from=value.valid_from,
        dated=value.dated,
        sure=value.sure,
        certainty=Sentence(certainty.en, certainty.zh),
        source=value.source,
        note=None if value.note is None else Sentence(value.note.en, value.note.zh),
    )

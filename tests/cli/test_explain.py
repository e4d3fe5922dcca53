"""explain, for an event of every kind that the log can hold, in both languages and as the command prints it."""

import asyncio
import re
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import msgspec
import psycopg
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from psycopg import AsyncConnection
from psycopg_pool import AsyncConnectionPool

from ledger.application.explain import Explanation, explain_position
from ledger.domain.events import TOPICS, Event
from ledger.rulebook.rule_table import RULES
from ledger.rulebook.rulebook import load_rulebook
from ledger.storage.mapper import encode_event
from tests.cli.conftest import Escrow
from tests.domain.event_strategies import events

SLOW = (HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example)
NOW = datetime(2026, 9, 1, 4, tzinfo=UTC)
ACCOUNT = UUID("01890000-0000-7000-8000-0000000000e1")
RULEBOOK = load_rulebook()
POLICY = RULEBOOK.of("national", date(2026, 9, 1)).name
RULED = tuple(RULES)
CHINESE = re.compile(r"[\u4e00-\u9fff]")
ONE_OF_EACH_GROUP = {cls.__module__: topic for topic, cls in TOPICS.items()}.values()
ORDER = {topic: position for position, topic in enumerate(TOPICS, 1)}


def decided(event: Event) -> Event:
    """The event as the national pack's rules decided it."""
    return msgspec.structs.replace(event, recorded_at=NOW, policy=POLICY, rules=RULED, actor="clock", cause="close_day")


def record(url: str, told: dict[str, Event]) -> None:
    """One event of each topic, in the place of its order."""
    with psycopg.connect(url) as connection, connection.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO escrow.events (partition, position, account_id, version, topic, state, recorded_at,"
            " command_size) VALUES (0, %s, %s, %s, %s, %s, %s, 1) ON CONFLICT DO NOTHING",
            [
                (ORDER[topic], ACCOUNT, ORDER[topic], topic, encode_event(decided(event)).decode(), NOW)
                for topic, event in told.items()
            ],
        )


async def explain_all(url: str) -> dict[str, Explanation]:
    async with AsyncConnectionPool[AsyncConnection[Any]](url, min_size=1, open=False) as pool:
        return {
            topic: await explain_position(pool, RULEBOOK, partition=0, position=position)
            for topic, position in ORDER.items()
        }


@pytest.fixture
def explained(database_url: str) -> dict[str, Explanation]:
    """What is said of an event of every topic."""

    @settings(max_examples=1, phases=[Phase.generate], database=None, suppress_health_check=SLOW)
    @given(st.fixed_dictionaries({topic: events(topic) for topic in TOPICS}))
    def fill(told: dict[str, Event]) -> None:
        record(database_url, told)

    fill()
    return asyncio.run(explain_all(database_url))


def test_every_kind_of_event_is_explained_with_the_law_that_decided_it(explained: dict[str, Explanation]) -> None:
    assert explained.keys() == TOPICS.keys()
    for topic, explanation in explained.items():
        assert (explanation.topic, explanation.policy) == (topic, POLICY)
        assert explanation.sentences
        assert all(sentence.en and sentence.zh for sentence in explanation.sentences)
        assert CHINESE.search(explanation.sentences[0].zh)
        assert [rule.rule for rule in explanation.rules] + explanation.unknown_rules
        assert {rule.rule for rule in explanation.rules} | set(explanation.unknown_rules) == set(RULED)
        for rule in explanation.rules:
            assert rule.title.en
            assert rule.value.en
            assert CHINESE.search(rule.title.zh)
            assert rule.value.zh


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_command_prints_an_event_of_each_group(
    escrow: Escrow, explained: dict[str, Explanation], language: str
) -> None:
    for topic in ONE_OF_EACH_GROUP:
        position = ORDER[topic]
        ended = escrow("explain", f"0:{position}", "--lang", language)
        assert ended.status == 0
        heading, _, _, sentence, *_ = ended.out.split("\n")
        assert heading == f"{topic}  {ACCOUNT}/{position} (0:{position})"
        said = explained[topic].sentences[0]
        assert sentence == (said.zh if language == "zh" else said.en)

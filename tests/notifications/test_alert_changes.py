"""Every change of an alert is told once, in its order, with its sentences, and to its supervisors alone."""

from datetime import timedelta
from typing import Any

import pytest

from ledger.application.access import Bindings
from ledger.domain import commands as c
from ledger.notifications.audience import audience_of
from ledger.notifications.changes import Change
from ledger.notifications.cursor import Place, StreamCursor, read_cursor
from ledger.notifications.feed import Feed
from ledger.notifications.topics import TOPICS
from ledger.projections import alert_queries
from tests.notifications.conftest import DISTRICT, City
from tests.notifications.receiver import Receiver
from tests.storage.commands import DAY

pytestmark = pytest.mark.anyio

STORY = ["raised", "escalated", "acknowledged", "assigned", "silenced", "resolved"]
ALERTS = {f"alert.{change}" for change in STORY}


async def play(city: City) -> str:
    """All that can happen to an alert; its id."""
    at: dict[str, Any] = {"account_id": city.account_id, "effective_on": DAY}
    await city.do(c.SetMinimumBalance(**at, amount_fen=500, reason="size"))
    async with city.pool.connection() as connection:
        [alert] = await alert_queries.list_page(connection)
    about: dict[str, Any] = at | {
        "alert_id": alert.alert_id,
        "rule": alert.rule,
        "subject_kind": alert.subject_kind,
        "subject_id": alert.subject_id,
    }
    await city.do(c.EscalateAlert(**about, waits_since=DAY - timedelta(days=7)))
    await city.do(c.AcknowledgeAlert(**about, note="seen"))
    await city.do(c.AssignAlert(**about, assignee="officer-1"))
    await city.do(c.SilenceAlert(**about, reason="audit", until=DAY + timedelta(days=3)))
    await city.do(c.ResolveAlert(**about, reason="set by mistake"))
    return alert.alert_id


def test_there_is_a_topic_for_every_change() -> None:
    assert {topic for topic in TOPICS if topic.startswith("alert.")} == ALERTS


async def test_a_webhook_is_told_every_change_in_its_order(city: City) -> None:
    await city.client("city", "regulator", Bindings(districts=frozenset({"*"})))
    async with Receiver() as receiver:
        await city.endpoint("city", receiver.url, "alert.*")
        async with city.courier():
            alert_id = await play(city)
            got = await receiver.wait_for(len(STORY))
    told = [one.json for one in got]
    assert [one["type"] for one in told] == [f"alert.{change}" for change in STORY]
    assert {one["data"]["alert_id"] for one in told} == {alert_id}
    assert len({one.message_id for one in got}) == len(STORY)
    data = [one["data"] for one in told]
    assert [one["state"] for one in data] == ["raised", "raised", "acknowledged", "assigned", "silenced", "resolved"]
    assert [one["reason"] for one in data] == ["", "", "seen", "", "audit", "set by mistake"]
    assert (data[3]["assignee"], data[4]["until"]) == ("officer-1", (DAY + timedelta(days=3)).isoformat())
    for one in data:
        assert one["message"] == "Cash of 0 fen is 500 fen below the minimum balance of 500 fen."
        assert one["message_zh"] == "现金0分低于最低余额500分，差500分。"


@pytest.mark.parametrize("step", [1, 2, 5])
async def test_a_stream_of_alerts_is_resumed_without_loss_or_repetition(city: City, step: int) -> None:
    everybody = audience_of(Bindings(districts=frozenset({"*"})), {"alerts:read"}, ["alert.*"])
    await play(city)
    cursor = StreamCursor({partition: Place(0) for partition in range(4)})
    told: list[Change] = []
    async with Feed(city.url, poll_interval_s=0.02) as feed:
        while True:
            async with feed.stream(everybody, cursor) as stream:
                taken: list[Change] = []
                async for change in stream.earlier(city.pool):
                    taken.append(change)
                    if len(taken) == step:
                        break
                cursor = read_cursor(str(stream.cursor))
            told += taken
            if len(taken) < step:
                break
    assert [one.topic for one in told] == [f"alert.{change}" for change in STORY]


async def test_a_stream_that_is_open_is_told_as_it_happens(city: City) -> None:
    everybody = audience_of(Bindings(districts=frozenset({"*"})), {"alerts:read"}, ["alert.*"])
    async with Feed(city.url, poll_interval_s=0.02) as feed, feed.stream(everybody, None) as stream:
        await play(city)
        told = [await stream.next(10.0) for _ in STORY]
    assert [one.topic for one in told if one] == [f"alert.{change}" for change in STORY]


@pytest.mark.parametrize(
    ("bindings", "sees"),
    [
        (Bindings(districts=frozenset({DISTRICT})), True),
        (Bindings(districts=frozenset({DISTRICT}), authorities=frozenset({"education"})), True),
        (Bindings(districts=frozenset({DISTRICT}), authorities=frozenset({"sports"})), False),
        (Bindings(districts=frozenset({"*"}), authorities=frozenset({"sports"})), False),
        (Bindings(districts=frozenset({"310104"})), False),
    ],
)
async def test_an_authority_is_told_of_its_own_licences_alone(city: City, bindings: Bindings, sees: bool) -> None:
    await play(city)
    start = StreamCursor({partition: Place(0) for partition in range(4)})
    audience = audience_of(bindings, {"alerts:read"}, ())
    async with Feed(city.url, poll_interval_s=0.02) as feed, feed.stream(audience, start) as stream:
        told = [change async for change in stream.earlier(city.pool)]
    assert bool(told) is sees


async def test_without_the_permission_nobody_is_told_of_alerts() -> None:
    assert audience_of(Bindings(bank="ICBC"), {"instructions:read"}, ()).topics.isdisjoint(ALERTS)

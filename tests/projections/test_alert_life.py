"""The life of an alert, what readers see of it, and that a view made anew is the same."""

import asyncio
from datetime import date, time, timedelta
from itertools import count
from typing import Any

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg import AsyncConnection, sql

from ledger.domain.events import (
    AlertAcknowledged,
    AlertAssigned,
    AlertEscalated,
    AlertResolved,
    AlertSilenced,
    AlertSilenceEnded,
    FindingRecorded,
    InstitutionFactRecorded,
    MinimumBalanceHeld,
    PremisesRecorded,
    TimetableCourse,
    TimetableRecorded,
)
from ledger.projections import alert_queries
from ledger.projections.alert_records import Alert
from ledger.projections.alerts import Alerts
from ledger.projections.paging import Cursor, Scope
from ledger.projections.rebuild import rebuild
from ledger.storage.mapper import decode_event
from tests.projections.alert_judge import Judge, rows_of
from tests.projections.log_writer import DAY, LogWriter, account_id, writing
from tests.projections.stored import follow, followed, heads

RULE = "balance.below_minimum"


class Life(Judge):
    """An account without cash, whose minimum balance is asked and given up."""

    def trip(self, *, day: int = 0, **said: Any) -> None:
        self.tell(MinimumBalanceHeld, day=day, amount_fen=1, formula="fixed", inputs={}, **said)

    def recover(self, *, day: int = 0) -> None:
        self.tell(MinimumBalanceHeld, day=day, amount_fen=0, formula="fixed", inputs={})

    def last(self) -> Alert:
        return self.alerts(RULE)[-1]

    def decide(self, kind: type[Any], *, day: int = 0, actor: str = "regulator:a", **said: Any) -> None:
        """About the last alert, unless another is named."""
        fields: dict[str, Any] = {"alert_id": self.last().alert_id, "rule": RULE, "subject_kind": "account"} | said
        self.tell(kind, day=day, actor=actor, subject_id=str(self.account), **fields)

    def story(self) -> list[str]:
        return [change.change for change in self.changes(RULE)]


@pytest.fixture
def life() -> Life:
    one = Life()
    one.trip()
    return one


def test_raised_acknowledged_assigned_resolved(life: Life) -> None:
    assert (life.last().state, life.last().waits_since) == ("raised", DAY)
    life.decide(AlertAcknowledged, day=1, note="seen")
    assert (life.last().state, life.last().acknowledged_by) == ("acknowledged", "regulator:a")
    life.decide(AlertAssigned, day=2, assignee="officer-1")
    life.decide(AlertAssigned, day=3, assignee="officer-2", actor="regulator:b")
    assert (life.last().state, life.last().assignee) == ("assigned", "officer-2")
    life.decide(AlertResolved, day=4, reason="the floor was set by mistake")
    alert = life.last()
    assert (alert.state, alert.resolved_by, alert.resolution) == (
        "resolved",
        "regulator:a",
        "the floor was set by mistake",
    )
    told = [(one.change, one.actor, one.reason, one.assignee) for one in life.changes(RULE)]
    assert told == [
        ("raised", "regulator:test", "", ""),
        ("acknowledged", "regulator:a", "seen", ""),
        ("assigned", "regulator:a", "", "officer-1"),
        ("assigned", "regulator:b", "", "officer-2"),
        ("resolved", "regulator:a", "the floor was set by mistake", "officer-2"),
    ]


def test_one_alert_is_open_for_a_rule_and_subject(life: Life) -> None:
    life.trip(day=1)
    life.trip(day=2)
    assert len(life.alerts(RULE)) == 1
    life.decide(AlertResolved, day=3, reason="known")
    life.trip(day=4)
    assert [one.state for one in life.alerts(RULE)] == ["resolved", "raised"]


def test_figures_that_recover_resolve_an_alert_whoever_has_it(life: Life) -> None:
    life.decide(AlertAssigned, assignee="officer-1")
    life.recover(day=1)
    assert (life.last().state, life.last().resolved_by, life.last().assignee) == ("resolved", "", "officer-1")


def test_what_was_decided_about_another_alert_changes_nothing(life: Life) -> None:
    first = life.last().alert_id
    life.recover(day=1)
    life.decide(AlertAcknowledged, day=1)
    life.trip(day=2)
    decisions: tuple[tuple[type[Any], dict[str, Any]], ...] = (
        (AlertAcknowledged, {}),
        (AlertAssigned, {"assignee": "officer-1"}),
        (AlertResolved, {"reason": "late"}),
        (AlertEscalated, {"waits_since": DAY, "due_on": DAY}),
    )
    for kind, said in decisions:
        life.decide(kind, day=3, alert_id=first, **said)
    assert life.last().state == "raised"
    assert life.story() == ["raised", "resolved", "raised"]


def silence(life: Life, *, day: int = 0, until: int) -> None:
    life.decide(AlertSilenced, day=day, reason="audit runs", until=DAY + timedelta(days=until))


def test_a_silence_holds_through_its_last_day_for_new_alerts_too(life: Life) -> None:
    silence(life, until=10)
    assert (life.last().state, life.last().silenced_until) == ("silenced", DAY + timedelta(days=10))
    life.recover(day=9)
    life.trip(day=10)
    assert life.last().state == "silenced"
    life.recover(day=10)
    life.trip(day=11)
    assert life.last().state == "raised"
    assert life.story() == ["raised", "silenced", "resolved", "silenced", "resolved", "raised"]


def test_a_silence_that_ran_out_lets_the_alert_call_again(life: Life) -> None:
    life.decide(AlertEscalated, day=3, actor="clock:close-day", waits_since=DAY, due_on=DAY + timedelta(days=2))
    silence(life, day=4, until=10)
    life.decide(AlertSilenceEnded, day=11, actor="clock:close-day", until=DAY + timedelta(days=9))  # of another
    assert life.last().state == "silenced"
    life.decide(AlertSilenceEnded, day=11, actor="clock:close-day", until=DAY + timedelta(days=10))
    alert = life.last()
    assert (alert.state, alert.silenced_until, alert.escalated_on) == ("raised", None, None)
    assert alert.waits_since == DAY + timedelta(days=11)
    assert life.story() == ["raised", "escalated", "silenced", "raised"]


def test_whoever_takes_a_silenced_alert_up_ends_its_silence(life: Life) -> None:
    silence(life, until=10)
    life.decide(AlertAcknowledged, day=1)
    life.decide(AlertSilenceEnded, day=11, until=DAY + timedelta(days=10))
    assert (life.last().state, life.last().silenced_until) == ("acknowledged", None)


def test_an_alert_is_escalated_once_and_only_while_nobody_acts(life: Life) -> None:
    due: dict[str, Any] = {"waits_since": DAY, "due_on": DAY + timedelta(days=1)}
    life.decide(AlertEscalated, day=2, actor="clock:close-day", **due)
    life.decide(AlertEscalated, day=3, actor="clock:close-day", **due)
    assert (life.last().state, life.last().escalated_on) == ("raised", DAY + timedelta(days=2))
    life.decide(AlertAcknowledged, day=3)
    life.decide(AlertResolved, day=3, reason="done")
    life.trip(day=4)
    life.decide(AlertAcknowledged, day=4)
    life.decide(AlertEscalated, day=6, actor="clock:close-day", **due)
    assert life.last().escalated_on is None
    assert life.story().count("escalated") == 1


# In the store

TOLD = st.lists(st.tuples(st.integers(0, 23), st.integers(0, 6)), min_size=10, max_size=80)


def told(life: Life, draws: list[tuple[int, int]]) -> None:
    """A story of everything that alerts are made of and changed by."""
    life.trip()
    day = 0
    for kind, pick in draws:
        day += pick // 3
        match kind:
            case 0 | 1:
                life.trip(day=day)
            case 2 | 3:
                life.recover(day=day)
            case 4:
                life.decide(AlertAcknowledged, day=day, note="n" * pick)
            case 5:
                life.decide(AlertAssigned, day=day, assignee=f"officer-{pick}")
            case 6:
                life.decide(AlertResolved, day=day, reason="known")
            case 7 | 8:
                silence(life, day=day, until=day + pick)
            case 9 | 10:
                until = life.last().silenced_until or DAY
                life.decide(AlertSilenceEnded, day=day, until=until)
            case 11:
                life.decide(AlertEscalated, day=day, waits_since=DAY, due_on=DAY + timedelta(days=1))
            case 12:
                life.fee(1_000 * (pick + 1), day=day)
            case 13:
                life.debit(1 + pick, day=day)
            case 14:
                life.reserve(10 * pick + 1, day=day)
            case 15:
                life.lesson(f"l-{len(life.said)}", time(8 + pick), day=day, teacher_id="t1", room_id=f"r{pick}")
            case 16:
                life.draw(5, silent=5, day=day)
            case 17:
                life.confirmed(f"c{pick}", after_s=600, device="d1", day=day)
            case 18:
                life.tell(PremisesRecorded, day=day, opens_at=time(10), closes_at=time(20), rooms={"r1": 1})
            case 19:
                courses = (TimetableCourse(course_id="k", seats=pick, price_fen=100_000),)
                month = date(2026, 1 + pick % 3, 1)
                life.tell(TimetableRecorded, day=day, month_starts_on=month, courses=courses)
            case 20 | 21:
                fact = ("legal_person_changed", "promotion_spike", "capital_cut", "teachers_left", "head_count")[
                    pick % 5
                ]
                life.tell(InstitutionFactRecorded, day=day, kind=fact, value=2, before=1, source="register")
            case _:
                life.tell(
                    FindingRecorded,
                    day=day,
                    kind="paid_elsewhere",
                    rule="fee.off_book",
                    subject_kind="report",
                    subject_id=f"case-{pick}",
                    figures={"amount_fen": 1, "report": f"case-{pick}"},
                    source="complaint",
                )


def store(writer: LogWriter, life: Judge, rows: slice = slice(None)) -> None:
    """Append what was told, or a part of it."""
    told_rows = rows_of(life)[rows]
    if told_rows:
        writer.append(0, told_rows)


def by_id(life: Judge) -> list[Alert]:
    return sorted(life.view.rows[0], key=lambda one: one.alert_id)


def stored(url: str) -> list[list[tuple[Any, ...]]]:
    """Every row of the view's tables, as text in the order of their text."""
    with psycopg.connect(url) as connection:
        query = sql.SQL('SELECT t::text COLLATE "C" AS row FROM {} t ORDER BY row')
        return [connection.execute(query.format(table.identifier)).fetchall() for table in Alerts.tables]


ALONE = (Alerts,)
"""Other views ask for more of a story than this view does."""
NUMBERS = count(1)


@given(draws=TOLD, cut=st.integers(0, 100))
@settings(max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
def test_alerts_made_anew_are_those_that_were_followed(
    database_url: str, draws: list[tuple[int, int]], cut: int
) -> None:
    life = Life(account_id(next(NUMBERS)), start=heads(database_url)[0])
    told(life, draws)

    async def example() -> list[Alert]:
        with writing(database_url) as writer:
            store(writer, life, slice(0, cut))
            await follow(database_url, views=ALONE, most_rows=0)
            store(writer, life, slice(cut, None))
        await follow(database_url, views=ALONE, batch=7)
        async with await AsyncConnection[Any].connect(database_url) as connection:
            found = await alert_queries.list_page(connection, account_id=life.account, limit=500)
        seen = stored(database_url)
        await rebuild(database_url, decode_event, views=ALONE, batch=5)
        assert stored(database_url) == seen
        return sorted(found, key=lambda one: one.alert_id)

    assert asyncio.run(example()) == by_id(life)


@pytest.mark.anyio
async def test_an_alert_is_found_by_what_it_is_and_told_with_its_history(database_url: str, life: Life) -> None:
    life.decide(AlertAssigned, assignee="officer-1")
    life.tell(InstitutionFactRecorded, kind="capital_cut", value=1, before=2, source="register")
    life.decide(AlertEscalated, rule="institution.runaway", alert_id=life.only("institution.runaway").alert_id,
                waits_since=DAY, due_on=DAY)  # fmt: skip
    with writing(database_url) as writer:
        store(writer, life)
    async with followed(database_url) as connection:

        async def rules(**asked: Any) -> list[str]:
            return [one.rule for one in await alert_queries.list_page(connection, **asked)]

        assert await rules() == [RULE, "institution.runaway"]
        assert await rules(state="assigned") == await rules(assignee="officer-1") == [RULE]
        assert await rules(escalated=True) == await rules(state="raised") == ["institution.runaway"]
        assert await rules(escalated=False) == [RULE]
        assert await rules(district="310115", severity="red") == [RULE, "institution.runaway"]
        assert await rules(district="310104") == await rules(severity="yellow") == []
        assert await rules(after=Cursor(0, 2, 0)) == ["institution.runaway"]
        counted = [(one.rule, one.state, one.alerts) for one in await alert_queries.counts(connection)]
        assert counted == [(RULE, "assigned", 1), ("institution.runaway", "raised", 1)]
        changes = await alert_queries.list_changes(connection, alert_id=life.only(RULE).alert_id)
        assert changes == life.changes(RULE)


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("scope", "sees"),
    [
        (Scope(districts=("310115",)), True),
        (Scope(districts=("310115",), authorities=("edu",)), True),
        (Scope(districts=("310115",), authorities=("culture",)), True),
        (Scope(districts=("310115",), authorities=("sports",)), False),
        (Scope(districts=("310104",)), False),
        (Scope(districts=("310104",), authorities=("edu",)), False),
        (Scope(family_ids=("family-1",)), False),
        (Scope(institution_ids=()), False),
    ],
)
async def test_both_authorities_of_a_licence_see_its_alerts_and_no_other_does(
    database_url: str, life: Life, scope: Scope, sees: bool
) -> None:
    alert_id = life.last().alert_id
    with writing(database_url) as writer:
        store(writer, life)
    async with followed(database_url) as connection:
        assert (await alert_queries.get(connection, alert_id, scope=scope) is not None) is sees
        assert bool(await alert_queries.list_page(connection, scope=scope)) is sees
        assert bool(await alert_queries.list_changes(connection, scope=scope)) is sees
        assert bool(await alert_queries.counts(connection, scope=scope)) is sees

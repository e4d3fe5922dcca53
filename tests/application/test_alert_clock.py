"""What the daily close does about alerts: once, whoever asks how often, and killed wherever."""

import os
import subprocess
import sys
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from ledger.application.alerts import act_on_alert, alert_history, find_alert
from ledger.application.caller import Caller
from ledger.application.case_clock import close_cases
from ledger.domain import commands as c
from ledger.domain.errors import LedgerError
from ledger.projections import case_queries
from ledger.projections.alert_rules import BY_ID
from ledger.projections.paging import EVERYTHING, Scope
from ledger.rulebook.rulebook import load_rulebook
from tests.application.alert_books import (
    CLOCK,
    OFFICER,
    account_of,
    act,
    close,
    on,
    open_account,
    raise_alert,
    sign,
    the_alert,
)
from tests.application.case_books import Books, books_over

pytestmark = pytest.mark.anyio
ROOT = Path(__file__).parents[2]


@pytest.fixture
async def books(database_url: str) -> Any:
    async with books_over(database_url) as opened:
        yield opened


async def count(books: Books, topic: str) -> int:
    """How often that was recorded, over all accounts."""
    async with books.reader.pool.connection() as connection:
        found = await connection.execute("SELECT count(*) FROM escrow.events WHERE topic = %s", [topic])
        row = await found.fetchone()
    assert row is not None
    return row[0]


# The default policy: one working day to act; `DAY` is a Monday.


@pytest.mark.parametrize(("days", "escalated"), [(0, 0), (1, 0), (2, 1), (9, 1)])
async def test_an_alert_on_which_nobody_acts_is_escalated_after_its_time(
    books: Books, days: int, escalated: int
) -> None:
    await raise_alert(books, await open_account(books, 1))
    assert (await close(books, days)).escalated == escalated
    alert = await the_alert(books, account_of(1))
    assert (alert.state, alert.escalated_on) == ("raised", on(days) if escalated else None)
    assert await count(books, "account.alert_escalated") == escalated


async def test_a_weekend_is_no_time_in_which_to_act(books: Books) -> None:
    await open_account(books, 1)
    await close(books, 4)  # Friday
    await raise_alert(books, account_of(1))
    assert (await close(books, 6)).escalated == 0
    assert (await close(books, 7)).escalated == 0
    assert (await close(books, 8)).escalated == 1


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        (c.AcknowledgeAlert, {}),
        (c.AssignAlert, {"assignee": "officer-1"}),
        (c.ResolveAlert, {"reason": "known"}),
        (c.SilenceAlert, {"reason": "audit", "until": on(30)}),
    ],
)
async def test_whoever_acts_in_time_is_not_gone_over(books: Books, kind: Any, said: dict[str, Any]) -> None:
    alert = await raise_alert(books, await open_account(books, 1))
    await act(books, kind, alert, **said)
    assert (await close(books, 9)).escalated == 0


async def test_a_silence_ends_after_its_last_day_and_the_alert_waits_anew(books: Books) -> None:
    alert = await raise_alert(books, await open_account(books, 1))
    await act(books, c.SilenceAlert, alert, reason="audit", until=on(7))
    assert (await close(books, 7)).silences_ended == 0
    closed = await close(books, 8)
    assert (closed.silences_ended, closed.escalated, closed.refused) == (1, 0, {})
    alert = await the_alert(books, account_of(1))
    assert (alert.state, alert.waits_since) == ("raised", on(8))
    assert (await close(books, 9)).escalated == 0
    assert (await close(books, 10)).escalated == 1
    changes = (await alert_history(books.reader, alert.alert_id, EVERYTHING)).changes
    assert [one.change for one in changes] == ["raised", "silenced", "raised", "escalated"]
    assert [one.actor for one in changes[2:]] == [CLOCK.actor] * 2


async def test_the_same_day_twice_changes_nothing(books: Books) -> None:
    for number in range(1, 6):
        await raise_alert(books, await open_account(books, number))
    first = await close(books, 2, page=2)
    again = await close(books, 2, page=2)
    assert (first.escalated, again.escalated) == (5, 0)
    assert await count(books, "account.alert_escalated") == 5


async def test_a_district_closes_its_own_alerts(books: Books) -> None:
    await raise_alert(books, await open_account(books, 1))
    await raise_alert(books, await open_account(books, 2, district="330703"))
    assert (await close(books, 2, scope=Scope(districts=("330703",)))).escalated == 1
    assert (await the_alert(books, account_of(1))).escalated_on is None


def killed_at(url: str, days: int, crash_point: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "tests.application.alert_close_process", url, on(days).isoformat()],
        cwd=ROOT,
        env=os.environ | {"ESCROW_CRASH_POINT": crash_point},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


@pytest.mark.parametrize("crash_point", ["writer.decided:1", "writer.appended:1", "alerts.page:1", "alerts.page:2"])
async def test_a_close_that_was_killed_is_gone_on_with(database_url: str, crash_point: str) -> None:
    async with books_over(database_url) as books:
        for number in range(1, 4):
            alert = await raise_alert(books, await open_account(books, number))
            if number == 1:
                await act(books, c.SilenceAlert, alert, reason="audit", until=on(1))
    killed = killed_at(database_url, 2, crash_point)
    assert killed.returncode == -9, killed.stderr
    again = killed_at(database_url, 2)
    assert again.returncode == 0, again.stderr
    async with books_over(database_url) as books:
        assert await count(books, "account.alert_escalated") == 2
        assert await count(books, "account.alert_silence_ended") == 1
        states = [(await the_alert(books, account_of(number))).escalated_on for number in (1, 2, 3)]
        assert states == [None, on(2), on(2)]


# Charges that are split over accounts


async def splits(books: Books, **second: Any) -> int:
    """What a close finds of a child with a contract in each of two accounts."""
    for number in (1, 2):
        await open_account(books, number, pack="capped")
    await sign(books, account_of(1), "c1")
    await sign(books, account_of(2), "c2", **second)
    return (await close(books, 0)).splits


@pytest.mark.parametrize(("lessons", "found"), [(19, 0), (20, 0), (21, 1)])
async def test_lessons_in_two_accounts_are_one_charge(books: Books, lessons: int, found: int) -> None:
    assert await splits(books, lessons=lessons) == found
    assert await count(books, "account.finding_recorded") == found
    if found:
        alert = await the_alert(books, account_of(2), "fee.cap_lessons")
        assert (alert.subject_kind, alert.subject_id) == ("student", "student-1/piano")
        assert alert.message == (
            "Charges for piano of student student-1 in 2 accounts of the institution (2 contracts) add up to "
            "41 lessons, above the cap of 40."
        )
        assert "合计41（lessons），超过上限40" in alert.message_zh
        assert (await close(books, 1)).splits == 0
        assert await count(books, "account.finding_recorded") == 1


@pytest.mark.parametrize(("price_fen", "found"), [(3_000, 0), (3_001, 1)])
async def test_fees_in_two_accounts_are_one_charge(books: Books, price_fen: int, found: int) -> None:
    assert await splits(books, price_fen=price_fen) == found


@pytest.mark.parametrize(
    "second",
    [
        {"student_id": "student-2"},
        {"subject": "dance"},
        {"lessons": 41},  # that is the account's own to tell of
    ],
)
async def test_what_is_no_split_charge(books: Books, second: dict[str, Any]) -> None:
    assert await splits(books, **{"lessons": 21} | second) == 0


# Cases, and whoever acts


async def test_an_alert_opens_a_case_once_where_the_pack_says_so(books: Books) -> None:
    for number, pack in ((1, "alerting"), (2, "default"), (3, "alerting")):
        alert = await raise_alert(books, await open_account(books, number, pack=pack))
        if number == 3:
            await act(books, c.SilenceAlert, alert, reason="audit", until=on(30))
    for _ in range(2):
        await close_cases(books.ledger, books.reader, CLOCK, scope=EVERYTHING, on=on(0))
        await books.reader.catch_up()
    async with books.reader.pool.connection() as connection:
        [case] = await case_queries.list_page(connection, scope=EVERYTHING)
    assert (case.kind, case.about_account_id, case.source) == ("clue", str(account_of(1)), "clock")
    assert case.reason.startswith("balance.below_minimum: Cash of 0 fen")


def test_the_national_pack_opens_cases_by_rules_that_there_are() -> None:
    named = load_rulebook().of("national", date(2026, 3, 2)).case_from_alerts
    assert named
    assert {BY_ID[rule].severity for rule in named} == {"red"}


def asked(number: int, actor: str = "regulator:officer") -> Caller:
    return Caller(actor, UUID(int=number), b"asked")


async def test_a_request_repeated_after_the_end_is_answered_as_at_first(books: Books) -> None:
    alert = await raise_alert(books, await open_account(books, 1))
    about: dict[str, Any] = {"alert_id": alert.alert_id, "scope": EVERYTHING}
    first = await act_on_alert(books.ledger, books.reader, asked(1), c.AcknowledgeAlert, **about)
    await act(books, c.ResolveAlert, alert, reason="known")
    again = await act_on_alert(books.ledger, books.reader, asked(1), c.AcknowledgeAlert, **about)
    assert (again.replayed, again.version) == (True, first.version)
    late: tuple[tuple[type[c.AlertCommand], dict[str, Any]], ...] = (
        (c.AcknowledgeAlert, {}),
        (c.ResolveAlert, {"reason": "twice"}),
    )
    for kind, said in late:
        with pytest.raises(LedgerError) as refused:
            await act_on_alert(books.ledger, books.reader, asked(2), kind, **about, **said)
        assert refused.value.code == "alert_resolved"


async def test_an_alert_that_somebody_has_waits_for_no_acknowledgement(books: Books) -> None:
    alert = await raise_alert(books, await open_account(books, 1))
    await act(books, c.AssignAlert, alert, assignee="officer-1")
    with pytest.raises(LedgerError) as refused:
        await act(books, c.AcknowledgeAlert, alert)
    assert (refused.value.code, refused.value.figures["state"]) == ("alert_acknowledged", "assigned")


@pytest.mark.parametrize(("until", "refused"), [(-1, True), (0, False), (90, False), (91, True)])
async def test_a_silence_is_no_longer_than_the_policy_lets_it_be(books: Books, until: int, refused: bool) -> None:
    alert = await raise_alert(books, await open_account(books, 1))
    if not refused:
        await act(books, c.SilenceAlert, alert, reason="audit", until=on(until))
        assert (await the_alert(books, account_of(1))).silenced_until == on(until)
        return
    with pytest.raises(LedgerError) as told:
        await act(books, c.SilenceAlert, alert, reason="audit", until=on(until))
    assert told.value.code == "alert_silence_wrong"


async def test_an_alert_outside_the_scope_is_not_there(books: Books) -> None:
    alert = await raise_alert(books, await open_account(books, 1))
    for scope in (Scope(districts=("330703",)), Scope(districts=("330702",), authorities=("health",))):
        with pytest.raises(LedgerError) as refused:
            await find_alert(books.reader, alert.alert_id, scope)
        assert refused.value.code == "alert_not_found"
    both = [Scope(districts=("330702",), authorities=(one,)) for one in ("education", "sports")]
    assert [await find_alert(books.reader, alert.alert_id, one) for one in both] == [alert, alert]


async def test_the_clock_is_told_when_it_comes_too_early(books: Books) -> None:
    alert = await raise_alert(books, await open_account(books, 1))
    await act(books, c.SilenceAlert, alert, reason="audit", until=on(0))
    for kind, said, code in (
        (c.EndAlertSilence, {"until": on(0)}, "alert_still_silenced"),
        (c.EscalateAlert, {"waits_since": on(0)}, "alert_not_due"),
    ):
        with pytest.raises(LedgerError) as refused:
            await act(books, kind, alert, **said)
        assert refused.value.code == code
    assert OFFICER.actor.startswith("regulator")

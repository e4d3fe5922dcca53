"""The law changes and history does not: the same state to the byte, and each event explained by the law it had."""

import asyncio
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
from psycopg import AsyncConnection
from psycopg_pool import AsyncConnectionPool

from ledger.application.explain import Explanation, explain_event
from ledger.application.ledger import Ledger, Request
from ledger.domain import commands as c
from ledger.domain.events import Package, RefundRequested
from ledger.rulebook.rulebook import Rulebook
from ledger.storage.mapper import decode_event, encode_account
from tests.conftest import PARTITIONS
from tests.rulebook.own_packs import OwnPacks, pack_text

ACCOUNT = UUID("01890000-0000-7000-8000-000000000001")
DAY = date(2026, 3, 2)
NOW = datetime(2026, 3, 2, 8, tzinfo=UTC)
EVENTS = "SELECT version, topic, state FROM escrow.events WHERE account_id = %s ORDER BY version"

RULE = """\
  - id: refund.deemed_agreed_after
    title: {zh: 答复期限, en: Answer}
    unit: working_days
    source: {issuer: us, document: letter 1, read: office}
    sure: D
    values:
"""
FIVE = "{value: 5, valid_from: 2025-01-01, dated: in_force}"
TWO = "{value: 2, valid_from: 2026-02-01, dated: in_force}"


def _contract(number: int) -> c.SignContract:
    return c.SignContract(
        account_id=ACCOUNT,
        effective_on=DAY,
        contract_id=f"contract-{number}",
        contract_no=f"C{number}",
        family_id="family-1",
        student_id="student-1",
        course_id="course-1",
        subject="piano",
        category="arts",
        starts_on=DAY,
        ends_on=date(2026, 6, 2),
        lesson_minutes=45,
        packages=(Package(number=1, price_fen=90_000, paid_lessons=9, list_price_fen=90_000),),
    )


def _paid(number: int) -> list[c.Command]:
    at: dict[str, Any] = {"account_id": ACCOUNT, "effective_on": DAY}
    entry: dict[str, Any] = {"bank": "ICBK", "digest": "d", "bank_reference": f"E{number}", "suspense_id": f"s{number}"}
    return [
        _contract(number),
        c.PostDeposit(**at, **entry, amount_fen=90_000, contract_reference=f"C{number}", payer_route="route-1"),
        c.DeliverLesson(
            **at, lesson_id=f"lesson-{number}", course_id="course-1", minutes=45, contracts=(f"contract-{number}",)
        ),
    ]


def _refund(number: int) -> c.RequestRefund:
    return c.RequestRefund(
        account_id=ACCOUNT,
        effective_on=DAY,
        refund_id=f"refund-{number}",
        contract_id=f"contract-{number}",
        reason="moved away",
    )


OPENED = c.OpenAccount(
    account_id=ACCOUNT,
    effective_on=DAY,
    institution_id="institution-1",
    bank="ICBK",
    account_no="6222-1",
    district="330702",
    authorities=("330702",),
    pack="own",
)


def _record(url: str, rulebook: Rulebook, *commands: c.Command) -> bytes:
    """Record them under this law; the account's state afterwards, replayed from the log."""

    async def run() -> bytes:
        async with Ledger(url, PARTITIONS, clock=lambda: NOW, policies=rulebook) as ledger:
            for command in commands:
                await ledger.execute(Request(command, "regulator:test", UUID(int=hash(command) % 2**128), b"h"))
            return encode_account(ledger.account_at_version(ACCOUNT))

    return asyncio.run(run())


def _events(url: str) -> list[tuple[int, str, str]]:
    with psycopg.connect(url) as connection:
        return connection.execute(EVENTS, [ACCOUNT]).fetchall()


def _asked(url: str) -> list[tuple[int, RefundRequested]]:
    found = [(version, decode_event(topic, state)) for version, topic, state in _events(url)]
    return [(version, event) for version, event in found if isinstance(event, RefundRequested)]


def _explain(url: str, rulebook: Rulebook, version: int) -> Explanation:
    async def run() -> Explanation:
        async with AsyncConnectionPool[AsyncConnection[Any]](url, min_size=1, open=False) as pool:
            return await explain_event(pool, rulebook, partitions=PARTITIONS, account_id=ACCOUNT, version=version)

    return asyncio.run(run())


def test_a_changed_pack_changes_what_comes_and_nothing_that_was(database_url: str, tmp_path: Path) -> None:
    own = OwnPacks(tmp_path)
    first = own.written(pack_text(FIVE, rule=RULE, extends="default"))
    state = _record(database_url, first, OPENED, *_paid(1), *_paid(2), _refund(1))
    events = _events(database_url)

    second = own.written(pack_text(FIVE, TWO, rule=RULE, extends="default"), "w2")
    assert second.of("own", DAY) != first.of("own", DAY)
    assert _record(database_url, second) == state
    assert _events(database_url) == events

    _record(database_url, second, _refund(2))
    assert _events(database_url)[: len(events)] == events
    (version_1, asked_1), (version_2, asked_2) = _asked(database_url)
    assert (asked_1.policy, asked_1.answer_due_on) == ("own@w1+2026.1/2025-01-01", date(2026, 3, 9))
    assert (asked_2.policy, asked_2.answer_due_on) == ("own@w2+2026.1/2026-02-01", date(2026, 3, 4))

    for version, days in ((version_1, "5 working days"), (version_2, "2 working days")):
        explanation = _explain(database_url, second, version)
        assert [rule.value.en for rule in explanation.rules] == [days]
        assert explanation.rules[0].source.document == "letter 1"
        assert explanation.unknown_rules == []


def test_an_event_of_a_rulebook_that_is_not_here_names_what_is_missing(database_url: str, tmp_path: Path) -> None:
    own = OwnPacks(tmp_path)
    rulebook = own.written(pack_text(FIVE, rule=RULE, extends="default"))
    _record(database_url, rulebook, OPENED, *_paid(1), _refund(1))
    ((version, asked),) = _asked(database_url)
    (own.directory / "own.yaml").unlink()
    (own.directory / "released.json").unlink()
    explanation = _explain(database_url, own.load(), version)
    assert explanation.policy == asked.policy
    assert (explanation.rules, explanation.unknown_rules) == ([], ["refund.deemed_agreed_after"])

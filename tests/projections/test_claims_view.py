"""Claims as readers get them: what was claimed, given, paid, bounced, lost or taken elsewhere; rebuilt as followed."""

import asyncio
import contextlib
from itertools import count
from typing import Any
from uuid import UUID

import psycopg
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg import AsyncConnection

from ledger.domain.commands import (
    AcceptContinuity,
    CloseWindDown,
    Command,
    ContinueWindDown,
    DistributeClaims,
    NotifyClosure,
    OfferContinuity,
    PostDeposit,
    RecordUnexplainedDebit,
    RestoreUnexplainedDebit,
    SettleInstruction,
    StartWindDown,
)
from ledger.domain.continuity_commands import transfer_commands
from ledger.domain.errors import LedgerError
from ledger.domain.events import Event
from ledger.domain.wind_down import totals
from ledger.notifications.changes import read_changes
from ledger.projections import claims
from ledger.projections.claim_rows import ClaimRow, WindDownRow
from ledger.projections.compare import compare
from ledger.projections.paging import EVERYTHING, Cursor, Scope
from ledger.projections.rebuild import rebuild
from ledger.projections.runner import Runner
from ledger.storage.mapper import decode_event
from tests.projections.log_writer import DAY, LogWriter, account_id, writing
from tests.projections.random_commands import DRAWS, Draw, command
from tests.projections.stored import PATIENCE_S, contents, follow, heads


class Town:
    """Two institutions in the log: families of the old one, which closes, may go on in the new one."""

    def __init__(self, writer: LogWriter, number: int = 1) -> None:
        self.writer = writer
        self.number = number
        self.old_id, self.new_id = account_id(2 * number), account_id(2 * number + 1, 1)
        self._entries = 0

    def open(self, *paid_fen: int) -> None:
        self.writer.open(self.old_id)
        self.writer.open(self.new_id, institution="inst-2")
        for number, amount_fen in enumerate(paid_fen, 1):
            contract_id = f"{self.number}-c{number}"
            self.writer.sign(self.old_id, contract_id, price_fen=amount_fen, family=f"family-{number}")
            self.writer.deposit(self.old_id, f"{self.number}-entry-{number}", amount_fen, contract=contract_id)

    def record(self, rows: list[tuple[UUID, int, Event]]) -> bool:
        """Append what was decided; False when nothing happened."""
        if rows:
            self.writer.append(rows[0][0].int % 4, rows)
        return bool(rows)

    def old(self, kind: type[Command], /, **said: Any) -> bool:
        """Let the old institution's account decide and record."""
        return self.record(self.writer.decide(kind(account_id=self.old_id, effective_on=DAY, **said)))

    def new(self, kind: type[Command], /, **said: Any) -> bool:
        """The same for the new one's."""
        return self.record(self.writer.decide(kind(account_id=self.new_id, effective_on=DAY, **said)))

    def entry(self) -> dict[str, Any]:
        """An entry of the bank's books of its own."""
        self._entries += 1
        return {"bank": "ICBK", "bank_reference": f"{self.number}-own-{self._entries}", "digest": "0"}

    def seize(self, amount_fen: int) -> None:
        self.old(RecordUnexplainedDebit, kind="seizure", amount_fen=amount_fen, **self.entry())

    def work_through(self) -> None:
        while self.old(ContinueWindDown):
            pass

    def bank(self, outcome: str = "settled") -> None:
        """The bank speaks of everything that waits for it."""
        for instruction_id, one in list(self.writer.account(self.old_id).instructions.items()):
            if one.state == "pending":
                said = {"instruction_id": instruction_id, "amount_fen": one.amount_fen, "reason": "closed"}
                self.old(SettleInstruction, outcome=outcome, **said, **self.entry())

    def offer_and_accept(self, contract_id: str) -> None:
        offer = {"course_id": "course-2", "lesson_minutes": 60, "ends_on": DAY, "until_on": DAY}
        with contextlib.suppress(LedgerError):
            self.new(OfferContinuity, offer_id="offer", from_account_id=str(self.old_id), **offer)
        self.old(AcceptContinuity, contract_id=contract_id, offer_id="offer", to_account_id=str(self.new_id))

    def move(self, contract_id: str) -> str:
        """Both halves of a transfer; its id."""
        account = self.writer.account(self.old_id)
        planned = transfer_commands(account, contract_id, to_bank="ICBK", to_account_no="62", on=DAY)
        for half in planned:
            self.record(self.writer.decide(half))
        return planned.leave.transfer_id


async def read(url: str, account: UUID, scope: Scope = EVERYTHING) -> tuple[WindDownRow | None, list[ClaimRow]]:
    """The wind-down and its claims as a reader sees them."""
    async with await AsyncConnection.connect(url) as connection:
        return (
            await claims.get_wind_down(connection, account, scope=scope),
            await claims.list_page(connection, account_id=account, scope=scope),
        )


def test_a_claim_is_followed_from_its_arithmetic_to_what_was_lost(database_url: str) -> None:
    with writing(database_url) as writer:
        town = Town(writer)
        town.open(100_000, 300_000)
        town.old(NotifyClosure, closes_on=DAY, reason="lease")
        town.seize(100_000)
        town.old(StartWindDown, reason="order")
        town.work_through()
        town.old(DistributeClaims)
        town.work_through()
        town.bank("rejected")
        town.work_through()
        town.bank()
        town.old(CloseWindDown)
    asyncio.run(follow(database_url))
    wind_down, rows = asyncio.run(read(database_url, town.old_id))
    assert wind_down is not None
    assert (wind_down.state, wind_down.by, wind_down.claims, wind_down.claims_fen) == ("closed", "order", 2, 400_000)
    assert (wind_down.cash_fen, wind_down.exposure_fen, wind_down.contracts) == (300_000, 100_000, 2)
    assert (wind_down.paid_fen, wind_down.lost_fen, wind_down.institution_fen) == (300_000, 100_000, 0)
    [distribution] = wind_down.distributions
    assert (distribution.amount_fen, distribution.allocated_fen, distribution.handed_out) == (300_000, 300_000, 2)
    first, _ = rows
    assert (first.contract_id, first.family_id, first.refund_id) == ("1-c1", "family-1", "1-c1.wind-down")
    assert (first.claim_fen, first.allocated_fen, first.paid_fen, first.uncovered_fen) == (
        100_000,
        75_000,
        75_000,
        25_000,
    )
    assert (first.bounces, first.bounced_fen, first.in_flight_fen) == (1, 75_000, 0)
    assert [(line.basis, line.refund_fen) for line in first.lines] == [("closure", 100_000)]
    assert [(r.route, r.amount_fen) for r in first.routes] == [("route-1-entry-1", 100_000)]


def test_readers_see_their_own_claims_page_by_page(database_url: str) -> None:
    with writing(database_url) as writer:
        town = Town(writer)
        town.open(1000, 2000, 3000)
        town.old(StartWindDown, reason="order")
        town.work_through()
        town.old(DistributeClaims)
        town.work_through()
    asyncio.run(follow(database_url))
    wind_down, rows = asyncio.run(read(database_url, town.old_id))
    assert wind_down is not None
    assert [row.in_flight_fen for row in rows] == [1000, 2000, 3000]

    async def pages() -> list[str]:
        async with await AsyncConnection.connect(database_url) as connection:
            [first] = await claims.list_page(connection, account_id=town.old_id, limit=1)
            after = Cursor(first.partition, first.position, first.ordinal)
            rest = await claims.list_page(connection, account_id=town.old_id, after=after)
            [running] = await claims.list_wind_downs(connection, state="winding_down")
            assert running.account_id == str(town.old_id)
            assert await claims.list_wind_downs(connection, state="closed") == []
            return [row.contract_id for row in (first, *rest)]

    assert asyncio.run(pages()) == ["1-c1", "1-c2", "1-c3"]
    _, own = asyncio.run(read(database_url, town.old_id, Scope(family_ids=("family-2",))))
    assert [row.contract_id for row in own] == ["1-c2"]
    assert asyncio.run(read(database_url, town.old_id, Scope(institution_ids=("inst-2",)))) == (None, [])


def test_what_went_on_elsewhere_shows_in_both_contracts_and_as_an_order_to_the_bank(database_url: str) -> None:
    with writing(database_url) as writer:
        town = Town(writer)
        town.open(1000, 2000)
        town.old(StartWindDown, reason="order")
        town.work_through()
        town.offer_and_accept("1-c1")
        town.old(DistributeClaims)
        town.work_through()
        transfer_id = town.move("1-c1")
        town.bank()
        town.new(
            PostDeposit,
            amount_fen=1000,
            contract_reference=transfer_id,
            payer_route="x",
            suspense_id="s",
            **town.entry(),
        )
    asyncio.run(follow(database_url))
    wind_down, rows = asyncio.run(read(database_url, town.old_id))
    assert wind_down is not None
    assert (wind_down.transferred_fen, wind_down.paid_fen) == (1000, 2000)
    assert [(row.transferred_fen, row.paid_fen, row.to_account_id) for row in rows] == [
        (1000, 0, str(town.new_id)),
        (0, 2000, ""),
    ]
    with psycopg.connect(database_url) as connection:
        found = connection.execute(
            "SELECT state, kind, amount_fen, route FROM escrow_views.instructions WHERE subject_id = %s", [transfer_id]
        ).fetchall()
        assert found == [("settled", "transfer", 1000, "ICBK/62")]
        balance = connection.execute(
            "SELECT cash_fen, in_transit_fen, prepaid_fen FROM escrow_views.balances WHERE account_id = %s",
            [town.new_id],
        ).fetchone()
        assert balance == (1000, 0, 1000)
        state = connection.execute(
            "SELECT state, paid_fen FROM escrow_views.refunds WHERE refund_id = '1-c1.wind-down'"
        ).fetchone()
        assert state == ("paid", 1000)
        paid = connection.execute(
            "SELECT paid_fen, prepaid_fen FROM escrow_views.contracts WHERE account_id = %s", [town.new_id]
        ).fetchone()
        assert paid == (1000, 1000)

    async def told() -> list[tuple[str, str]]:
        async with await AsyncConnection.connect(database_url) as connection:
            changes = await read_changes(connection, 0, after=0, through=heads(database_url)[0])
            return [(one.topic, one.data["subject_id"]) for one in changes if one.data.get("kind") == "transfer"]

    assert asyncio.run(told()) == [("instruction.given", transfer_id), ("instruction.settled", transfer_id)]


def play(town: Town, kinds: list[Draw]) -> None:
    """What may happen in a wind-down, as far as it is accepted."""
    for draw in kinds:
        with contextlib.suppress(LedgerError):
            match draw.kind % 9:
                case 0 | 1:
                    town.old(ContinueWindDown)
                case 2:
                    town.old(DistributeClaims)
                case 3:
                    town.bank("rejected" if draw.pick % 3 == 0 else "settled")
                case 4:
                    town.old(RestoreUnexplainedDebit, amount_fen=draw.amount_fen, **town.entry())
                case 5:
                    town.offer_and_accept(_pick(town, draw))
                case 6:
                    town.move(_pick(town, draw))
                case 7:
                    town.old(CloseWindDown, reason="closed accounts")
                case _:
                    town.record(town.writer.decide(command(town.writer.account(town.old_id), draw)))


def _pick(town: Town, draw: Draw) -> str:
    names = sorted(town.writer.account(town.old_id).contracts)
    return names[draw.pick % len(names)] if names else "none"


NUMBERS = count(10)
"""Of accounts: each example has two of its own in the one database."""


@given(before=st.lists(DRAWS, max_size=40), after=st.lists(DRAWS, max_size=60), batch=st.integers(1, 30))
@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
def test_rebuilt_equals_followed_and_both_say_what_the_account_says(
    database_url: str, before: list[Draw], after: list[Draw], batch: int
) -> None:
    async def example() -> None:
        with writing(database_url) as writer:
            town = Town(writer, next(NUMBERS))
            town.open(40_000, 9_000, 500)
            async with Runner(database_url, decode_event, poll_interval_s=0.01, batch=batch, most_rows=3) as runner:
                for draw in before:
                    with contextlib.suppress(LedgerError):
                        town.record(writer.decide(command(writer.account(town.old_id), draw)))
                town.old(StartWindDown, reason="order")
                play(town, after)
                for partition, head in heads(database_url).items():
                    await runner.wait_for(partition, head, PATIENCE_S)
            account = writer.account(town.old_id)
        await follow(database_url)
        before_rebuild = contents(database_url)
        async with await AsyncConnection.connect(database_url, autocommit=True) as connection:
            assert await compare(connection, decode_event) == []
        await rebuild(database_url, decode_event, batch=7)
        assert contents(database_url) == before_rebuild
        wind_down, rows = await read(database_url, town.old_id)
        assert wind_down is not None
        report = totals(account)
        assert (wind_down.claims_fen, wind_down.paid_fen, wind_down.transferred_fen) == (
            report.claims_fen,
            report.paid_fen,
            report.transferred_fen,
        )
        assert sum(row.uncovered_fen for row in rows) == report.lost_fen
        assert sum(row.allocated_fen - row.paid_fen - row.transferred_fen for row in rows) == report.held_fen

    asyncio.run(example())

"""A wind-down from the first family to the report on a real store, with bounces, and killed wherever it can be.

`TORTURE_ROUNDS` plays it with 5,000 families; it takes about a minute then.
"""

import asyncio
import os
import subprocess
import sys
import time
from collections import Counter
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import psycopg
import pytest
from psycopg import AsyncConnection

from ledger.application.continuity import carry_out_transfers
from ledger.application.ledger import Ledger
from ledger.application.verification.verify import verify
from ledger.application.wind_down import close_wind_down, distribute_claims, go_on, notify_closure, start_wind_down
from ledger.domain.account import EscrowAccount
from ledger.domain.commands import PostDeposit, RestoreUnexplainedDebit
from ledger.domain.events import WindDownClosed
from ledger.domain.wind_down import totals
from ledger.projections import claims
from ledger.projections.compare import compare
from ledger.storage.mapper import decode_event
from tests.application.ending_town import (
    BANK,
    PRICE_FEN,
    bank_returns,
    bank_speaks,
    caller,
    contract_ids,
    fill,
    new_ledger,
    offer_and_accept,
    open_account,
    owed_fen,
    record_all,
    seize,
)
from tests.projections.stored import follow

pytestmark = pytest.mark.anyio
ROOT = Path(__file__).parents[2]
FAMILIES = 5_000 if "TORTURE_ROUNDS" in os.environ else 300


async def _account(ledger: Ledger, account_id: UUID) -> EscrowAccount:
    return await asyncio.to_thread(ledger.account_at_version, account_id)


async def test_every_family_gets_its_share_twice_and_every_fen_is_accounted_for(database_url: str) -> None:
    started = time.monotonic()
    owed = owed_fen(FAMILIES)
    async with new_ledger(database_url) as ledger:
        account_id = await open_account(ledger, "inst-1")
        await fill(ledger, account_id, FAMILIES)
        seized_fen = (await _account(ledger, account_id)).buckets.cash // 3
        await seize(ledger, account_id, seized_fen)
        filled = time.monotonic()
        today = ledger.today()
        await start_wind_down(ledger, caller("start"), account_id=account_id, reason="order", on=today)
        recorded = time.monotonic()
        await distribute_claims(ledger, caller("first"), account_id=account_id, on=today)
        shared = time.monotonic()
        account = await _account(ledger, account_id)
        assert sum(account.refunds[r].given_fen for r in account.refunds) == account.buckets.cash
        assert await bank_speaks(ledger, account_id, "a", bounces=7) > 0
        assert await bank_returns(ledger, account_id, "b", every=11) > 0
        await go_on(ledger, "clock:test", account_id)
        assert await bank_speaks(ledger, account_id, "c", bounces=13) > 0
        account = await _account(ledger, account_id)
        waiting = [r for r in account.unpaid_refunds if account.refunds[r].to_instruct_fen]
        assert waiting, "what bounced twice waits for people"
        await record_all(
            ledger,
            [
                RestoreUnexplainedDebit(
                    account_id=account_id,
                    effective_on=today,
                    bank=BANK,
                    bank_reference="restored",
                    digest="d",
                    amount_fen=seized_fen,
                ),
                PostDeposit(
                    account_id=account_id,
                    effective_on=today,
                    bank=BANK,
                    bank_reference="late",
                    amount_fen=77,
                    contract_reference="c00000",
                    payer_route="late-route",
                    suspense_id="s-late",
                    digest="d",
                ),
            ],
        )
        await distribute_claims(ledger, caller("second"), account_id=account_id, on=today)
        await bank_speaks(ledger, account_id, "d")
        account = await _account(ledger, account_id)
        report = totals(account)
        assert (report.claims_fen, report.lost_fen) == (owed, 0)
        assert report.paid_fen + report.held_fen == owed
        assert account.buckets.cash == report.held_fen + report.institution_fen
        outcome = await close_wind_down(
            ledger, caller("close"), account_id=account_id, reason="closed accounts of payers", on=today
        )
        [closed] = outcome.events
        assert isinstance(closed, WindDownClosed)
        assert (closed.contracts, closed.distributions, closed.held_fen) == (FAMILIES, 2, report.held_fen)
    await follow(database_url)
    done = time.monotonic()
    _require_routes(database_url, account_id)
    async with await AsyncConnection.connect(database_url, autocommit=True) as connection:
        assert await compare(connection, decode_event) == []
        seen = await claims.get_wind_down(connection, account_id)
    assert seen is not None
    assert (seen.claims, seen.claims_fen, seen.paid_fen) == (FAMILIES, owed, report.paid_fen)
    assert (await asyncio.to_thread(verify, database_url, processes=1)).differences == []
    print(
        f"{FAMILIES} families: filled {filled - started:.1f} s, claims {recorded - filled:.1f} s, "
        f"shared {shared - recorded:.1f} s, all {done - started:.1f} s"
    )


def _require_routes(url: str, account_id: UUID) -> None:
    """No route got more than it paid, net of what came back, and no family more than it was owed."""
    with psycopg.connect(url) as connection:
        rows = connection.execute(
            "SELECT leg ->> 'route', sum((leg ->> 'amount_fen')::bigint) FROM escrow_views.refunds r,"
            " jsonb_array_elements(r.legs) AS leg WHERE r.account_id = %s AND leg ->> 'state' = 'paid' GROUP BY 1",
            [account_id],
        ).fetchall()
        families = connection.execute(
            "SELECT family_id, sum(paid_fen) FROM escrow_views.claims WHERE account_id = %s GROUP BY 1", [account_id]
        ).fetchall()
    assert rows
    for route, amount_fen in rows:
        assert amount_fen <= (4_000 if route.endswith("-1") else 6_000), route
    for number, (_, paid_fen) in enumerate(sorted(families)):
        assert paid_fen <= PRICE_FEN - number % 4 * 1_000


def _process(url: str, old: UUID, crash_point: str = "") -> "subprocess.CompletedProcess[str]":
    """A process that winds `old` up: started, shared, moved; by the same requests whenever it runs again."""
    return subprocess.run(
        [sys.executable, "-m", "tests.application.wind_down_process", url, str(old)],
        cwd=ROOT,
        env={"PATH": "", "ESCROW_CRASH_POINT": crash_point},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def _events(url: str, account_id: UUID) -> Counter[str]:
    with psycopg.connect(url) as connection:
        rows = connection.execute(
            "SELECT topic, count(*) FROM escrow.events WHERE account_id = %s GROUP BY topic", [account_id]
        ).fetchall()
    return Counter(dict(rows))


async def _two(ledger: Ledger, families: int) -> tuple[UUID, UUID]:
    """An institution that ends short of cash, and one where every fifth family chose to go on."""
    old, new = await open_account(ledger, "inst-old"), await open_account(ledger, "inst-new")
    await fill(ledger, old, families)
    await seize(ledger, old, 3 * PRICE_FEN)
    return old, new


POINTS = [
    ("wind_down.page", 1),
    ("wind_down.page", 2),
    ("wind_down.page", 4),
    ("wind_down.page", 7),
    ("writer.decided", 1),
    ("writer.decided", 3),
    ("writer.appended", 2),
    ("writer.appended", 5),
    ("continuity.planned", 2),
    ("continuity.moved", 1),
    ("continuity.moved", 3),
]


async def test_a_wind_down_killed_at_any_point_ends_as_if_nothing_had_happened(database_url: str) -> None:
    families = 250
    async with new_ledger(database_url) as ledger:
        pairs = [await _two(ledger, families) for _ in range(len(POINTS) + 1)]
        for old, new in pairs:
            closes_on = ledger.today() + timedelta(days=30)
            notice = caller(f"notice-{old}")
            await notify_closure(ledger, notice, account_id=old, closes_on=closes_on, reason="lease", on=ledger.today())
            await offer_and_accept(ledger, old, new, contract_ids(families)[::50], closes_on)
    [(control, control_new), *others] = pairs
    assert _process(database_url, control).returncode == 0
    expected = _events(database_url, control)
    assert expected["account.continuity_transferred"] == families // 50
    async with new_ledger(database_url) as ledger:
        right = [await _account(ledger, one) for one in (control, control_new)]
    for (point, count), (old, new) in zip(POINTS, others, strict=True):
        killed = _process(database_url, old, f"{point}:{count}")
        assert killed.returncode == -9, (point, count, killed.stderr)
        assert _process(database_url, old).returncode == 0
        assert _process(database_url, old).returncode == 0, "once more changes nothing"
        assert _events(database_url, old) == expected, (point, count)
        async with new_ledger(database_url) as ledger:
            found = [await _account(ledger, one) for one in (old, new)]
        assert [one.buckets for one in found] == [one.buckets for one in right], (point, count)
        given = [{r: one.refunds[r].given_fen for r in one.refunds} for one in (found[0], right[0])]
        assert given[0] == given[1]
        assert found[1].buckets.in_transit == sum(t.amount_fen for t in found[0].transfers_out.values())


async def test_transfers_are_not_made_twice_by_two_at_once(database_url: str) -> None:
    families = 20
    async with new_ledger(database_url) as ledger, new_ledger(database_url) as other:
        old, new = await _two(ledger, families)
        await start_wind_down(ledger, caller("start"), account_id=old, reason="order", on=ledger.today())
        await offer_and_accept(ledger, old, new, contract_ids(families), ledger.today() + timedelta(days=30))
        await asyncio.gather(
            *(distribute_claims(one, caller("same request"), account_id=old, on=one.today()) for one in (ledger, other))
        )
        await asyncio.gather(*(carry_out_transfers(one, "clock:test", old) for one in (ledger, other)))
        account, receiver = await _account(ledger, old), await _account(ledger, new)
        assert len(receiver.contracts) == families
        assert receiver.buckets.in_transit == account.buckets.payout_in_flight
        assert account.buckets.cash == account.buckets.payout_in_flight

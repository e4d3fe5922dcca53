"""A bank is told of every step of its orders: given, approved or declined, exported, settled or rejected."""

from datetime import UTC, datetime
from typing import Any

import pytest

from ledger.application.ledger import Request
from ledger.domain import commands as c
from ledger.domain.policy import FixedPolicies, Policy
from ledger.notifications.changes import Change, read_changes
from ledger.notifications.topics import TOPICS, expand
from tests.notifications.conftest import City
from tests.notifications.receiver import Receiver
from tests.storage.commands import BANK, DAY, deposit, signing

pytestmark = pytest.mark.anyio
CONTROLLED = FixedPolicies(
    {"default": Policy(payment_dual_control="payouts", advance_share_bp=2_000, payout_schedule="on_request")}
)


async def ask(city: City, kind: type[c.Command], actor: str = "regulator:office", **said: Any) -> None:
    whole: dict[str, Any] = {"account_id": city.account_id, "effective_on": DAY} | said
    outcome = await city.ledger.execute(Request(kind(**whole), actor))
    await city.runner.wait_for(outcome.partition, outcome.position, 20.0)


def export(*instruction_ids: str) -> dict[str, Any]:
    at = datetime(2026, 9, 1, 2, tzinfo=UTC)
    return {
        "bank": BANK,
        "message_id": "M-1",
        "message_at": at,
        "execute_on": DAY,
        "instruction_ids": instruction_ids,
    }


def settlement(instruction_id: str, amount_fen: int, outcome: str = "settled") -> dict[str, Any]:
    return {
        "bank": BANK,
        "instruction_id": instruction_id,
        "outcome": outcome,
        "amount_fen": amount_fen,
        "bank_reference": f"paid-{instruction_id}",
        "digest": "d",
        "reason": "AC04",
    }


async def changes(city: City) -> list[Change]:
    """What was told of orders of the account's partition, in order."""
    found: list[Change] = []
    async with city.pool.connection() as connection:
        for partition, through in city.ledger.writer.heads.items():
            found += await read_changes(connection, partition, after=0, through=through)
    return [change for change in found if change.topic.startswith("instruction.")]


async def test_every_step_of_an_order_is_a_change_with_what_it_is(city: City) -> None:
    city.ledger.policies = CONTROLLED
    kept, declined = await city.payout(), await city.payout()
    await ask(city, c.ApproveInstruction, instruction_ids=(kept,))
    await ask(city, c.DeclineInstruction, instruction_id=declined, reason="not as agreed")
    await ask(city, c.ExportInstructions, **export(kept))
    await ask(city, c.SettleInstruction, **settlement(kept, 1))
    told = await changes(city)
    assert [(one.topic, one.data["instruction_id"]) for one in told] == [
        ("instruction.given", kept),
        ("instruction.given", declined),
        ("instruction.approved", kept),
        ("instruction.declined", declined),
        ("instruction.exported", kept),
        ("instruction.settled", kept),
    ]
    assert {one.topic for one in told} <= set(TOPICS)
    for one in told:
        assert (one.data["kind"], one.data["subject_id"], one.data["amount_fen"]) == (
            "payout",
            one.data["instruction_id"],
            1,
        )
    assert told[0].data["needs_approval"] is True
    assert told[3].data["reason"] == "not as agreed"
    assert (told[4].data["message_id"], told[4].data["execute_on"]) == ("M-1", DAY)
    assert (told[5].data["unapproved"], told[5].data["bank_reference"]) == (False, f"paid-{kept}")


async def test_advances_are_told_as_other_orders_are(city: City) -> None:
    city.ledger.policies = CONTROLLED
    await city.do(signing(city.account_id, "c"))
    await city.do(deposit(city.account_id, "fee", 1_000, "c"))
    for instruction_id, outcome in (("a-1", "settled"), ("a-2", "rejected")):
        await ask(city, c.RequestAdvance, instruction_id=instruction_id, amount_fen=10)
        await ask(city, c.SettleInstruction, **settlement(instruction_id, 10, outcome))
    told = [(one.topic, one.data["instruction_id"], one.data["kind"]) for one in await changes(city)]
    assert told == [
        ("instruction.given", "a-1", "advance"),
        ("instruction.settled", "a-1", "advance"),
        ("instruction.given", "a-2", "advance"),
        ("instruction.rejected", "a-2", "advance"),
    ]
    assert [one.data["unapproved"] for one in await changes(city) if one.topic == "instruction.settled"] == [True]


async def test_approved_exported_and_settled_orders_reach_the_banks_webhook(city: City) -> None:
    city.ledger.policies = CONTROLLED
    async with Receiver() as receiver:
        await city.endpoint(await city.bank_client(), receiver.url, "instruction.*")
        async with city.courier():
            payout = await city.payout()
            await ask(city, c.ApproveInstruction, instruction_ids=(payout,))
            await ask(city, c.ExportInstructions, **export(payout))
            await ask(city, c.SettleInstruction, **settlement(payout, 1))
            got = await receiver.wait_for(4)
    assert [one.json["type"] for one in got] == [
        "instruction.given",
        "instruction.approved",
        "instruction.exported",
        "instruction.settled",
    ]


def test_every_step_can_be_asked_for_by_name() -> None:
    assert expand(["instruction.*"]) == {topic for topic in TOPICS if topic.startswith("instruction.")}
    assert {"instruction.approved", "instruction.declined", "instruction.exported"} <= expand(["instruction.*"])

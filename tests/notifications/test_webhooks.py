"""Deliveries to a real receiver: signed, in order, tried again, given up, sent again, and to nobody else."""

import subprocess
import sys
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest

from ledger.application.access import Bindings
from ledger.application.clients import revoke_client
from ledger.domain import commands as c
from ledger.notifications import deliveries, endpoints
from ledger.notifications.courier import Courier
from ledger.notifications.deliveries import Delivery, DeliveryState
from ledger.notifications.endpoints import OLD_SECRET_LASTS
from ledger.notifications.retries import ATTEMPTS, DISABLED_AFTER, LONGEST_S
from ledger.notifications.signatures import is_genuine, shown
from tests.notifications.conftest import City
from tests.notifications.receiver import Got, Receiver
from tests.storage.commands import DAY, opening

pytestmark = pytest.mark.anyio
ROOT = Path(__file__).parents[2]


async def listed(city: City, endpoint_id: UUID, state: DeliveryState | None = None) -> list[Delivery]:
    async with city.pool.connection() as connection:
        return await deliveries.list_page(connection, endpoint_id, state=state)


async def until_listed(city: City, endpoint_id: UUID, count: int, state: DeliveryState) -> list[Delivery]:
    """The deliveries of that state, once there are so many."""
    deadline = datetime.now(UTC) + timedelta(seconds=20)
    while len(found := await listed(city, endpoint_id, state)) < count:
        assert datetime.now(UTC) < deadline, (state, await listed(city, endpoint_id))
    return found


async def until_tried(city: City, endpoint_id: UUID, attempts: int) -> Delivery:
    """The endpoint's first delivery, once so many attempts are recorded."""
    deadline = datetime.now(UTC) + timedelta(seconds=20)
    while not (found := await listed(city, endpoint_id)) or found[0].attempts < attempts:
        assert datetime.now(UTC) < deadline, found
    return found[0]


async def fail_once(city: City, courier: Courier, receiver: Receiver, attempts: int) -> None:
    """Let time pass until the next attempt is due, and wait until it is made."""
    city.later(timedelta(seconds=1.1 * LONGEST_S))
    courier.wake()
    await receiver.wait_for(attempts)


async def test_an_instruction_reaches_the_bank_signed(city: City) -> None:
    async with Receiver() as receiver:
        endpoint = await city.endpoint(await city.bank_client(), receiver.url, "instruction.*")
        async with city.courier():
            instruction_id = await city.payout()
            [got] = await receiver.wait_for(1)
            [delivery] = await until_listed(city, endpoint.endpoint_id, 1, "delivered")
    assert got.json["type"] == "instruction.given"
    data = got.json["data"]
    assert (data["instruction_id"], data["kind"], data["amount_fen"]) == (instruction_id, "payout", 1)
    assert (got.message_id, delivery.topic) == (delivery.delivery_id, "instruction.given")
    secret, now = shown(endpoint.secret), int(city.now.timestamp())
    assert is_genuine(got.body, got.headers, secret, now=now)
    assert not is_genuine(got.body + b" ", got.headers, secret, now=now)
    assert not is_genuine(got.body, got.headers | {"webhook-id": "other"}, secret, now=now)
    assert not is_genuine(got.body, got.headers, secret, now=now + 301)
    assert not is_genuine(got.body, got.headers, shown(b"x" * 32), now=now)


async def test_what_was_recorded_before_the_registration_is_not_told(city: City) -> None:
    async with Receiver() as receiver:
        client = await city.bank_client()
        await city.payout()
        await city.endpoint(client, receiver.url, "instruction.*")
        async with city.courier():
            later = await city.payout()
            got = await receiver.wait_for(1)
    assert [one.json["data"]["instruction_id"] for one in got] == [later]


async def test_a_failed_delivery_is_tried_again_and_the_later_ones_wait_for_it(city: City) -> None:
    statuses = iter([500, 0, 302, *[204] * 10])
    async with Receiver(answer=lambda _: next(statuses)) as receiver:
        endpoint = await city.endpoint(await city.bank_client(), receiver.url, "instruction.*")
        async with city.courier() as courier:
            wanted = [await city.payout() for _ in range(3)]
            await receiver.wait_for(1)
            for attempts in (2, 3):
                await fail_once(city, courier, receiver, attempts)
            city.later(timedelta(seconds=2 * LONGEST_S))
            courier.wake()
            got = await receiver.wait_for(6)
            await until_listed(city, endpoint.endpoint_id, 3, "delivered")
    assert len({one.message_id for one in got[:4]}) == 1
    assert [one.json["data"]["instruction_id"] for one in got[3:]] == wanted
    async with city.pool.connection() as connection:
        log = await deliveries.get(connection, endpoint.endpoint_id, UUID(got[0].message_id))
    assert [attempt.status for attempt in log.log] == [500, None, 302, 204]
    assert log.log[1].error
    assert (await _endpoint(city, endpoint.endpoint_id)).failing_since is None


async def test_nothing_is_tried_before_its_time(city: City) -> None:
    async with Receiver(answer=lambda _: 500) as receiver:
        endpoint = await city.endpoint(await city.bank_client(), receiver.url, "instruction.*")
        async with city.courier():
            await city.payout()
            await receiver.wait_for(1)
            first = await until_tried(city, endpoint.endpoint_id, 1)
    assert first.next_at is not None
    assert timedelta(seconds=4.5) <= first.next_at - city.now <= timedelta(seconds=5.5)


async def test_a_dead_letter_lets_the_next_pass_and_is_sent_again_by_hand(city: City) -> None:
    poison: set[str] = set()

    def answer(got: Got) -> int:
        poison.add(got.message_id) if not poison else None
        return 400 if got.message_id in poison else 204

    async with Receiver(answer=answer) as receiver:
        endpoint = await city.endpoint(await city.bank_client(), receiver.url, "instruction.*")
        async with city.courier() as courier:
            for _ in range(2):
                await city.payout()
            await receiver.wait_for(1)
            for attempts in range(2, ATTEMPTS + 1):
                await until_tried(city, endpoint.endpoint_id, attempts - 1)
                async with city.pool.connection() as connection:
                    await connection.execute("UPDATE escrow.webhook_deliveries SET next_at = %s", [city.now])
                courier.wake()
                await receiver.wait_for(attempts)
            [dead] = await until_listed(city, endpoint.endpoint_id, 1, "dead")
            [passed] = await until_listed(city, endpoint.endpoint_id, 1, "delivered")
            assert (dead.attempts, dead.last_status, dead.seq < passed.seq) == (ATTEMPTS, 400, True)
            poison.clear()
            poison.add("nobody")
            async with city.pool.connection() as connection:
                await deliveries.resend(connection, endpoint.endpoint_id, UUID(dead.delivery_id), now=city.now)
            courier.wake()
            await until_listed(city, endpoint.endpoint_id, 2, "delivered")
    assert receiver.got[-1].message_id == dead.delivery_id


async def test_an_endpoint_that_fails_for_days_is_disabled_and_loses_nothing(city: City) -> None:
    status = [500]
    async with Receiver(answer=lambda _: status[0]) as receiver:
        endpoint = await city.endpoint(await city.bank_client(), receiver.url, "instruction.*")
        async with city.courier() as courier:
            wanted = [await city.payout(), await city.payout()]
            await receiver.wait_for(1)
            await until_tried(city, endpoint.endpoint_id, 1)
            city.later(DISABLED_AFTER)
            courier.wake()
            now = await until_disabled(city, endpoint.endpoint_id)
            assert now.disabled_because == "failing"
            wanted.append(await city.payout())
            status[0] = 204
            async with city.pool.connection() as connection:
                await endpoints.enable(connection, endpoint.endpoint_id, now=city.now)
            courier.wake()
            await until_listed(city, endpoint.endpoint_id, 3, "delivered")
    assert [one.json["data"]["instruction_id"] for one in receiver.got[-3:]] == wanted


async def test_a_receiver_that_is_gone_is_asked_no_more(city: City) -> None:
    async with Receiver(answer=lambda _: 410) as receiver:
        endpoint = await city.endpoint(await city.bank_client(), receiver.url, "instruction.*")
        async with city.courier():
            await city.payout()
            now = await until_disabled(city, endpoint.endpoint_id)
    assert (now.disabled_because, len(receiver.got)) == ("receiver_gone", 1)


async def test_both_secrets_sign_for_a_day_after_a_change(city: City) -> None:
    async with Receiver() as receiver:
        old = await city.endpoint(await city.bank_client(), receiver.url, "instruction.*")
        async with city.pool.connection() as connection:
            await endpoints.rotate(connection, old.endpoint_id, now=city.now)
        new = await _endpoint(city, old.endpoint_id)
        async with city.courier():
            await city.payout()
            await receiver.wait_for(1)
            changed_at = city.now
            city.later(OLD_SECRET_LASTS)
            await city.payout()
            during, after = await receiver.wait_for(2)
    genuine = [
        [
            is_genuine(got.body, got.headers, shown(secret), now=int(now.timestamp()))
            for secret in (old.secret, new.secret)
        ]
        for got, now in ((during, changed_at), (after, city.now))
    ]
    assert genuine == [[True, True], [False, True]]


async def test_a_client_is_told_of_its_own_rows_and_of_what_it_may_read(city: City) -> None:
    here, there = city.account_id, await city.open()
    elsewhere = uuid4()
    await city.do(opening(elsewhere).__class__(**_in_district(elsewhere, "310105")))
    mine = Bindings(institutions=frozenset({f"inst-{here}"}))
    await city.client("school", "institution", mine)
    await city.client("district", "regulator", Bindings(districts=frozenset({"310105"})))
    await city.client("other-bank", "bank", Bindings(bank="CCBK"))
    async with Receiver() as school, Receiver() as district, Receiver() as other_bank, Receiver() as all_topics:
        # An institution may not read alerts: they are left out, whatever was asked for.
        refunds = await city.endpoint("school", school.url, "refund.*", "alert.*")
        requests = await city.endpoint("district", district.url, "refund.requested")
        await city.endpoint("other-bank", other_bank.url, "instruction.*")
        everything = await city.endpoint("school", all_topics.url)
        async with city.courier():
            for account_id in (there, here, elsewhere):
                await city.payout(account_id)
                await city.refund(account_id)
            for endpoint, count in ((refunds, 2), (everything, 3), (requests, 1)):
                await until_listed(city, endpoint.endpoint_id, count, "delivered")
    told = [(one.json["type"], one.json["data"]["account_id"]) for one in once(school.got)]
    assert told == [("refund.requested", str(here)), ("refund.quoted", str(here))]
    assert [one.json["data"]["account_id"] for one in once(district.got)] == [str(elsewhere)]
    assert other_bank.got == []
    told_all = [(one.json["type"], one.json["data"]["account_id"]) for one in once(all_topics.got)]
    assert told_all == [(topic, str(here)) for topic in ("instruction.given", "refund.requested", "refund.quoted")]


def once(got: Iterable[Got]) -> list[Got]:
    """Each message as it came first: a delivery may come again under its own id, and is the same then."""
    first: dict[str, Got] = {}
    for one in got:
        assert first.setdefault(one.message_id, one).body == one.body
    return list(first.values())


def _in_district(account_id: UUID, district: str) -> dict[str, Any]:
    usual = opening(account_id)
    fields = {name: getattr(usual, name) for name in usual.__struct_fields__}
    return fields | {"district": district, "authorities": (district,)}


async def test_an_alert_is_told_with_its_sentences(city: City) -> None:
    await city.client("city", "regulator", Bindings(districts=frozenset({"*"})))
    async with Receiver() as receiver:
        await city.endpoint("city", receiver.url, "alert.raised")
        async with city.courier():
            await city.do(
                c.SetMinimumBalance(account_id=city.account_id, effective_on=DAY, amount_fen=500, reason="size")
            )
            [got, *_] = await receiver.wait_for(1)
    data = got.json["data"]
    assert (got.json["type"], data["rule"], data["state"]) == ("alert.raised", "balance.below_minimum", "raised")
    assert data["message"]
    assert data["message_zh"]


async def test_a_revoked_client_is_told_nothing(city: City) -> None:
    client = await city.bank_client()
    await city.client("city", "regulator", Bindings(districts=frozenset({"*"})))
    async with Receiver() as bank, Receiver() as regulator:
        await city.endpoint(client, bank.url, "instruction.*")
        await city.endpoint("city", regulator.url, "instruction.*")
        async with city.pool.connection() as connection:
            await revoke_client(connection, client_id=client, now=city.now)
        async with city.courier():
            await city.payout()
            await regulator.wait_for(1)
    assert bank.got == []


async def test_a_courier_killed_before_it_recorded_the_answer_delivers_again_and_loses_nothing(city: City) -> None:
    """Another process takes over where the killed one stopped; what was on its way comes twice, with the same id."""
    process = _process(city.url)

    def answer(_got: Got) -> int:
        if len(receiver.got) == 1 and process.poll() is None:
            process.kill()
            process.wait()
        return 204

    async with Receiver(answer=answer) as receiver:
        endpoint = await city.endpoint(await city.bank_client(), receiver.url, "instruction.*")
        wanted = [await city.payout() for _ in range(5)]
        await receiver.wait_for(2)
        second = _process(city.url)
        try:
            await until_listed(city, endpoint.endpoint_id, 5, "delivered")
        finally:
            second.kill()
            second.wait()
    assert process.returncode == -9
    ids = [one.json["data"]["instruction_id"] for one in receiver.got]
    assert ids == [wanted[0], wanted[1], *wanted[1:]]
    assert receiver.got[1].message_id == receiver.got[2].message_id


async def test_several_processes_deliver_each_change_once(city: City) -> None:
    async with Receiver() as receiver:
        endpoint = await city.endpoint(await city.bank_client(), receiver.url, "instruction.*")
        async with city.courier(), city.courier(), city.courier():
            wanted = [await city.payout() for _ in range(10)]
            await until_listed(city, endpoint.endpoint_id, 10, "delivered")
    assert [one.json["data"]["instruction_id"] for one in receiver.got] == wanted


def _process(url: str) -> "subprocess.Popen[bytes]":
    command = [sys.executable, "-m", "tests.notifications.courier_process", url]
    return subprocess.Popen(command, cwd=ROOT, env={"PATH": ""}, stderr=subprocess.DEVNULL)


async def until_disabled(city: City, endpoint_id: UUID) -> endpoints.Endpoint:
    deadline = datetime.now(UTC) + timedelta(seconds=20)
    while (now := await _endpoint(city, endpoint_id)).state == "active":
        assert datetime.now(UTC) < deadline
    return now


async def _endpoint(city: City, endpoint_id: UUID) -> endpoints.Endpoint:
    async with city.pool.connection() as connection:
        return await endpoints.get(connection, endpoint_id)

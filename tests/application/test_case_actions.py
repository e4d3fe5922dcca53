"""What a case does to its account: decided, carried out, linked; after a crash between any two of these, done once."""

from typing import Any

import pytest

from ledger.application.case_actions import carry_out, carry_out_pending, decided_of, resume_action, take_action
from ledger.application.cases import on_cases
from ledger.application.recording import record
from ledger.domain import commands as c
from ledger.domain.commands.cases import CloseCase, DecideCaseAction
from ledger.domain.errors import LedgerError
from ledger.domain.events import CaseActionDecided, CaseLinked
from ledger.projections.paging import EVERYTHING, Scope
from ledger.storage.requests import Request
from tests.application.case_books import ACCOUNT, CALLER, CASE, DAY, OFFICE, Books, books_over

pytestmark = pytest.mark.anyio

ORDER = {"action": "order_refund", "refund_id": "refund-1", "amount_fen": 900}
DECIDED = ["case.opened", "case.step_started", "case.action_decided"]
AGREED = ["account.refund_agreed", "account.refund_instructed"]


def decision(action_id: str = "action-1", **said: Any) -> DecideCaseAction:
    own: dict[str, Any] = ORDER | {"reason": "found for the family"} | said
    return DecideCaseAction(account_id=CASE, effective_on=DAY, acting=(OFFICE,), action_id=action_id, **own)


async def take(books: Books, said: DecideCaseAction, scope: Scope = EVERYTHING) -> Any:
    return await take_action(books.ledger, books.reader, CALLER, said, scope=scope)


async def test_an_ordered_refund_is_decided_carried_out_and_linked(database_url: str) -> None:
    async with books_over(database_url) as books:
        await books.set_up()
        before = await books.topics(ACCOUNT)
        outcome = await take(books, decision())
        [link] = outcome.events
        assert isinstance(link, CaseLinked)
        assert (link.about_account_id, link.topic_of, link.action_id) == (str(ACCOUNT), AGREED[-1], "action-1")
        assert await books.topics(ACCOUNT) == before + AGREED
        assert link.version == len(before) + 2
        assert await books.topics(CASE) == [*DECIDED, "case.linked"]
        row = await books.case()
        assert [(one.action_id, one.state) for one in row.actions] == [("action-1", "done")]
        account = books.ledger.account_at_version(ACCOUNT)
        assert account.refunds["refund-1"].agreed_fen == 900


async def _decided_only(books: Books) -> None:
    await record(books.ledger, on_cases(CALLER), decision())


async def _carried_out(books: Books) -> None:
    outcome = await books.ledger.execute(on_cases(CALLER).request(decision()))
    [event] = outcome.events
    assert isinstance(event, CaseActionDecided)
    decided = decided_of(CASE, event)
    key = decided.key("done")
    await books.ledger.execute(Request(decided.command(), event.actor, key, key.bytes))


async def _linked(books: Books) -> None:
    await take(books, decision())


CRASHES = [_decided_only, _carried_out, _linked]


@pytest.mark.parametrize("crash", CRASHES)
@pytest.mark.parametrize("again", ["same request", "daily close", "another officer"])
async def test_after_a_crash_at_any_place_it_is_done_once(database_url: str, crash: Any, again: str) -> None:
    async with books_over(database_url) as books:
        await books.set_up()
        before = await books.topics(ACCOUNT)
        await crash(books)
    async with books_over(database_url) as books:  # another process: only what is recorded is left
        await books.reader.catch_up()
        match again:
            case "same request":
                # A client that asks again is given another action id, which the first one's key makes of no effect.
                outcome = await take(books, decision("action-2"))
                assert outcome.replayed
                assert outcome.events[0].action_id == "action-1"
            case "daily close":
                waiting = {} if crash is _linked else {"done": 1}
                assert await carry_out_pending(books.ledger, books.reader) == waiting
                await books.reader.catch_up()
                assert await carry_out_pending(books.ledger, books.reader) == {}
            case _:
                for _ in range(2):
                    await resume_action(
                        books.ledger,
                        books.reader,
                        CALLER,
                        case_id=str(CASE),
                        action_id="action-1",
                        scope=EVERYTHING,
                        may=lambda _: None,
                    )
        assert await books.topics(ACCOUNT) == before + AGREED
        assert await books.topics(CASE) == [*DECIDED, "case.linked"]
        async with books.reader.pool.connection() as connection:
            query = "SELECT DISTINCT state::json ->> 'actor' FROM escrow.events WHERE topic = ANY(%s)"
            actors = await (await connection.execute(query, [[*AGREED, "case.linked"]])).fetchall()
        assert actors == [(CALLER.actor,)], "whoever goes on, the authority that decided it acts"


async def test_what_the_account_refuses_the_case_keeps_and_can_be_tried_again(database_url: str) -> None:
    async with books_over(database_url) as books:
        await books.set_up()
        for _ in range(2):
            with pytest.raises(LedgerError) as refusal:
                await take(books, decision(amount_fen=901))
            assert refusal.value.code == "refund_above_unconsumed"
        assert await books.topics(CASE) == [*DECIDED, "case.action_refused"]
        [action] = (await books.case()).actions
        assert (action.state, action.code, action.figures) == (
            "refused",
            "refund_above_unconsumed",
            {"amount_fen": 901, "unconsumed_fen": 900},
        )
        assert await carry_out_pending(books.ledger, books.reader) == {}, "the clock does not insist"
        with pytest.raises(LedgerError) as unknown:
            await resume_action(
                books.ledger, books.reader, CALLER, case_id=str(CASE), action_id="x", scope=EVERYTHING,
                may=lambda _: None,
            )  # fmt: skip
        assert unknown.value.code == "case_action_not_found"
        await books.do(CloseCase)


async def test_a_refused_freeze_is_carried_out_once_the_account_lets_it(database_url: str) -> None:
    freeze: dict[str, Any] = {"action": "freeze", "scope": "payouts", "refund_id": "", "amount_fen": 0}
    async with books_over(database_url) as books:
        await books.set_up()
        await books.do(c.FreezeAccount, scope="payouts", reason="earlier")
        with pytest.raises(LedgerError) as refusal:
            await take(books, decision(**freeze))
        assert refusal.value.code == "account_frozen"
        await books.do(c.UnfreezeAccount, scope="payouts", reason="over")
        outcome = await take(books, decision(**freeze))
        assert outcome.events[0].topic_of == "account.frozen"
        assert books.ledger.account_at_version(ACCOUNT).frozen == ["payouts"]


async def test_an_action_that_changes_nothing_is_linked_without_an_event(database_url: str) -> None:
    listing: dict[str, Any] = {"action": "list", "listing": "watch", "refund_id": "", "amount_fen": 0}
    async with books_over(database_url) as books:
        await books.set_up()
        await books.do(c.ListInstitution, listing="watch", reason="earlier")
        outcome = await take(books, decision(**listing))
        assert outcome.events[0].topic_of == ""
        assert (await books.case()).actions_pending == 0


async def test_an_action_needs_the_scope_of_case_and_account(database_url: str) -> None:
    async with books_over(database_url) as books:
        await books.set_up()
        await books.case()
        with pytest.raises(LedgerError) as hidden:
            await take(books, decision(), Scope(districts=("330703",)))
        assert hidden.value.code == "case_not_found"
        await books.do(c.ChangeAuthority, authorities=("sports",), reason="education gave it up")
        await books.reader.catch_up()
        with pytest.raises(LedgerError) as lost:  # the owner still sees the case, and not the account
            await take(books, decision(), Scope(districts=("330702",), authorities=("education",)))
        assert lost.value.code == "account_not_found"
        assert await books.topics(CASE) == DECIDED[:2]


async def test_carrying_out_is_the_same_command_every_day(database_url: str) -> None:
    async with books_over(database_url) as books:
        await books.set_up()
        outcome = await books.ledger.execute(on_cases(CALLER).request(decision()))
        [event] = outcome.events
        assert isinstance(event, CaseActionDecided)
        decided = decided_of(CASE, event)
        assert decided.command().effective_on == DAY
        books.clock.now = books.clock.now.replace(day=9)
        linked = await carry_out(books.ledger, decided)
        assert linked.events[0].effective_on == DAY.replace(day=9)
        assert (await carry_out(books.ledger, decided)).replayed

"""What readers of cases get: cases with steps and links, rectification lists, coverage, campaign totals, draws."""

import asyncio
from datetime import date, timedelta
from typing import Any

import pytest

from ledger.domain.commands import (
    AnswerRefund,
    ChangeAuthority,
    OpenAccount,
    OrderRefund,
    RequestRefund,
    SettleInstruction,
    SettlementOutcome,
)
from ledger.domain.commands import cases as c
from ledger.domain.commands.inspections import AnnounceInspectionDraw, DrawInspections
from ledger.domain.inspection_draw import commitment_of, digest_of
from ledger.projections import case_queries, inspection_draws, ordered_refunds
from ledger.projections.case_queries import Coverage
from ledger.projections.ordered_refunds import CampaignTotal
from ledger.projections.paging import EVERYTHING, Scope
from ledger.projections.rebuild import rebuild
from ledger.storage.mapper import decode_event
from tests.domain.test_inspection_draw import SECRET, a_list
from tests.projections.case_writer import CaseWriter
from tests.projections.log_writer import DAY, LogWriter, account_id, writing
from tests.projections.stored import contents, follow, followed
from tests.projections.test_rebuild import differences

pytestmark = pytest.mark.anyio
ACCOUNT = account_id(1)
OTHER = account_id(2, 1)
CASE, SECOND, THIRD, DRAW = (account_id(number, number % 4) for number in (101, 102, 103, 104))


def open_account(writer: LogWriter, *, authorities: tuple[str, ...] = ("edu", "culture")) -> None:
    writer.do(
        OpenAccount(
            account_id=ACCOUNT,
            effective_on=DAY,
            institution_id="school-1",
            bank="ICBK",
            account_no="6200-1",
            district="310115",
            authorities=authorities,
        )
    )


def tell(cases: CaseWriter) -> None:
    """A complaint about `ACCOUNT` that goes through everything, and is open again at the end."""
    cases.do(CASE, c.OpenCase, owner="310115/edu", about_account_id=str(ACCOUNT), officers=("o-1",))
    cases.do(CASE, c.NoteCase)
    cases.do(CASE, c.FinishCaseStep, note="taken up")
    cases.do(CASE, c.StartCaseStep)
    cases.do(CASE, c.TransferCase, to_handler="310116/sports")
    cases.do(CASE, c.RecordMediation)
    cases.do(CASE, c.RecordCaseInspection, passed=False, findings=2, head_count=30)
    cases.do(
        CASE, c.RequireRectification, demands=(c.Demand(item_id="a", demand="x"), c.Demand(item_id="b", demand="y"))
    )
    cases.do(CASE, c.AnswerRectification, item_id="a")
    cases.do(CASE, c.CheckRectification, item_id="a", passed=False, due_on=DAY + timedelta(days=3))
    cases.do(CASE, c.CloseCaseDay, effective_on=DAY + timedelta(days=40))
    cases.do(CASE, c.CheckRectification, item_id="a")
    cases.do(CASE, c.CheckRectification, item_id="b")
    cases.do(CASE, c.DecideCaseAction)
    cases.do(CASE, c.RefuseCaseAction)
    cases.do(CASE, c.DecideCaseAction, action_id="action-2", action="freeze", refund_id="", amount_fen=0, scope="all")
    cases.do(CASE, c.LinkCase, action_id="action-2", about_account_id=str(ACCOUNT), topic_of="account.frozen")
    cases.do(CASE, c.CloseCase, outcome="mediated")
    cases.do(CASE, c.ReopenCase)
    cases.do(CASE, c.CloseCaseDay, effective_on=DAY + timedelta(days=60))


async def test_a_case_shows_its_steps_actions_and_links(database_url: str) -> None:
    with writing(database_url) as writer:
        open_account(writer)
        cases = CaseWriter(writer)
        tell(cases)
        state = cases.streams[CASE]
    async with followed(database_url) as connection:
        row = await case_queries.get(connection, str(CASE))
        assert row is not None
        assert (row.version, row.state, row.outcome, row.owner, row.handler) == (
            state.version,
            "open",
            None,
            "310115/edu",
            "310116/sports",
        )
        assert [(step.step, step.done_on is None, step.overdue) for step in row.steps] == [
            ("acceptance", False, False),
            ("mediation", False, False),
            ("investigation", True, True),
        ]
        assert (row.steps[0].note, row.steps[0].rules) == ("taken up", ("case.acceptance",))
        assert (row.next_due_on, row.overdue) == (row.steps[2].due_on, True)
        assert [(one.action_id, one.state, one.code) for one in row.actions] == [
            ("action-1", "refused", "refund_not_waiting"),
            ("action-2", "done", ""),
        ]
        assert [(one.about_account_id, one.version, one.topic) for one in row.links] == [
            (str(ACCOUNT), 4, "account.frozen")
        ]
        assert (row.actions_pending, row.officers, len(row.notes)) == (0, ["o-1"], 1)
        assert row.mediation is not None
        assert (row.mediation.agreed, row.mediation.amount_fen) == (True, 500)
        items = await case_queries.list_rectifications(connection, case_id=str(CASE))
        assert [(one.item_id, one.state, one.checks, one.overdue, one.answer) for one in items] == [
            ("a", "passed", 2, False, "cleared"),
            ("b", "passed", 1, False, ""),
        ]


WHO_SEES: list[tuple[str, Scope, bool]] = [
    ("everybody", EVERYTHING, True),
    ("the owner", Scope(districts=("310115",), authorities=("edu",)), True),
    ("the owner's district", Scope(districts=("310115",)), True),
    ("the second authority of the account", Scope(districts=("310115",), authorities=("culture",)), True),
    ("an authority that the account does not name", Scope(districts=("310115",), authorities=("police",)), False),
    ("the handler", Scope(districts=("310116",), authorities=("sports",)), True),
    ("the handler's district", Scope(districts=("310116",)), True),
    ("another authority of the handler's district", Scope(districts=("310116",), authorities=("edu",)), False),
    ("another district", Scope(districts=("310117",)), False),
    ("no district", Scope(districts=()), False),
    ("no district, an authority", Scope(districts=(), authorities=("edu",)), False),
    ("the city's education authority", Scope(authorities=("edu",)), True),
    ("the city's sports authority", Scope(authorities=("sports",)), True),
    ("the city's police", Scope(authorities=("police",)), False),
    ("the family", Scope(family_ids=("family-1",)), True),
    ("another family", Scope(family_ids=("family-2",)), False),
    ("the institution", Scope(institution_ids=("school-1",)), False),
    ("the bank", Scope(bank="ICBK"), False),
]


async def test_who_sees_a_case(database_url: str) -> None:
    with writing(database_url) as writer:
        open_account(writer)
        tell(CaseWriter(writer))
    async with followed(database_url) as connection:
        for who, scope, sees in WHO_SEES:
            assert (await case_queries.get(connection, str(CASE), scope=scope) is not None) is sees, who
            assert bool(await case_queries.list_page(connection, scope=scope)) is sees, who
            if scope.family_ids is None and scope.institution_ids is None:
                assert bool(await case_queries.list_rectifications(connection, scope=scope)) is sees, who
        own = Scope(institution_ids=("school-1",))
        assert len(await case_queries.list_rectifications(connection, scope=own)) == 2
        for none in (Scope(institution_ids=("school-2",)), Scope(family_ids=("family-1",)), Scope(bank="ICBK")):
            assert await case_queries.list_rectifications(connection, scope=none) == []


async def test_a_change_of_authority_moves_who_sees_the_cases_of_an_account(database_url: str) -> None:
    before = Scope(districts=("310115",), authorities=("culture",))
    after = Scope(districts=("310120",))
    with writing(database_url) as writer:
        open_account(writer)
        CaseWriter(writer).do(CASE, c.OpenCase, owner="310115/edu", about_account_id=str(ACCOUNT))
        async with followed(database_url) as connection:
            assert await case_queries.get(connection, str(CASE), scope=before) is not None
            assert await case_queries.get(connection, str(CASE), scope=after) is None
        writer.do(ChangeAuthority(account_id=ACCOUNT, effective_on=DAY, authorities=("edu", "310120"), reason="moved"))
        async with followed(database_url) as connection:
            assert await case_queries.get(connection, str(CASE), scope=before) is None
            assert await case_queries.get(connection, str(CASE), scope=after) is not None


async def test_lists_of_cases_are_filtered(database_url: str) -> None:
    with writing(database_url) as writer:
        open_account(writer)
        cases = CaseWriter(writer)
        tell(cases)
        cases.do(SECOND, c.OpenCase, kind="clue", owner="310115/edu", about_account_id="", institution_id="school-9")
        cases.do(THIRD, c.OpenCase, kind="order", owner="310116", about_account_id=str(ACCOUNT))
        cases.do(THIRD, c.DecideCaseAction)
    async with followed(database_url) as connection:

        async def found(**filters: object) -> set[str]:
            return {row.case_id for row in await case_queries.list_page(connection, **filters)}  # type: ignore[arg-type]

        assert await found() == {str(CASE), str(SECOND), str(THIRD)}
        assert await found(kind="clue") == {str(SECOND)}
        assert await found(owner="310116") == {str(THIRD)}
        assert await found(handler="310116/sports") == {str(CASE)}
        assert await found(overdue=True) == {str(CASE)}
        assert await found(state="closed") == set()
        assert await found(institution_id="school-9") == {str(SECOND)}
        assert await found(about_account_id=str(ACCOUNT), actions_pending=True) == {str(THIRD)}


async def test_coverage_names_every_institution_of_the_district(database_url: str) -> None:
    first, last = date(2026, 1, 1), date(2026, 3, 31)
    with writing(database_url) as writer:
        open_account(writer)
        writer.open(OTHER, institution="school-2", district="310115")
        writer.open(account_id(3), institution="school-3", district="310116")
        cases = CaseWriter(writer)
        for case, on in ((CASE, last), (SECOND, first), (THIRD, first - timedelta(days=1))):
            cases.do(case, c.OpenCase, kind="inspection", effective_on=on)
            cases.do(case, c.RecordCaseInspection, passed=False, findings=2, effective_on=on)
    async with followed(database_url) as connection:
        covered = await case_queries.coverage(connection, district="310115", first=first, last=last)
        assert covered == [
            Coverage(
                institution_id="school-1",
                inspections=2,
                findings=4,
                last_on=last,
                last_before_on=first - timedelta(days=1),
            ),
            Coverage(institution_id="school-2", inspections=0, findings=0, last_on=None, last_before_on=None),
        ]
        only = Scope(districts=("310115",), authorities=("police",))
        assert await case_queries.coverage(connection, district="310115", first=first, last=last, scope=only) == []
        counted = [
            await case_queries.coverage_counts(connection, first=first, last=last, scope=scope)
            for scope in (Scope(), Scope(districts=("310115",)), Scope(districts=("310116",)), only)
        ]
        assert [(one.inspected, one.institutions) for one in counted] == [(1, 3), (1, 2), (0, 1), (0, 0)]


async def test_campaign_totals_count_what_was_ordered_and_what_of_it_came_back(database_url: str) -> None:
    """1,000 agreed by the institution, 3,000 more ordered; both are paid, then the bank gets the 3,000 back."""
    first: dict[str, Any] = {"first": DAY, "last": DAY}
    later: dict[str, Any] = {"first": DAY + timedelta(days=1), "last": DAY + timedelta(days=1)}

    def total(ordered_fen: int, cleared_fen: int) -> list[CampaignTotal]:
        sums = {"ordered_fen": ordered_fen, "cleared_fen": cleared_fen}
        return [CampaignTotal(district="310115", **sums, refunds=1, institutions=1)]

    with writing(database_url) as writer:
        writer.open(ACCOUNT, district="310115")
        writer.sign(ACCOUNT, "c1", price_fen=10_000)
        writer.deposit(ACCOUNT, "r1", 10_000, contract="c1")
        at: dict[str, Any] = {"account_id": ACCOUNT, "effective_on": DAY}
        writer.do(RequestRefund(**at, refund_id="f1", contract_id="c1", reason="moved"))
        writer.do(AnswerRefund(**at, refund_id="f1", agree=False, offered_fen=1_000, reason="less"))
        [undisputed] = writer.account(ACCOUNT).instructions
        writer.do(settlement(undisputed, 1_000, "settled"))
        writer.do(OrderRefund(**at, refund_id="f1", amount_fen=4_000, reason="case"))
        ordered = next(one for one in writer.account(ACCOUNT).instructions if one != undisputed)
        async with followed(database_url) as connection:
            assert await ordered_refunds.totals(connection, **first) == total(3_000, 0)
        writer.do(settlement(ordered, 3_000, "settled", on=DAY + timedelta(days=1)))
        async with followed(database_url) as connection:
            assert await ordered_refunds.totals(connection, **first) == total(3_000, 0)
            assert await ordered_refunds.totals(connection, **later) == total(0, 3_000)
            assert await ordered_refunds.totals(connection, **later, scope=Scope(districts=("310116",))) == []
        writer.do(settlement(ordered, 3_000, "returned", on=DAY + timedelta(days=1)))
    async with followed(database_url) as connection:
        assert await ordered_refunds.totals(connection, **later) == total(0, 0)
        assert await ordered_refunds.totals(connection, **(first | {"last": later["last"]})) == total(3_000, 0)
        assert (
            await ordered_refunds.totals(connection, first=DAY - timedelta(days=9), last=DAY - timedelta(days=1)) == []
        )


def settlement(instruction: str, amount_fen: int, outcome: SettlementOutcome, *, on: date = DAY) -> SettleInstruction:
    return SettleInstruction(
        account_id=ACCOUNT,
        effective_on=on,
        bank="ICBK",
        instruction_id=instruction,
        outcome=outcome,
        amount_fen=amount_fen,
        bank_reference=f"{outcome}-{instruction}",
        digest="0" * 64,
        reason="closed",
    )


async def test_a_draw_shows_everything_that_is_needed_to_do_it_again(database_url: str) -> None:
    with writing(database_url) as writer:
        draws = CaseWriter(writer)
        tomorrow = DAY + timedelta(days=1)
        draws.do(DRAW, AnnounceInspectionDraw, input=a_list(), commitment=commitment_of(SECRET), draw_on=tomorrow)
        draws.do(DRAW, DrawInspections, secret=SECRET, effective_on=tomorrow)
    async with followed(database_url) as connection:
        row = await inspection_draws.get(connection, str(DRAW))
        assert row is not None
        assert (row.state, row.digest, row.secret, len(row.sites)) == ("drawn", digest_of(row.input), SECRET, 2)
        for scope, sees in ((Scope(districts=("330702",)), True), (Scope(districts=("310115",)), False)):
            assert (await inspection_draws.get(connection, str(DRAW), scope=scope) is not None) is sees
        assert [one.draw_id for one in await inspection_draws.list_page(connection, state="drawn")] == [str(DRAW)]
        assert await inspection_draws.list_page(connection, scope=Scope(family_ids=("f",))) == []


def test_rebuilt_equals_followed(database_url: str) -> None:
    with writing(database_url) as writer:
        open_account(writer)
        cases = CaseWriter(writer)
        tell(cases)
        asyncio.run(follow(database_url))
        cases.do(CASE, c.AssignCase)
        cases.do(CASE, c.RequireRectification)
        cases.do(CASE, c.RecordCaseInspection)
        cases.do(SECOND, c.OpenCase, kind="clue", about_account_id="")
        cases.do(SECOND, c.ReclassifyCase)
        tomorrow = DAY + timedelta(days=1)
        cases.do(DRAW, AnnounceInspectionDraw, input=a_list(), public_source="the lottery", draw_on=tomorrow)
    asyncio.run(follow(database_url, most_rows=0))
    with writing(database_url) as writer:
        cases.writer = writer
        cases.do(CASE, c.AnswerRectification)
        cases.do(DRAW, DrawInspections, public_value="7", effective_on=tomorrow)
    asyncio.run(follow(database_url, most_rows=0))
    before = contents(database_url)
    assert asyncio.run(differences(database_url)) == []
    asyncio.run(rebuild(database_url, decode_event, batch=3))
    assert contents(database_url) == before

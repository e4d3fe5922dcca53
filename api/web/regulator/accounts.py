"""One institution's account: its balances now or then, its history with the provenance of each event, and controls."""

import asyncio
import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any, Final, TypedDict, get_args
from uuid import UUID

from psycopg import AsyncConnection
from starlette.responses import Response

from api.calls import account_id_of
from api.pages import place_of, read_cursor, write_cursor
from api.web.charts import balance_chart
from api.web.exports import EXPORTED, FORMATS, taken_along
from api.web.page_call import Notice, PageCall
from api.web.reconciled import confirmed_of
from api.web.site import Pages
from ledger.application.accounts import freeze_account, list_institution, unfreeze_account
from ledger.application.explain import Sentence, explain_event, in_one_sentence
from ledger.application.holds import set_minimum_balance
from ledger.application.ledger import CHINA
from ledger.application.time_travel import version_then
from ledger.domain.account import Buckets
from ledger.domain.errors import LedgerError
from ledger.domain.events import Event, FreezeScope, Listing
from ledger.domain.postings import BUCKETS, Bucket, Posting
from ledger.projections import alerts, balances, contracts, days, history, refunds
from ledger.projections.balances import AccountBalance
from ledger.projections.history import HistoryEntry
from ledger.storage.mapper import decode_event

pages = Pages(
    {
        "account_frozen": Notice("账户已冻结。", "The account is frozen."),
        "account_unfrozen": Notice("账户已解冻。", "The freeze is ended."),
        "minimum_set": Notice("最低余额已设定。", "The minimum balance is fixed."),
        "listing_changed": Notice("名单已变更。", "The listing is changed."),
    }
)
FREEZES: Final[tuple[FreezeScope, ...]] = get_args(FreezeScope)
LISTINGS: Final[tuple[Listing, ...]] = get_args(Listing)
HISTORY_PAGE: Final = 50
MOST: Final = 100
_ID: Final = re.compile("[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
CHART_DAYS: Final = 30
HISTORY_COLUMNS: Final = (
    "version",
    "effective_on",
    "recorded_at",
    "topic",
    "told",
    "told_zh",
    "postings",
    "actor",
    "cause",
    "policy",
)


@pages.get("/regulator/accounts/{account_id}", "regulator")
async def account(call: PageCall) -> Response:
    row = await supervised_account(call)
    async with call.pool.connection() as connection:
        raised = await alerts.list_page(
            connection, scope=call.scope, account_id=row.account_id, only_open=True, limit=MOST
        )
        asked = await refunds.list_page(
            connection, scope=call.scope, account_id=row.account_id, only_open=True, limit=MOST
        )
        signed = await contracts.list_page(
            connection,
            scope=call.scope,
            account_id=row.account_id,
            after=read_cursor(call.query("cursor")),
            limit=MOST + 1,
        )
        numbers = await contracts.numbers_of(connection, row.account_id, (one.contract_id for one in asked))
        today = call.ledger.today()
        first = max(row.opened_on, today - timedelta(days=CHART_DAYS - 1))
        last_days = await days.account_over(connection, row.account_id, first=min(first, today), last=today)
    return call.page(
        "regulator/account.html",
        account=row,
        confirmed=await confirmed_of(call, row),
        chart=balance_chart(last_days),
        alerts=raised,
        refunds=asked,
        contracts=signed[:MOST],
        more=write_cursor(place_of(signed[MOST - 1])) if len(signed) > MOST else None,
        numbers=numbers,
        most=MOST,
        freezes=FREEZES,
        listings=LISTINGS,
    )


@pages.get("/regulator/accounts/{account_id}/history", "regulator")
async def account_history(call: PageCall) -> Response:
    row = await supervised_account(call)
    newest = row.version
    before = min(newest, int(call.query("before") or newest)) if (call.query("before") or "1").isdigit() else newest
    form = call.picked("format", FORMATS)
    after = max(0, before - (EXPORTED if form else HISTORY_PAGE))
    async with call.pool.connection() as connection:
        entries = await history.list_with_events(
            connection,
            partition=row.partition,
            account_id=UUID(row.account_id),
            decode=decode_event,
            after_version=after,
            limit=before - after,
        )
        told = [] if form else [in_one_sentence(found) for _, found in entries]
        numbers = await _numbers_in(connection, row.account_id, told)
    if form:
        cells = await asyncio.to_thread(lambda: [_told(*one) for one in entries])
        return await taken_along(f"history-{row.account_id}", HISTORY_COLUMNS, cells, form)
    return call.page(
        "regulator/history.html",
        account=row,
        confirmed=await confirmed_of(call, row),
        formats=FORMATS,
        entries=[
            (entry, _with_numbers(sentence, numbers), _moved(entry.postings))
            for (entry, _), sentence in zip(reversed(entries), reversed(told), strict=True)
        ],
        older=after,
        newer=min(newest, before + HISTORY_PAGE),
    )


@pages.get("/regulator/accounts/{account_id}/events/{version}", "regulator")
async def event(call: PageCall) -> Response:
    row = await supervised_account(call)
    version = call.path("version")
    if not version.isascii() or not version.isdigit() or len(version) > 15 or version == "0":
        raise LedgerError("event_not_found", place=f"{row.account_id}/?")
    explanation = await explain_event(
        call.pool,
        call.books.rulebook,
        partitions=call.ledger.partitions,
        account_id=UUID(row.account_id),
        version=int(version),
    )
    async with call.pool.connection() as connection:
        (entry,) = await history.list_page(
            connection,
            partition=row.partition,
            account_id=UUID(row.account_id),
            decode=decode_event,
            after_version=int(version) - 1,
            limit=1,
        )
        owners = [line.owner for line in entry.postings if line.bucket == "prepaid"]
        numbers = await contracts.numbers_of(connection, row.account_id, owners)
        numbers |= await _numbers_in(connection, row.account_id, explanation.sentences)
    return call.page(
        "regulator/event.html",
        account=row,
        confirmed=await confirmed_of(call, row),
        explanation=explanation,
        sentences=[_with_numbers(sentence, numbers) for sentence in explanation.sentences],
        entry=entry,
        numbers=numbers,
    )


@pages.get("/regulator/accounts/{account_id}/as-of", "regulator")
async def then(call: PageCall) -> Response:
    """Balances at two moments beside each other: by recorded time, or by the day that events count for."""
    row = await supervised_account(call)
    kind = call.picked("kind", ("recorded", "effective")) or "recorded"
    today = call.ledger.today()
    first, second = _day(call.query("first"), row.opened_on), _day(call.query("second"), today)
    at_first, at_second = await _buckets(call, row, kind, first), await _buckets(call, row, kind, second)
    rows = [
        (bucket, getattr(at_first, bucket), getattr(at_second, bucket))
        for bucket in (*BUCKETS, "obligation_fen", "exposure_fen", "loss_if_closed_today_fen")
    ]
    return call.page(
        "regulator/as_of.html",
        account=row,
        confirmed=await confirmed_of(call, row),
        kind=kind,
        first=first,
        second=second,
        rows=rows,
        today=today,
    )


@pages.post("/regulator/accounts/{account_id}/freeze", "regulator")
async def freeze(call: PageCall) -> Response:
    outcome = await freeze_account(call.ledger, call.caller(), scope=call.choice("scope", FREEZES), **_said(call))
    return call.after(outcome, _path(call), done="account_frozen")


@pages.post("/regulator/accounts/{account_id}/unfreeze", "regulator")
async def unfreeze(call: PageCall) -> Response:
    outcome = await unfreeze_account(call.ledger, call.caller(), scope=call.choice("scope", FREEZES), **_said(call))
    return call.after(outcome, _path(call), done="account_unfrozen")


@pages.post("/regulator/accounts/{account_id}/minimum-balance", "regulator")
async def fix_minimum(call: PageCall) -> Response:
    outcome = await set_minimum_balance(call.ledger, call.caller(), amount_fen=call.fen("amount"), **_said(call))
    return call.after(outcome, _path(call), done="minimum_set")


@pages.post("/regulator/accounts/{account_id}/listing", "regulator")
async def change_listing(call: PageCall) -> Response:
    outcome = await list_institution(
        call.ledger, call.caller(), listing=call.choice("listing", LISTINGS), **_said(call)
    )
    return call.after(outcome, _path(call), done="listing_changed")


async def supervised_account(call: PageCall) -> AccountBalance:
    """The account of the path, if the regulator supervises it. Raises LedgerError `account_not_found`."""
    return await call.reader.account(call.path("account_id"), call.scope)


def _told(entry: HistoryEntry, found: Event) -> tuple[int | str | date | datetime | None, ...]:
    sentence = in_one_sentence(found)
    moved = "; ".join(f"{one.bucket} {one.owner} {one.amount_fen}".replace("  ", " ") for one in entry.postings)
    said = (entry.version, entry.effective_on, entry.recorded_at, entry.topic, sentence.en, sentence.zh)
    return (*said, moved, entry.actor, entry.cause, entry.policy)


def _moved(lines: Sequence[Posting]) -> dict[Bucket, int]:
    """What an event moved in each bucket (fen): a class of thirty is thirty lines of one bucket."""
    sums: dict[Bucket, int] = {}
    for line in lines:
        sums[line.bucket] = sums.get(line.bucket, 0) + line.amount_fen
    return sums


async def _numbers_in(
    connection: AsyncConnection[Any], account_id: str, sentences: Sequence[Sentence]
) -> dict[str, str]:
    """The number of each contract of the account that the sentences name by its id."""
    named = {one for sentence in sentences for one in _ID.findall(sentence.en)}
    return await contracts.numbers_of(connection, account_id, named)


def _with_numbers(sentence: Sentence, numbers: Mapping[str, str]) -> Sentence:
    def number(found: re.Match[str]) -> str:
        return numbers.get(found[0], found[0])

    return Sentence(_ID.sub(number, sentence.en), _ID.sub(number, sentence.zh))


class _Said(TypedDict):
    account_id: UUID
    reason: str
    on: date


def _said(call: PageCall) -> _Said:
    """What every form about the account says. Raises LedgerError `account_not_found`."""
    return _Said(account_id=account_id_of(call.path("account_id")), reason=call.text("reason"), on=call.ledger.today())


def _path(call: PageCall) -> str:
    return f"/regulator/accounts/{call.path('account_id')}"


def _day(text: str | None, otherwise: date) -> date:
    try:
        return date.fromisoformat(text) if text else otherwise
    except ValueError as error:
        raise LedgerError("form_field_wrong", field="first, second") from error


async def _buckets(call: PageCall, row: AccountBalance, kind: str, on: date) -> Buckets:
    if kind == "effective":
        async with call.pool.connection() as connection:
            return (await balances.effective_on(connection, row.account_id, on)).buckets
    end_of_day = datetime.combine(on, datetime.max.time(), CHINA)
    version = await version_then(
        call.ledger,
        call.reader,
        account_id=UUID(row.account_id),
        partition=row.partition,
        as_of=min(end_of_day, call.ledger.clock()),
    )
    return (await asyncio.to_thread(call.ledger.account_at_version, UUID(row.account_id), version)).buckets

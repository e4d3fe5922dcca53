"""Alerts to work on: acknowledged, assigned, silenced, resolved, each with the history of what was done."""

from typing import Any, Final, get_args

from starlette.responses import Response

from api.pages import read_cursor, write_cursor
from api.web.exports import EXPORTED, FORMATS, cells_of, taken_along
from api.web.page_call import Notice, PageCall
from api.web.site import Pages
from ledger.application.alerts import act_on_alert, alert_history
from ledger.domain.commands import AcknowledgeAlert, AlertCommand, AssignAlert, ResolveAlert, SilenceAlert
from ledger.projections import alert_queries, balances
from ledger.projections.alert_records import AlertState
from ledger.projections.alert_rules import RULES, Severity
from ledger.projections.paging import Cursor

pages = Pages(
    {
        "alert_acknowledged": Notice("已知悉。", "Acknowledged."),
        "alert_assigned": Notice("已指派。", "Assigned."),
        "alert_resolved": Notice("已解除。", "Resolved."),
        "alert_silenced": Notice("已静默。", "Silenced."),
    }
)
STATES: Final[tuple[AlertState, ...]] = get_args(AlertState)
SEVERITIES: Final[tuple[Severity, ...]] = get_args(Severity)
RULE_IDS: Final = tuple(sorted(rule.id for rule in RULES))
MOST: Final = 50
COLUMNS: Final = (
    "alert_id",
    "account_id",
    "institution_id",
    "rule",
    "severity",
    "state",
    "raised_on",
    "assignee",
    "escalated_on",
    "message",
    "message_zh",
)


@pages.get("/regulator/alerts", "regulator")
async def list_alerts(call: PageCall) -> Response:
    state = call.picked("state", STATES)
    form = call.picked("format", FORMATS)
    async with call.pool.connection() as connection:
        rows = await alert_queries.list_page(
            connection,
            scope=call.scope,
            rule=call.picked("rule", RULE_IDS),
            severity=call.picked("severity", SEVERITIES),
            state=state,
            assignee=call.query("assignee"),
            only_open=state is None,
            after=None if form else read_cursor(call.query("cursor")),
            limit=EXPORTED if form else MOST + 1,
        )
        accounts = await balances.by_id(connection, (one.account_id for one in rows))
    if form:
        cells = cells_of(COLUMNS, rows, institution_id=lambda one: accounts[one.account_id].institution_id)
        return await taken_along("alerts", COLUMNS, cells, form)
    more = None
    if len(rows) > MOST:
        last = rows[MOST - 1]
        more = write_cursor(Cursor(last.partition, last.position, last.ordinal))
    return call.page(
        "regulator/alerts.html",
        alerts=rows[:MOST],
        accounts=accounts,
        formats=FORMATS,
        more=more,
        rules=RULE_IDS,
        states=STATES,
        severities=SEVERITIES,
    )


@pages.get("/regulator/alerts/{alert_id}", "regulator")
async def alert(call: PageCall) -> Response:
    found = await alert_history(call.reader, call.path("alert_id"), call.scope)
    account = await call.reader.account(found.account_id, call.scope)
    return call.page("regulator/alert.html", alert=found, institution=account.institution_id, today=call.ledger.today())


@pages.post("/regulator/alerts/{alert_id}/acknowledgement", "regulator")
async def acknowledge(call: PageCall) -> Response:
    return await _act(call, AcknowledgeAlert, "alert_acknowledged", note=call.optional_text("note"))


@pages.post("/regulator/alerts/{alert_id}/assignment", "regulator")
async def assign(call: PageCall) -> Response:
    said = {"assignee": call.text("assignee", 64), "note": call.optional_text("note")}
    return await _act(call, AssignAlert, "alert_assigned", **said)


@pages.post("/regulator/alerts/{alert_id}/resolution", "regulator")
async def resolve(call: PageCall) -> Response:
    return await _act(call, ResolveAlert, "alert_resolved", reason=call.text("reason"))


@pages.post("/regulator/alerts/{alert_id}/silence", "regulator")
async def silence(call: PageCall) -> Response:
    return await _act(call, SilenceAlert, "alert_silenced", reason=call.text("reason"), until=call.day("until"))


async def _act(call: PageCall, kind: type[AlertCommand], done: str, **said: Any) -> Response:
    alert_id = call.path("alert_id")
    outcome = await act_on_alert(
        call.ledger, call.reader, call.caller(), kind, alert_id=alert_id, scope=call.scope, **said
    )
    return call.after(outcome, f"/regulator/alerts/{alert_id}", done=done)

"""The end of a day, whole: what falls due, wind-downs, the banks' word, alerts, cases, one after the other."""

from datetime import date
from typing import Final

from ledger.application.alert_clock import close_alerts
from ledger.application.caller import Caller
from ledger.application.case_clock import close_cases
from ledger.application.close_day import DayClosed, OnProgress, close_day
from ledger.application.ledger import Ledger
from ledger.application.reading import Reader
from ledger.application.reconciliation import reconcile_day
from ledger.application.wind_down import continue_wind_downs
from ledger.projections.paging import Scope

WAIT_S: Final = 600.0
"""So long a step waits for the views that it reads: a city's day is many events at once."""


async def daily_close(
    ledger: Ledger,
    reader: Reader,
    caller: Caller,
    *,
    scope: Scope,
    on: date,
    catch_up: bool = False,
    on_progress: OnProgress = lambda _day, _done, _total: None,
) -> DayClosed:
    """Close the day of the scope; `catch_up` closes the missed days before it first.

    Each step finds what it has to do in what is recorded, and leaves nothing of it: interrupted anywhere and asked
    again, the day comes to the same. So what moves money stands before what looks at it. Raises `date_too_early`,
    `date_in_future`, `projection_behind`.
    """
    closed = await close_day(
        ledger, reader.pool, caller, scope=scope, on=on, catch_up=catch_up, on_progress=on_progress
    )
    await reader.catch_up(WAIT_S)
    closed.wind_downs = await continue_wind_downs(ledger, reader, caller, scope=scope)
    closed.reconciled = await reconcile_day(ledger, reader, caller, scope=scope, on=on)
    await reader.catch_up(WAIT_S)
    closed.alerts = await close_alerts(ledger, reader, caller, scope=scope, on=on)
    await reader.catch_up(WAIT_S)
    closed.cases = await close_cases(ledger, reader, caller, scope=scope, on=on)
    return closed

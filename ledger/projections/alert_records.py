"""The rows of the view `alerts`: alerts, their changes, and what the rules need to know of accounts and subjects."""

from datetime import date, datetime, time
from typing import Literal, NamedTuple

import msgspec

from ledger.domain.account import Buckets
from ledger.domain.events import FIRST_DETECTION, AlertSubject, DetectionParameters
from ledger.projections.alert_rules import Figures, Severity
from ledger.projections.rows import Rows
from ledger.projections.state_table import StateTable
from ledger.projections.table import Table

AlertState = Literal["raised", "acknowledged", "assigned", "silenced", "resolved"]
AlertChangeKind = Literal["raised", "acknowledged", "assigned", "silenced", "escalated", "resolved"]


class Alert(msgspec.Struct, gc=False):
    """An alert raised by the event at `position` on the effective day `raised_on`, with the figures that tripped it.

    `waits_since` is the day since which somebody should act; `escalated_on` the day on which the clock found that
    nobody did. It is resolved by the event at which the figures have recovered, or by a person (`resolved_by`, else
    empty); `resolution` says why. While `silenced` it calls nobody through `silenced_until`.
    """

    alert_id: str
    partition: int
    position: int
    ordinal: int
    account_id: str
    rule: str
    severity: Severity
    source: str
    subject_kind: str
    subject_id: str
    raised_on: date
    raised_at: datetime
    waits_since: date
    figures: Figures
    message: str
    message_zh: str
    state: AlertState = "raised"
    acknowledged_by: str = ""
    acknowledged_at: datetime | None = None
    assignee: str = ""
    assigned_at: datetime | None = None
    escalated_on: date | None = None
    silenced_until: date | None = None
    resolved_position: int | None = None
    resolved_on: date | None = None
    resolved_at: datetime | None = None
    resolved_by: str = ""
    resolution: str | None = None
    resolution_zh: str | None = None


class AlertChange(msgspec.Struct, gc=False):
    """One change of an alert, and who made it: an alert's history, and what followers deliver.

    `ordinal` counts the changes of one event from 0. `reason` is a person's words or the sentence of the recovery;
    `until` is the last day of a silence.
    """

    partition: int
    position: int
    ordinal: int
    alert_id: str
    change: AlertChangeKind
    state: AlertState
    effective_on: date
    at: datetime
    actor: str
    account_id: str
    rule: str
    severity: Severity
    subject_kind: str
    subject_id: str
    reason: str = ""
    reason_zh: str = ""
    assignee: str = ""
    until: date | None = None


class Slot(msgspec.Struct, gc=False):
    """The open alert of one rule and subject, and until when the two are silenced."""

    open: Alert | None = None
    silenced_until: date | None = None


class Sign(msgspec.Struct, frozen=True, gc=False):
    """A sign of a runaway: the day (ordinal) on which it was last seen, and its figures."""

    day: int
    value: int = 0
    before: int = 0
    source: str = ""


class Premises(msgspec.Struct, frozen=True, gc=False):
    """Opening hours and the capacity of each room."""

    opens_at: time
    closes_at: time
    rooms: dict[str, int]


class AlertAccount(msgspec.Struct, gc=False):
    """What the rules need to know of an account. Days are proleptic Gregorian ordinals, 0 for none.

    `days` has cash changes and outflows (fen) by effective day, complete after `forgotten_through`; `bank_day` is the
    last day that a statement confirmed, `bank_difference_fen` the statement less our cash of that day; `overdue_breaks`
    are breaks past their day (an ordered set of their ids); `large_day` is
    the day of the last large movement. `minimum_of_reserve`: the reserve, not cash, has to
    cover the minimum. `draws` has lessons drawn, and silent ones of them, by day, and `taken_back`
    lessons taken back lately. `months` has fees
    received by month (`2026-03`), `off_book` the months that a timetable was recorded for, with what it is worth.
    `weeks` has samples at the end of weeks: Monday's ordinal, days of cover, refund backlog.
    """

    account_id: str
    partition: int
    buckets: Buckets
    days: dict[int, tuple[int, int]] = {}
    slots: dict[str, Slot] = {}
    detection: DetectionParameters = FIRST_DETECTION
    minimum_balance_fen: int = 0
    minimum_of_reserve: bool = False
    forgotten_through: int = 0
    bank_day: int = 0
    bank_difference_fen: int = 0
    overdue_breaks: dict[str, bool] = {}
    large_day: int = 0
    draws: dict[int, tuple[int, int]] = {}
    taken_back: dict[str, int] = {}
    months: dict[str, int] = {}
    off_book: dict[str, int] = {}
    weeks: list[tuple[int, int, int]] = []
    signs: dict[str, Sign] = {}
    premises: Premises | None = None


class AlertRefund(msgspec.Struct, gc=False):
    """What is owed on a refund, and which steps are overdue since when."""

    account_id: str
    refund_id: str
    partition: int
    quoted_fen: int = 0
    agreed_fen: int = 0
    payable_fen: int = 0
    overdue: dict[str, str] = {}
    slots: dict[str, Slot] = {}


class AlertedSubject(msgspec.Struct, gc=False):
    """The alerts of a subject that has nothing else to remember: a contract, a lesson, a payment."""

    account_id: str
    subject_kind: AlertSubject
    subject_id: str
    partition: int
    slots: dict[str, Slot] = {}


class BusySpans(msgspec.Struct, gc=False):
    """When a teacher (`teacher:<id>`) or a room (`room:<id>`) was busy: by day, lesson and minutes from and to."""

    account_id: str
    holder: str
    partition: int
    spans: dict[int, list[tuple[str, int, int]]] = {}


class ConfirmingDevice(msgspec.Struct, gc=False):
    """The contracts that were confirmed from one device, with the last day of each."""

    account_id: str
    device: str
    partition: int
    contracts: dict[str, int] = {}
    slots: dict[str, Slot] = {}


Holder = AlertAccount | AlertRefund | AlertedSubject | ConfirmingDevice

TABLE = Table("alerts", Alert, key=("alert_id",), json=("figures",))
CHANGES = Table("alert_changes", AlertChange, key=("partition", "position", "ordinal"))
ACCOUNTS = StateTable("alert_accounts", AlertAccount, key=("account_id",))
REFUNDS = Table("alert_refunds", AlertRefund, key=("account_id", "refund_id"), json=("overdue", "slots"))
SUBJECTS = Table("alert_subjects", AlertedSubject, key=("account_id", "subject_kind", "subject_id"), json=("slots",))
SPANS = Table("alert_spans", BusySpans, key=("account_id", "holder"), json=("spans",))
DEVICES = Table("alert_devices", ConfirmingDevice, key=("account_id", "device"), json=("contracts", "slots"))


class AlertRows(NamedTuple):
    """The rows of one partition, in the order of the view's tables."""

    alerts: Rows[str, Alert]
    changes: Rows[tuple[int, int, int], AlertChange]
    accounts: Rows[str, AlertAccount]
    refunds: Rows[tuple[str, str], AlertRefund]
    subjects: Rows[tuple[str, str, str], AlertedSubject]
    spans: Rows[tuple[str, str], BusySpans]
    devices: Rows[tuple[str, str], ConfirmingDevice]

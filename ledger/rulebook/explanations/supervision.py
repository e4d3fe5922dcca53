"""Sentences about what the bank reports, alerts and what they are judged by."""

from collections.abc import Iterator

import msgspec

from ledger.domain import events as e
from ledger.rulebook.explanations.wording import Teller, Told, figure, figures, money, word

SENTENCES: dict[type[e.Event], Told] = {
    e.BankBalanceReported: Told(
        "The bank reports a closing balance of {balance_fen} for {effective_on} (statement {statement_id}).",
        "银行报告{effective_on}日终余额{balance_fen}（对账单{statement_id}）。",
    ),
    e.BankStatementRecorded: Told(
        "The bank's statement {statement_id} from {from_on} to {to_on} (part {part} of {parts}) opens with "
        "{opening_fen} and closes with {closing_fen}.",
        "银行对账单{statement_id}（{from_on}至{to_on}，第{part}/{parts}部分），期初{opening_fen}，期末{closing_fen}。",
    ),
    e.UnexplainedDebitRecorded: Told(
        "{amount_fen} left the account without an instruction ({kind}, entry {bank_reference}); the institution owes "
        "it back.",
        "账户无指令流出{amount_fen}（{kind}，流水{bank_reference}），由机构补还。",
    ),
    e.UnexplainedDebitRestored: Told(
        "{amount_fen} that had left without an instruction came back (entry {bank_reference}).",
        "此前无指令流出的{amount_fen}已归还（流水{bank_reference}）。",
    ),
    e.BankBreakOverdue: Told(
        "Bank and ledger differ since {statement_on} by {difference_fen} ({kind}); nobody explained it by {due_on}.",
        "自{statement_on}起银行与账本相差{difference_fen}（{kind}），至{due_on}仍未说明。",
    ),
    e.BreakFound: Told(
        "Bank and ledger differ since {since_on}: {kind} ({subject}), {difference_fen}; the bank says {bank_fen}, the "
        "ledger {ledger_fen}. It is to be made good by {due_on}.",
        "自{since_on}起银行与账本不符：{kind}（{subject}），差额{difference_fen}；银行{bank_fen}，账本{ledger_fen}。"
        "应于{due_on}前处理。",
    ),
    e.BreakAssigned: Told(
        "The break {kind} was given to {assignee}: {note}.",
        "对账差异{kind}已交{assignee}处理：{note}。",
    ),
    e.BreakResolved: Told(
        "The break {kind} is over, {how}: {reason} ({link}).",
        "对账差异{kind}已了结，{how}：{reason}（{link}）。",
    ),
    e.DayReconciled: Told(
        "The day is {state}: the bank closes with {bank_fen}, our cash is {cash_fen}; assets {assets_fen}, liabilities "
        "{liabilities_fen}; families {families_fen} and lessons {lessons_fen} against {prepaid_fen} prepaid; open "
        "breaks: {open_breaks}.",
        "当日{state}：银行日终{bank_fen}，账面现金{cash_fen}；资产{assets_fen}，负债{liabilities_fen}；"
        "家庭合计{families_fen}、课时推算{lessons_fen}，预收费{prepaid_fen}；未结差异{open_breaks}项。",
    ),
    e.AlertAcknowledged: Told(
        "The alert {rule} on {subject_kind} {subject_id} was acknowledged: {note}.",
        "预警{rule}（{subject_kind}{subject_id}）已确认：{note}。",
    ),
    e.AlertAssigned: Told(
        "The alert {rule} on {subject_kind} {subject_id} was given to {assignee}: {note}.",
        "预警{rule}（{subject_kind}{subject_id}）已交{assignee}处理：{note}。",
    ),
    e.AlertResolved: Told(
        "The alert {rule} on {subject_kind} {subject_id} was ended: {reason}.",
        "预警{rule}（{subject_kind}{subject_id}）已解除：{reason}。",
    ),
    e.AlertSilenced: Told(
        "The alert {rule} on {subject_kind} {subject_id} is silent through {until}: {reason}.",
        "预警{rule}（{subject_kind}{subject_id}）静默至{until}：{reason}。",
    ),
    e.AlertSilenceEnded: Told(
        "The silence of the alert {rule} on {subject_kind} {subject_id} ran out after {until}.",
        "预警{rule}（{subject_kind}{subject_id}）的静默于{until}后到期。",
    ),
    e.AlertEscalated: Told(
        "Nobody acted by {due_on} on the alert {rule} on {subject_kind} {subject_id}, which waited since "
        "{waits_since}.",
        "预警{rule}（{subject_kind}{subject_id}）自{waits_since}起待处置，至{due_on}无人处理，予以升级。",
    ),
    e.DetectionParametersSet: Told(
        "From here on alerts judge the account by the parameters of its pack.", "自此按政策包参数判断该账户的预警。"
    ),
    e.FindingRecorded: Told(
        "A comparison over accounts found {kind} ({rule}) on {subject_kind} {subject_id}, by {source}.",
        "跨账户比对发现{kind}（{rule}，{subject_kind}{subject_id}），来源{source}。",
    ),
    e.InstitutionFactRecorded: Told(
        "At the institution, as {source} tells: {kind}; {value} now, {before} before.",
        "据{source}，机构情况：{kind}；现{value}，此前{before}。",
    ),
    e.PremisesRecorded: Told(
        "The premises are open from {opens_at} to {closes_at}; pupils by room: {rooms}.",
        "场所开放时间{opens_at}至{closes_at}；各教室容量：{rooms}。",
    ),
    e.TimetableRecorded: Told(
        "The timetable of the month from {month_starts_on} was recorded.", "已记录{month_starts_on}起当月课表。"
    ),
}


PARAMETERS: dict[str, Told] = {
    "large_movement_bp": Told("share of the balance that makes a movement large", "大额异动占余额比例"),
    "offbook_share_bp": Told("share of the expected fees that must come in", "应到账收费比例"),
    "offbook_periods": Told("periods below it", "连续不足期数"),
    "silent_share_bp": Told("share of lessons confirmed by silence", "视为确认占比"),
    "silent_days": Told("days that count for it", "视为确认统计天数"),
    "silent_least": Told("lessons without which there is no share", "视为确认最少课次"),
    "quick_confirmation_s": Told("seconds in which a confirmation counts as silence", "过快确认秒数"),
    "device_families": Told("families that may confirm from one device", "同一设备确认家庭数"),
    "runaway_days": Told("days in which signs of a runaway add up", "跑路迹象累计天数"),
    "round_trip_days": Told("days around a month's end for money that comes and goes", "月末资金往返天数"),
}
"""What each detection parameter is called."""


def _parameters(event: e.DetectionParametersSet) -> Iterator[Told]:
    for field in msgspec.structs.fields(event.parameters):
        name, value = PARAMETERS[field.name], figure(field.name, getattr(event.parameters, field.name))
        yield Told(f"{name.en}: {value.en}.", f"{name.zh}：{value.zh}。")


def _finding(event: e.FindingRecorded) -> Iterator[Told]:
    told = figures(event.figures)
    yield Told(f"Figures: {told.en}.", f"数据：{told.zh}。")


def _statement(event: e.BankStatementRecorded) -> Iterator[Told]:
    for entry in event.entries:
        amount, kind = money(entry.amount_fen), word(entry.kind)
        yield Told(
            f"Entry {entry.entry_reference} of {entry.booked_on}, {kind.en}: {amount.en}.",
            f"流水{entry.entry_reference}（{entry.booked_on}，{kind.zh}）：{amount.zh}。",
        )


OWNERS: dict[e.BreakOwner, Told] = {
    "bank": Told("the bank", "银行"),
    "institution": Told("the institution", "机构"),
    "regulator": Told("the regulator", "监管部门"),
    "operator": Told("the operator", "运营方"),
}


def _break(event: e.BreakFound) -> Iterator[Told]:
    owner = OWNERS[event.owner]
    yield Told(f"It is for {owner.en} to make good.", f"由{owner.zh}负责处理。")
    if event.short_fen:
        short = money(event.short_fen)
        yield Told(f"The bank does not have {short.en} that we count on.", f"账面计入的{short.zh}银行并无此款。")


def _timetable(event: e.TimetableRecorded) -> Iterator[Told]:
    for course in event.courses:
        price, expected = money(course.price_fen), money(course.price_fen * course.seats)
        yield Told(
            f"Course {course.course_id}: {course.seats} seats × {price.en} = {expected.en} expected.",
            f"课程{course.course_id}：{course.seats}座 × {price.zh} = 应收{expected.zh}。",
        )


DETAILS: dict[type[e.Event], Teller] = {
    e.BankStatementRecorded: _statement,
    e.BreakFound: _break,
    e.DetectionParametersSet: _parameters,
    e.FindingRecorded: _finding,
    e.TimetableRecorded: _timetable,
}

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
        "The bank's balance of {statement_on} differs from our cash by {difference_fen}, and nobody explained it by "
        "{due_on}.",
        "{statement_on}银行余额与账面现金相差{difference_fen}，至{due_on}仍未说明。",
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


def _parameters(event: e.DetectionParametersSet) -> Iterator[Told]:
    for field in msgspec.structs.fields(event.parameters):
        value = figure(field.name, getattr(event.parameters, field.name))
        name = field.name.removesuffix("_bp").replace("_", " ")
        yield Told(f"{name}: {value.en}.", f"{name}：{value.zh}。")


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


def _timetable(event: e.TimetableRecorded) -> Iterator[Told]:
    for course in event.courses:
        price, expected = money(course.price_fen), money(course.price_fen * course.seats)
        yield Told(
            f"Course {course.course_id}: {course.seats} seats × {price.en} = {expected.en} expected.",
            f"课程{course.course_id}：{course.seats}座 × {price.zh} = 应收{expected.zh}。",
        )


DETAILS: dict[type[e.Event], Teller] = {
    e.BankStatementRecorded: _statement,
    e.DetectionParametersSet: _parameters,
    e.FindingRecorded: _finding,
    e.TimetableRecorded: _timetable,
}

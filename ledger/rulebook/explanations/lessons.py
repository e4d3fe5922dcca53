"""Sentences about contracts and lessons: signed, taught, confirmed, drawn, disputed, reversed."""

from collections.abc import Iterator, Sequence

from ledger.domain import events as e
from ledger.rulebook.explanations.account import deadline, refusal
from ledger.rulebook.explanations.fees import told_findings
from ledger.rulebook.explanations.wording import Teller, Told, fill, money

SENTENCES: dict[type[e.Event], Told] = {
    e.ContractSigned: Told(
        "Contract {contract_no} was signed for course {course_id} ({category}), {starts_on} to {ends_on}, lessons of "
        "{lesson_minutes} minutes; gift lessons: {gift_valuation}.",
        "签订合同{contract_no}，课程{course_id}（{category}），{starts_on}至{ends_on}，每课{lesson_minutes}分钟；"
        "赠课：{gift_valuation}。",
    ),
    e.ContractEnded: Told(
        "Nothing is owed on contract {contract_id} any more; it was closed: {reason}.",
        "合同{contract_id}已无余额，予以了结：{reason}。",
    ),
    e.LeaveRecorded: Told(
        "Leave from lesson {lesson_id} of {lesson_on} was asked in time for contract {contract_id}: {reason}. It is "
        "never drawn for it.",
        "合同{contract_id}对{lesson_on}的课次{lesson_id}及时请假：{reason}。该课次不消课。",
    ),
    e.AbsenceRecorded: Told(
        "Lesson {lesson_id} of {lesson_on} did not happen for {contracts}, since {absent} was absent: {reason}. It is "
        "never drawn for them.",
        "{lesson_on}的课次{lesson_id}因{absent}缺席未向{contracts}授课：{reason}。该课次不消课。",
    ),
    e.LessonDelivered: Told(
        "Lesson {lesson_id} of course {course_id} ({minutes} minutes) was taught to {contracts}.",
        "课程{course_id}的课次{lesson_id}（{minutes}分钟）已授课，合同{contracts}。",
    ),
    e.LessonDrawn: Told(
        "Lesson {lesson_id} became the institution's, {basis}; payable from {releasable_on}.",
        "课次{lesson_id}消课（{basis}），自{releasable_on}起可拨付。",
    ),
    e.LessonWithdrawn: Told(
        "The institution took lesson {lesson_id} back before it was drawn: {reason}.",
        "机构在消课前撤回课次{lesson_id}：{reason}。",
    ),
    e.DrawReversed: Told(
        "The draw of lesson {lesson_id} was reversed: {reason}. {from_earned_fen} come out of what the institution has "
        "not been paid, {from_advance_fen} had been paid and are owed by it.",
        "课次{lesson_id}的消课已撤销：{reason}。其中{from_earned_fen}尚未拨付，{from_advance_fen}已拨付，由机构欠还。",
    ),
    e.AdvanceRecouped: Told(
        "Drawn lessons paid back {amount_fen} that the institution had received too early.",
        "已消课冲抵预拨{amount_fen}。",
    ),
    e.LessonDisputed: Told(
        "The family disputes lesson {lesson_id}: {reason}. This lesson waits, the rest goes on.",
        "家长对课次{lesson_id}提出异议：{reason}。仅该课次暂停，其余照常。",
    ),
    e.DisputeResolved: Told(
        "The dispute over lesson {lesson_id} ended: {outcome}, by {by} ({reason}).",
        "课次{lesson_id}的异议已处理：{outcome}（{by}；{reason}）。",
    ),
}


def _package_terms(event: e.ContractSigned) -> Iterator[Told]:
    for package in event.packages:
        price, list_price = money(package.price_fen), money(package.list_price_fen)
        kind = Told(" (time card)", "（计时卡）") if package.time_card else Told("", "")
        yield Told(
            f"Package {package.number}{kind.en}: {price.en} for {package.paid_lessons} lessons and "
            f"{package.gift_lessons} gifts; list price {list_price.en}.",
            f"课包{package.number}{kind.zh}：{price.zh}，{package.paid_lessons}课时，赠{package.gift_lessons}课时；"
            f"原价{list_price.zh}。",
        )
    if event.billing != "prepaid":
        yield Told("Each lesson is paid after it was taught; nothing is prepaid.", "先学后付，无预付款。")
    yield from told_findings(event.findings)


def _leave(event: e.LeaveRecorded) -> Iterator[Told]:
    if event.ends_on is not None:
        yield Told(f"The contract ends on {event.ends_on} now.", f"合同改至{event.ends_on}结束。")
    yield from told_findings(event.findings)


def _lines(lines: Sequence[e.DrawLine]) -> Iterator[Told]:
    for line in lines:
        amount = money(line.amount_fen)
        yield Told(
            f"Contract {line.contract_id}, package {line.package}, lesson {line.lesson}: {amount.en}.",
            f"合同{line.contract_id}，课包{line.package}，第{line.lesson}课：{amount.zh}。",
        )
        if line.billed_fen:
            bill = money(line.billed_fen)
            yield Told(f"The family is billed {bill.en} for it.", f"该课应由家长支付{bill.zh}。")
    if len(lines) > 1:
        whole = money(sum(line.amount_fen for line in lines))
        yield Told(f"Together {whole.en} of {len(lines)} families.", f"{len(lines)}户合计{whole.zh}。")


def _drawn(event: e.LessonDrawn) -> Iterator[Told]:
    if event.confirmation is not None:
        yield fill(
            Told("Confirmed by {how}; the family was told at {told_at}.", "家长以{how}确认，告知时间{told_at}。"),
            {"how": event.confirmation.how, "told_at": event.confirmation.told_at},
            words=frozenset({"how"}),
        )
    yield Told(
        "Lesson k of N is worth floor(price x k / N) less what the lessons before it were.",
        "第k课（共N课）的金额为价款×k÷N向下取整，减去此前各课之和。",
    )
    yield from _lines(event.lines)


def _delivered(event: e.LessonDelivered) -> Iterator[Told]:
    if event.makes_up:
        yield Told(f"It makes up for lesson {event.makes_up}.", f"本课为课次{event.makes_up}的补课。")
    if event.deemed_on is not None:
        yield Told(
            f"Families may confirm or dispute it until {event.deemed_on}; silence counts as a confirmation after that.",
            f"家长可在{event.deemed_on}前确认或提出异议，逾期视为确认。",
        )
        yield from deadline(event.deemed_term)
    for finding in event.findings:
        yield refusal(finding.code, finding.figures)
    yield from _lines(event.lines)


def _several(event: e.LessonWithdrawn | e.DrawReversed) -> Iterator[Told]:
    yield from _lines(event.lines)


def _one(event: e.LessonDisputed | e.DisputeResolved) -> Iterator[Told]:
    yield from _lines((event.line,))
    if isinstance(event, e.LessonDisputed) and event.reversed:
        yield Told("Silence had drawn it; the draw was taken back.", "该课次曾逾期视为确认，现撤回消课。")


DETAILS: dict[type[e.Event], Teller] = {
    e.ContractSigned: _package_terms,
    e.LeaveRecorded: _leave,
    e.LessonDelivered: _delivered,
    e.LessonDrawn: _drawn,
    e.LessonWithdrawn: _several,
    e.DrawReversed: _several,
    e.LessonDisputed: _one,
    e.DisputeResolved: _one,
}

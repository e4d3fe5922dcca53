"""A family's statement of a contract to keep or print: PDF/A in Chinese, with the balance in capitals."""

import asyncio
from typing import Final

import cn2an
from starlette.responses import Response

from api.web.lessons_left import lessons_left
from api.web.page_call import PageCall
from api.web.parent.contracts import own_contract
from api.web.rendering import instant, yuan
from api.web.site import Pages
from api.web.words import word
from ledger.packs.documents import Document, Section, Table, to_pdf
from ledger.projections import lessons
from ledger.projections.contract_payments import ContractPayment, list_payments
from ledger.projections.contracts import ContractBalance
from ledger.projections.lessons import FamilyLesson
from ledger.projections.paging import EVERYTHING
from ledger.projections.recorded_lessons import DrawnAtOnce, list_drawn_at_once
from ledger.storage.mapper import decode_event

pages = Pages()
MOST: Final = 500
TITLE: Final = "预收费监管账户对账单  Statement of a supervised contract"


def in_capitals(amount_fen: int) -> str:
    """Fen as Chinese capitals of yuan, as on cheques: 壹仟贰佰捌拾元伍角."""
    return str(cn2an.an2cn(f"{amount_fen // 100}.{amount_fen % 100:02}", "rmb"))


@pages.get("/parent/contracts/{contract_id}/statement.pdf", "parent")
async def statement(call: PageCall) -> Response:
    row = await own_contract(call, call.path("contract_id"))
    account = await call.reader.account(row.account_id, EVERYTHING)
    async with call.pool.connection() as connection:
        paid = await list_payments(connection, row, decode=decode_event)
        told = await lessons.list_page(connection, scope=call.scope, contract_id=row.contract_id, limit=MOST)
        at_once = await list_drawn_at_once(connection, row, told, decode=decode_event)
    changed_at = max([row.updated_at, *(one.updated_at for one in told)])
    document = Document(
        title=TITLE,
        made_at=changed_at,
        foot=f"合同 {row.contract_no}  最近变动 Last change {instant(changed_at)} (UTC+8)  "
        f"位置 Place {row.partition}:{row.updated_position}",
        sections=[
            _whose(row, account.bank, account.account_no, account.institution_id),
            _sums(row),
            _packages(row),
            _payments(paid),
            _lessons(sorted([*told, *at_once], key=lambda lesson: lesson.lesson_on)),
        ],
    )
    content = await asyncio.to_thread(to_pdf, document)
    headers = {"content-disposition": f'inline; filename="statement-{row.contract_id}.pdf"'}
    return Response(content, media_type="application/pdf", headers=headers)


def _whose(row: ContractBalance, bank: str, account_no: str, institution_id: str) -> Section:
    return Section(
        paragraphs=[
            f"合同编号 Contract: {row.contract_no}    科目 Subject: {row.subject}    学员 Student: {row.student_id}",
            f"机构 Institution: {institution_id}    托管银行 Bank: {bank}    监管账户 Account: {account_no}",
            f"合同期限 Term: {row.starts_on} – {row.ends_on}    状态 State: {_both('contract', row.status)}",
        ]
    )


def _packages(row: ContractBalance) -> Section:
    heads = (
        "课包 Package",
        "价格 Price (CNY)",
        "课时 Lessons",
        "剩余 Left",
        "已付 Paid (CNY)",
        "已消课 Drawn (CNY)",
        "已同意退 Refunds agreed (CNY)",
    )
    rows = [
        (
            str(package.number),
            yuan(package.price_fen),
            f"{package.paid_lessons}+{package.gift_lessons}",
            str(lessons_left([package])),
            yuan(package.paid_fen),
            yuan(package.drawn_fen),
            yuan(package.refunded_fen),
        )
        for package in row.packages
    ]
    return Section("课包 Packages", table=Table(heads, (2, 3, 2, 2, 3, 3, 3), rows, frozenset(range(1, 7))))


def _payments(paid: list[ContractPayment]) -> Section:
    heads = ("日期 Day", "金额 Amount (CNY)", "流水号 Reference")
    rows = [(one.paid_on.isoformat(), yuan(one.amount_fen), one.reference) for one in paid]
    return Section("缴费 Payments", table=Table(heads, (2, 2, 5), rows, frozenset({1})))


def _lessons(told: list[FamilyLesson | DrawnAtOnce]) -> Section:
    heads = ("上课日 Lesson on", "第几课 Number", "金额 Amount (CNY)", "状态 State")
    rows = [
        (
            one.lesson_on.isoformat(),
            str(one.lesson or "—"),
            yuan(one.amount_fen) if one.lesson else "—",
            _both("lesson_seen", one.state),
        )
        for one in told
    ]
    return Section("上课记录 Lessons", table=Table(heads, (2, 2, 2, 3), rows, frozenset({1, 2})))


def _both(kind: str, code: str) -> str:
    return f"{word('zh', kind, code)} {word('en', kind, code)}"


def _sums(row: ContractBalance) -> Section:
    return Section(
        "余额 Balance",
        paragraphs=[
            f"已付 Paid {yuan(row.paid_fen)} − 已消课 Drawn {yuan(row.drawn_fen)} − 已同意退 Refunds agreed "
            f"{yuan(row.refunded_fen)} − 扣款 Charged {yuan(row.charged_fen)} = 账户中属于您的 Yours "
            f"{yuan(row.prepaid_fen)} 元 CNY",
            f"人民币（大写）：{in_capitals(row.prepaid_fen)}",
        ],
    )

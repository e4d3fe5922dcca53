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
from ledger.projections.contracts import ContractBalance
from ledger.projections.paging import EVERYTHING

pages = Pages()
TITLE: Final = "预收费监管账户对账单  Statement of a supervised contract"


def in_capitals(amount_fen: int) -> str:
    """Fen as Chinese capitals of yuan, as on cheques: 壹仟贰佰捌拾元伍角."""
    return str(cn2an.an2cn(f"{amount_fen // 100}.{amount_fen % 100:02}", "rmb"))


@pages.get("/parent/contracts/{contract_id}/statement.pdf", "parent")
async def statement(call: PageCall) -> Response:
    row = await own_contract(call, call.path("contract_id"))
    account = await call.reader.account(row.account_id, EVERYTHING)
    as_of, place = instant(row.updated_at), f"{row.partition}:{row.updated_position}"
    document = Document(
        title=TITLE,
        made_at=row.updated_at,
        foot=f"合同 {row.contract_no}  截至 {as_of} (UTC+8)  位置 {place}",
        sections=[_whose(row, account.bank, account.account_no, account.institution_id), _packages(row), _sums(row)],
    )
    content = await asyncio.to_thread(to_pdf, document)
    headers = {"content-disposition": f'inline; filename="statement-{row.contract_id}.pdf"'}
    return Response(content, media_type="application/pdf", headers=headers)


def _whose(row: ContractBalance, bank: str, account_no: str, institution_id: str) -> Section:
    return Section(
        paragraphs=[
            f"合同编号 Contract: {row.contract_no}    科目 Subject: {row.subject}    学员 Student: {row.student_id}",
            f"机构 Institution: {institution_id}    托管银行 Bank: {bank}    监管账户 Account: {account_no}",
            f"合同期限 Term: {row.starts_on} – {row.ends_on}    状态 State: {word('zh', 'contract', row.status)}",
        ]
    )


def _packages(row: ContractBalance) -> Section:
    heads = ("课包 Package", "价格（元）", "课时", "剩余", "已付（元）", "已消课（元）", "已同意退（元）")
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

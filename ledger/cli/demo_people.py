"""The people of the demonstration: one of each role who may sign in to the pages, and the desk that shows them."""

import secrets
from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

import msgspec
import psycopg

from api.web.demo_desk import DESK_FILE, DemoUser, DeskFile
from api.web.demo_desk import Story as DeskStory
from ledger.application.access import Bindings, Role
from ledger.application.sign_in.installation_key import load_installation_key
from ledger.application.sign_in.users import add_user
from ledger.cli.output import say
from ledger.settings import Settings
from ledger.simulation.player import Player
from ledger.simulation.story import FILE_BANK, Story

_PASSWORD_BYTES: Final = 8


async def add_people(url: str, settings: Settings, story: Story) -> list[DemoUser]:
    """A regulator, a bank's clerk, an institution's teacher and an operator, with passwords of their own."""
    institution = story.late_refund.contract.institution.institution_id
    people: tuple[tuple[str, Role, Bindings], ...] = (
        ("regulator", "regulator", Bindings(districts=frozenset({"*"}))),
        ("teacher", "institution", Bindings(institutions=frozenset({institution}))),
        ("clerk", "bank", Bindings(bank=FILE_BANK)),
        ("checker", "bank", Bindings(bank=FILE_BANK)),
        ("operator", "operator", Bindings()),
    )
    key = load_installation_key(settings.data_dir)
    users: list[DemoUser] = []
    async with await psycopg.AsyncConnection[Any].connect(url) as connection:
        for user_id, role, bindings in people:
            password = f"demo-{secrets.token_hex(_PASSWORD_BYTES)}"
            address = await add_user(
                connection,
                key,
                user_id=user_id,
                name=user_id.capitalize(),
                role=role,
                bindings=bindings,
                password=password,
                now=datetime.now(UTC),
            )
            secret = parse_qs(urlsplit(address).query)["secret"][0]
            users.append(DemoUser(user_id=user_id, role=role, password=password, secret=secret))
    return users


def lay_out_desk(settings: Settings, story: Story, player: Player, users: list[DemoUser]) -> None:
    """Write what the desk shows: users, contracts of families, and where the stories are to be seen."""
    late = story.late_refund.contract
    debited, runaway = (player.names[f"account:{one.institution_id}"] for one in (story.debited, story.runaway))
    refund_id = player.names[f"refund:{late.contract_no}"]
    stories = [
        DeskStory(
            title="A shortfall",
            title_zh="余额不足",
            text=f"Money left the account of {story.debited.institution_id} without an instruction: what is missing, "
            "who would lose how much, and what the alert says.",
            text_zh=f"机构{story.debited.institution_id}的账户资金未经指令被划走：缺口多少、家长会损失多少、预警怎么说。",
            path=f"/regulator/accounts/{debited}",
            user_id="regulator",
        ),
        DeskStory(
            title="A late refund",
            title_zh="逾期退费",
            text=f"The bank forgot a refund that was agreed. Its family follows it: sign in with contract "
            f"{late.contract_no}.",
            text_zh=f"银行遗漏了一笔已同意的退费。家长可凭合同{late.contract_no}登录跟踪。",
            path=f"/parent/refunds/{refund_id}",
            user_id="parent",
        ),
        DeskStory(
            title="A runaway",
            title_zh="卷款跑路",
            text=f"{story.runaway.institution_id} changed its owner, sold below price and lost its teachers; refunds "
            "wait unanswered. See the alert, freeze the account, wind it down, take the claims pack.",
            text_zh=f"机构{story.runaway.institution_id}变更法定代表人、低价促销、教师离职，退费无人答复。"
            "查看预警，冻结账户，启动清算，下载退费清算包。",
            path=f"/regulator/accounts/{runaway}",
            user_id="regulator",
        ),
    ]
    desk = DeskFile(users=users, contracts=[late.contract_no, story.plans[0].contract.contract_no], stories=stories)
    path = settings.data_dir / DESK_FILE
    path.touch(mode=0o600)
    path.write_bytes(msgspec.json.encode(desk))


def print_people(url: str, users: list[DemoUser]) -> None:
    """Where to begin, and whom to be."""
    say(
        f"\n== Pages: open {url}/demo (log-ins, the clock, three stories) ==",
        f"\n== 页面：请打开 {url}/demo（登录信息、时钟、三个故事） ==",
    )
    for user in users:
        print(f"{user.role:12} user={user.user_id} password={user.password} (code: {url}/demo)")

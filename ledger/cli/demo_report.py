"""What the demonstration tells at its end: balances, alerts, the late refund, throughput, credentials, what to try."""

import json
import shlex
from dataclasses import dataclass, field
from typing import NamedTuple

from rich.console import Console
from rich.table import Table

from ledger.cli.output import choose, say
from ledger.simulation.player import Player
from ledger.simulation.story import REGULATOR, Story, bank_client, parents_client

_SHOWN_ALERTS = 4


@dataclass
class Totals:
    """One kind of phase: its steps, the events they caused, and the seconds they took."""

    title_zh: str
    steps: int = 0
    events: int = 0
    took_s: float = 0.0


@dataclass
class Played:
    """How the story went: by kind of phase, and in all."""

    steps: int
    events: int = 0
    requests: int = 0
    phases: dict[str, Totals] = field(default_factory=dict[str, Totals])

    def add(self, title: str, title_zh: str, steps: int, events: int, took_s: float) -> None:
        """Count one phase."""
        totals = self.phases.setdefault(title, Totals(title_zh))
        totals.steps += steps
        totals.events += events
        totals.took_s += took_s

    @property
    def took_s(self) -> float:
        """Seconds spent in phases."""
        return sum(totals.took_s for totals in self.phases.values())


def _table(*columns: tuple[str, str]) -> Table:
    table = Table(box=None, pad_edge=False)
    for en, zh in columns:
        table.add_column(choose(en, zh), justify="left" if not table.columns else "right", no_wrap=True)
    return table


def _print(table: Table) -> None:
    Console(width=160, highlight=False).print(table)


def yuan(amount_fen: int) -> str:
    """Fen as yuan for people: `12,345.67`."""
    sign, whole = ("-" if amount_fen < 0 else ""), abs(amount_fen)
    return f"{sign}{whole // 100:,}.{whole % 100:02}"


async def print_figures(player: Player, story: Story, played: Played) -> None:
    """Balances, alerts, the late refund and the throughput, all read through the API."""
    say("\n== Balances (yuan) ==", "\n== 余额（元） ==")
    await _print_balances(player, story)
    say("\n== Red alerts that are open ==", "\n== 未解除的红色预警 ==")
    await _print_alerts(player, story)
    say("\n== The refund that the bank forgot ==", "\n== 银行遗漏的退费 ==")
    await _print_refund(player, story)
    say("\n== The bank file sent twice ==", "\n== 重复发送的银行文件 ==")
    file = story.repeated_file
    say(
        f"{file.name} (camt.054) imported twice: {file.accepted} entries recorded the first time; the second time "
        f"every entry was recognised and nothing was recorded.",
        f"{file.name}（camt.054）导入两次：第一次入账{file.accepted}笔；第二次全部识别为重复，未记录任何事件。",
    )
    say("\n== Throughput through HTTP ==", "\n== HTTP 吞吐量 ==")
    _print_throughput(played)


async def _print_balances(player: Player, story: Story) -> None:
    table = _table(
        ("account", "账户"),
        ("cash", "现金"),
        ("prepaid", "未消课"),
        ("earned", "已消课"),
        ("refunds", "应退费"),
        ("suspense", "待查"),
        ("minimum", "最低余额"),
        ("loss today", "今日关停损失"),
    )
    late = story.late_refund.contract.institution
    for institution in dict.fromkeys((story.institutions[0], late, story.debited, story.raised)):
        one = institution.institution_id
        row = await player.get(REGULATOR, f"/v1/accounts/{player.names[f'account:{one}']}")
        amounts = ("cash", "prepaid", "earned", "refund_payable", "suspense", "minimum_balance", "loss_if_closed_today")
        table.add_row(one, *(yuan(row[f"{name}_fen"]) for name in amounts))
    _print(table)


async def _print_alerts(player: Player, story: Story) -> None:
    for rule in ("balance.shortfall", "balance.below_minimum", "refund.overdue", "institution.runaway"):
        page = await player.get(REGULATOR, "/v1/alerts", only_open=True, rule=rule, limit=_SHOWN_ALERTS)
        for alert in page["items"]:
            print(f"- {alert['rule']} ({alert['raised_on']}): {alert['message']}")
            print(f"  {alert['message_zh']}")


async def _print_refund(player: Player, story: Story) -> None:
    contract = story.late_refund.contract
    refund_id = player.names[f"refund:{contract.contract_no}"]
    refund = await player.get(parents_client(contract.institution.district), f"/v1/refunds/{refund_id}")
    say(
        f"Refund {refund_id}: {refund['state']}, {yuan(refund['agreed_fen'])} agreed, {yuan(refund['paid_fen'])} paid, "
        f"due on {refund['pay_due_on']}.",
        f"退费{refund_id}：{refund['state']}，同意{yuan(refund['agreed_fen'])}元，已付{yuan(refund['paid_fen'])}元，"
        f"应于{refund['pay_due_on']}前支付。",
    )
    for step in refund["steps"]:
        until = "" if step["until_on"] is None else choose(f", until {step['until_on']}", f"，至{step['until_on']}")
        done = step["done_on"] or choose("not done", "未完成")
        overdue = choose(" OVERDUE", " 已逾期") if step["overdue"] else ""
        say(
            f"- {step['name']} by {step['who']}: since {step['since_on']}{until}; done: {done}{overdue}",
            f"- {step['name']}（{step['who']}）：自{step['since_on']}{until}；完成：{done}{overdue}",
        )


def _print_throughput(played: Played) -> None:
    table = _table(("phase", "阶段"), ("steps", "步骤"), ("events", "事件"), ("seconds", "秒"), ("events/s", "事件/秒"))
    for title, totals in sorted(played.phases.items(), key=lambda item: -item[1].events):
        rate = round(totals.events / totals.took_s) if totals.took_s else 0
        name = choose(title, totals.title_zh)
        table.add_row(name, str(totals.steps), str(totals.events), f"{totals.took_s:.1f}", f"{rate:,}")
    _print(table)
    rate = round(played.events / played.took_s) if played.took_s else 0
    say(
        f"{played.events:,} events by {played.requests:,} requests in {played.took_s:.1f} s: {rate:,} events/s, with "
        f"client, server and database on this one machine.",
        f"{played.requests:,}个请求产生{played.events:,}个事件，用时{played.took_s:.1f}秒：每秒{rate:,}个事件"
        f"（客户端、服务器和数据库均在本机）。",
    )


def print_credentials(url: str, story: Story, secrets: dict[str, str]) -> None:
    """One client of each role, and the address."""
    say(f"\n== Server at {url} (reference: {url}/docs) ==", f"\n== 服务器 {url}（接口说明：{url}/docs） ==")
    shown: set[str] = set()
    for client in story.clients:
        if client.role not in shown:
            shown.add(client.role)
            print(f"{client.role:12} client_id={client.client_id} client_secret={secrets[client.client_id]}")


class Try(NamedTuple):
    """Something to try: a sentence in both languages, and one line of shell."""

    en: str
    zh: str
    command: str


async def things_to_try(player: Player, story: Story, url: str, secrets: dict[str, str]) -> list[Try]:
    """Commands to paste into a shell; each gets its own token."""
    contract = story.late_refund.contract
    refund_id = player.names[f"refund:{contract.contract_no}"]
    account_id = player.names[f"account:{story.raised.institution_id}"]
    missing_fen = (await player.get(REGULATOR, f"/v1/accounts/{account_id}"))["top_up_due_fen"]
    top_up = {
        "bank_reference": "TRY-1",
        "account_no": story.raised.account_no,
        "purpose": "reserve",
        "amount_fen": max(1, missing_fen),
        "value_on": story.start_on.isoformat(),
    }
    more = ["-i", "-H", "Content-Type: application/json", "-H", "Idempotency-Key: try-1", "-d", json.dumps(top_up)]
    return [
        Try(
            "The open red alerts, each with a Chinese and an English sentence:",
            "查看未解除的红色预警，每条均有中英文说明：",
            _curl(url, REGULATOR, secrets, "/v1/alerts?only_open=true&severity=red"),
        ),
        Try(
            "The late refund as its family follows it:",
            "以家长身份跟踪逾期退费：",
            _curl(url, parents_client(contract.institution.district), secrets, f"/v1/refunds/{refund_id}"),
        ),
        Try(
            "Top up the account that is below its minimum. Send it twice: the second answer says "
            "Idempotency-Replayed, and the money is there once:",
            "为低于最低余额的账户补足资金。发送两次：第二次返回 Idempotency-Replayed，只入账一次：",
            _curl(url, bank_client(story.raised.bank), secrets, "/v1/deposits", *more),
        ),
    ]


def print_things_to_try(tries: list[Try]) -> None:
    """The commands under their sentences."""
    say("\n== Three things to try ==", "\n== 三个可以尝试的操作 ==")
    for number, one in enumerate(tries, 1):
        say(f"{number}. {one.en}", f"{number}. {one.zh}")
        print(one.command)


def _curl(url: str, client: str, secrets: dict[str, str], path: str, *more: str) -> str:
    """One line of shell that asks for a token and then for the path."""
    form = f"grant_type=client_credentials&client_id={client}&client_secret={secrets[client]}"
    token = f'curl -s {url}/v1/oauth/token -d {shlex.quote(form)} | sed \'s/.*"access_token":"\\([^"]*\\)".*/\\1/\''
    options = " ".join(shlex.quote(part) for part in more)
    return f'curl -s {shlex.quote(url + path)} -H "Authorization: Bearer $({token})" {options}'.rstrip()

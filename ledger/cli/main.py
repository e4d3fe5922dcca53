"""The `escrow` command: its subcommands, the language of its sentences, and its exit status."""

from importlib import import_module
from importlib.metadata import version
from importlib.util import find_spec
from typing import Annotated, Literal

import typer

from ledger.cli import (
    bank_import,
    clients,
    close_day,
    config,
    demo,
    doctor,
    explain,
    export,
    export_entries,
    inspections,
    migrate,
    packs,
    payment_status,
    people,
    rebuild,
    reconcile,
    rules,
    serve,
    users,
    verify,
)
from ledger.cli.failures import EscrowGroup
from ledger.cli.output import begin

app = typer.Typer(
    cls=EscrowGroup,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="The ledger behind supervised prepaid tuition. Exit status: 0 done, 1 refused or differences found, 2 usage.",
)


def _print_version(value: bool) -> None:
    if value:
        print(version("escrow-ledger"))
        raise typer.Exit


@app.callback()
def root(
    lang: Annotated[
        Literal["en", "zh"] | None, typer.Option(help="Language of sentences; by the locale if absent.")
    ] = None,
    _version: Annotated[
        bool, typer.Option("--version", help="Print the version and exit.", callback=_print_version, is_eager=True)
    ] = False,
) -> None:
    """Runs before every subcommand."""
    begin(lang)


app.command("serve")(serve.run)
app.command("demo")(demo.run)
app.command("migrate")(migrate.run)
app.command("import")(bank_import.run)
app.add_typer(export.app, name="export")
export.app.command("entries")(export_entries.run)
app.command("payment-status")(payment_status.run)
app.command("close-day")(close_day.run)
app.command("reconcile")(reconcile.run)
app.command("verify")(verify.run)
app.command("rebuild")(rebuild.run)
app.command("doctor")(doctor.run)
app.add_typer(clients.app, name="client")
app.add_typer(users.app, name="user")
app.command("explain")(explain.run)
app.add_typer(rules.app, name="rules")
app.add_typer(config.app, name="config")
app.add_typer(inspections.app, name="inspections")
app.add_typer(people.app, name="people")
app.command("claims-pack")(packs.claims)
app.command("audit-pack")(packs.audit)
app.command("verify-pack")(packs.verify)


# Benchmarks come with the repository and not with every installation.
if find_spec("ledger.cli.bench") is not None:
    app.command("bench")(import_module("ledger.cli.bench").run)


def run() -> None:
    """The entry point of the `escrow` script."""
    app()

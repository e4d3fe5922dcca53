"""`escrow claims-pack`, `escrow audit-pack` and `escrow verify-pack`: an account's files for courts and auditors."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated
from uuid import UUID

import typer

from ledger.application.packs.claims import AccountClaims
from ledger.application.packs.claims_pack import PackWritten
from ledger.application.packs.making import PackOf, make_audit_pack, make_claims_pack
from ledger.application.packs.payees import Payees
from ledger.application.people.seeing import reveal_payees
from ledger.cli.output import REFUSED, JsonOption, choose, is_json, note, print_json, progress, say
from ledger.cli.people import operator, with_registry
from ledger.cli.store import open_store
from ledger.domain.errors import LedgerError
from ledger.packs.manifest import check_pack
from ledger.packs.signing_key import read_public_key
from ledger.people.access_log import require_reason
from ledger.settings import Settings

Account = Annotated[UUID, typer.Argument(help="The account's id.")]
Out = Annotated[Path | None, typer.Option("--out", help="New directory; named by kind, account and version if absent.")]
AsOf = Annotated[
    datetime | None,
    typer.Option(
        "--as-of",
        formats=["%Y-%m-%dT%H:%M:%S%z", "%Y-%m-%dT%H:%M:%S.%f%z"],
        help="As recorded until this instant, as 2026-09-01T10:30:00+0800; the last event if absent.",
    ),
]
Version = Annotated[int | None, typer.Option("--version", min=1, help="After this event of the account.")]


def claims(
    account: Account,
    out: Out = None,
    as_of: AsOf = None,
    version: Version = None,
    names: Annotated[bool, typer.Option("--names", help="With names and bank accounts; needs --reason.")] = False,
    reason: Annotated[str, typer.Option(help="Why names are revealed; it is kept in the access log for ever.")] = "",
    json_: JsonOption = False,
) -> None:
    """Write what every family claims and gets, with its arithmetic: CSV, Parquet, PDF, signed."""
    if names:
        require_reason(reason)
    settings, wanted = Settings(), _wanted(account, as_of, version)

    def named(found: AccountClaims) -> Payees | None:
        return _payees(found, reason) if names else None

    with open_store(settings) as database, progress("Writing claims", "正在生成清算包"):
        directory = out or Path(f"claims-{account}{_suffix(wanted)}")
        written = make_claims_pack(settings, database.url, wanted, directory, named=named)
    _tell(written, f"{written.families} families, {written.claims} claims", f"{written.families}户，{written.claims}笔")


def audit(
    account: Account, out: Out = None, as_of: AsOf = None, version: Version = None, json_: JsonOption = False
) -> None:
    """Write the account's whole history with postings, balances and reasons, verified: CSV, Parquet, PDF, signed."""
    settings, wanted = Settings(), _wanted(account, as_of, version)
    with open_store(settings) as database, progress("Telling events", "正在整理事件") as bar:
        directory = out or Path(f"audit-{account}{_suffix(wanted)}")
        written = make_audit_pack(settings, database.url, wanted, directory, on_progress=bar.show)
    _tell(written, f"{written.claims} events", f"{written.claims}个事件")


def verify(
    directory: Annotated[Path, typer.Argument(exists=True, file_okay=False, help="The pack.")],
    key: Annotated[
        Path | None, typer.Option(exists=True, dir_okay=False, help="Public key of whom you trust (pack-signing.pub).")
    ] = None,
    json_: JsonOption = False,
) -> None:
    """Check every file of a pack and its signature; nothing else is needed. Exit status 1 when anything is wrong."""
    trusted = None
    if key is not None:
        try:
            trusted = read_public_key(key)
        except ValueError as error:
            raise LedgerError("pack_key_malformed", file=str(key)) from error
    checked = check_pack(directory, trusted=trusted)
    if is_json():
        faults = [fault._asdict() for fault in checked.faults]
        print_json({"passed": not faults, "key_id": checked.key_id, "faults": faults, "manifest": checked.manifest})
    else:
        for fault in checked.faults:
            print(f"{fault.fault}: {fault.file}")
        if not checked.faults:
            count = len(checked.manifest["files"])
            say(
                f"{count} files are as they were signed by key {checked.key_id}.",
                f"{count}个文件与密钥{checked.key_id}签名时一致。",
            )
    if trusted is None and not checked.faults:
        note(
            "escrow: signed by the key in the pack itself; compare its id, or give --key.",
            "escrow: 签名公钥来自包内，请核对其标识或用 --key 指定。",
        )
    if checked.faults:
        raise typer.Exit(REFUSED)


def _wanted(account: UUID, as_of: datetime | None, version: int | None) -> PackOf:
    if as_of is not None and version is not None:
        raise typer.BadParameter(choose("Give one of --as-of and --version.", "--as-of 与 --version 只能给一个。"))
    if as_of is not None and as_of > datetime.now(UTC):
        raise LedgerError("instant_in_future", instant=as_of.astimezone(UTC).isoformat())
    return PackOf(account, as_of, version)


def _suffix(wanted: PackOf) -> str:
    if wanted.version is not None:
        return f"-v{wanted.version}"
    return "" if wanted.as_of is None else f"-{wanted.as_of.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def _payees(found: AccountClaims, reason: str) -> Payees:
    family_ids = {share.claim.family_id for share in found.shares}
    tokens = {route.route for share in found.shares for route in (*share.at_bank, *share.claim.routes)}
    names, routes = with_registry(
        lambda registry: reveal_payees(
            registry, operator(), found.place.account_id, family_ids=family_ids, routes=tokens, reason=reason
        )
    )
    return Payees(names, routes)


def _tell(written: PackWritten, en: str, zh: str) -> None:
    if is_json():
        told = {"directory": str(written.directory), "manifest_sha256": written.sha256}
        print_json(told | {"families": written.families, "rows": written.claims})
        return
    say(f"{written.directory}: {en}. SHA-256 of its manifest: {written.sha256}", f"{written.directory}：{zh}。")

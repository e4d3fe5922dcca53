"""`escrow client`: machine clients of the API."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, cast

import psycopg
import typer
from rich.console import Console
from rich.table import Table

from ledger.application.access import ROLE_SCOPES, Bindings, is_role
from ledger.application.clients import Client, add_client, list_clients, revoke_client
from ledger.cli.output import JsonOption, choose, is_json, note, print_json, say
from ledger.cli.store import with_connection
from ledger.domain.errors import LedgerError
from ledger.settings import Settings

app = typer.Typer(help="Machine clients of the API.", no_args_is_help=True)


@app.command("add")
def add(
    client_id: Annotated[str, typer.Argument(help="1 to 64 letters, digits, dots, underscores, hyphens.")],
    role: Annotated[str, typer.Option(help="bank, institution, parent, regulator or operator.")],
    name: Annotated[str, typer.Option(help="For people; the id if absent.")] = "",
    scope: Annotated[list[str] | None, typer.Option(help="A permission; all of the role's if absent.")] = None,
    bank: Annotated[str | None, typer.Option(help="Bank code of a bank's client.")] = None,
    institution: Annotated[list[str] | None, typer.Option(help="Institution of an institution's client.")] = None,
    family: Annotated[list[str] | None, typer.Option(help="Family of a parent's client.")] = None,
    district: Annotated[list[str] | None, typer.Option(help="District of a regulator's client; * is the city.")] = None,
    authority: Annotated[
        list[str] | None, typer.Option(help="Authority in the districts of a regulator's client; all if absent.")
    ] = None,
    jwks: Annotated[
        Path | None, typer.Option(exists=True, dir_okay=False, help="Public key set; a secret is made if absent.")
    ] = None,
    json_: JsonOption = False,
) -> None:
    """Add a client. Without a key set its secret is printed once, and never again."""
    settings = Settings()
    if not is_role(role):
        raise typer.BadParameter(f"{role} is none of {', '.join(ROLE_SCOPES)}", param_hint="--role")
    bindings = Bindings(
        bank=bank,
        institutions=frozenset(institution or ()),
        families=frozenset(family or ()),
        districts=frozenset(district or ()),
        authorities=frozenset(authority or ()),
    )
    scopes = frozenset(scope or ROLE_SCOPES[role])
    keys = None if jwks is None else _read_keys(jwks)

    async def do(connection: psycopg.AsyncConnection[Any]) -> str | None:
        return await add_client(
            connection,
            client_id=client_id,
            name=name or client_id,
            role=role,
            scopes=scopes,
            bindings=bindings,
            now=datetime.now(UTC),
            public_jwks=keys,
        )

    secret = with_connection(settings, do)
    if is_json():
        print_json({"client_id": client_id, "role": role, "scopes": sorted(scopes), "client_secret": secret})
    else:
        say(f"client_id: {client_id}", f"客户端标识：{client_id}")
        if secret is not None:
            say(f"client_secret: {secret}", f"客户端密钥：{secret}")
            say("Keep it now: it is not shown again.", "请立即保存，不会再次显示。")
    if secret is not None and not settings.allow_dev_secrets:
        note(
            "escrow: servers refuse client secrets unless ESCROW_ALLOW_DEV_SECRETS is on; use --jwks in production.",
            "escrow: 未开启 ESCROW_ALLOW_DEV_SECRETS 时服务器不接受密钥；生产环境请使用 --jwks。",
        )


@app.command("list")
def show(json_: JsonOption = False) -> None:
    """List all clients, the revoked ones too."""
    clients = with_connection(Settings(), list_clients)
    if is_json():
        print_json([_as_json(client) for client in clients])
        return
    columns = ("client", "role", "bound to", "proof", "created", "revoked")
    columns_zh = ("客户端", "角色", "绑定", "凭证", "创建时间", "撤销时间")
    table = Table(*(choose(en, zh) for en, zh in zip(columns, columns_zh, strict=True)), box=None)
    for client in clients:
        row = _as_json(client)
        bound = json.dumps(row["bindings"], ensure_ascii=False)
        table.add_row(client.client_id, client.role, bound, row["proof"], row["created_at"], row["revoked_at"] or "")
    Console(soft_wrap=True).print(table)


@app.command("revoke")
def revoke(client_id: str, json_: JsonOption = False) -> None:
    """Revoke a client: its tokens stop working within half a minute. Its id is never given again."""

    async def do(connection: psycopg.AsyncConnection[Any]) -> datetime:
        return await revoke_client(connection, client_id=client_id, now=datetime.now(UTC))

    since = with_connection(Settings(), do)
    if is_json():
        print_json({"client_id": client_id, "revoked_at": since.isoformat()})
    else:
        say(f"{client_id} is revoked since {since.isoformat()}.", f"{client_id}自{since.isoformat()}起已撤销。")


def _read_keys(path: Path) -> dict[str, Any]:
    try:
        keys: Any = json.loads(path.read_bytes())
    except ValueError as error:
        raise LedgerError("client_key_wrong") from error
    if not isinstance(keys, dict):
        raise LedgerError("client_key_wrong")
    return cast(dict[str, Any], keys)


def _as_json(client: Client) -> dict[str, Any]:
    return {
        "client_id": client.client_id,
        "name": client.name,
        "role": client.role,
        "scopes": sorted(client.scopes),
        "bindings": client.bindings.to_json(),
        "proof": "keys" if client.public_jwks is not None else "secret",
        "created_at": client.created_at.isoformat(timespec="seconds"),
        "revoked_at": None if client.revoked_at is None else client.revoked_at.isoformat(timespec="seconds"),
    }

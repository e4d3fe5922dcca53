"""`escrow user`: users of the staff who sign in to the pages."""

import json
from datetime import UTC, datetime
from typing import Annotated, Any

import psycopg
import typer
from rich.console import Console
from rich.table import Table

from ledger.application.access import ROLE_SCOPES, Bindings, is_role
from ledger.application.sign_in import sessions, users
from ledger.application.sign_in.installation_key import load_installation_key
from ledger.cli.output import JsonOption, choose, is_json, print_json, say
from ledger.cli.store import with_connection
from ledger.settings import Settings

app = typer.Typer(help="Persons who sign in to the pages.", no_args_is_help=True)
PasswordOption = Annotated[
    str, typer.Option(prompt=True, hide_input=True, confirmation_prompt=True, envvar="ESCROW_NEW_PASSWORD")
]


@app.command("add")
def add(
    user_id: Annotated[str, typer.Argument(help="User name: 1 to 64 letters, digits, dots, underscores, hyphens.")],
    role: Annotated[str, typer.Option(help="bank, institution, regulator or operator.")],
    password: Annotated[
        str | None, typer.Option(envvar="ESCROW_NEW_PASSWORD", help="Asked for if absent.", show_default=False)
    ] = None,
    by_provider: Annotated[bool, typer.Option(help="Without a password: by the identity provider alone.")] = False,
    name: Annotated[str, typer.Option(help="For people; the user name if absent.")] = "",
    bank: Annotated[str | None, typer.Option(help="Bank code of a bank's user.")] = None,
    institution: Annotated[list[str] | None, typer.Option(help="Institution of an institution's user.")] = None,
    district: Annotated[list[str] | None, typer.Option(help="District of a regulator; * is the city.")] = None,
    authority: Annotated[list[str] | None, typer.Option(help="Authority in the districts; all if absent.")] = None,
    json_: JsonOption = False,
) -> None:
    """Add a user. The address for an authenticator app is printed once, and never again."""
    settings = Settings()
    if not is_role(role):
        raise typer.BadParameter(f"{role} is none of {', '.join(ROLE_SCOPES)}", param_hint="--role")
    bindings = Bindings(
        bank=bank,
        institutions=frozenset(institution or ()),
        districts=frozenset(district or ()),
        authorities=frozenset(authority or ()),
    )
    key = load_installation_key(settings.data_dir)
    if password is None and not by_provider:
        password = typer.prompt("Password", hide_input=True, confirmation_prompt=True)

    async def do(connection: psycopg.AsyncConnection[Any]) -> str:
        return await users.add_user(
            connection,
            key,
            user_id=user_id,
            name=name or user_id,
            role=role,
            bindings=bindings,
            password=None if by_provider else password,
            now=datetime.now(UTC),
        )

    authenticator = with_connection(settings, do)
    if by_provider:
        authenticator = ""
    _print_authenticator(user_id, authenticator)


@app.command("renew")
def renew(user_id: str, password: PasswordOption, json_: JsonOption = False) -> None:
    """Give a user another password and authenticator, and end all their sessions."""
    settings = Settings()
    key = load_installation_key(settings.data_dir)

    async def do(connection: psycopg.AsyncConnection[Any]) -> str:
        address = await users.renew_credentials(connection, key, user_id=user_id, password=password)
        await sessions.end_sessions_of(connection, user_id, now=datetime.now(UTC))
        return address

    _print_authenticator(user_id, with_connection(settings, do))


@app.command("disable")
def disable(user_id: str, json_: JsonOption = False) -> None:
    """Keep a user from signing in, and end all their sessions."""

    async def do(connection: psycopg.AsyncConnection[Any]) -> tuple[datetime, int]:
        now = datetime.now(UTC)
        since = await users.disable_user(connection, user_id=user_id, now=now)
        return since, await sessions.end_sessions_of(connection, user_id, now=now)

    since, ended = with_connection(Settings(), do)
    if is_json():
        print_json({"user_id": user_id, "disabled_at": since.isoformat(), "sessions_ended": ended})
    else:
        say(
            f"{user_id} is disabled since {since.isoformat()}; sessions ended: {ended}.",
            f"{user_id}自{since.isoformat()}起已停用，已结束会话{ended}个。",
        )


@app.command("list")
def show(json_: JsonOption = False) -> None:
    """List all users, the disabled ones too."""
    found = with_connection(Settings(), users.list_users)
    if is_json():
        print_json([_as_json(user) for user in found])
        return
    columns = ("user", "name", "role", "bound to", "created", "disabled")
    columns_zh = ("用户", "姓名", "角色", "绑定", "创建时间", "停用时间")
    table = Table(*(choose(en, zh) for en, zh in zip(columns, columns_zh, strict=True)), box=None)
    for user in found:
        row = _as_json(user)
        bound = json.dumps(row["bindings"], ensure_ascii=False)
        table.add_row(user.user_id, user.name, user.role, bound, row["created_at"], row["disabled_at"] or "")
    Console(soft_wrap=True).print(table)


def _print_authenticator(user_id: str, address: str) -> None:
    if is_json():
        print_json({"user_id": user_id, "authenticator": address})
        return
    say(f"user: {user_id}", f"用户：{user_id}")
    if not address:
        return
    say(f"authenticator: {address}", f"动态验证码配置：{address}")
    say("Keep it now: it is not shown again.", "请立即保存，不会再次显示。")


def _as_json(user: users.User) -> dict[str, Any]:
    return {
        "user_id": user.user_id,
        "name": user.name,
        "role": user.role,
        "bindings": user.bindings,
        "created_at": user.created_at.isoformat(timespec="seconds"),
        "disabled_at": None if user.disabled_at is None else user.disabled_at.isoformat(timespec="seconds"),
    }

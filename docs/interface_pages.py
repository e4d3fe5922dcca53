"""Reference pages of the interfaces: refusal codes, settings, the command line, and HTTP routes."""

import ast
import re
import tempfile
from pathlib import Path
from typing import Any

import typer.main
from page_text import code, codes, page, prose, table

from api.codes import EDGE_CODES
from api.errors import status_of
from api.field_errors import FAULTS
from api.server import build_app
from ledger.application.access import ROLE_SCOPES
from ledger.application.verification.differences import KINDS
from ledger.bank.codes import ENTRY_CODES, FILE_CODES, STATEMENT_CODES
from ledger.cli.main import app as cli
from ledger.domain.errors import CATALOGUE
from ledger.settings import Settings

REPOSITORY = Path(__file__).parents[1]
_QUOTED = re.compile(r"`(\w+)`")
_METHODS = ("get", "post", "put", "patch", "delete")


def settings_page() -> str:
    """`settings.md`: each setting with its variable, its default and what it does."""
    rows = [
        (code(row.name), code(row.variable), code(row.default) or "unset", row.description)
        for row in Settings.model_construct().describe()
    ]
    return page(
        "Settings",
        "Read from the environment, or by name from the TOML file that `ESCROW_CONFIG` names; without that from\n"
        "`escrow.toml` in the working directory, if it is there. The environment wins. `escrow config show` prints\n"
        "what is in force.",
        table(("setting", "variable", "default", "what it does"), rows),
    )


def refusals_page() -> str:
    """`refusals.md`: every code by which something is refused."""
    sentences = ("code", "status", "English", "中文")
    return page(
        "Refusal codes",
        "Codes are stable: they are never renamed or reused. `{name}` places are the figures, which an answer also "
        "carries by name. A running server explains each code at `/problems/{code}`.",
        "## Of the ledger",
        "A command that is refused with one of these leaves no trace.",
        table(sentences, [(code(c.code), str(status_of(c.code)), c.en, c.zh) for c in CATALOGUE.values()]),
        "## Of bank files",
        "A whole file is refused: nothing in it is used.",
        table(sentences, [(code(c.code), str(status_of(c.code)), c.en, c.zh) for c in FILE_CODES.values()]),
        "One entry is refused, in the results of a file whose other entries are used:",
        table(("code", "English", "中文"), [(code(c.code), c.en, c.zh) for c in ENTRY_CODES.values()]),
        "A statement cannot be recorded for the reconciliation; its entries are used:",
        table(("code", "English", "中文"), [(code(c.code), c.en, c.zh) for c in STATEMENT_CODES.values()]),
        "## Of the HTTP edge",
        "Refused before any use case is asked.",
        table(sentences, [(code(name), str(c.status), c.en, c.zh) for name, c in EDGE_CODES.items()]),
        "Faulty fields, in `errors` of a `request_invalid`:",
        table(("code", "English", "中文"), [(code(name), fault.en, fault.zh) for name, fault in FAULTS.items()]),
        "The token endpoint answers with the codes of RFC 6749: " + codes(sorted(_oauth_codes())) + ".",
        "## Of the store and the command line",
        "Not refusals of a command, but reasons why the ledger cannot work; each says what to do, in both languages.",
        table(("code", "raised in"), [(code(name), codes(places)) for name, places in _storage_codes().items()]),
        "## What verification can find",
        "Kinds of differences of `escrow verify`.",
        table(("kind", "English", "中文"), [(code(name), kind.en, kind.zh) for name, kind in KINDS.items()]),
    )


def _first_arguments(folder: str, *names: str) -> list[tuple[str, str]]:
    """(first argument, file) of every call of these names with a literal first argument."""
    found: list[tuple[str, str]] = []
    for path in sorted((REPOSITORY / folder).rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call) or not node.args or not isinstance(node.args[0], ast.Constant):
                continue
            called = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
            if called in names and isinstance(node.args[0].value, str):
                found.append((node.args[0].value, str(path.relative_to(REPOSITORY))))
    return found


def _storage_codes() -> dict[str, list[str]]:
    places: dict[str, set[str]] = {}
    for name, path in _first_arguments("ledger", "StorageError", "fail", "_failure"):
        places.setdefault(name, set()).add(path)
    return {name: sorted(paths) for name, paths in sorted(places.items())}


def _oauth_codes() -> set[str]:
    return {name for name, _ in _first_arguments("api/auth", "OAuthError")} | {"unsupported_grant_type"}


def command_line_page() -> str:
    """`command-line.md`: every subcommand of `escrow` with its arguments and options."""
    root: Any = typer.main.get_command(cli)
    parts = [
        prose(root.help),
        "`escrow --lang zh COMMAND` answers in Chinese; without it the locale decides. Every command that a program "
        "may read takes `--json`. Settings come from the environment: [settings](settings.md).",
    ]
    for words, command in _commands(root, []):
        usage = " ".join(
            ["escrow", *words, *(_usage(one) for one in command.params if not one.opts[0].startswith("-"))]
        )
        parts += [f"## escrow {' '.join(words)}", prose(command.help), f"```\n{usage} [OPTIONS]\n```"]
        rows = [_option(one) for one in command.params if one.name != "help"]
        if rows:
            parts.append(table(("argument or option", "default", "what it does"), rows))
    return page("Command line", *parts)


def _commands(group: Any, words: list[str]) -> list[tuple[list[str], Any]]:
    found: list[tuple[list[str], Any]] = []
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            found += _commands(command, [*words, name])
        else:
            found.append(([*words, name], command))
    return found


def _usage(argument: Any) -> str:
    name = argument.name.upper()
    many = "..." if argument.nargs == -1 else ""
    return f"{name}{many}" if argument.required else f"[{name}{many}]"


def _option(one: Any) -> tuple[str, str, str]:
    is_argument = not one.opts[0].startswith("-")
    if is_argument:
        default = "required" if one.required else ""
        return code(one.name.upper()), default, one.help or ""
    default = "required" if one.required else "" if one.default in (None, False, "") else code(one.default)
    return codes(one.opts), default, one.help or ""


def routes_page() -> str:
    """`http-routes.md`: every route with its permission, the roles that may hold it, and its problems."""
    document = _openapi()
    operations = [
        (method.upper(), path, item[method])
        for path, item in document["paths"].items()
        for method in _METHODS
        if method in item
    ]
    by_tag: dict[str, list[tuple[str, str, Any]]] = {}
    for operation in operations:
        by_tag.setdefault(operation[2]["tags"][0], []).append(operation)
    parts = [
        "The same as a running server's `/docs`, without fields and examples; `/openapi.json` has everything. A role "
        "is what a client was added with; beside the permission its row scope decides whose accounts it sees.",
        "Pages without a description: `/docs`, `/docs/style.css`, `/openapi.json`, `/problems/{code}`.",
    ]
    for tag, of_tag in by_tag.items():
        parts += [
            f"## {tag}",
            table(
                ("route", "what", "permission", "roles"),
                [
                    (
                        code(f"{method} {path}"),
                        one["summary"],
                        code(_permission(one)) or "none",
                        _roles(_permission(one)),
                    )
                    for method, path, one in of_tag
                ],
            ),
        ]
    parts.append("## Problems of each route")
    for method, path, one in operations:
        refused = [
            f"- {status}: {codes(_QUOTED.findall(answer['description']))}"
            for status, answer in sorted(one["responses"].items())
            if answer["description"].startswith("Refused")
        ]
        if refused:
            parts += [f"### {method} {path}", one.get("description", ""), "\n".join(refused)]
    return page("HTTP routes", *parts)


def _openapi() -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as directory:
        # Nothing connects before the app's lifespan begins.
        return build_app(Settings(data_dir=Path(directory)), "postgresql://").openapi()


def _permission(operation: Any) -> str:
    return ", ".join(scope for need in operation.get("security", []) for scopes in need.values() for scope in scopes)


def _roles(permission: str) -> str:
    if not permission:
        return "anybody"
    return ", ".join(role for role, scopes in ROLE_SCOPES.items() if permission in scopes)

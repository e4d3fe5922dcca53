"""What every command says and how: the language, text or JSON, progress bars, and expected failures as one sentence."""

import json
import os
import sys
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Annotated, Any, Final, Literal, NoReturn

import msgspec
import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

Language = Literal["en", "zh"]

REFUSED: Final = 1
"""Exit status of a command that was refused, or that found differences."""
USAGE: Final = 2

_language: ContextVar[Language] = ContextVar("language", default="en")
_json: ContextVar[bool] = ContextVar("json", default=False)


def language_of_environment() -> Language:
    """Chinese when the locale says so (`LC_ALL`, then `LC_MESSAGES`, then `LANG`), else English."""
    for variable in ("LC_ALL", "LC_MESSAGES", "LANG"):
        locale = os.environ.get(variable)
        if locale:
            return "zh" if locale.lower().startswith("zh") else "en"
    return "en"


def begin(language: Language | None) -> None:
    """Set the language of this run; text, until a command's `--json` says otherwise."""
    _language.set(language or language_of_environment())
    _json.set(False)


def set_json(value: bool) -> bool:
    """Whether this run prints JSON."""
    _json.set(value)
    return value


def set_language(value: Language | None) -> Language | None:
    """The language of this command, where it was asked for behind the command's name."""
    if value is not None:
        _language.set(value)
    return value


LangOption = Annotated[Language | None, typer.Option("--lang", help="Language of sentences.", callback=set_language)]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON for programs.", callback=set_json)]


def is_json() -> bool:
    """Whether the command was asked for JSON."""
    return _json.get()


def is_chinese() -> bool:
    """Whether sentences are to be Chinese."""
    return _language.get() == "zh"


def choose(en: str, zh: str) -> str:
    """The sentence of the language asked for."""
    return zh if is_chinese() else en


def say(en: str, zh: str) -> None:
    """One line for people on standard output; nothing under `--json`."""
    if not is_json():
        print(choose(en, zh), flush=True)


def note(en: str, zh: str) -> None:
    """One line for people on standard error, for what is not the answer itself."""
    print(choose(en, zh), file=sys.stderr, flush=True)


def print_json(value: object) -> None:
    """The command's answer as one JSON document on standard output."""
    plain: Any = msgspec.to_builtins(value)
    print(json.dumps(plain, ensure_ascii=False, indent=2), flush=True)


def fail(
    code: str, en: str, zh: str, *, status: int = REFUSED, figures: Mapping[str, int | str] | None = None
) -> NoReturn:
    """End the command: a sentence on standard error, or under `--json` a document with the code on standard output."""
    if is_json():
        print_json({"error": {"code": code, "message": en, "message_zh": zh, "figures": dict(figures or {})}})
    else:
        print(f"escrow: {choose(en, zh)}", file=sys.stderr, flush=True)
    raise typer.Exit(status)


@contextmanager
def progress(en: str, zh: str, total: int | None = None) -> Generator["Bar"]:
    """A progress bar on standard error, drawn on a terminal only; without a total it shows that time passes."""
    columns = [
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    ]
    console = Console(stderr=True)
    with Progress(*columns, console=console, transient=True, disable=is_json() or not console.is_terminal) as bars:
        yield Bar(bars, bars.add_task(choose(en, zh), total=total))


class Bar:
    """One running progress bar."""

    def __init__(self, bars: Progress, task: Any) -> None:
        self._bars = bars
        self._task = task

    def show(self, done: int, total: int | None = None) -> None:
        """How much is done, and how much there is, now that it is known."""
        if total is not None:
            self._bars.update(self._task, total=total)
        self._bars.update(self._task, completed=done)

    def describe(self, en: str, zh: str) -> None:
        """What is being done now."""
        self._bars.update(self._task, description=choose(en, zh))

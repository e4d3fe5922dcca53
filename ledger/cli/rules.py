"""`escrow rules`: the law as this installation has it: shown, checked, compared, released."""

from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer
from rich.console import Console
from rich.table import Column, Table

from ledger.application.explain import rule_shown
from ledger.application.law import load_law
from ledger.application.ledger import CHINA, system_clock
from ledger.cli.output import JsonOption, LangOption, choose, fail, is_json, print_json, say
from ledger.domain.errors import LedgerError
from ledger.rulebook.calendars import load_calendar
from ledger.rulebook.comparison import differences
from ledger.rulebook.dated_value import DatedValue, values_of
from ledger.rulebook.releases import release
from ledger.rulebook.rulebook import BUILT_IN, InForce, Rulebook, load_rulebook, read_directory
from ledger.rulebook.value_words import CERTAINTY, DATING, value_in_words
from ledger.settings import Settings

app = typer.Typer(help="The law as data: rule packs.", no_args_is_help=True)

Day = Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="The law of this day; today's if absent.")]
Directory = Annotated[
    Path | None, typer.Argument(help="A directory of packs of one's own; the setting's, or the built-in, if absent.")
]


@app.command("show")
def show(
    pack: Annotated[str | None, typer.Argument(help="A pack; all packs if absent.")] = None,
    on: Day = None,
    lang: LangOption = None,
    json_: JsonOption = False,
) -> None:
    """Print the packs, or what one pack says on a day, with sources and how sure we are."""
    rulebook, day = load_law(Settings()).rulebook, _day(on)
    if pack is None:
        _show_packs(rulebook, day)
        return
    law = _law(rulebook, pack, day)
    if is_json():
        rules = [
            msgspec.structs.asdict(rule_shown(value)) | {"enforcement": value.enforcement}
            for value in law.values.values()
        ]
        print_json({"pack": pack, "on": day, "since": law.since, "policy": law.policy.name, "rules": rules})
        return
    say(
        f"{pack} on {day}: {law.policy.name}, {len(law.values)} rules",
        f"{pack}，{day}：{law.policy.name}，{len(law.values)}条规则",
    )
    table = _table(
        ("rule", "规则"), ("value", "值"), ("pack", "政策包"), ("from", "生效"), ("sure", "可信"), ("source", "来源")
    )
    for value in law.values.values():
        title = choose(value.title.en, value.title.zh)
        table.add_row(
            f"{value.rule}\n{title}",
            _words(value),
            value.pack,
            f"{value.valid_from}\n{choose(*DATING[value.dated])}",
            f"{value.sure}\n{choose(*CERTAINTY[value.sure])}",
            " ".join(part for part in (value.source.issuer, value.source.document, value.source.article) if part),
        )
    _print(table)


@app.command("check")
def check(directory: Directory = None, json_: JsonOption = False) -> None:
    """Check packs and calendar: shape, dates, sources, and that no released value was changed or removed."""
    own = directory or Settings().rulebook_dir
    rulebook, calendar = load_rulebook(_beside(own)), load_calendar(_beside(own))
    values = sum(len(rulebook.values(pack)) for pack in rulebook.packs)
    years = sorted(calendar.years)
    if is_json():
        print_json({"packs": list(rulebook.packs), "values": values, "calendar": calendar.version, "years": years})
        return
    say(
        f"{len(rulebook.packs)} packs with {values} values, all as released; calendar {calendar.version} with the "
        f"years {years[0]} to {years[-1]}.",
        f"{len(rulebook.packs)}个政策包，{values}个值，均与发布时一致；日历{calendar.version}，"
        f"含{years[0]}至{years[-1]}年。",
    )


@app.command("diff")
def diff(
    pack: Annotated[str, typer.Argument(help="A pack.")],
    other: Annotated[str | None, typer.Argument(help="Another pack; not with --between.")] = None,
    on: Day = None,
    between: Annotated[
        tuple[datetime, datetime] | None,
        typer.Option(formats=["%Y-%m-%d"], help="Compare the pack with itself on two days."),
    ] = None,
    json_: JsonOption = False,
) -> None:
    """Compare two packs on a day, or one pack on two days."""
    if (other is None) == (between is None) or (between is not None and on is not None):
        raise typer.BadParameter(
            choose("Name another pack, or two days with --between.", "请给出另一政策包，或用 --between 给出两个日期。")
        )
    rulebook = load_law(Settings()).rulebook
    if between is not None:
        sides = [_law(rulebook, pack, one.date()) for one in between]
    else:
        assert other is not None
        sides = [_law(rulebook, name, _day(on)) for name in (pack, other)]
    left, right = sides
    found = differences(left, right)
    if is_json():
        print_json(
            {
                "left": left.policy.name,
                "right": right.policy.name,
                "differences": [
                    {"rule": one.rule, "left": _shown(one.left), "right": _shown(one.right)} for one in found
                ],
            }
        )
        return
    table = _table(("rule", "规则"), (left.policy.name, left.policy.name), (right.policy.name, right.policy.name))
    for one in found:
        table.add_row(one.rule, _words(one.left), _words(one.right))
    _print(table)
    say(f"{len(found)} rules differ.", f"{len(found)}条规则不同。")


@app.command("release")
def release_values(
    version: Annotated[str, typer.Argument(help="The new version, such as 2026.2.")],
    directory: Directory = None,
    json_: JsonOption = False,
) -> None:
    """Release what is new in a directory: from then on it cannot be changed, only closed by a new dated value."""
    own = _beside(directory or Settings().rulebook_dir)
    packs = read_directory(own or BUILT_IN, None if own is None else read_directory(BUILT_IN))
    parents = {name: pack.entry.extends for name, pack in packs.items()}
    new = release(own or BUILT_IN, version, parents, [value for pack in packs.values() for value in values_of(pack)])
    if is_json():
        print_json(new)
        return
    say(
        f"Released {version}: {len(new.packs)} packs, {len(new.values)} values, {len(new.closed)} closed.",
        f"已发布{version}：政策包{len(new.packs)}个，值{len(new.values)}个，失效{len(new.closed)}个。",
    )


def _show_packs(rulebook: Rulebook, day: date) -> None:
    if is_json():
        packs = [
            {
                "pack": name,
                "title": pack.entry.title,
                "jurisdiction": pack.entry.jurisdiction,
                "extends": list(rulebook.chain(name)[1:]),
                "policy": rulebook.of(name, day).name,
            }
            for name, pack in rulebook.packs.items()
        ]
        print_json({"on": day, "packs": packs})
        return
    table = _table(("pack", "政策包"), ("name", "名称"), ("extends", "沿用"), ("policy", "政策版本"))
    for name, pack in rulebook.packs.items():
        title = choose(pack.entry.title.en, pack.entry.title.zh)
        table.add_row(name, title, ", ".join(rulebook.chain(name)[1:]), rulebook.of(name, day).name)
    _print(table)


def _beside(directory: Path | None) -> Path | None:
    """A directory of one's own; None for the built-in one, which may be named too."""
    return None if directory is None or directory.resolve() == BUILT_IN.resolve() else directory


def _law(rulebook: Rulebook, pack: str, day: date) -> InForce:
    try:
        return rulebook.in_force(pack, day)
    except LedgerError as error:
        fail(error.code, error.message, error.message_zh, figures=error.figures)


def _day(on: datetime | None) -> date:
    return system_clock().astimezone(CHINA).date() if on is None else on.date()


def _words(value: DatedValue | None) -> str:
    if value is None:
        return choose("none", "无")
    words = choose(*value_in_words(value))
    return words if value.enforcement is None else f"{words} [{value.enforcement}]"


def _shown(value: DatedValue | None) -> Any:
    if value is None:
        return None
    return {"pack": value.pack, "value": value_in_words(value)._asdict(), "enforcement": value.enforcement}


def _table(*columns: tuple[str, str]) -> Table:
    return Table(*(Column(choose(en, zh), overflow="fold") for en, zh in columns))


def _print(table: Table) -> None:
    Console(markup=False).print(table)

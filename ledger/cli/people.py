"""`escrow people`: persons revealed, found and erased by the operator, with a trace; and the keys that seal them."""

import getpass
from collections.abc import Awaitable, Callable
from typing import Annotated, Any, Literal, TypeVar
from uuid import UUID

import typer
import uvloop

from ledger.application.ledger import system_clock
from ledger.application.people.erasing import erase_person
from ledger.application.people.registry import Asker, Registry, keystore_of
from ledger.application.people.seeing import FIELDS, find_persons, list_accesses, reveal
from ledger.cli.output import JsonOption, is_json, print_json, progress, say
from ledger.cli.store import catch_up, open_books, open_store
from ledger.people.access_log import Access
from ledger.people.person import Person
from ledger.projections.paging import EVERYTHING
from ledger.settings import Settings

app = typer.Typer(help="Personal data: revealed for a reason, erased for good.", no_args_is_help=True)
T = TypeVar("T")

PersonId = Annotated[UUID, typer.Argument(help="The person's id.")]
Why = Annotated[str, typer.Option("--reason", help="Why; it is kept in the access log for ever.")]


@app.command("reveal")
def show(
    person_id: PersonId,
    reason: Why,
    field: Annotated[list[str] | None, typer.Option(help=f"One of {', '.join(FIELDS)}; all if absent.")] = None,
    json_: JsonOption = False,
) -> None:
    """Show a person in clear. Who, when and why is logged before anything is shown."""
    unknown = set(field or ()) - set(FIELDS)
    if unknown:
        raise typer.BadParameter(f"{min(unknown)} is none of {', '.join(FIELDS)}", param_hint="--field")
    person = with_registry(
        lambda registry: reveal(registry, operator(), person_id, reason=reason, fields=field or FIELDS)
    )
    if is_json():
        print_json(person)
    else:
        _print_person(person)


@app.command("find")
def find(
    kind: Annotated[Literal["phone", "contract-no"], typer.Argument(help="What is known.")],
    reason: Why,
    text: Annotated[str, typer.Option(prompt=True, help="The phone or number; asked for if absent.")] = "",
    json_: JsonOption = False,
) -> None:
    """Find persons by a phone or a contract number. That they were looked for is logged."""
    index = "phone" if kind == "phone" else "contract_no"
    found = with_registry(lambda registry: find_persons(registry, operator(), index, text, reason=reason))
    if is_json():
        print_json(found)
        return
    for record in found:
        print(record.person_id)
    say(f"{len(found)} person(s).", f"共{len(found)}人。")


@app.command("erase")
def erase(person_id: PersonId, reason: Why, json_: JsonOption = False) -> None:
    """Destroy a person's key: name, phones and payment routes are gone, here and in every backup of the database."""
    erased = with_registry(lambda registry: erase_person(registry, operator(), person_id, reason=reason))
    if is_json():
        print_json({"person_id": str(person_id), "erased_at": erased.erased_at.isoformat(), "before": erased.before})
    elif erased.before:
        say(f"Was erased already, at {erased.erased_at.isoformat()}.", f"此前已于{erased.erased_at.isoformat()}删除。")
    else:
        say("Erased. Balances, proofs and history are as they were.", "已删除。余额、证明与历史均保持不变。")


@app.command("access-log")
def accesses(
    person: Annotated[UUID | None, typer.Option(help="Only this person.")] = None,
    after: Annotated[int, typer.Option(min=0, help="Only entries behind this number.")] = 0,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="Most entries.")] = 100,
    json_: JsonOption = False,
) -> None:
    """List who did what with whose data, when and why."""
    entries = with_registry(
        lambda registry: list_accesses(registry, operator(), person_id=person, after=after, limit=limit)
    )
    if is_json():
        print_json(entries)
        return
    for entry in entries:
        print(_line(entry))


@app.command("rotate-key")
def rotate(json_: JsonOption = False) -> None:
    """Make a new master key and wrap every person's key by it. Stopped half-way, run it again."""
    keystore = keystore_of(Settings())
    with progress("Wrapping persons' keys", "正在更换主密钥"):
        count = keystore.rotate()
    if is_json():
        print_json({"keys": count})
    else:
        say(f"{count} key(s) are wrapped by a new master key.", f"已用新的主密钥保护{count}个密钥。")


@app.command("finish-erasures")
def finish(json_: JsonOption = False) -> None:
    """After a restore of the database or of the keys: erase again whoever was erased before."""
    count = with_registry(lambda registry: registry.finish_erasures())
    if is_json():
        print_json({"erased": count})
    else:
        say(f"{count} person(s) erased again.", f"已重新删除{count}人。")


def operator() -> Asker:
    """The account of the machine that runs the command. It sees every row, and leaves its name."""
    return Asker(f"operator:cli/{getpass.getuser()}", EVERYTHING)


def with_registry(do: Callable[[Registry], Awaitable[T]]) -> T:
    settings = Settings()

    async def run(url: str) -> T:
        async with open_books(settings, url) as books:

            async def caught_up() -> None:
                await catch_up(books)

            registry = Registry(books.pool, keystore_of(settings), clock=system_clock, catch_up=caught_up)
            return await do(registry)

    with open_store(settings) as database:
        return uvloop.run(run(database.url))


def _print_person(person: Person) -> None:
    shown: dict[str, Any] = {"name": person.name, "phones": person.phones, "contract_nos": person.contract_nos}
    for name, value in shown.items():
        if value:
            print(f"{name}: {value if isinstance(value, str) else ', '.join(value)}")
    for tie in person.families or ():
        print(f"family: {tie.family_id} ({tie.relation}) {' '.join(tie.student_ids)}".rstrip())
    for route in person.routes or ():
        print(f"route: {route.route} = {route.bank} {route.account_no} {route.holder_name}")


def _line(entry: Access) -> str:
    what = f"{entry.action} {entry.person_id} [{' '.join(entry.fields)}]"
    return f"{entry.seq} {entry.at.isoformat(timespec='seconds')} {entry.actor} {what} {entry.reason}".rstrip()

"""`escrow export`: orders to a bank, as a pain.001 message or as CSV."""

import uuid
from datetime import datetime
from pathlib import Path
from typing import Annotated
from uuid import UUID

import msgspec
import typer
import uvloop

from ledger.application.caller import Caller
from ledger.application.payment_content import MessageFormat, write_message
from ledger.application.payment_messages import Made, make_message, resume_message, unfinished_message
from ledger.application.reading import Reader
from ledger.cli.output import JsonOption, is_json, note, print_json, say
from ledger.cli.store import catch_up, open_books, open_store
from ledger.settings import Settings

ACTOR = "operator:export"

app = typer.Typer(no_args_is_help=True, help="Orders to a bank, as a pain.001 message or as CSV.")

Bank = Annotated[str, typer.Option(help="Code of the bank that is to pay.")]
MessageId = Annotated[
    str, typer.Option("--message-id", help="Of a new message, or of one that was made: the same bytes again.")
]
ExecuteOn = Annotated[
    datetime | None, typer.Option("--execute-on", formats=["%Y-%m-%d"], help="Today if absent, or a later day.")
]
Account = Annotated[UUID | None, typer.Option(help="Orders of this account alone.")]
Out = Annotated[Path | None, typer.Option(help="File to write; absent: MESSAGE_ID.xml or .csv here.")]


class ExportedMessage(msgspec.Struct, frozen=True, kw_only=True):
    """What was written where; `replayed` when the message was finished before."""

    message_id: str
    accounts: int
    orders: int
    amount_fen: int
    replayed: bool
    file: str


@app.command("pain.001")
def pain001(
    bank: Bank,
    message_id: MessageId = "",
    execute_on: ExecuteOn = None,
    account: Account = None,
    out: Out = None,
    json_: JsonOption = False,
) -> None:
    """Put every order of the bank that may go into a pain.001.001.09 message, and write its file.

    An order is in one message at most. A message that was interrupted is gone on with first. Exit status 1 when there
    is nothing to send.
    """
    _export("pain.001", bank, message_id, execute_on, account, out)


@app.command("csv")
def as_csv(
    bank: Bank,
    message_id: MessageId = "",
    execute_on: ExecuteOn = None,
    account: Account = None,
    out: Out = None,
    json_: JsonOption = False,
) -> None:
    """The same as a CSV file. With the id of a message that was made: its orders again, in this form."""
    _export("csv", bank, message_id, execute_on, account, out)


def _export(
    form: MessageFormat,
    bank: str,
    message_id: str,
    execute_on: datetime | None,
    account: UUID | None,
    out: Path | None,
) -> None:
    settings = Settings()
    with open_store(settings) as database:
        made, data = uvloop.run(_make(settings, database.url, form, bank, message_id, execute_on, account))
    content = made.content
    path = out or Path(f"{content.message_id}.{'xml' if form == 'pain.001' else 'csv'}")
    path.write_bytes(data)
    if is_json():
        print_json(
            ExportedMessage(
                message_id=content.message_id,
                accounts=len(content.shares),
                orders=content.orders,
                amount_fen=content.amount_fen,
                replayed=made.replayed,
                file=str(path),
            )
        )
        return
    say(
        f"Message {content.message_id}: {content.orders} orders of {len(content.shares)} accounts, "
        f"{content.amount_fen} fen, in {path}.",
        f"报文{content.message_id}：{len(content.shares)}个账户的{content.orders}笔指令，"
        f"共{content.amount_fen}分，已写入{path}。",
    )


async def _make(
    settings: Settings,
    url: str,
    form: MessageFormat,
    bank: str,
    message_id: str,
    execute_on: datetime | None,
    account: UUID | None,
) -> tuple[Made, bytes]:
    async with open_books(settings, url) as books:
        await catch_up(books)  # orders are found in a view
        reader = Reader(books.pool, books.runner)
        caller = Caller(ACTOR)
        interrupted = "" if message_id else await unfinished_message(books.pool, bank)
        if interrupted:
            note(f"Going on with message {interrupted}.", f"继续未完成的报文{interrupted}。")
            made = await resume_message(books.ledger, reader, caller, bank=bank, message_id=interrupted)
        else:
            made = await make_message(
                books.ledger,
                reader,
                caller,
                bank=bank,
                message_id=message_id or "M" + uuid.uuid4().hex[:27],
                execute_on=None if execute_on is None else execute_on.date(),
                account_id=account,
            )
        return made, await write_message(made.content, form)

"""Makes a message, one account at a time: `python -m tests.application.export_process URL MESSAGE_ID`."""

import sys

import uvloop

from ledger.application.payment_messages import make_message
from tests.application.payment_books import BANK, books_over, caller


async def run(url: str, message_id: str) -> None:
    async with books_over(url) as books:
        made = await make_message(books.ledger, books.reader, caller("k"), bank=BANK, message_id=message_id, page=1)
        print(made.content.orders, flush=True)


if __name__ == "__main__":
    uvloop.run(run(*sys.argv[1:]))

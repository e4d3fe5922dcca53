"""The operator's page: writer, views, migrations, rule packs."""

from starlette.responses import Response

from api.health import installed_version
from api.web.page_call import PageCall
from api.web.site import Pages
from ledger.application.operations import store_size

pages = Pages()


@pages.get("/operator", "operator")
async def home(call: PageCall) -> Response:
    writer, runner, rulebook = call.ledger.writer, call.reader.runner, call.books.rulebook
    today = call.ledger.today()
    heads = await call.reader.heads()
    async with call.pool.connection() as connection:
        size = await store_size(connection)
    return call.page(
        "operator/home.html",
        version=installed_version(),
        alive=writer.alive,
        waiting=writer.waiting,
        batches=writer.batches,
        commands=writer.commands,
        hot=writer.hot_accounts,
        snapshots=call.ledger.snapshots.taken,
        partitions=[(one, head, runner.position(one)) for one, head in sorted(heads.items())],
        size=size,
        lag=runner.lag(),
        healthy=runner.healthy,
        packs=[(name, rulebook.of(name, today).name) for name in rulebook.packs],
        today=today,
    )

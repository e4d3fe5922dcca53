"""What is installed: migrations, settings without their secrets, rule packs with what they extend."""

from starlette.responses import Response

from api.health import installed_version
from api.web.page_call import PageCall
from api.web.site import Pages
from ledger.application.operations import applied_migrations

pages = Pages()


@pages.get("/operator/installation", "operator")
async def installation(call: PageCall) -> Response:
    rulebook, today = call.books.rulebook, call.ledger.today()
    async with call.pool.connection() as connection:
        migrations = await applied_migrations(connection)
    return call.page(
        "operator/installation.html",
        version=installed_version(),
        migrations=migrations,
        settings=call.services.settings.describe(),
        packs=[(name, pack.entry.extends, rulebook.of(name, today).name) for name, pack in rulebook.packs.items()],
        today=today,
    )

"""All pages of the app, by audience."""

from typing import Final

from api.web import live, sign_in
from api.web.parent import complaints, contracts, refunds
from api.web.site import Pages

AUDIENCES: Final[tuple[Pages, ...]] = (
    sign_in.pages,
    live.pages,
    contracts.pages,
    refunds.pages,
    complaints.pages,
)
"""In the order in which addresses are tried."""

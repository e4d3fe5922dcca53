"""Events of an inspection draw (双随机): a list announced before anybody can know the seed, then the draw itself."""

from datetime import date

from ledger.domain.events.base import Event, Value, topic


class DrawCandidate(Value, frozen=True, kw_only=True, gc=False):
    """One institution of the list: its weight, and the published counts which that weight is worked out from."""

    institution_id: str
    weight: int
    figures: dict[str, int]


class DrawInspector(Value, frozen=True, kw_only=True, gc=False):
    """One inspector by opaque id, and the institutions that this one may not inspect (回避)."""

    inspector_id: str
    barred: tuple[str, ...]


class DrawInput(Value, frozen=True, kw_only=True, gc=False):
    """Everything a draw depends on besides its seed. No field has a default: all of them are in the digest.

    `draws` institutions are drawn, `inspectors_each` inspectors for each of them; `weights` are the points of each
    count in the candidates' `figures`.
    """

    format: str
    district: str
    period: str
    draws: int
    inspectors_each: int
    weights: dict[str, int]
    institutions: tuple[DrawCandidate, ...]
    inspectors: tuple[DrawInspector, ...]


class DrawnSite(Value, frozen=True, kw_only=True, gc=False):
    """An institution that was drawn, with its inspectors, in the order of the draw."""

    institution_id: str
    inspectors: tuple[str, ...]


@topic("inspection.draw_announced")
class InspectionDrawAnnounced(Event, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """The list is fixed by its SHA-256 digest (hex) and the draw may take place on `draw_on` or later.

    `commitment` is the SHA-256 of the authority's secret; `public_source` names a value that nobody can know yet.
    """

    input: DrawInput
    digest: str
    draw_on: date
    commitment: str = ""
    public_source: str = ""


@topic("inspection.drawn")
class InspectionDrawn(Event, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """What came out. `secret` opens the commitment, `public_value` is that of the source, `seed` (hex) follows."""

    digest: str
    seed: str
    sites: tuple[DrawnSite, ...]
    secret: str = ""
    public_value: str = ""

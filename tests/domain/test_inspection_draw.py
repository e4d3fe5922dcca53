"""The draw: known vectors, an independent second implementation, weights, and what each change of the input changes."""

import hashlib
import json
from collections import Counter
from collections.abc import Generator
from datetime import timedelta
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.domain import events as e
from ledger.domain.commands.inspections import AnnounceInspectionDraw, DrawInspections
from ledger.domain.events import DrawCandidate, DrawInput, DrawInspector
from ledger.domain.inspection import InspectionDraw
from ledger.domain.inspection_draw import FORMAT, canonical, commitment_of, digest_of, draw, seed_of, weight_of
from tests.domain.case_scenario import CASE_ID, MONDAY, StreamScenario

SECRET = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"


def candidate(institution_id: str, weight: int) -> DrawCandidate:
    return DrawCandidate(institution_id=institution_id, weight=weight, figures={"points": weight})


def a_list(
    weights: dict[str, int] | None = None,
    *,
    draws: int = 2,
    each: int = 2,
    inspectors: int = 4,
    barred: dict[str, tuple[str, ...]] | None = None,
) -> DrawInput:
    names = [f"inspector-{number}" for number in range(1, inspectors + 1)]
    return DrawInput(
        format=FORMAT,
        district="330702",
        period="2025Q1",
        draws=draws,
        inspectors_each=each,
        weights={"points": 1},
        institutions=tuple(candidate(*one) for one in (weights or {"a": 1, "b": 2, "c": 3, "d": 4}).items()),
        inspectors=tuple(DrawInspector(inspector_id=one, barred=(barred or {}).get(one, ())) for one in names),
    )


def drawn_again(given: dict[str, Any], seed: str) -> list[tuple[str, list[str]]]:
    """The published algorithm once more, from its description alone and over plain JSON."""

    def numbers(label: str) -> Generator[int, int, None]:
        block = 0
        limit = yield 0
        while True:
            x = int(hashlib.sha256(f"{seed}/{label}/{block}".encode()).hexdigest(), 16)
            block += 1
            if x < 2**256 // limit * limit:
                limit = yield x % limit

    institutions, chance = numbers("institution"), numbers("inspector")
    next(institutions)
    next(chance)
    left = sorted(given["institutions"], key=lambda one: one["institution_id"])
    order = sorted(given["inspectors"], key=lambda one: one["inspector_id"])
    pool = list(order)
    sites: list[tuple[str, list[str]]] = []
    for _ in range(given["draws"]):
        tickets = [one for one in left for _ in range(one["weight"])]
        site = tickets[institutions.send(len(tickets))]
        left.remove(site)
        sites.append((site["institution_id"], []))
    for institution_id, team in sites:
        while len(team) < given["inspectors_each"]:
            able = [o for o in pool if institution_id not in o["barred"] and o["inspector_id"] not in team]
            if not able:
                pool = [o for o in order if o["inspector_id"] not in team]
                able = [o for o in pool if institution_id not in o["barred"]]
            chosen = able[chance.send(len(able))]
            pool.remove(chosen)
            team.append(chosen["inspector_id"])
    return sites


def seed_number(number: int) -> str:
    return hashlib.sha256(str(number).encode()).hexdigest()


def test_a_known_vector() -> None:
    given = a_list()
    assert canonical(given).decode() == (
        '{"district":"330702","draws":2,"format":"escrow-inspection-draw/1","inspectors":['
        '{"barred":[],"inspector_id":"inspector-1"},{"barred":[],"inspector_id":"inspector-2"},'
        '{"barred":[],"inspector_id":"inspector-3"},{"barred":[],"inspector_id":"inspector-4"}],'
        '"inspectors_each":2,"institutions":['
        '{"figures":{"points":1},"institution_id":"a","weight":1},{"figures":{"points":2},"institution_id":"b","weight":2},'
        '{"figures":{"points":3},"institution_id":"c","weight":3},{"figures":{"points":4},"institution_id":"d","weight":4}],'
        '"period":"2025Q1","weights":{"points":1}}'
    )
    digest = "5a31acb073bbe557618d25706ad095391e2d6c42dcbe57d4947a006e866f6055"
    assert digest_of(given) == digest
    assert commitment_of(SECRET) == "4773d12e2371bb935b9a0f5439b4a1c3ad3f2414b86980f8418d1cfabdfadfef"
    seed = seed_of(digest, secret=SECRET, public_value="双色球 2025026: 03 07 09 12 23 31 + 05")
    assert seed == "2797f2c6088fc22b68354d0ed4fbad5b720454377af806c1634536fe3a613709"
    assert [(site.institution_id, site.inspectors) for site in draw(given, seed)] == [
        ("d", ("inspector-2", "inspector-1")),
        ("b", ("inspector-3", "inspector-4")),
    ]


@given(
    weights=st.dictionaries(st.text("abcdé教", min_size=1, max_size=3), st.integers(1, 40), min_size=1, max_size=8),
    inspectors=st.integers(3, 6),
    each=st.integers(0, 2),
    number=st.integers(0, 10**6),
    data=st.data(),
)
@settings(max_examples=150)
def test_a_second_implementation_draws_the_same(
    weights: dict[str, int], inspectors: int, each: int, number: int, data: st.DataObject
) -> None:
    barred = {"inspector-1": tuple(data.draw(st.lists(st.sampled_from(sorted(weights)), unique=True)))}
    draws = data.draw(st.integers(1, len(weights)))
    given = a_list(weights, draws=draws, each=each, inspectors=inspectors, barred=barred)
    seed = seed_number(number)
    plain = json.loads(canonical(given))
    sites = draw(given, seed)
    assert [(site.institution_id, list(site.inspectors)) for site in sites] == drawn_again(plain, seed)
    assert len({site.institution_id for site in sites}) == draws
    for site in sites:
        assert len(set(site.inspectors)) == each
        assert not (site.institution_id in barred["inspector-1"] and "inspector-1" in site.inspectors)
    reordered = msgspec.structs.replace(given, institutions=given.institutions[::-1], inspectors=given.inspectors[::-1])
    assert (digest_of(reordered), draw(reordered, seed)) == (digest_of(given), sites)
    assert canonical(given) == json.dumps(plain, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def test_weights_are_respected() -> None:
    """10,000 draws of one: each count within four standard deviations of its share, under seeds that never change."""
    given = a_list(draws=1, each=0)
    counts = Counter(draw(given, seed_number(number))[0].institution_id for number in range(10_000))
    for name, share in {"a": 1, "b": 2, "c": 3, "d": 4}.items():
        expected = 1_000 * share
        assert (counts[name] - expected) ** 2 < 16 * expected * (10 - share) // 10, counts


def test_the_second_draw_is_weighted_among_those_left() -> None:
    """P(d, then c) = 4/10 * 3/6 = 1/5."""
    given = a_list(draws=2, each=0)
    pairs = Counter(tuple(s.institution_id for s in draw(given, seed_number(n))) for n in range(10_000))
    assert (pairs["d", "c"] - 2_000) ** 2 < 16 * 1_600, pairs


def test_inspectors_are_drawn_evenly_and_shared_out_before_anybody_comes_twice() -> None:
    given = a_list(draws=4, each=2, inspectors=8)
    for number in range(50):
        teams = [site.inspectors for site in draw(given, seed_number(number))]
        assert len({one for team in teams for one in team}) == 8
    first = Counter(draw(given, seed_number(number))[0].inspectors[0] for number in range(8_000))
    assert all((count - 1_000) ** 2 < 16 * 875 for count in first.values()), first


CHANGES: dict[str, dict[str, Any]] = {
    "district": {"district": "330703"},
    "period": {"period": "2025Q2"},
    "draws": {"draws": 3},
    "inspectors each": {"inspectors_each": 1},
    "points": {"weights": {"points": 2}},
    "one weight": {"institutions": (candidate("a", 2), *a_list().institutions[1:])},
    "one figure": {
        "institutions": (DrawCandidate(institution_id="a", weight=1, figures={}), *a_list().institutions[1:])
    },
    "one institution less": {"institutions": a_list().institutions[1:]},
    "one inspector less": {"inspectors": a_list().inspectors[1:]},
    "one inspector barred": {"inspectors": a_list(barred={"inspector-1": ("a",)}).inspectors},
}


@pytest.mark.parametrize("change", CHANGES)
def test_any_change_of_the_input_changes_the_digest(change: str) -> None:
    given = a_list()
    assert digest_of(msgspec.structs.replace(given, **CHANGES[change])) != digest_of(given)


def test_a_weight_is_the_points_of_published_counts_and_at_least_one() -> None:
    points = {"base": 10, "rating.C": 20, "alerts.red": 5}
    assert weight_of({"base": 1, "rating.C": 1, "alerts.red": 3}, points) == 45
    assert weight_of({"base": 1, "unknown": 9}, points) == 10
    assert weight_of({}, points) == 1


def announced(given: DrawInput | None = None, **said: Any) -> StreamScenario[InspectionDraw]:
    scenario = StreamScenario(InspectionDraw(id=CASE_ID))
    own: dict[str, Any] = {"input": given or a_list(), "commitment": commitment_of(SECRET)}
    scenario.do(AnnounceInspectionDraw, **(own | said))
    return scenario


def test_a_draw_follows_from_the_announced_list_and_the_opened_secret() -> None:
    scenario = announced()
    scenario.refuses("draw_too_early", DrawInspections, secret=SECRET)
    scenario.later(1)
    scenario.refuses("draw_secret_wrong", DrawInspections)
    scenario.refuses("draw_secret_wrong", DrawInspections, secret=SECRET[::-1])
    scenario.refuses("draw_secret_wrong", DrawInspections, secret="no hex")
    scenario.refuses("draw_public_value_wrong", DrawInspections, secret=SECRET, public_value="7")
    drawn = scenario.one(e.InspectionDrawn, DrawInspections, secret=SECRET)
    assert drawn.digest == digest_of(a_list())
    assert drawn.seed == seed_of(drawn.digest, secret=SECRET, public_value="")
    assert drawn.sites == draw(a_list(), drawn.seed)
    assert scenario.state.drawn == [site.institution_id for site in drawn.sites]
    scenario.refuses("draw_done", DrawInspections, secret=SECRET)
    scenario.refuses("draw_exists", AnnounceInspectionDraw, input=a_list(), public_source="x")


def test_a_draw_can_wait_for_a_public_value() -> None:
    scenario = announced(commitment="", public_source="the lottery of 4 March").later(1)
    scenario.refuses("draw_public_value_wrong", DrawInspections)
    scenario.refuses("draw_secret_wrong", DrawInspections, secret=SECRET, public_value="7")
    seed = scenario.one(e.InspectionDrawn, DrawInspections, public_value="7").seed
    assert seed == seed_of(digest_of(a_list()), secret="", public_value="7")


def test_nothing_is_drawn_that_was_not_announced() -> None:
    StreamScenario(InspectionDraw(id=CASE_ID)).refuses("draw_not_found", DrawInspections, secret=SECRET)


def test_limits_of_a_list() -> None:
    own: dict[str, Any] = {"commitment": commitment_of(SECRET), "draw_on": MONDAY + timedelta(days=1)}
    scenario = StreamScenario(InspectionDraw(id=CASE_ID))
    scenario.do(AnnounceInspectionDraw, input=a_list(draws=4, inspectors=2), **own)
    many = {str(number): 1 for number in range(20_001)}
    StreamScenario(InspectionDraw(id=CASE_ID)).refuses(
        "draw_list_too_long", AnnounceInspectionDraw, input=a_list(many), **own
    )


def test_a_list_that_cannot_be_drawn_from_is_refused() -> None:
    scenario = StreamScenario(InspectionDraw(id=CASE_ID))
    own: dict[str, Any] = {"input": a_list(), "commitment": commitment_of(SECRET)}
    for said in ({"commitment": ""}, {"commitment": "abc"}, {"commitment": "A" * 64, "public_source": "the lottery"}):
        scenario.refuses("draw_seed_unsourced", AnnounceInspectionDraw, **(own | said))
    scenario.refuses("draw_day_early", AnnounceInspectionDraw, **own, draw_on=MONDAY)
    scenario.refuses("draw_format_unknown", AnnounceInspectionDraw, **(own | changed(format="draw/2")))
    for twice in (changed(institutions=(candidate("a", 1),) * 2), changed(inspectors=a_list().inspectors[:1] * 2)):
        scenario.refuses("draw_id_twice", AnnounceInspectionDraw, **(own | twice))
    for weights in ({"points": 2}, {"points": 1, "other": -1}):
        scenario.refuses("draw_weight_wrong", AnnounceInspectionDraw, **(own | changed(weights=weights)))
    for draws in (0, 5):
        scenario.refuses("draw_too_many", AnnounceInspectionDraw, **(own | {"input": a_list(draws=draws)}))
    for short in (a_list(inspectors=1), a_list(each=-1), a_list(inspectors=2, barred={"inspector-1": ("c",)})):
        scenario.refuses("draw_inspectors_short", AnnounceInspectionDraw, **(own | {"input": short}))


def changed(**values: Any) -> dict[str, Any]:
    return {"input": msgspec.structs.replace(a_list(), **values)}

"""Values that are never edited: overlays, releases, and names that keep their meaning."""

import json
from datetime import date

import pytest

from ledger.domain.policy import Policies
from ledger.rulebook.dated_value import values_of
from ledger.rulebook.problems import RulebookError
from ledger.rulebook.releases import faults_of_released, read_released
from ledger.rulebook.rulebook import BUILT_IN, Rulebook, read_directory
from tests.rulebook.own_packs import CAP, OwnPacks, kinds, pack_text

IN_2024, IN_2025, IN_2026 = date(2024, 6, 1), date(2025, 6, 1), date(2026, 6, 1)
LATER = "{value: 2, valid_from: 2026-01-01, dated: in_force}"
EARLIER = "{value: 6, valid_from: 2024-01-01, dated: in_force}"


def _refused(own: OwnPacks) -> list[str]:
    with pytest.raises(RulebookError) as error:
        own.load()
    return kinds(error.value.problems)


def test_every_built_in_value_is_released_as_it_stands() -> None:
    packs = read_directory(BUILT_IN)
    released = read_released(BUILT_IN)
    values = [value for pack in packs.values() for value in values_of(pack)]
    assert faults_of_released(released, {name: pack.entry.extends for name, pack in packs.items()}, values) == []
    assert sum(len(release.values) for release in released.releases) == len(values) > 100


def test_an_overlay_says_what_it_says_and_leaves_the_rest_to_its_parents(own: OwnPacks, rulebook: Rulebook) -> None:
    policies: Policies = own.written(pack_text(CAP.replace("3", "1", 1), extends="jinhua"))
    policy, parent = policies.of("own", IN_2025), rulebook.of("jinhua", IN_2025)
    assert (policy.fee_cap_months, parent.fee_cap_months) == (1, 3)
    assert policy.advance_share_bp == parent.advance_share_bp == 2_000
    assert policy.cooling_off_days == parent.cooling_off_days == 7
    assert policies.of("own", IN_2024).fee_cap_months == 3, "before its own value the parent's is in force"


def test_a_name_tells_pack_releases_and_first_day(own: OwnPacks) -> None:
    rulebook = own.written(pack_text(CAP))
    assert rulebook.of("own", IN_2024).name == "own@w1+2026.1/2022-12-29"
    assert rulebook.of("own", IN_2025).name == "own@w1+2026.1/2025-05-01"
    assert rulebook.of("jinhua", IN_2025).name == "jinhua@2026.1/2025-05-01"


def test_a_recorded_name_keeps_its_values_when_values_are_added_closed_or_put_before(own: OwnPacks) -> None:
    first = own.written(pack_text(CAP))
    names = {on: first.of("own", on).name for on in (IN_2024, IN_2025, IN_2026)}
    assert [first.of("own", on).fee_cap_months for on in names] == [3, 3, 3]
    last = own.written(pack_text(EARLIER, CAP, LATER), "w2")
    assert [last.of("own", on).fee_cap_months for on in names] == [6, 3, 2]
    assert not {last.of("own", on).name for on in names} & set(names.values())
    for on, name in names.items():
        law = last.named(name)
        assert law is not None
        assert law.policy == first.of("own", on)
    value = last.rule("fee.cap_months", names[IN_2026])
    assert value is not None
    assert (value.parts[""], value.source.document) == (3, "letter 1")


def test_a_name_that_never_was_stands_for_nothing(own: OwnPacks) -> None:
    rulebook = own.written(pack_text(CAP))
    for name in (
        "own",
        "own@w1",
        "own@w2+2026.1/2025-05-01",
        "own@2026.1/2025-05-01",
        "own@w1+2026.1/2025-05-02",
        "own@w1+2026.1/May",
        "jinhua@w1+2026.1/2025-05-01",
        "nowhere@2026.1/2025-05-01",
        "default@1",
    ):
        assert rulebook.named(name) is None, name
        assert rulebook.rule("fee.cap_months", name) is None


def test_a_value_can_end_without_another(own: OwnPacks) -> None:
    first = own.written(pack_text(CAP))
    before = first.of("own", IN_2026)
    assert before.fee_cap_months == 3
    closed = CAP.replace(", dated", ", valid_until: 2025-12-31, dated")
    last = own.written(pack_text(closed, extends="national").replace("value: 3", "value: 3"), "w2")
    assert last.of("own", date(2025, 12, 31)).name != last.of("own", date(2026, 1, 1)).name
    assert last.in_force("own", IN_2026).values["fee.cap_months"].pack == "national"
    law = last.named(before.name)
    assert law is not None
    assert law.values["fee.cap_months"].pack == "own"


def test_a_pack_that_is_not_released_is_not_used(own: OwnPacks) -> None:
    own.write(pack_text(CAP))
    assert _refused(own) == ["value_unreleased", "value_unreleased"]


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        (pack_text(CAP.replace("3", "4", 1)), "value_changed"),
        (pack_text(CAP.replace("dated", "enforcement: alert, dated")), "value_changed"),
        (pack_text(CAP, extends="jinhua"), "value_changed"),
        (pack_text(LATER), "value_removed"),
    ],
    ids=["value", "enforcement", "parent", "removed"],
)
def test_a_released_value_cannot_be_changed_or_removed(own: OwnPacks, text: str, kind: str) -> None:
    own.written(pack_text(CAP))
    own.write(text)
    assert kind in _refused(own)
    with pytest.raises(RulebookError) as error:
        own.release("w2")
    assert kind in kinds(error.value.problems)


def test_a_released_pack_cannot_be_removed(own: OwnPacks) -> None:
    own.written(pack_text(CAP))
    (own.directory / "own.yaml").unlink()
    assert _refused(own) == ["value_removed", "value_removed"]


def test_a_released_last_day_cannot_be_changed(own: OwnPacks) -> None:
    closed = CAP.replace(", dated", ", valid_until: 2025-12-31, dated")
    own.written(pack_text(closed))
    own.write(pack_text(closed.replace("12-31", "12-30")))
    assert _refused(own) == ["closing_changed"]


def test_titles_sources_and_certainty_may_be_put_right(own: OwnPacks, rulebook: Rulebook) -> None:
    own.written(pack_text(CAP))
    own.write(pack_text(CAP).replace("letter 1", "letter 1 of 2025").replace("sure: D", "sure: V"))
    value = own.load().in_force("own", IN_2025).values["fee.cap_months"]
    assert (value.source.document, value.sure) == ("letter 1 of 2025", "V")


def test_a_release_has_a_new_name_and_something_new(own: OwnPacks) -> None:
    own.written(pack_text(CAP))
    for version, kind in (("w1", "release_twice"), ("w 2", "release_malformed"), ("w2", "nothing_to_release")):
        with pytest.raises(RulebookError) as error:
            own.release(version)
        assert kinds(error.value.problems) == [kind]


def test_a_release_file_that_is_no_release_file_is_an_error(own: OwnPacks) -> None:
    own.written(pack_text(CAP))
    (own.directory / "released.json").write_text(json.dumps({"releases": [{"versions": 1}]}))
    assert _refused(own) == ["shape_wrong"]


def test_enforcement_is_chosen_by_rule_and_day(own: OwnPacks) -> None:
    values = (CAP.replace("dated", "enforcement: off, dated"), LATER.replace("dated", "enforcement: alert, dated"))
    rulebook = own.written(pack_text(*values))
    assert rulebook.of("own", IN_2024).enforces("fee.cap_months") == "refuse"
    assert rulebook.of("own", IN_2025).enforces("fee.cap_months") == "off"
    assert rulebook.of("own", IN_2026).enforces("fee.cap_months") == "alert"
    assert rulebook.of("own", IN_2026).enforces("fee.cap_lessons") == "refuse"


def test_the_risk_deposit_takes_one_cycle_as_its_minimum(own: OwnPacks) -> None:
    custody = """\
  - id: custody.mode
    title: {zh: 方式, en: Mode}
    unit: choice
    source: {issuer: us, document: letter 2, read: office}
    sure: D
    values:
"""
    value = "{value: risk_deposit, valid_from: 2025-01-01, dated: in_force}"
    rulebook = own.written(pack_text(value, rule=custody))
    policy = rulebook.of("own", IN_2025)
    assert (policy.custody, policy.minimum_formula, policy.minimum_months) == ("risk_deposit", "one_cycle", 3)
    assert rulebook.of("own", IN_2024).minimum_formula == "fixed"

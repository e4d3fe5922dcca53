"""The draw itself: weighted, without replacement, on SHA-256 and integers alone, so that anybody can do it again.

The algorithm (`escrow-inspection-draw/1`), word for word in `docs/concepts/inspections.md`:

1. `digest` = SHA-256 of the input as canonical JSON (RFC 8785), its lists in the order of their ids.
2. `seed` = SHA-256 of the lines format, digest (hex), secret (hex), public value, joined by line breaks, in UTF-8.
3. A number below `n`: block number c = 0, 1, ... of a label is SHA-256 of `seed (hex)/label/c` read as a big-endian
   integer; blocks not below the largest multiple of n under 2^256 are passed over; the number is the block modulo n.
4. Institutions: a number below the sum of the weights left falls to the first candidate in the order of ids at which
   the running sum exceeds it; that one is taken out; again, as many times as are drawn.
5. Inspectors: for each drawn institution in turn so many that are not barred from it, each with the same chance, out
   of those who are left of the pool; when nobody is left for it, the pool is full again, less those just taken for it.
"""

from collections import Counter
from collections.abc import Collection, Sequence
from hashlib import sha256
from typing import Final

import msgspec

from ledger.domain.errors import LedgerError
from ledger.domain.events import DrawCandidate, DrawInput, DrawInspector, DrawnSite

FORMAT: Final = "escrow-inspection-draw/1"
MOST_INSTITUTIONS: Final = 20_000
_ALL_BLOCKS: Final = 1 << 256


def weight_of(figures: dict[str, int], weights: dict[str, int]) -> int:
    """The sum of counts times points, at least 1: everybody can be drawn. Counts without points weigh nothing."""
    return max(1, sum(count * weights.get(name, 0) for name, count in figures.items()))


def in_order(given: DrawInput) -> DrawInput:
    """The input with its lists in the order of their ids."""
    return msgspec.structs.replace(
        given,
        institutions=tuple(sorted(given.institutions, key=lambda one: one.institution_id)),
        inspectors=tuple(
            msgspec.structs.replace(one, barred=tuple(sorted(set(one.barred))))
            for one in sorted(given.inspectors, key=lambda one: one.inspector_id)
        ),
    )


def canonical(given: DrawInput) -> bytes:
    """The bytes that the digest is of: JSON after RFC 8785 (sorted names, no white space, integers and text only)."""
    return msgspec.json.encode(in_order(given), order="sorted")


def digest_of(given: DrawInput) -> str:
    """SHA-256 of the canonical input (hex)."""
    return sha256(canonical(given)).hexdigest()


def commitment_of(secret: str) -> str:
    """SHA-256 (hex) of the secret's bytes; the secret is given in hex."""
    return sha256(bytes.fromhex(secret)).hexdigest()


def seed_of(digest: str, *, secret: str, public_value: str) -> str:
    """The seed (hex) of an input's digest, the opened secret, and the public value."""
    return sha256("\n".join((FORMAT, digest, secret, public_value)).encode()).hexdigest()


def check_input(given: DrawInput) -> None:
    """Refuses a list that no draw can be made from.

    Raises `draw_format_unknown`, `draw_list_too_long`, `draw_id_twice`, `draw_weight_wrong`, `draw_too_many`,
    `draw_inspectors_short`.
    """
    if given.format != FORMAT:
        raise LedgerError("draw_format_unknown", format=FORMAT)
    count = len(given.institutions)
    if count > MOST_INSTITUTIONS:
        raise LedgerError("draw_list_too_long", count=count, limit=MOST_INSTITUTIONS)
    for ids in (
        [one.institution_id for one in given.institutions],
        [one.inspector_id for one in given.inspectors],
    ):
        if len(set(ids)) != len(ids):
            raise LedgerError("draw_id_twice", id=Counter(ids).most_common(1)[0][0])
    if any(points < 0 for points in given.weights.values()):
        raise LedgerError("draw_weight_wrong", institution_id="*", weight=min(given.weights.values()), expected=0)
    for one in given.institutions:
        expected = weight_of(one.figures, given.weights)
        if one.weight != expected:
            raise LedgerError(
                "draw_weight_wrong", institution_id=one.institution_id, weight=one.weight, expected=expected
            )
    if not 1 <= given.draws <= count:
        raise LedgerError("draw_too_many", draws=given.draws, institutions=count)
    _require_inspectors(given)


def _require_inspectors(given: DrawInput) -> None:
    barred: dict[str, int] = {}
    for one in given.inspectors:
        for institution_id in set(one.barred):
            barred[institution_id] = barred.get(institution_id, 0) + 1
    most = max((barred.get(one.institution_id, 0) for one in given.institutions), default=0)
    available = len(given.inspectors) - most
    if not 0 <= given.inspectors_each <= available:
        raise LedgerError("draw_inspectors_short", needed=given.inspectors_each, available=available)


def draw(given: DrawInput, seed: str) -> tuple[DrawnSite, ...]:
    """What is drawn from a checked input by this seed (hex), in the order of the draw."""
    ordered = in_order(given)
    drawn = _institutions(ordered.institutions, given.draws, _Numbers(seed, "institution"))
    pool = _Pool(ordered.inspectors, _Numbers(seed, "inspector"))
    return tuple(
        DrawnSite(institution_id=one, inspectors=pool.take(given.inspectors_each, institution_id=one)) for one in drawn
    )


class _Numbers:
    """Uniform numbers made from a seed and a label."""

    def __init__(self, seed: str, label: str) -> None:
        self._prefix = f"{seed}/{label}/"
        self._block = 0

    def below(self, limit: int) -> int:
        """A number from 0 to `limit - 1`, each with the same chance."""
        fair = _ALL_BLOCKS - _ALL_BLOCKS % limit
        while True:
            block = int.from_bytes(sha256(f"{self._prefix}{self._block}".encode()).digest(), "big")
            self._block += 1
            if block < fair:
                return block % limit


def _institutions(candidates: Sequence[DrawCandidate], draws: int, numbers: _Numbers) -> list[str]:
    left = _Weights([one.weight for one in candidates])
    return [candidates[left.take(numbers.below(left.total))].institution_id for _ in range(draws)]


class _Weights:
    """Weights in order, found by their running sums and taken out: a Fenwick tree, so that long lists are quick."""

    def __init__(self, weights: Sequence[int]) -> None:
        self._weights = weights
        self._sums = [0] * (len(weights) + 1)
        self.total = sum(weights)
        for place, weight in enumerate(weights):
            self._add(place, weight)

    def take(self, number: int) -> int:
        """The first place at which the running sum exceeds the number; its weight is gone afterwards."""
        place, step = 0, 1 << len(self._weights).bit_length()
        while step := step >> 1:
            if place + step < len(self._sums) and self._sums[place + step] <= number:
                place += step
                number -= self._sums[place]
        self._add(place, -self._weights[place])
        self.total -= self._weights[place]
        return place

    def _add(self, place: int, weight: int) -> None:
        node = place + 1
        while node < len(self._sums):
            self._sums[node] += weight
            node += node & -node


class _Pool:
    """Inspectors who are left to be drawn, in the order of their ids."""

    def __init__(self, inspectors: Sequence[DrawInspector], numbers: _Numbers) -> None:
        self._all = inspectors
        self._left = list(inspectors)
        self._numbers = numbers

    def take(self, count: int, *, institution_id: str) -> tuple[str, ...]:
        """So many different inspectors who may inspect the institution."""
        taken: list[str] = []
        while len(taken) < count:
            able = self._able(institution_id, taken)
            if not able:
                self._left = [one for one in self._all if one.inspector_id not in taken]
                able = self._able(institution_id, taken)
            chosen = able[self._numbers.below(len(able))]
            self._left.remove(chosen)
            taken.append(chosen.inspector_id)
        return tuple(taken)

    def _able(self, institution_id: str, taken: Collection[str]) -> list[DrawInspector]:
        return [one for one in self._left if institution_id not in one.barred and one.inspector_id not in taken]

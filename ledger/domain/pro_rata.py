"""Money that does not suffice is shared in proportion to what is owed, every fen accounted for."""

from collections.abc import Mapping


def allocate(total_fen: int, claims: Mapping[str, int]) -> dict[str, int]:
    """What each claim gets of a total: pro rata by largest remainder; keys are the claims' ids, in their order.

    Each claim gets `floor(total * claim / sum of claims)`; the fen that this leaves go one each to the largest
    remainders, and among equal remainders to the smallest id (by code points). So the parts add up to exactly
    `min(total, sum of claims)`, nobody gets more than was claimed, and the order in which claims come decides nothing.

    A negative total or claim is a bug of the caller.
    """
    assert total_fen >= 0, "what is shared is money that is there"
    assert all(claim_fen >= 0 for claim_fen in claims.values()), "nobody claims less than nothing"
    claimed_fen = sum(claims.values())
    if total_fen >= claimed_fen:
        return {claim_id: claims[claim_id] for claim_id in sorted(claims)}
    shares = {claim_id: divmod(total_fen * claims[claim_id], claimed_fen) for claim_id in sorted(claims)}
    left_fen = total_fen - sum(share_fen for share_fen, _ in shares.values())
    # Sorting keeps the order of ids among equals. A remainder of 0 is never reached: fewer fen are left over than
    # claims have a remainder.
    favoured = set(sorted(shares, key=lambda claim_id: -shares[claim_id][1])[:left_fen])
    return {claim_id: share_fen + (claim_id in favoured) for claim_id, (share_fen, _) in shares.items()}

"""Packs of one account for courts, auditors and whoever pays families: what families claim, and the whole history."""

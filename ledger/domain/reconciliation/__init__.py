"""Reconciliation: comparing what the bank says with what the ledger has; pure, from figures to differences."""

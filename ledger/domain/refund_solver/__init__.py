"""What a family is owed: every lawful basis, package by package, never pooled; the best for the family wins."""

from ledger.domain.refund_solver.quote import Quote, closure_lines, had_service_before, quote
from ledger.domain.refund_solver.shares import Share, capacity_fen, spread

__all__ = ["Quote", "Share", "capacity_fen", "closure_lines", "had_service_before", "quote", "spread"]

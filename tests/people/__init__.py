"""What is kept of persons: sealed, found, revealed with a trace, and erased for good."""

"""The `escrow` command: one file a command."""

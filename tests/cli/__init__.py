"""Tests of the `escrow` command on the real database, in process and as a process of its own."""

"""Tests of the law as data: packs, releases, calendar, explanations."""

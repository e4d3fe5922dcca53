"""Tests of the domain: every decision given, when, then, and every invariant as a property."""

"""Tests of the synthetic city: the same seed tells the same story, and the story holds together."""

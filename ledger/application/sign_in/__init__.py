"""Persons who sign in to the pages: who they are, their sessions, families' one-time codes, and who looked at what."""

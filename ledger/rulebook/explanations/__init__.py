"""What an event says to a reader: a sentence in both languages for every topic, and the arithmetic behind it."""

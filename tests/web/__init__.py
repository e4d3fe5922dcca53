"""The pages: who may see them, what they say, and how a real browser shows them."""

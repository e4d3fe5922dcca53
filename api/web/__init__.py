"""Pages for people: rendered on the server over the same use cases and views as the API, Chinese first."""

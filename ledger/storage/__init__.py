"""Where events are kept: the PostgreSQL server, its schema, and the code that appends to it and reads from it."""

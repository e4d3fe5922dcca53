"""Read models against a real log: the same rows whether followed event by event or rebuilt, and the right rows."""

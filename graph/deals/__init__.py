"""A deal that may not exist yet: what binds its parties, who can lift it, and whether it can close in time."""

"""The sentences of all problems, one file per area, keyed by stable codes."""

"""The append-only log of one service: what it decided, and what it was told, in the order in which it came to know
it."""

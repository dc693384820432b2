"""Everything that reads a log: one loop for projections, reactions, deadlines, the feed and the ledger."""

"""Everything that lasts: the journal (truth of trading), users (truth of people), history (can be rebuilt)."""

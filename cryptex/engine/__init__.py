"""The matching engine: pure and deterministic. `Exchange.apply` is the only door."""

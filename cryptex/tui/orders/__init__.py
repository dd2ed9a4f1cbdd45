"""One's own orders: their table, and who places, amends and cancels them."""

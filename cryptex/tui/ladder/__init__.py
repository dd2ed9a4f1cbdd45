"""The order book as a ladder."""

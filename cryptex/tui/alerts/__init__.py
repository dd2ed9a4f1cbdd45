"""Alerts on prices and fills: what is watched, the panel that lists it, and how it is told."""

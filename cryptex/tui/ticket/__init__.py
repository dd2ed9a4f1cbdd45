"""The order ticket: what is typed, checked, estimated and sent."""

"""The traders that live in scenarios, one file each."""

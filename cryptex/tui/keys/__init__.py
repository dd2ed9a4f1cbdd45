"""The registry of actions, and what is made of it: bindings, the key bar, the help page."""

"""The market on the screen: its bar, the list of markets, its tape, its state."""

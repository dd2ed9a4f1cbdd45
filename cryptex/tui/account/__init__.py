"""What one has and what happened to it: wallet, history, activity."""

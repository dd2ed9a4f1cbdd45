"""Where the panels stand, and what their frames say."""

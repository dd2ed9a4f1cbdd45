"""How the terminal looks: palettes, the colours of up and down, and what is made of both."""

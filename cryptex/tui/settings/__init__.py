"""What the user wants kept between two runs of the terminal, and the files that keep it."""

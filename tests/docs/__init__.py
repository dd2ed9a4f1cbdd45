"""What the pages say is true: their commands and their Python run, and their links lead somewhere."""

"""What the pages say is true: their Python runs, their commands exist, their links lead somewhere."""

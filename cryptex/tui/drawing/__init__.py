"""How the terminal draws: panels of spans, inks and themes, numbers as texts, and the controls of forms."""

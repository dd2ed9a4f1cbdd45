"""The words of the exchange: terms, commands, events, views and problems that every other room speaks."""

"""The trading terminal: screens, and one file per widget. It knows the exchange only through `client/`."""

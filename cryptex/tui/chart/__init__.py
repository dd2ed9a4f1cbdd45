"""The chart: candles, volume, indicators and depth, drawn by pure functions; a widget and a source around them."""

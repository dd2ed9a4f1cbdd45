"""What a run's market was like: stylised facts with verdicts, as table, JSON and plots.

`write.py` makes the report of a run's folder, `model.py` is its shape, `rows.py` and `terminal.py` show it. Everything
that computes needs the extra `sim` (numpy and scipy): call `numerics.require_numerics()` before importing it.
"""

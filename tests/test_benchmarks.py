"""The table of figures says what was taken, and nothing else."""

import json

from benchmarks import table


def test_the_table_is_written_from_the_figures_kept():
    figures = json.loads(table.KEPT.read_text())
    page = table.PAGE.read_text()
    assert table.written(figures) == page.partition(table.BEGIN)[2].partition(table.END)[0].strip() + "\n"
    assert figures.keys() <= table.RUNS.keys()

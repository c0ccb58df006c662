"""The table of figures says what was taken, and nothing else."""

import json

from benchmarks import table


def test_the_table_is_written_from_the_figures_kept():
    figures = json.loads(table.KEPT.read_text())
    page = table.PAGE.read_text()
    assert table.written(figures) == page.partition(table.BEGIN)[2].partition(table.END)[0].strip() + "\n"
    assert figures.keys() <= table.RUNS.keys()


def test_every_line_reads_what_a_benchmark_says():
    figures = json.loads(table.KEPT.read_text())
    missing = {line.of for line in table.LINES} - figures.keys()
    assert not missing, f"take them with `python -m benchmarks.table {' '.join(sorted(missing))}`"
    assert all(line.read(figures[line.of]["said"]) for line in table.LINES)

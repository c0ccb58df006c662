"""Loaded last by the process that starts workers: what stands in its memory by then is set apart from the collector.

The workers share that memory as long as nobody writes in it, and a collector writes in all that it looks at.
"""

import gc

gc.collect()
gc.freeze()

"""When Python looks for what can be freed: rarely, and not among what lasts."""

import gc
from typing import Final

# New objects between two collections; the usual 700 are made by a single push.
_COLLECT_EVERY: Final = 100_000


def look_rarely() -> None:
    """Let the collector look less often; meant for the start, which makes what lasts.

    Word lists and tables are hundreds of thousands of objects, and reading them set off
    collections that took a tenth of the time of a start.
    """
    gc.set_threshold(_COLLECT_EVERY, *gc.get_threshold()[1:])


def settle() -> None:
    """Let the collector pass over what lasts as long as the process, and look less often.

    It would walk through the word lists and tables for nothing; that took a tenth of the time
    of a submit.
    """
    gc.collect()
    gc.freeze()
    look_rarely()

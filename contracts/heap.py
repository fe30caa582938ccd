"""The garbage collector, kept from stopping a process for what never becomes garbage.

A gateway or a worker has some 70,000 objects when it has started: modules,
functions, compiled routes. They stay to the end, and each full collection
looked at all of them, for 20 to 30 ms in which nothing else ran: the slowest
answers of a busy process were those of that moment.
"""

import gc
from typing import Final

# Collections of what is young between two looks at everything; Python's own figure is 10.
SELDOM: Final = 300


def settle() -> None:
    """Let the collector leave out all that is there now. Call it once, when all is set up.

    What is made later is collected as ever. What was there can still be freed
    when nothing refers to it; only a cycle of such objects stays, which is
    what a reload of the routes may leave behind, some kilobytes each time.
    """
    gc.collect()
    gc.freeze()


def seldom() -> None:
    """Let the collector look at everything a thirtieth as often as by itself.

    For a process in which much is alive that is no garbage, as connections are: 2,000 of them are
    80,000 objects, at which a busy gateway looked twice a second, for 25 ms in which it answered
    nobody. The price is what such a look would have found: objects that know each other in a
    circle, and were in use for long. At the very most two million of them wait for the next look;
    what is garbage soon is found as soon as ever.
    """
    young, middle, _ = gc.get_threshold()
    gc.set_threshold(young, middle, SELDOM)

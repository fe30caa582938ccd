"""The garbage collector, kept from stopping a process for what never becomes garbage.

A gateway or a worker has some 70,000 objects when it has started: modules,
functions, compiled routes. They stay to the end, and each full collection
looked at all of them, for 20 to 30 ms in which nothing else ran: the slowest
answers of a busy process were those of that moment.
"""

import gc


def settle() -> None:
    """Let the collector leave out all that is there now. Call it once, when all is set up.

    What is made later is collected as ever. What was there can still be freed
    when nothing refers to it; only a cycle of such objects stays, which is
    what a reload of the routes may leave behind, some kilobytes each time.
    """
    gc.collect()
    gc.freeze()

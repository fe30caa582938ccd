"""The request journal: what was asked and answered, written down, found again, and replayed.

A record is one finished Flow (:mod:`.record`). It is written off the path of the request, and read
through one port (:mod:`.reader`), whatever store it lies in.
"""

"""A receiver to try a relay (or an editor's software) against: it answers as it was told to.

It is no DMP: it opens what it receives by the same readers as the server, keeps identifiers and hashes in memory, and
forgets them when it stops.
"""

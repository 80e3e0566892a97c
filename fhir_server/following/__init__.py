"""Subscriptions: topics over the change feed, what is sent of them, and the process that sends it.

Nothing is queued: what is to be told follows from the feed and from how far each subscription has come in it.
"""

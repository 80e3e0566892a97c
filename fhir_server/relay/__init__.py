"""Store and forward: what an establishment sends is passed on untouched, and what came back is kept.

`routes` says what goes where, `queue` is the durable line of what is to go, `senders` speak the receivers' protocols,
`runner` is the process that sends. A submission and its place in the line are one write.
"""

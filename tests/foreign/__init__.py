"""Our package before a validator that is not ours, started by hand: it needs Java, Maven and 150 MB of jars."""

"""Is this document right? A library: no HTTP, no database, no settings. Bytes or parsed trees in, findings out."""

"""The REST interactions in parts: patches, conditions, references."""

"""A synthetic country: establishments, patients, stays and documents, the same for the same seed."""

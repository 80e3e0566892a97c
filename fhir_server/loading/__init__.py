"""`segur load`: files of an operator into the database, checked as at the doors, resumable after any interruption."""

"""Tables, migrations, the writer and the repositories."""

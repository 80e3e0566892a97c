"""What people look at: server-rendered pages, French first."""

"""The service: HTTP, storage, security, pages, command line."""

"""Authentication, scopes, tenancy."""

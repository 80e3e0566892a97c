"""The funding programmes: one package each, pure functions with their rule ids."""

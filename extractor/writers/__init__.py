"""Records become texts again."""

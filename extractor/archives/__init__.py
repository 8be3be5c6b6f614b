"""Archives: where their members stand in them, and the members as sources of bytes."""

"""Many files: found in folders, read by one process or several."""

"""Our own JSON files beside the images."""

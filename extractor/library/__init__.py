"""A library of model files: what is on the disk, under which names and hashes records speak of it."""

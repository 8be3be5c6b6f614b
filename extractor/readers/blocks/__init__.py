"""Blocks that stand in several containers: EXIF, XMP, IPTC, C2PA."""

"""The gallery: a local web page over a catalog. What serves it needs the extra ``gallery``."""

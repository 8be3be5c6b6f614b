"""Pixels to BlurHash and hidden text: the only stage that decodes pictures.

Nothing is imported here, so that numpy and Pillow load only when a hash is asked for.
"""

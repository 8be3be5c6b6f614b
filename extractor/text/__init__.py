"""Untrusted text: JSON with exact numbers, lenient numbers, dates, odd encodings, and what may be printed."""

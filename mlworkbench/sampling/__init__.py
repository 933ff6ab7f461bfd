"""Samples that are fair, and how far off the others are."""

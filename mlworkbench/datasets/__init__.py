"""Data sets with cards, licences and checksums."""

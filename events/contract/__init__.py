"""The published language: what services tell one another, versioned and frozen once told."""

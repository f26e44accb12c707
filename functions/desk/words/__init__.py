"""The text of the desk's pages, one file per subject."""

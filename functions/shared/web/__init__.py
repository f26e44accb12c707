"""What all built-in pages share: frame, style and headers. The pages are in the folders of the functions."""

"""The adapters: everything that touches AWS or the process we run in."""

"""The process we run in: its settings, its logs and metrics, the files packaged with the code."""

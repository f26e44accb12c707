"""Items as earlier releases wrote them: one JSON file for each release. make.py says how they were made."""

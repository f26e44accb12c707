"""Everything that is stored about one person: found, and exported. For the desk and for operators."""

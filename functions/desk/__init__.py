"""The staff desk: the pages that staff see after they sign in."""

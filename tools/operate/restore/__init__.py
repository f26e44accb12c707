"""`make restore`: what is missing from the table of the leads comes back from a point-in-time copy of it."""

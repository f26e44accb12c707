"""`make restore`: brings back what the table of the leads lost, from a point-in-time copy of it."""

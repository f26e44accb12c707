"""`make upgrade-check`: says in words what an update of a deployed stack to this checkout will do."""

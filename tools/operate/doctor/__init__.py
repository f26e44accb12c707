"""`make doctor`: looks at a deployed stack, changes nothing, and says what to mend and how."""

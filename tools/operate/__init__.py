"""Commands for operators of a deployed stack. The Makefile has a target for each."""

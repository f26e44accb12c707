"""Builds the Lambda packages from source. `sam build` runs it through functions/Makefile."""

"""Packaging: from source to what Lambda gets. `sam build` calls it through functions/Makefile."""

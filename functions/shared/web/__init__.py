"""Frame, style and headers of all built-in pages. The pages are in the Lambdas' folders."""

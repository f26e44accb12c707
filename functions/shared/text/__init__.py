"""Every sentence that a visitor reads for the form's fields, by language."""

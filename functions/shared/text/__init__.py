"""Every sentence that a visitor reads. Each language is one folder with the same modules and the same names."""

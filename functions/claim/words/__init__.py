"""The text of the pages behind the links in emails, one file per subject.

A page shows nothing about the person who asked except the reference and times. It names colleagues by their address,
as the emails do.
"""

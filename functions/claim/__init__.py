"""The links in mails to staff: a small page, and a button on it that notes the answer."""

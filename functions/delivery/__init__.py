"""Records what SES reports about emails, and warns operators about recipients who get none."""

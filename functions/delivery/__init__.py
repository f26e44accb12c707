"""SES's reports on mails -> what became of a lead's alert, and which recipient gives trouble."""

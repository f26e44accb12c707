"""The domain: what a lead is and what is due next. Pure: no AWS, no environment, no clock of its own."""

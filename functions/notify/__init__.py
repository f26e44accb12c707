"""Stream records of new leads -> alerts, at once."""

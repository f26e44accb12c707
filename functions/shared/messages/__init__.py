"""Telling staff: compose one alert from a lead, send it, write down what became of it."""

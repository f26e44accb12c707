"""Drills: each breaks one part of the deployed system. A package, so that its files share one proxy."""

"""Drills: each breaks one part of the deployed system. This is a package because its files share one proxy."""

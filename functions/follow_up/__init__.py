"""Scheduled: whatever the agenda says is due. The stream is speed; this is the guarantee."""

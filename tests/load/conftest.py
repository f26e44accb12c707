import os

# Powertools reads these when shared.runtime.telemetry is imported, which is before any fixture.
os.environ.setdefault("POWERTOOLS_SERVICE_NAME", "load-tests")
os.environ.setdefault("POWERTOOLS_METRICS_NAMESPACE", "load-tests")

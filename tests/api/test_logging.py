"""The process's log lines, as they leave it."""

import json
import subprocess
import sys

PROGRAM = """
import structlog
from api.observability import configure_logging
configure_logging(level="info", log_format="json")
log = structlog.get_logger("test")
log.debug("unheard")
log.info("request", status=200, route="/v1/deposits", thing=object)
try:
    1 / 0
except ZeroDivisionError as error:
    log.error("unhandled_error", exc_info=error)
"""

UNHEARD = """
import os, sys
import structlog
from api.observability import configure_logging
for log_format in ("json", "console"):
    configure_logging(level="info", log_format=log_format)
    log = structlog.get_logger(log_format)
    log.info("heard", log_format=log_format)
    held = os.dup(2)
    reading, writing = os.pipe()
    os.dup2(writing, 2)
    os.close(reading)
    log.info("unheard")
    os.dup2(held, 2)
print("went on")
"""


def test_a_line_that_nobody_reads_ends_nothing() -> None:
    run = subprocess.run([sys.executable, "-c", UNHEARD], capture_output=True, text=True, check=True, timeout=60)
    assert "went on" in run.stdout


def test_json_log_is_one_object_a_line_on_standard_error() -> None:
    run = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True, timeout=60)
    assert run.stdout == ""
    request, failure = (json.loads(line) for line in run.stderr.splitlines())
    assert (request["event"], request["level"], request["status"]) == ("request", "info", 200)
    assert request["timestamp"].endswith("Z")
    assert "ZeroDivisionError" in failure["exception"]

"""The core's times beside OpenSSL's and Python's, measured one behind the other, as ratios.

    cargo bench --bench gate -- verify | python3 bench/native/compare.py

OpenSSL computes the MAC alone, `openssl speed` in a loop with a prepared key. Python does what the
receiver in the articles does with a request: two fields, the time, hmac, compare_digest.
"""

import hashlib
import hmac
import re
import statistics
import subprocess
import sys
import time

UNITS = {"ns": 1e-9, "µs": 1e-6, "ms": 1e-3, "s": 1.0}
SECRET = b"LAST-kP2vX9mQ4sT7wZ1cF6hJ3nR8bL5dG0yA"
ROUNDS = 5


def core(table):
    """Seconds a request by bytes of body: the fastest of divan's table, and its median."""
    row = re.compile(r"[├╰]─ (\d+) +([\d.]+) (\S+) +│ +[\d.]+ \S+ +│ +([\d.]+) (\S+)")
    found = {}
    for line in table[table.index("verify") :].splitlines():
        if match := row.search(line):
            size, fastest, unit, median, median_unit = match.groups()
            found[int(size)] = (float(fastest) * UNITS[unit], float(median) * UNITS[median_unit])
    return found


def openssl(size):
    """Seconds for HMAC-SHA256 over so many bytes."""
    command = ["openssl", "speed", "-mr", "-seconds", "1", "-bytes", str(size), "-hmac", "sha256"]
    text = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    return size / float(re.search(r"^\+F:.*:([\d.]+)$", text, re.MULTILINE).group(1))


def receive(headers, body, now):
    """The articles' receiver, without its framework."""
    signature = headers.get("X-HMAC-Signature")
    timestamp = headers.get("X-HMAC-Timestamp")
    if not signature or not timestamp:
        raise ValueError("Missing HMAC headers")
    if abs(now - int(timestamp)) > 60:
        raise ValueError("Request timestamp too old")
    message = f"{timestamp}.".encode() + body
    expected = hmac.new(SECRET, message, hashlib.sha256).hexdigest()
    if not hmac.compare_digest(expected, signature):
        raise ValueError("Invalid HMAC signature")


def python(size):
    """Seconds a request."""
    body = b"c" * size
    made = hmac.new(SECRET, b"1760000000." + body, hashlib.sha256).hexdigest()
    headers = {"X-HMAC-Signature": made, "X-HMAC-Timestamp": "1760000000"}
    times = max(3, 200_000_000 // (size + 20_000) // 10)
    start = time.perf_counter()
    for _ in range(times):
        receive(headers, body, 1760000000)
    return (time.perf_counter() - start) / times


def main():
    ours = core(sys.stdin.read())
    print(f"{'body':>10}  {'core':>10}  {'OpenSSL':>10}  {'Python':>10}  OpenSSL:core  Python:core")
    for size, (_, median) in ours.items():
        theirs = statistics.median(openssl(size) for _ in range(ROUNDS))
        articles = statistics.median(python(size) for _ in range(ROUNDS))
        times = "  ".join(f"{1e6 * value:>7.2f} µs" for value in (median, theirs, articles))
        print(f"{size:>8} B  {times}  {theirs / median:>12.2f}  {articles / median:>11.2f}")


main()

"""Runs the tests of a script and counts them as `scripts/test.sh` reads it."""

import unittest


def failed_tests(result: unittest.TestResult) -> int:
    """Count what went wrong, also what broke before a first test could run."""
    return len(result.failures) + len(result.errors) + len(result.unexpectedSuccesses)


def main() -> int:
    """Run everything, close with one line of counts, and return the exit status."""
    result = unittest.main(exit=False, verbosity=2).result
    failed = failed_tests(result)
    passed = max(result.testsRun - failed - len(result.skipped), 0)
    print(f"{passed} passed, {failed} failed", flush=True)
    return 0 if passed and not failed else 1

# SPDX-License-Identifier: GPL-2.0-or-later
"""unittest that speaks TAP, so that Meson counts Python's tests like those of C.

    import tap, unittest

    class Echo(unittest.TestCase):
        def test_a_path_is_decoded(self):          # printed as "a path is decoded"
            ...
        @tap.timeout(120)                          # seconds; the default is 60
        def test_a_large_body_streams(self): ...

    if __name__ == '__main__':
        tap.main(globals())

Words on the command line choose the tests whose names contain one of them. A test is skipped with self.skipTest(reason), a whole
file with tap.skip_all(reason). Nothing waits for ever: a test over its time fails, and a process that hangs even then (in C, or in
a lock) prints every thread's stack and ends.
"""
import faulthandler
import signal
import sys
import traceback
import unittest

DEFAULT_TIMEOUT_S = 60
HANG_S = 20  # what a test may take beyond its time to clean up


class TimedOut(Exception):
    """The test took longer than it may."""


def timeout(seconds):
    """Give a test its own time limit."""
    def mark(test):
        test.tap_timeout_s = seconds
        return test
    return mark


def skip_all(reason):
    """Skip the whole file: call before main(); ends the process."""
    print('1..0 # SKIP', one_line(reason), flush=True)
    sys.exit(0)


def one_line(text):
    """TAP is a protocol of lines, and '#' begins a directive."""
    return ' '.join(str(text).split()).replace('#', '\\#')


def sentence(test):
    """The name of a test, as the sentence that it proves."""
    name = getattr(test, '_testMethodName', None) or test.id()
    words = name.removeprefix('test_').replace('_', ' ')
    is_of_base = isinstance(test, unittest.TestCase) and name not in vars(type(test))
    return one_line(f'{type(test).__name__}: {words}' if is_of_base else words)


class Result(unittest.TestResult):
    """Prints a line as each test ends, and times it."""

    def __init__(self):
        super().__init__()
        self.count = 0
        self.failed = 0

    def say(self, is_ok, test, directive=''):
        self.count += 1
        self.failed += not is_ok
        print(f"{'ok' if is_ok else 'not ok'} {self.count} - {sentence(test)}{directive}", flush=True)

    def explain(self, error):
        for line in ''.join(traceback.format_exception(*error)).splitlines():
            print('#', line, flush=True)

    def startTest(self, test):
        super().startTest(test)
        method = getattr(test, getattr(test, '_testMethodName', ''), None)
        seconds = getattr(method, 'tap_timeout_s', DEFAULT_TIMEOUT_S)
        faulthandler.dump_traceback_later(seconds + HANG_S, exit=True)

        def on_alarm(_signal, _frame):
            raise TimedOut(f'took longer than {seconds} s')
        signal.signal(signal.SIGALRM, on_alarm)
        signal.alarm(seconds)

    def stopTest(self, test):
        signal.alarm(0)
        faulthandler.cancel_dump_traceback_later()
        super().stopTest(test)

    def addSuccess(self, test):
        self.say(True, test)

    def addFailure(self, test, err):
        self.say(False, test)
        self.explain(err)

    def addError(self, test, err):
        self.addFailure(test, err)

    def addSkip(self, test, reason):
        self.say(True, test, f' # SKIP {one_line(reason)}')

    def addExpectedFailure(self, test, err):
        self.say(False, test, ' # TODO expected')
        self.failed -= 1

    def addUnexpectedSuccess(self, test):
        self.say(False, test)

    def addSubTest(self, test, subtest, err):
        # A passing subtest is part of its test; a failing one is its own line, and unittest then leaves the test's line out.
        if err is not None:
            print('# in', one_line(subtest), flush=True)
            self.addFailure(test, err)


def in_order(case):
    """A class's tests as they are written, not as the alphabet has them; first its own, then those of bases that are no TestCase."""
    classes = [case, *(base for base in case.__mro__[1:] if not issubclass(base, unittest.TestCase))]
    return [name for each in classes for name in vars(each) if name.startswith('test_')]


def main(namespace, words=None):
    """Run the TestCase classes of a module's globals(); ends the process, 1 if a test failed."""
    words = sys.argv[1:] if words is None else words
    suite = unittest.TestSuite()
    for case in list(namespace.values()):
        if not (isinstance(case, type) and issubclass(case, unittest.TestCase)):
            continue
        if case.__module__ != namespace.get('__name__'):
            continue
        for name in in_order(case):
            if not words or any(word in name or word in name.replace('_', ' ') for word in words):
                suite.addTest(case(name))
    result = Result()
    suite.run(result)
    print(f'1..{result.count}', flush=True)
    sys.exit(1 if result.failed or result.count == 0 else 0)

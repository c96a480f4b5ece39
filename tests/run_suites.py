# SPDX-License-Identifier: GPL-2.0-or-later
"""Configure, build and test each variant of Lede, and add up what their tests said.

A variant is a build directory: a compiler, its sanitizers, and the suites that run in it. The counts come from the JUnit files that
Meson writes, where each TAP line of each test is a case.
"""
import os
import subprocess
import sys
import xml.etree.ElementTree as ElementTree

# Xapian's check of a database deletes a table through a base without a virtual destructor.
SANITIZER_ENVIRONMENT = {
    'ASAN_OPTIONS': 'detect_stack_use_after_return=1:strict_string_checks=1:detect_leaks=1:new_delete_type_mismatch=0',
    'LSAN_OPTIONS': 'print_suppressions=0:suppressions=' + os.path.abspath('tests/leaks.supp'),
    'UBSAN_OPTIONS': 'print_stacktrace=1:halt_on_error=1',
    'TSAN_OPTIONS': 'halt_on_error=1:second_deadlock_stack=1',
}
# name, compilers, meson's options, suites (none: all)
VARIANTS = [
    ('gcc', {}, ['--buildtype=debugoptimized'], []),
    ('clang', {'CC': 'clang', 'CXX': 'clang++'}, ['--buildtype=debugoptimized'], ['unit']),
    ('asan', {}, ['--buildtype=debugoptimized', '-Db_sanitize=address,undefined', '-Db_lundef=false'], []),
    ('tsan', {'CC': 'clang', 'CXX': 'clang++'},
     ['--buildtype=debugoptimized', '-Db_sanitize=thread', '-Db_lundef=false'], ['race', 'http', 'api', 'cli']),
    ('fuzz', {'CC': 'clang', 'CXX': 'clang++'},
     ['--buildtype=debugoptimized', '-Dfuzz=true', '-Db_sanitize=address,undefined', '-Db_lundef=false'], ['fuzz']),
]
TIMEOUT_MULTIPLIER = {'asan': '4', 'tsan': '6'}
FAILURE_LINES = 60  # of what a failed test printed, shown again at the end


def run(command, environment):
    print('+', ' '.join(command), flush=True)
    return subprocess.run(command, env=environment, stdin=subprocess.DEVNULL, check=False).returncode


def build(name, compilers, options):
    directory = os.path.join('build', 'test-' + name)
    environment = {**os.environ, **compilers}
    if not os.path.exists(os.path.join(directory, 'build.ninja')):
        if run(['meson', 'setup', directory, '-Dwerror=true', *options], environment) != 0:
            return None
    return directory if run(['ninja', '--quiet', '-C', directory], environment) == 0 else None


def count(directory):
    """How many cases passed, failed and were skipped, and what the failed ones said."""
    passed = failed = skipped = 0
    failures = []
    path = os.path.join(directory, 'meson-logs', 'testlog.junit.xml')
    for suite in ElementTree.parse(path).getroot().iter('testsuite'):
        failed_here = []
        for case in suite.iter('testcase'):
            kinds = {child.tag for child in case}
            if kinds & {'failure', 'error'}:
                failed_here.append(case.get('name'))
            elif 'skipped' in kinds:
                skipped += 1
            else:
                passed += 1
        failed += len(failed_here)
        if failed_here or int(suite.get('errors', '0')):
            failures.append(describe(suite, failed_here))
    return passed, failed, skipped, failures


def describe(suite, failed_cases):
    said = ''.join((suite.findtext(stream) or '') for stream in ('system-out', 'system-err')).splitlines()
    lines = [f"{suite.get('name')}: {', '.join(failed_cases) or 'ended badly'}"]
    lines += ['  … ' + str(len(said) - FAILURE_LINES) + ' lines before these'] if len(said) > FAILURE_LINES else []
    return '\n'.join(lines + ['  ' + line for line in said[-FAILURE_LINES:]])


def test(name, directory, suites):
    command = ['meson', 'test', '-C', directory, '--print-errorlogs', '--no-rebuild',
               '-t', TIMEOUT_MULTIPLIER.get(name, '1')]
    for suite in suites:
        command += ['--suite', suite]
    environment = {**os.environ, **SANITIZER_ENVIRONMENT, 'LEDE_VARIANT': name}
    status = run(command, environment)
    passed, failed, skipped, failures = count(directory)
    # A test that dies says nothing of itself: Meson's own verdict counts as a failure.
    return passed, max(failed, 1) if status != 0 else failed, skipped, failures


def main():
    wanted = sys.argv[1:]
    total = [0, 0, 0]
    failures = []
    for name, compilers, options, suites in VARIANTS:
        if wanted and name not in wanted:
            continue
        directory = build(name, compilers, options)
        result = test(name, directory, suites) if directory else (0, 1, 0, ['it does not build'])
        print(f'{name}: {result[0]} passed, {result[1]} failed, {result[2]} skipped', flush=True)
        total = [a + b for a, b in zip(total, result)]
        failures += [f'{name}: {failure}' for failure in result[3]]
    # Said again at the end, where a reader of a long log, or of its tail, finds it.
    for failure in failures:
        print(failure, flush=True)
    print(f'{total[0]} passed, {total[1]} failed' + (f', {total[2]} skipped' if total[2] else ''), flush=True)
    return 1 if total[1] else 0


sys.exit(main())

# SPDX-License-Identifier: GPL-2.0-or-later
"""clang-tidy finds nothing in the C of index/ and server/: .clang-tidy says what it looks for. Speaks TAP.

The C++ of index/engine is left out: four of its files take minutes, for Xapian's and the standard library's headers.

Usage: tidy.py SOURCE_ROOT BUILD_DIRECTORY. One variant of the tests is enough: the code is the same in all.
"""
import concurrent.futures
import json
import os
import shutil
import subprocess
import sys

ROOT, BUILD = map(os.path.realpath, sys.argv[1:3])
FOLDERS = tuple(os.path.join(ROOT, folder) + os.sep for folder in ('index', 'server'))
AT_ONCE = 4  # files a process: it reads its settings once


def sources():
    """What the build compiles of the two folders; what it makes itself is not among them."""
    with open(os.path.join(BUILD, 'compile_commands.json'), encoding='utf-8') as file:
        paths = {os.path.realpath(os.path.join(unit['directory'], unit['file'])) for unit in json.load(file)}
    return sorted(path for path in paths if path.startswith(FOLDERS) and path.endswith('.c'))


def check(command, paths):
    """What clang-tidy says of the files."""
    run = subprocess.run([command, '-p', BUILD, '--quiet', *paths], cwd=ROOT, capture_output=True, text=True,
                         check=False)
    found = run.stdout.replace(ROOT + os.sep, '')
    return found if found.strip() or run.returncode == 0 else run.stderr


def main():
    if os.environ.get('LEDE_VARIANT', 'gcc') != 'gcc':
        print('1..0 # SKIP the gcc variant has looked')
        return
    print('1..1')
    command = shutil.which('clang-tidy')
    faults = []
    if not command:
        faults = ['clang-tidy is not installed']
    else:
        paths = sources()
        groups = [paths[i:i + AT_ONCE] for i in range(0, len(paths), AT_ONCE)]
        with concurrent.futures.ThreadPoolExecutor(len(os.sched_getaffinity(0))) as pool:
            faults = [text for text in pool.map(lambda group: check(command, group), groups) if text.strip()]
        if not paths:
            faults.append('no C file of index/ or server/ is compiled')
    print(f'{"not ok" if faults else "ok"} 1 - clang tidy finds nothing')
    for line in '\n'.join(faults).splitlines():
        print(f'# {line}')


main()

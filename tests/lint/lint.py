# SPDX-License-Identifier: GPL-2.0-or-later
"""The rules of the tree that a compiler does not know: floors, owners of libraries, layout, sizes. Speaks TAP."""
import os
import re
import shutil
import subprocess
import sys
import unicodedata

ROOT = sys.argv[1]

# A floor may use itself, its neighbours and the floors below.
FLOORS = {
    'index/base': 0, 'index/text': 1, 'index/model': 1, 'index/query': 2, 'index/highlight': 2, 'index/lexicon': 2, 'index/engine': 3,
    'index/store': 4, 'index/import': 4, 'server/http': 5, 'server/api': 6, 'server/web': 6, 'server': 7,
}
HEADERS = {
    'base': 0, 'buffer': 0, 'number': 0, 'time': 0, 'settings': 0, 'story': 1, 'text': 1, 'schema': 1, 'model': 1, 'query': 2,
    'spans': 2, 'highlight': 2, 'engine': 3, 'lexicon': 2, 'store': 4, 'care': 4, 'import': 4, 'http': 5, 'api': 6, 'web': 6,
}
OWNERS = {
    'xapian': 'index/engine', 'microhttpd': 'server/http', 'utf8proc': 'index/text', 'libstemmer': 'index/text',
    'libexttextcat': 'index/text', 'ini.h': 'index/base', 'xxhash': 'index/base', 'cctz': 'index/engine', 'zstd': 'index/engine', 'zdict': 'index/engine', 'curl': 'server',
}
TOP = {'server', 'index', 'include', 'tests', 'config', 'meson.build', 'Dockerfile', 'README.md', 'LICENSE',
       'ARCHITECTURE.md', 'CHANGELOG.md'}
FILE_LINES_MAX = 600
FUNCTION_LINES_MAX = 60
COLUMNS_MAX = 100
LICENCE = 'SPDX-License-Identifier: GPL-2.0-or-later'


def tracked():
    """Files that git tracks or would; without git, all but build directories."""
    listed = subprocess.run(['git', '-C', ROOT, 'ls-files', '-co', '--exclude-standard', '-z'], capture_output=True,
                            check=False)
    if listed.returncode == 0:
        return sorted({p for p in listed.stdout.decode().split('\0') if p and os.path.exists(os.path.join(ROOT, p))})
    found = []
    for folder, folders, names in os.walk(ROOT):
        folders[:] = [f for f in folders if f not in ('build', 'node_modules', '.git', '__pycache__')]
        found += [os.path.relpath(os.path.join(folder, n), ROOT) for n in names]
    return sorted(found)


FILES = tracked()
SOURCES = [p for p in FILES if p.endswith(('.c', '.h', '.cc', '.hh'))]


def lines(path):
    with open(os.path.join(ROOT, path), encoding='utf-8') as file:
        return file.read().split('\n')


def floor_of(path):
    folder = os.path.dirname(path)
    while folder and folder not in FLOORS:
        folder = os.path.dirname(folder)
    return folder


def includes(path):
    for number, line in enumerate(lines(path), 1):
        match = re.match(r'\s*#\s*include\s*([<"])([^>"]+)[>"]', line)
        if match:
            yield number, match.group(1), match.group(2)


def no_file_includes_upward():
    for path in SOURCES:
        floor = floor_of(path)
        if not floor:
            continue
        for number, _, name in includes(path):
            if name.startswith('lede/') and HEADERS[name[5:-2]] > FLOORS[floor]:
                yield f'{path}:{number}: {floor} (floor {FLOORS[floor]}) includes {name} (floor {HEADERS[name[5:-2]]})'


def no_file_includes_another_folders_private_header():
    for path in SOURCES:
        if not floor_of(path):
            continue
        for number, quote, name in includes(path):
            if quote == '"' and '/' in name and not name.startswith('lede/'):
                yield f'{path}:{number}: includes "{name}"'


def each_library_is_included_by_its_owner_alone():
    for path in SOURCES:
        folder = os.path.dirname(path)
        if path.startswith('tests/'):
            continue
        for number, quote, name in includes(path):
            for library, owner in OWNERS.items():
                if quote == '<' and library in name and folder != owner:
                    yield f'{path}:{number}: includes <{name}>, which belongs to {owner}'


def every_file_has_at_most_600_lines():
    for path in SOURCES:
        count = len(lines(path)) - 1
        if count > FILE_LINES_MAX:
            yield f'{path}: {count} lines'


def every_function_has_at_most_60_lines():
    for path in SOURCES:
        if not path.endswith(('.c', '.cc')):
            continue
        start = 0
        head = ''
        for number, line in enumerate(lines(path), 1):
            if line.startswith('{'):
                start = 0 if re.match('(class|struct \w+$|union|namespace|extern "C"$)', head) else number
            elif line.startswith('}') and start:
                if number - start - 1 > FUNCTION_LINES_MAX:
                    yield f'{path}:{start}: {number - start - 1} lines'
                start = 0
            if line and not line[0].isspace():
                head = line


def the_formatter_agrees():
    command = shutil.which('clang-format')
    if not command:
        yield 'clang-format is not installed'
        return
    for path in SOURCES:
        run = subprocess.run([command, '--dry-run', '-Werror', '--style=file', path], cwd=ROOT, capture_output=True, check=False)
        if run.returncode != 0:
            yield f'{path}: run clang-format -i'


def no_line_is_wider_than_100_columns():
    for path in SOURCES:
        for number, line in enumerate(lines(path), 1):
            columns = sum(unicodedata.category(character)[0] != 'M' for character in line)
            if columns > COLUMNS_MAX:
                yield f'{path}:{number}: {columns} columns'


def every_source_names_its_licence():
    endings = ('.c', '.h', '.cc', '.py', '.js', '.mjs', '.css', '.java', 'meson.build')
    for path in FILES:
        if path.endswith(endings) and LICENCE not in '\n'.join(lines(path)[:3]):
            yield path


def the_top_of_the_tree_holds_only_what_belongs_there():
    for name in sorted({p.split('/')[0] for p in FILES}):
        if name not in TOP and not name.startswith('.'):
            yield name


def every_header_is_guarded():
    for path in SOURCES:
        if path.endswith(('.h', '.hh')) and not path.startswith('tests/'):
            text = '\n'.join(lines(path))
            if '#ifndef LEDE_' not in text:
                yield path


def main():
    checks = [value for name, value in globals().items()
              if callable(value) and name.startswith(('no_', 'each_', 'every_', 'the_'))]
    print(f'1..{len(checks)}')
    for number, check in enumerate(checks, 1):
        sentence = check.__name__.replace('_', ' ')
        faults = list(check())
        print(f'{"not ok" if faults else "ok"} {number} - {sentence}')
        for fault in faults:
            print(f'# {fault}')


main()

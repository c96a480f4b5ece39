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
    'index/match': 4, 'index/store': 5, 'index/import': 5, 'index/cluster': 6, 'index/shards': 6, 'server/http': 6, 'server/keys': 6, 'server/api': 7, 'server/elastic': 7, 'server/web': 7, 'server': 8,
}
HEADERS = {
    'base': 0, 'buffer': 0, 'cache': 0, 'durations': 0, 'encoding': 0, 'network': 0, 'number': 0, 'table': 0, 'thread': 0, 'time': 0, 'settings': 0, 'unpack': 0, 'wire': 0, 'difference': 1, 'story': 1, 'text': 1, 'words': 1, 'names': 1, 'schema': 1, 'model': 1, 'stored': 1, 'query': 2,
    'spans': 2, 'synonyms': 2, 'highlight': 2, 'shown': 2, 'engine': 3, 'lexicon': 2, 'match': 4, 'shares': 4, 'store': 5, 'care': 5, 'replica': 5, 'shard': 5, 'import': 5, 'files': 5, 'etcd': 6, 'cluster': 6, 'shards': 6, 'http': 6, 'keys': 6, 'following': 7, 'api': 7, 'elastic': 7, 'web': 7,
}
OWNERS = {
    'xapian': 'index/engine', 'microhttpd': 'server/http', 'utf8proc': 'index/text', 'libstemmer': 'index/text',
    'libexttextcat': 'index/text', 'ini.h': 'index/base', 'xxhash': 'index/base', 'cctz': 'index/engine', 'zstd.h': ('index/base', 'index/engine'), 'zdict': 'index/engine', 'curl': ('server', 'index/cluster', 'index/shards'), 'sodium': 'server/keys', 'gnutls': 'server/http', 'libxml': 'index/import/formats', 'uchardet': 'index/import/formats', 'gumbo': 'index/import/formats', 'archive': 'index/import/formats', 'gmime': 'index/import/formats', 'poppler': 'index/import/formats', 'glib': 'index/import/formats',
}
TOP = {'server', 'index', 'include', 'tests', 'config', 'meson.build', 'meson_options.txt', 'Dockerfile', 'README.md', 'LICENSE',
       'ARCHITECTURE.md', 'CHANGELOG.md'}
# A room of a floor may use itself and the rooms before it; '' is the floor's own folder.
ROOMS = {
    'index/store': ['disk', 'segments', 'words', 'merge', 'write', '', 'care', 'replica'],
    'index/engine': ['glass', ''],
    'index/import': ['streams', 'formats', ''],
    'index/cluster': ['', 'node'],
}
FILE_LINES_MAX = 600
FUNCTION_LINES_MAX = 60
COLUMNS_MAX = 100
ARCHITECTURE_LINES_MAX = 200
LICENCE = 'SPDX-License-Identifier: GPL-2.0-or-later'
# Text to read, data, and what would go over the wire with each page: these name no licence.
WITHOUT_LICENCE = ('.md', '.json', '.ndjson', '.txt', '.svg', '.html', '.xml', 'LICENSE')


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
                owners = (owner,) if isinstance(owner, str) else owner
                if quote == '<' and library in name and folder not in owners:
                    yield f'{path}:{number}: includes <{name}>, which belongs to {" and ".join(owners)}'


def no_endpoint_reads_past_what_its_request_may_see():
    reads = re.compile(r'\b(lede_reader_(?:search|list_matches|estimate|counts_\w+|get\w*|word_\w+|index)|lede_index_\w+|lede_counts_ask|lede_lexicon_correct)\(')
    for path in SOURCES:
        if os.path.dirname(path) not in ('server/api', 'server/elastic') or path == 'server/api/visible.c':
            continue
        for number, line in enumerate(lines(path), 1):
            for name in reads.findall(line):
                yield f'{path}:{number}: calls {name}(), which is for visible.c'


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
                start = 0 if re.match(r'(class|struct \w+$|union|namespace|extern "C"$)', head) else number
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
    for path in FILES:
        if not path.endswith(WITHOUT_LICENCE) and LICENCE not in '\n'.join(lines(path)[:3]):
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


def text_of_code(path):
    """The text of a C file without its comments, strings and includes."""
    text = re.sub(r'^\s*#\s*include.*', '', '\n'.join(lines(path)), flags=re.M)
    return re.sub(r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'', ' ', text, flags=re.S)


NAME = re.compile(r'(?<!struct )(?<!enum )(?<!union )\blede_\w+')
DEFINITION = re.compile(r'^(?!static\b|typedef\b)\w[^;{}=#()]*?\b(?:(lede_\w+)\s*\([^;{}]*\)\s*\{'
                        r'|(?<!extern )(lede_\w+)(?:\[[^\]]*\])*\s*(?:=|;))', re.M)


def definitions(text):
    """Names of the functions and tables that a C file defines for others."""
    return (found.group(1) or found.group(2) for found in DEFINITION.finditer(text))


def uses():
    """Which file uses which of the same floor, and by what: {floor: {(user, used): {what}}}.

    A file is its stem in its folder: x.c, x.cc and x.h are one. It uses another where it includes that one's header, and
    where it names a function or a table which that one defines: a header that declares what many files define would
    hide circles."""
    stems = {path: path.rsplit('.', 1)[0] for path in SOURCES if floor_of(path)}
    sources = {path: text_of_code(path) for path in stems if path.endswith(('.c', '.cc'))}
    headers = {(floor_of(path), os.path.basename(path)): path for path in stems if path not in sources}
    defined = {name: path for path, text in sources.items() for name in definitions(text)}
    found = {floor: {} for floor in FLOORS}
    for path, stem in stems.items():
        floor = floor_of(path)
        used = [(headers.get((floor, name)), name) for _, quote, name in includes(path) if quote == '"']
        used += [(defined.get(name), name) for name in set(NAME.findall(sources.get(path, '')))]
        for other, what in used:
            if other and floor_of(other) == floor and stems[other] != stem:
                found[floor].setdefault((stem, stems[other]), set()).add(what)
    return found


def circles_of(edges):
    """The sets of files that reach each other."""
    nexts = {}
    for user, used in edges:
        nexts.setdefault(user, set()).add(used)
    reach = {}
    for start in nexts:
        seen, rest = set(), [start]
        while rest:
            new = nexts.get(rest.pop(), set()) - seen
            seen |= new
            rest += new
        reach[start] = seen
    return {frozenset(o for o in seen if file in reach.get(o, ())) for file, seen in reach.items() if file in seen}


def no_files_of_a_floor_use_each_other_in_a_circle():
    for floor, edges in uses().items():
        circles = sorted(circles_of(edges), key=sorted)
        for circle in circles:
            yield f'{floor}: ' + ', '.join(os.path.relpath(file, floor) for file in sorted(circle))
            for (user, used), what in sorted(edges.items()):
                if user in circle and used in circle:
                    yield f'    {user} uses {os.path.relpath(used, floor)}: {", ".join(sorted(what))}'


def no_file_uses_a_room_that_comes_after_its_own():
    found = uses()
    for floor, rooms in ROOMS.items():
        place = {file: rooms.index(os.path.dirname(os.path.relpath(file, floor))) for edge in found[floor] for file in edge}
        wrong = [(edge, what) for edge, what in sorted(found[floor].items()) if place[edge[1]] > place[edge[0]]]
        for (user, used), what in wrong:
            yield f'{user} uses {used}: {", ".join(sorted(what))}'


def the_tour_is_short():
    count = len(lines('ARCHITECTURE.md')) - 1
    if count > ARCHITECTURE_LINES_MAX:
        yield f'ARCHITECTURE.md has {count} lines, more than {ARCHITECTURE_LINES_MAX}: what is exact stands beside its code'


def each_line_of_words_is_short():
    """Tables, code and what holds a link cannot be wrapped."""
    for path in FILES:
        is_code = False
        for number, line in enumerate(lines(path) if path.endswith('.md') else [], 1):
            is_code = is_code != line.startswith('```')
            if len(line.rstrip('\n')) > COLUMNS_MAX and not (is_code or line.startswith(('|', '    ', '```')) or '](' in line):
                yield f'{path}:{number} has more than {COLUMNS_MAX} columns'


def each_folder_has_words_about_it():
    """A README.md of its own, or its name in that of a folder above it."""
    for folder in sorted({os.path.dirname(p) for p in SOURCES if p.startswith(('index/', 'server/', 'tests/'))}):
        above = os.path.dirname(folder)
        name = re.compile('`' + re.escape(os.path.basename(folder)) + '[`/]')
        told = f'{above}/README.md'
        if f'{folder}/README.md' in FILES or (told in FILES and any(name.search(line) for line in lines(told))):
            continue
        yield f'{folder} has no README.md, and {told} does not name it'


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

# SPDX-License-Identifier: GPL-2.0-or-later
"""The contest's engines: how each is filled and started, what a search is to it, how it answers.

What all have in common: words are searched in title and body together, by their English stem, with
no word left out, ranked by the engine's own relevance; an answer has the exact total and ten hits
with title, source, date and one snippet of the body with the words marked."""
import glob
import json
import os
import re
import shutil
import socket
import struct
import subprocess
import time
import urllib.parse
import urllib.request

HERE = os.path.dirname(os.path.abspath(__file__))
BENCH = os.path.dirname(HERE)
HITS = 10
SNIPPET_CHARS = 200
START_SECONDS_MAX = 120


def http_request(path, parameters):
    target = f'{path}?{urllib.parse.urlencode(parameters)}'
    return f'GET {target} HTTP/1.1\r\nHost: localhost\r\n\r\n'.encode()


def stored_members(corpus):
    """Id, title, body, source and date of each document, for the engines that do not take it as it
    is. A line's end becomes a space: Sphinx reads tables by lines, and Groonga's normalizer leaves
    line ends out, so that two words would become one."""
    with open(corpus, encoding='utf-8') as file:
        for line in file:
            document = json.loads(line)
            yield {
                name: re.sub(r'\s', ' ',
                             document.get(name) or '')
                for name in ('id', 'title', 'body', 'source', 'published')
            }


def free_port():
    with socket.socket() as probe:
        probe.bind(('127.0.0.1', 0))
        return probe.getsockname()[1]


def wait_for_port(process, port):
    """Until the server takes connections there."""
    until = time.monotonic() + START_SECONDS_MAX
    while process.poll() is None and time.monotonic() < until:
        with socket.socket() as probe:
            if probe.connect_ex(('127.0.0.1', port)) == 0:
                return port
        time.sleep(.05)
    raise SystemExit(f'{process.args[0]} does not start')


class Engine:
    protocol = 'http'
    packages = ''

    def __init__(self, work, corpus, build):
        self.work, self.corpus, self.build = work, corpus, build
        self.data = os.path.join(work, self.name)
        self.process = self.port = None

    def path(self, name):
        return os.path.join(self.work, name)

    def tool(self, name):
        return os.path.join(self.build, name)

    def missing(self):
        """What is not installed, or nothing."""
        return ''

    def compile(self):
        """Compile what the build does not: at every run."""

    def prepare(self):
        """Make the engine's own form of the corpus: not counted as filling."""

    def fill(self):
        """The commands that fill the engine, each with the file it reads from standard input."""
        raise NotImplementedError

    def command(self):
        raise NotImplementedError

    def start(self):
        """Start the server and wait until it answers; its errors are in a log beside the data."""
        self.port = free_port()
        with open(self.data + '.log', 'ab') as log:
            self.process = subprocess.Popen(self.command(),
                                            stdout=subprocess.PIPE,
                                            stderr=log,
                                            text=True)
        self.port = self.read_port()

    def read_port(self):
        return int(re.search(r'(\d+)/?\s*$', self.process.stdout.readline()).group(1))

    def stop(self):
        self.process.terminate()
        try:
            self.process.wait(60)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process.stdout.close()

    def disk_bytes(self):
        return sum(
            os.stat(os.path.join(folder, name)).st_blocks * 512
            for folder, _, names in os.walk(self.data) for name in names)

    def request(self, kind, words):
        """The bytes of one search."""
        raise NotImplementedError

    def ask(self, kind, words):
        """Total, and hits as (title, source, date, snippet)."""
        raise NotImplementedError

    def ask_http(self, kind, words):
        target = self.request(kind, words).split(b' ')[1].decode()
        with urllib.request.urlopen(f'http://127.0.0.1:{self.port}{target}', timeout=120) as answer:
            return json.load(answer)


class Lede(Engine):
    name, marks = 'lede', '<mark>'

    def __init__(self, work, corpus, build):
        super().__init__(work, corpus, build)
        self.has_cache = False

    def fill(self):
        lede = self.tool('server/lede')
        return [([lede, 'import', '--data', self.data, self.corpus], None),
                ([lede, 'compact', '--data', self.data], None)]

    def command(self):
        return [self.tool('server/lede'), 'serve', '--data', self.data, '--listen', '127.0.0.1:0']

    def read_port(self):
        port = super().read_port()
        with urllib.request.urlopen(f'http://127.0.0.1:{port}/openapi.json', timeout=60) as answer:
            self.has_cache = re.search(rb'"name"\s*:\s*"cache"', answer.read()) is not None
        return port

    def request(self, kind, words):
        parameters = {
            'q': f'"{words}"' if kind == 'phrase' else words, 'match':
            'any' if kind == 'or' else 'all', 'fields': 'title,source,published', 'highlight':
            'body', 'snippets': 1, 'snippet_chars': SNIPPET_CHARS, 'limit': HITS
        }
        if self.has_cache:
            parameters['cache'] = 0
        return http_request('/search', parameters)

    def ask(self, kind, words):
        answer = self.ask_http(kind, words)
        if answer['timed_out'] or answer['total']['relation'] != 'eq':
            raise SystemExit(f'lede: no exact total for {kind} {words}')
        shown = [(hit['document'], (hit.get('highlights') or {}).get('body') or [''])
                 for hit in answer['hits']]
        return answer['total']['value'], [(hit.get('title'), hit.get('source'),
                                           hit.get('published'), body[0]) for hit, body in shown]


class Lucene(Engine):
    name, marks = 'lucene', '<mark>'
    packages = 'liblucene8-java libjackson2-core-java default-jdk-headless'
    JARS = [f'lucene-{name}-8*' for name in ('core', 'analyzers-common', 'highlighter', 'memory',
                                             'queries', 'queryparser', 'grouping')]
    JARS.append('jackson-core')

    def __init__(self, work, corpus, build):
        super().__init__(work, corpus, build)
        self.jars = [sorted(glob.glob(f'/usr/share/java/{name}.jar'))[:1] for name in self.JARS]

    def missing(self):
        return '' if all(self.jars) and shutil.which('javac') else self.packages

    def class_path(self):
        return ':'.join([self.path('classes'), *(jars[0] for jars in self.jars)])

    def compile(self):
        sources = [os.path.join(BENCH, 'LuceneIndex.java'), os.path.join(HERE, 'LuceneServer.java')]
        subprocess.run(
            ['javac', '-nowarn', '-cp',
             self.class_path(), '-d',
             self.path('classes'), *sources],
            check=True)

    def fill(self):
        return [([
            'java', '-cp',
            self.class_path(), 'LuceneIndex', self.data, self.corpus, '2', 'quick'
        ], None)]

    def command(self):
        return ['java', '-Xmx1g', '-cp', self.class_path(), 'LuceneServer', self.data]

    def request(self, kind, words):
        return http_request('/search', {kind: words})

    def ask(self, kind, words):
        answer = self.ask_http(kind, words)
        return answer['total'], [(hit['title'], hit['source'], hit['published'], hit['snippet']
                                  or '') for hit in answer['hits']]


class Xapian(Engine):
    name, marks = 'xapian', '<mark>'

    def missing(self):
        return '' if os.path.exists(self.tool(
            'tests/bench/peers/xapian_server')) else 'tests/bench/peers/xapian_server of the build'

    def fill(self):
        built = self.data + '.built'
        return [([self.tool('tests/bench/plain_index'), built, 'stems'], self.corpus),
                (['xapian-compact', built, self.data], None), (['rm', '-r', built], None)]

    def command(self):
        return [self.tool('tests/bench/peers/xapian_server'), self.data]

    def request(self, kind, words):
        return http_request('/search', {kind: words})

    def ask(self, kind, words):
        answer = self.ask_http(kind, words)
        return answer['total'], [(hit['title'], hit['source'], hit['published'], hit['snippet'])
                                 for hit in answer['hits']]


class Groonga(Engine):
    name, marks = 'groonga', '<mark>'
    packages = 'groonga-bin groonga-token-filter-stem'
    SCHEMA = '''plugin_register token_filters/stem
table_create Documents TABLE_HASH_KEY ShortText
column_create Documents title COLUMN_SCALAR Text
column_create Documents body COLUMN_SCALAR Text
column_create Documents source COLUMN_SCALAR ShortText
column_create Documents published COLUMN_SCALAR ShortText
table_create Terms TABLE_PAT_KEY ShortText --normalizer NormalizerAuto \\
  --default_tokenizer 'TokenDelimit("pattern", "[^a-zA-Z0-9]+")' \\
  --token_filters TokenFilterStem
'''
    INDEX = ('column_create Terms text COLUMN_INDEX|WITH_POSITION|WITH_SECTION '
             'Documents title,body\n')

    def missing(self):
        stem = glob.glob('/usr/lib/*/groonga/plugins/token_filters/stem.so')
        return '' if shutil.which('groonga') and stem else self.packages

    def prepare(self):
        with open(self.path('groonga.load'), 'w', encoding='utf-8') as out:
            out.write(self.SCHEMA + 'load --table Documents\n[\n')
            for number, document in enumerate(stored_members(self.corpus)):
                document['_key'] = document.pop('id')
                out.write((',\n' if number else '') + json.dumps(document))
            out.write('\n]\n' + self.INDEX)

    def fill(self):
        os.makedirs(self.data)
        return [(['groonga', '-n', os.path.join(self.data, 'db')], self.path('groonga.load'))]

    def command(self):
        return [
            'groonga', '-s', '--protocol', 'http', '--bind-address', '127.0.0.1', '--port',
            str(self.port), '--cache-limit', '0', '--max-threads', '16', '--log-level', 'warning',
            '--log-path', self.data + '.groonga.log',
            os.path.join(self.data, 'db')
        ]

    def read_port(self):
        return wait_for_port(self.process, self.port)

    def request(self, kind, words):
        query = f'"{words}"' if kind == 'phrase' else words.replace(
            ' ', ' OR ') if kind == 'or' else words
        snippet = (f"snippet(body, {{'width': {SNIPPET_CHARS}, 'max_n_results': 1, "
                   "'html_escape': true, 'normalizer': 'NormalizerAuto', "
                   "'default_open_tag': '<mark>', 'default_close_tag': '</mark>'})")
        return http_request(
            '/d/select', {
                'table': 'Documents', 'match_columns': 'Terms.text', 'query': query, 'sort_keys':
                '-_score', 'limit': HITS, 'output_columns': f'title,source,published,{snippet}',
                'command_version': 2, 'cache': 'no'
            })

    def ask(self, kind, words):
        answer = self.ask_http(kind, words)
        if answer[0][0] != 0:
            raise SystemExit(f'groonga: {answer[0]}')
        (total, ), _, *rows = answer[1][0]
        return total, [(title, source, published, (snippets or [''])[0])
                       for title, source, published, snippets in rows]


class SphinxReader:
    """What searchd's answers are made of."""
    def __init__(self, body):
        self.body, self.at = body, 0

    def number(self, size=4):
        self.at += size
        return int.from_bytes(self.body[self.at - size:self.at], 'big')

    def text(self):
        size = self.number()
        self.at += size
        return self.body[self.at - size:self.at].decode('utf-8', 'replace')


def sphinx_answer(body):
    reader = SphinxReader(body)
    if reader.number() != 0:
        raise SystemExit(f'sphinx: {reader.text()}')
    for _ in range(reader.number()):
        reader.text()
    for _ in range(reader.number()):
        if reader.text() and reader.number() != 7:
            raise SystemExit('sphinx: expected attributes that are text')
    rows = []
    count, has_long_ids = reader.number(), reader.number()
    for _ in range(count):
        reader.number(8 if has_long_ids else 4)
        reader.number()
        rows.append(tuple(reader.text() for _ in range(4)))
    reader.number()
    return reader.number(), rows


class Sphinx(Engine):
    name, marks, protocol = 'sphinx', '<mark>', 'sphinx'
    packages = 'sphinxsearch'
    CONFIG = '''source documents
{{
    type = tsvpipe
    tsvpipe_command = cat {work}/sphinx.tsv
    tsvpipe_field_string = title
    tsvpipe_field_string = body
    tsvpipe_attr_string = source
    tsvpipe_attr_string = published
}}
index documents
{{
    source = documents
    path = {data}/documents
    morphology = libstemmer_en
    min_word_len = 1
    docinfo = extern
}}
indexer
{{
    mem_limit = 512M
}}
searchd
{{
    listen = 127.0.0.1:{port}
    log = {data}.searchd.log
    binlog_path =
    pid_file = {data}.pid
    workers = threads
    max_children = 64
    seamless_rotate = 0
    client_timeout = 3600
}}
'''

    def missing(self):
        return '' if shutil.which('searchd') and shutil.which('indexer') else self.packages

    def configure(self, port):
        with open(self.path('sphinx.conf'), 'w', encoding='utf-8') as out:
            out.write(self.CONFIG.format(work=self.work, data=self.data, port=port))

    def prepare(self):
        with open(self.path('sphinx.tsv'), 'w', encoding='utf-8') as out:
            for number, document in enumerate(stored_members(self.corpus), 1):
                out.write('\t'.join([
                    str(number), *(document[name]
                                   for name in ('title', 'body', 'source', 'published'))
                ]) + '\n')

    def fill(self):
        os.makedirs(self.data)
        self.configure(0)
        return [(['indexer', '--quiet', '--config', self.path('sphinx.conf'), '--all'], None)]

    def command(self):
        self.configure(self.port)
        return ['searchd', '--nodetach', '--config', self.path('sphinx.conf')]

    def read_port(self):
        return wait_for_port(self.process, self.port)

    def request(self, kind, words):
        """By searchd's protocol, command search: the fields in the order of its API for 2.2."""
        query = f'"{words}"' if kind == 'phrase' else words.replace(
            ' ', ' | ') if kind == 'or' else words
        options = (f"'limit={SNIPPET_CHARS}', 'around=16', 'limit_passages=1', "
                   "'html_strip_mode=none', 'before_match=<mark>', 'after_match=</mark>', "
                   f"'query_mode={kind == 'phrase':d}'")
        select = f"title, source, published, SNIPPET(body, '{query}', {options}) AS snippet"

        def text(value):
            return struct.pack('>I', len(value)) + value.encode()

        extended2, bm25, most_relevant_first = 6, 1, 0
        body = struct.pack('>IIIII', 1 << 6, 0, HITS, extended2, bm25) + struct.pack(
            '>I', most_relevant_first) + text('') + text(query)
        body += struct.pack('>I', 0) + text('documents') + struct.pack('>IQQ', 1, 0,
                                                                       0) + struct.pack('>I', 0)
        body += struct.pack('>I', 4) + text('') + struct.pack(
            '>I', 1000) + text('@group desc') + struct.pack('>III', 0, 0, 0) + text('')
        body += struct.pack('>IIII', 0, 0, 0, 0) + text('') + struct.pack(
            '>I', 0) + text(select) + text('') + struct.pack('>III', 0, 0, 0)
        return struct.pack('>HHIII', 0, 0x11E, 8 + len(body), 0, 1) + body

    def ask(self, kind, words):
        with socket.create_connection(
            ('127.0.0.1', self.port),
                timeout=120) as connection, connection.makefile('rb') as answer:
            connection.sendall(struct.pack('>I', 1) + self.request(kind, words))
            answer.read(4)
            status, _, size = struct.unpack('>HHI', answer.read(8))
            body = answer.read(size)
        if status != 0:
            raise SystemExit(f'sphinx: {body[4:]}')
        return sphinx_answer(body)


ENGINES = {engine.name: engine for engine in (Lede, Lucene, Sphinx, Groonga, Xapian)}

# SPDX-License-Identifier: GPL-2.0-or-later
"""Seeds for libFuzzer: written here, and out of the tests' own queries and texts.

    seeds.py make DIRECTORY       a directory of files for each target, and a dictionary beside it
    seeds.py keep TARGET FILE     an input as a line of kept.txt
"""
import glob
import gzip
import json
import os
import re
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
TESTS = os.path.dirname(HERE)
LITERAL = re.compile(r'"((?:[^"\\\n]|\\.)+)"')
WORDS = ['AND', 'OR', 'NOT', 'NEAR/5', 'ADJ/2', 'SAME s', 'SAME p', 'ATLEAST/3', 'CAPS', 'LEAD:', 'LENGTH>9',
         'title:', 'published:', '2022-01', '-7d', '..', 'W/5', 'PRE/2', '/s', '+5', 'HLEAD(', 'NOT NEAR/5', 'NOT W/5', 'today']


def queries():
    """String literals of the tests of queries and marks, and queries that tests and benchmarks send."""
    for name in glob.glob(os.path.join(TESTS, '*', '*.c')):
        if '/query/' in name or '/highlight/' in name or '/witness/' in name:
            with open(name, encoding='utf-8') as file:
                for found in LITERAL.findall(file.read()):
                    yield found.replace('\\"', '"').replace('\\\\', '\\')
    with open(os.path.join(TESTS, 'bench', 'queries.txt'), encoding='utf-8') as file:
        yield from file.read().split('\n')


def texts():
    """Titles and the first paragraphs of the sample news, and literals of the tests of texts."""
    with open(os.path.join(TESTS, 'data', 'news.ndjson'), encoding='utf-8') as file:
        for line in file:
            document = json.loads(line)
            yield document['title']
            yield document.get('body', '')[:600]
    for name in glob.glob(os.path.join(TESTS, 'text', '*.c')):
        with open(name, encoding='utf-8') as file:
            for found in LITERAL.findall(file.read()):
                yield found.replace('\\n', '\n').replace('\\"', '"')


DOCUMENTS = [
    {'id': 'a', 'title': 'Ferry aground', 'body': 'A ferry ran aground.\n\nNobody was hurt.', 'published': '2022-01-19T10:00:00+01:00'},
    {'title': 'Ünï', 'url': 'https://example.org/a', 'tags': ['x', 'y'], 'authors': ['A. B.'], 'language': 'de', 'updated': '2022-01-20'},
    {'id': 'z', 'body': '', 'embargoed_until': '2030-01-01', 'expires': '2031-01-01', 'status': 'withheld', 'more': {'a': [1, 0.10, 1e2, None]}},
]
ODD_DOCUMENTS = [
    b'{"id": "a", "title": "\\ud800 \xff \\u0000", "more": 12345678901234567890123}', b'{"id": 1}', b'{"title": ["a"]}', b'[]', b'{"id": "a", "id": "b"}',
    b'{"id": "n", "x": 0.10000000000000000001e-400, "y": -0, "z": 1E5}', b'{"id": "\xff"}', b'{"published": "yesterday"}', b'\xef\xbb\xbf{"id": "a"}',
]
MANIFEST = {'format': 4, 'analysis': 5, 'features': {'sealed-segments': 'read'}, 'generation': 7, 'deletions': 3, 'lanes': 2, 'next_number': 9, 'segments': [
    {'number': 1, 'lane': 0, 'state': 'sealed', 'documents': 10, 'bytes': 4096, 'analysis': 5},
    {'number': 8, 'lane': 1, 'state': 'quarantined', 'documents': 1, 'bytes': 1, 'analysis': 5}]}
KEYS = {'format': 1, 'keys': [{'id': '00000001', 'rights': ['search', 'read'], 'filter': 'source:AP', 'note': 'n', 'created': '2022-01-01T00:00:00Z',
                               'expires': None, 'may_derive': True, 'hash': '0' * 64, 'signing': 'f' * 64}]}
ADDRESSES = ['q=ferry&limit=10&offset=20', 'q=%22a+b%22&sort=newest&highlight=title,body&format=html&pre=%3Cmark%3E', 'source=AP,Reuters&tag=-sport&facets=source,tag',
             'q=oil&from=2022-01-01&to=-7d&histogram=day&time_zone=Europe/Berlin', 'q=a&q=b', 'cursor=00&collapse=story', 'q=%zz', 'fields=id,title&explain=true&cache=0&timeout=2s',
             'q=a\\,b&match=any&in=title&recency=30d&spell=auto&expand=feedback&min_revision=3', 'confirm=3&q=x', 'limit=1001', 'nothing=1']
SETTINGS = ['[server]\nlisten = [::1]:5333, 0.0.0.0:443 tls, unix:/run/lede.sock 0660, 127.0.0.1:80 redirect\ntrusted = 10.0.0.0/8, ::1\nthreads = 4\nbytes = 8MiB\ntimeout = 500ms\nopen = true\n[store]\ndata = /var/lib/lede\n[log]\nlevel = warning\n',
            '; nothing\n[server]\nthreads = 0\n', 'threads = 4\n', '[server\n', '[server]\nlisten = 1.2.3.4\n', '[log]\n level=info\n  more', '[store]\ndata = ' + 'x' * 300]
SYNONYMS = ['# places\nkyiv, kiev, kiew\neu => european union\nen: labour, labor\n', 'a\n', 'a,,b', 'xx: a, b', 'a => b => c', 'a, b => c, d e f\n' * 3, '\ufeffa, b']
REQUESTS = [
    'GET /?q=a HTTP/1.1\r\nHost: a\r\n\r\n', 'PUT /d/1 HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\n{}GET / HTTP/1.1\r\nHost: b\r\n\r\n',
    'POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n2;x=y\r\nab\r\n0\r\nT: u\r\n\r\n',
    'POST / HTTP/1.1\r\nHost: a\r\nContent-Length : 30\r\n\r\nDELETE /d/1 HTTP/1.1\r\nHost: a\r\n\r\n',
    'POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding : chunked\r\nContent-Length: 4\r\n\r\n0\r\n\r\nDELETE /d/1 HTTP/1.1\r\nHost: a\r\n\r\n',
    'GET / HTTP/1.1\r\nHost: a\r\nX: a\r\n b\r\n\r\n', 'GET / HTTP/1.0\r\n\r\n', 'GET http://a/d/2 HTTP/1.1\nHost: a\n\n', 'OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n',
    'PUT /d/1 HTTP/1.1\r\nHost: a\r\n\0Content-Length: 3\r\n\r\nabcGET / HTTP/1.1\r\nHost: a\r\n\r\n', 'GET / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\n\r\n',
    'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: +2\r\nContent-Length: 2\r\n\r\nab', 'HEAD /d/%2F HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n',
]
ETCD_PAIR = '{"key":"YQ==","create_revision":"2","mod_revision":"3","version":"4","value":"eAB5","lease":"5"}'
ETCD = [(0, '{"header":{"revision":"9"},"succeeded":true,"responses":[{"response_put":{}},{"response_range":{"kvs":[%s],"more":true,"count":"12"}},'
            '{"response_delete_range":{"deleted":"6"}}]}' % ETCD_PAIR),
        (0, '{"header":{"revision":"9"},"responses":[{"response_put":{}},{"response_range":{}}]}'),
        (1, '{"header":{"revision":"9"},"kvs":[%s,%s],"count":"2"}' % (ETCD_PAIR, ETCD_PAIR)),
        (2, '{"header":{"revision":"9"},"ID":"12","TTL":"3"}'), (2, '{"result":{"ID":"-12"}}\n'),
        (3, '{"result":{"header":{"revision":"9"},"fragment":true,"events":[{"kv":%s},{"type":"DELETE","kv":{"key":"Yg==","mod_revision":"3"}}]}}' % ETCD_PAIR),
        (3, '{"result":{"header":{},"created":true,"canceled":true,"compact_revision":"2"}}'),
        (4, '{"error":{"grpc_code":14,"http_code":503,"message":"etcdserver: no leader"}}'), (4, '{"message":"etcdserver: request is too large","code":3}'),
        (5, 'Zm9vYg=='), (5, '//79')]
DICTIONARIES = {
    'etcd': ['\\"header\\":', '\\"revision\\":', '\\"kvs\\":', '\\"events\\":', '\\"mod_revision\\":', '9223372036854775807', '-1', '=='],
    'query': WORDS, 'marks': WORDS, 'synonyms': ['=>', ', ', 'en: ', '#', '\\x0a'],
    'document': ['\\"id\\":', '\\"title\\":', '\\"published\\":', '\\"tags\\":', '\\\\u0000', '\\\\ud800', '2022-01-20T00:00:00Z', '1e400', '\\xff'],
    'body': ['}\\x0a{', '[{', '},{', '}]', '\\xef\\xbb\\xbf', '\\xff\\xfe', '\\x1f\\x8b\\x08', '\\x28\\xb5\\x2f\\xfd'],
    'format': ['<item>', '</item>', '<![CDATA[', ']]>', '&amp;', '&nbsp;', '&#38;', '<!DOCTYPE a [<!ENTITY b \\"c\\">]>', '&b;', '<title>', '<p>', '\\xff'],
    'manifest': ['\\"segments\\"', '\\"number\\"', '9223372036854775807', '-1', '\\"live\\"', '\\"features\\"'],
    'parameters': sorted({pair.split('=')[0] + '=' for address in ADDRESSES for pair in address.split('&')}) + ['%2C', '%5C', '+', '&'],
    'key': ['lede_', '\\"rights\\"', '\\"admin\\"', 'null'], 'settings': ['[server]', '[store]', '[log]', ' = ', 'MiB', 'ms', 'true', '\\x00'],
    'requests': ['\\x0d\\x0a', 'Content-Length: ', 'Transfer-Encoding: chunked', 'HTTP/1.1', 'Host: a', '\\x0d\\x0a\\x0d\\x0a', '\\x0b', ' :', 'DELETE /d/1 HTTP/1.1'],
}


def format_seeds():
    for name in sorted(glob.glob(os.path.join(TESTS, 'data', 'formats', '*'))):
        if not name.endswith(('.txt', '.md')):
            with open(name, 'rb') as file:
                yield bytes([7, 23]) + file.read()
    record = b'WARC/1.0\r\nWARC-Type: response\r\nWARC-Target-URI: http://a/\r\nContent-Length: %d\r\n\r\n%s\r\n\r\n'
    page = b'<html lang=en><title>Ferry | G</title><meta charset=latin1><script type="application/ld+json">{"@type":"NewsArticle","headline":"a"}</script><p>One, two, three, four, five.<p>Six'
    answer = b'HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nTransfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n0\r\n\r\n' % (len(page), page)
    wire = b'\x16\x16\x01W0042\x1fx\r\nr s\x13\x11 BC-A 1stLd   01-19 0042\r\n\x02^BC-A, KILL,42<\r\n^Head<\r\n^By J D=\r\n\tOSLO (EX) _ A ``b\'\'.\r\n\x03EX-WF-01-19-22 1804GMT<\r\n\x04'
    iptc = b'\x01exa7 4 i 42 x\r\n\r\nSea/\r\n\x021ST LEAD\r\nHead\r\nBy J, ex =\r\n\r\n   Oslo (ex) - One\r\n\x03191804 GMT Jan 22\r\n\x04'
    ninjs = b'{"uri":"u","headline":"h","body_html":"<p>b","associations":{"a":{"type":"picture","renditions":{"r":{"href":"https://a/"}}}}}'
    mail = b'From a@b Wed Jan 19 18:04:00 2022\nFrom: J <a@b>\nSubject: =?utf-8?q?a?=\nContent-Type: multipart/mixed; boundary=x\n\n--x\n\ntext\n--x--\n'
    for text in (record % (len(answer), answer), page, wire, iptc, ninjs, mail, b'title;body\r\n"a;""b\n";c\r\n'):
        for number in range(8, 19):
            yield bytes([6, number]) + text


def body_seeds():
    """The sample's documents in each format and packing."""
    lines = [json.dumps(document, ensure_ascii=False) for document in DOCUMENTS]
    bodies = ['\n'.join(lines), '[' + ',\n'.join(lines) + ']', ''.join(lines), '\ufeff' + lines[0] + '\r\n\r\n{broken\n' + lines[1], 'Headline\n\nText of it.', '{"a": "' + 'x' * 900 + '"}\n{}']
    for number, body in enumerate(bodies):
        for how in range(3):
            yield bytes([number, how, 200, 7]) + body.encode()
        yield bytes([number, 0, 250, 3]) + body.encode('utf-16')
        yield bytes([number, 3, 250, 5]) + gzip.compress(body.encode(), mtime=0) * 2 + bytes(9)


def store_seeds():
    """Of the journal: groups of writes, whole and damaged, and sealed frames."""
    groups = b''.join(bytes([kind, 6]) + b'{"a":1' for kind in (5, 3, 5, 0, 5))
    for where in (0, 8, 40, 60, 130, 300):
        yield bytes([2, where % 256, where // 256, 1]) + groups
    yield bytes([2, 0, 0, 0]) + groups
    yield bytes([1]) + b''.join(bytes([odd, 0, 0, 11]) + b'P\x02\0\0\0{}D\0\0\0\0'[:11] for odd in (0, 0, 1, 2, 4, 8))
    yield b'\0LDJ2' + bytes(100)


def small_seeds():
    """Targets whose seeds stand above, or are a few."""
    written = [json.dumps(document, ensure_ascii=False, separators=(',', ':')).encode() for document in DOCUMENTS]
    return {
        'document': [bytes([n % 2]) + text for n, text in enumerate(written + ODD_DOCUMENTS)],
        'stored': written + ODD_DOCUMENTS,
        'body': list(body_seeds()), 'format': list(format_seeds()),
        'journal': list(store_seeds()),
        'manifest': [json.dumps(MANIFEST).encode(), json.dumps(dict(MANIFEST, format=3, features={'x': 'write'})).encode(), b'{}'],
        'positions': [bytes([1]) + b'\x03word\x05\x02\x00\x04other\xff\x01\x00', bytes([2, 1, 5, 0, 9]) + b'\x03word\x05\x02\x00', b'\0' + bytes(8) + b'LPL1'],
        'stored_text': written + [b'', b'\0plain', b'\x01' + bytes(20)],
        'cursor': [bytes(60), bytes([1, 2, 3, 4]) + b'0123456789' * 5, b'01' * 40],
        'parameters': [bytes([n % 4]) + text.encode() for n, text in enumerate(ADDRESSES)] + [b'\x80{"q": "a,b", "limit": 3, "source": ["A,B", "C"]}'],
        'key': [b'\0lede_00000001_' + b'0123456789abcdef' * 4, b'\x01\x05\x00\x01\x99\x00source:AP NOT tag:x', b'\x02' + json.dumps(KEYS).encode()],
        'settings': [text.encode() for text in SETTINGS],
        'synonyms': [text.encode() for text in SYNONYMS],
        'requests': [text.encode() for text in REQUESTS],
        'etcd': [bytes([number]) + text.encode() for number, text in ETCD],
    }


def write(folder, inputs):
    """Write each input once."""
    os.makedirs(folder, exist_ok=True)
    for number, data in enumerate(sorted(set(inputs))):
        with open(os.path.join(folder, f'{number:05}'), 'wb') as file:
            file.write(data)


def kept():
    """Inputs of kept.txt by target."""
    found = {}
    with open(os.path.join(HERE, 'kept.txt'), encoding='ascii') as file:
        for line in file:
            target, _, data = line.rstrip('\n').partition(' ')
            found.setdefault(target, []).append(re.sub(rb'\\x(..)', lambda m: bytes([int(m[1], 16)]), data.encode()))
    return found


def make(folder):
    """Write a folder of seeds for each target, and its dictionary beside it."""
    some_queries = [q.encode() for q in queries() if q]
    some_texts = [t.encode() for t in texts() if t]
    seeds = small_seeds()
    seeds['query'] = [bytes([n % 8]) + q for n, q in enumerate(some_queries)]
    seeds['text'] = [bytes([n % 64, n % 3]) + t for n, t in enumerate(some_texts)]
    seeds['marks'] = [bytes([n % 64, n % 256]) + q.replace(b'\n', b' ') + b'\n' + q + b' ' + some_texts[n % len(some_texts)] for n, q in enumerate(some_queries)]
    broke = kept()
    for target, inputs in seeds.items():
        write(os.path.join(folder, target), inputs + broke.get(target, []))
        with open(os.path.join(folder, target + '.dictionary'), 'w', encoding='ascii') as file:
            file.write(''.join(f'"{word}"\n' for word in DICTIONARIES.get(target, ['{'])))


def kept_line(target, name):
    """An input as a line of kept.txt."""
    with open(name, 'rb') as file:
        data = file.read()
    return target + ' ' + ''.join(chr(b) if 32 <= b < 127 and b != 92 else f'\\x{b:02x}' for b in data)


if __name__ == '__main__':
    if sys.argv[1] == 'make':
        make(sys.argv[2])
    else:
        print(kept_line(sys.argv[2], sys.argv[3]))

# SPDX-License-Identifier: GPL-2.0-or-later
"""Bad requests, each with the status and the problem that it must get, generated from three grammars: HTTP (RFC 9110, 9112: each production
with what is not it), JSON (RFC 8259) and the API (its own OpenAPI description). A row is (words, bytes, status, problem, ends): whether the
connection ends. A problem of None is a connection that is closed without an answer."""
import json
import string

TOKEN = set("!#$%&'*+-.^_`|~" + string.ascii_letters + string.digits)


def head(method, target, *headers, host='127.0.0.1', version='HTTP/1.1'):
    lines = [f'{method} {target} {version}', *([f'Host: {host}'] if host is not None else []), *headers]
    return '\r\n'.join(lines).encode('latin-1') + b'\r\n\r\n'


def sent(method, target, body, media='application/json', *headers):
    return head(method, target, f'Content-Type: {media}', f'Content-Length: {len(body)}', *headers) + body


# ---- HTTP ----

def request_lines():
    """request-line = method SP request-target SP HTTP-version CRLF"""
    for name, line in (('two blanks before the target', 'GET  / HTTP/1.1'), ('two blanks behind it', 'GET /  HTTP/1.1'),
                       ('a blank at the end', 'GET / HTTP/1.1 '), ('a blank in the target', 'GET /a b HTTP/1.1'), ('no version', 'GET /')):
        yield f'request line: {name}', line.encode() + b'\r\nHost: 127.0.0.1\r\n\r\n', 400, 'invalid-request', True
    for line in ('GET\t/\tHTTP/1.1', 'GET', 'x' * 1000, '\x16\x03\x01\x02\x00'):
        yield f'one word: {line[:10]!r}', line.encode() + b'\r\nHost: 127.0.0.1\r\n\r\n', None, None, True
    for version in ('HTTP/2.0', 'HTTP/3.0', 'HTTP/1.12', 'HTTP/11', 'http/1.1', 'HTTPS/1.1', 'HTTP/1', 'HTTP/a.b', 'HTTP', 'FTP/1.1', 'HTTP/-1.1'):
        yield f'version {version}', head('GET', '/', version=version), {400, 505}, {'invalid-request', 'http-version'}, True
    for code in [*range(0x21, 0x7F)]:
        character = chr(code)
        if character in TOKEN and character not in "!#$%&'*+^`|~":
            continue
        yield f'method with {character!r}', head(f'G{character}T', '/'), 400, 'invalid-request', character not in TOKEN
    for target in ('*', 'search', '?q=1', 'test:80', 'ftp://t/', 'http://', 'http:///x', 'http://a@b/', 'http://a"b/', 'https://', 'file:///etc/passwd',
                   '\\', '#'):
        yield f'target {target}', head('GET', target), 400, 'invalid-request', False
    for target in ('http://evil.example/search', 'https://evil.example', 'HTTP://EVIL.EXAMPLE/'):
        yield f'target {target}', head('GET', target), 421, 'misdirected', False
    for method in ('TRACE', 'PURGE', 'LINK', 'get', 'GETT', 'PROPFIND', 'X' * 200):
        yield f'method {method[:10]}', head(method, '/search'), 405, 'method-not-allowed', False
    for escape in ('%', '%4', '%zz', '%0', '%g0', '%00', '%ff', '%C3', '%C3%28', '%ED%A0%80', '%F4%90%80%80', '%C0%AF', '%F8%88%80%80%80'):
        yield f'address with {escape}', head('GET', f'/documents/{escape}'), 400, 'invalid-parameter', False
        yield f'query with {escape}', head('GET', f'/search?q={escape}'), 400, 'invalid-parameter', False
        yield f'name with {escape}', head('GET', f'/search?{escape}=1'), 400, 'invalid-request', False
    yield 'a long address', head('GET', '/search?q=' + 'a' * 20000), 414, 'uri-too-long', False
    yield 'a very long address', head('GET', '/search?q=' + 'a' * 200000), 414, 'uri-too-long', True
    yield 'long headers', head('GET', '/search', 'X-A: ' + 'a' * 40000), 431, 'headers-too-large', False
    yield 'very long headers', head('GET', '/search', 'X-A: ' + 'a' * 200000), 431, 'headers-too-large', True
    yield 'many headers', head('GET', '/search', *['X-A: b'] * 20000), 431, 'headers-too-large', True
    yield 'many parameters', head('GET', '/search?' + '&'.join(['q=1'] * 257)), 400, 'invalid-request', False


def field_lines():
    """field-line = field-name ":" OWS field-value OWS"""
    for code in [*range(1, 0x100)]:
        if code in (0x0A, 0x0D, 0x3A) or (code < 0x80 and chr(code) in TOKEN):
            continue
        yield f'field name with byte {code:#x}', head('GET', '/version', f'X{chr(code)}A: b'), 400, 'invalid-request', True
    for code in [*range(0, 0x20), 0x7F]:
        if code in (0x09, 0x0A, 0x0D):
            continue
        yield f'field value with byte {code:#x}', head('GET', '/version', f'X-A: b{chr(code)}c'), 400, 'invalid-request', True
    for name, line in (('no colon', 'X-A'), ('no name', ': b'), ('a blank before the colon', 'X-A : b'), ('a folded value', 'X-A: b\r\n c'),
                       ('a bare CR', 'X-A: b\rc'), ('a bare LF', 'X-A: b\nX-B: c')):
        yield f'field line: {name}', head('GET', '/version', line), 400, 'invalid-request', True
    for host in ('a b', 'a/b', 'a"b', '<a>', 'u@a', 'é', 'a\\b', 'a?b', 'a#b', 'a{b}', 'a|b', 'a^b', 'a`b'):
        yield f'Host {host}', head('GET', '/version', host=host), 400, 'invalid-request', True
    yield 'no Host', head('GET', '/version', host=None), 400, 'invalid-request', True
    yield 'two Hosts', head('GET', '/version', 'Host: 127.0.0.1'), 400, 'invalid-request', True
    for length in ('-1', '+1', '0x1', '1 1', '1,1', '1, 1', 'a', '', '1.0', '1e1', '١', '99999999999999999999', '18446744073709551616'):
        yield f'Content-Length {length}', head('POST', '/search', f'Content-Length: {length}'.encode().decode('latin-1')), {400, 413}, \
            {'invalid-request', 'too-large'}, True
    for coding in ('gzip', 'identity', 'gzip, chunked', 'chunked, chunked', 'chunked;a=b', '"chunked"', 'xchunked', 'chunked\r\nTransfer-Encoding: chunked',
                   'chunked\r\nContent-Length: 0'):
        yield f'Transfer-Encoding {coding}', head('POST', '/search', f'Transfer-Encoding: {coding}') + b'0\r\n\r\n', 400, 'invalid-request', True
    yield 'chunked in 1.0', head('POST', '/search', 'Transfer-Encoding: chunked', version='HTTP/1.0') + b'0\r\n\r\n', 400, 'invalid-request', True
    for coding in ('br', 'deflate', 'compress', 'gzip, gzip', 'gzip\r\nContent-Encoding: gzip', 'zstd, gzip', 'x', 'gzip;q=1'):
        for route, ends in (('/search', False), ('/documents', True)):  # who sends a stream may go on for long
            yield f'{route}: Content-Encoding {coding}', sent('POST', route, b'{}', 'application/json', f'Content-Encoding: {coding}'), 415, \
                'unsupported-media-type', ends


def chunks():
    """chunk = chunk-size [ chunk-ext ] CRLF chunk-data CRLF"""
    start = head('POST', '/search', 'Content-Type: application/json', 'Transfer-Encoding: chunked')
    for chunk in ('z', '-1', '+1', '0x1', '5 5', 'g0', '}', '"5"', '\r\n'):
        yield f'chunk size {chunk!r}', start + chunk.encode() + b'\r\nhello\r\n0\r\n\r\n', 400, 'invalid-request', True
    yield 'a chunk beyond all numbers', start + b'f' * 20 + b'\r\n', 413, 'too-large', True
    yield 'a chunk without its end', start + b'2\r\n{}0\r\n\r\n', 400, 'invalid-request', True


# ---- JSON ----

def texts():
    """Texts that are no JSON object, by the production that they miss."""
    values = ['nul', 'tru', 'False', 'None', 'undefined', 'NaN', 'Infinity', '-', '+1', '01', '-01', '1.', '.5', '1e', '1e+', '1.2.3', '0x10', '1_000', "'a'",
              '"', '"a', '"\\"', '"\\x41"', '"\\u12"', '"\\u12g4"', '"a\nb"', '"a\tb"', '"\x01"', '[', ']', '[1', '[1,', '[1,]', '[,1]', '[1 2]', '[1;2]', '(1)', '{',
              '{"a"', '{"a":', '{"a":1', '{"a":1,', '{"a":1,}', '{,}', '{a:1}', '{1:1}', '{"a" 1}', '{"a"=1}', '{"a":1 "b":2}', '{"a":1}}', '{"a":1}{',
              '{"a":1}//', '{"a":/**/1}', '{"a":1,"a":2}', '{"a\\u0000":1}', '[' * 100 + ']' * 100, '[' * 100000]
    for value in values:
        yield f'as a value: {value[:20]}', f'{{"q": "x", "title": "x", "v": {value}}}'
    for text in ('', ' ', '\t\n', ',', ':', '}', ']', 'x', '{"q": "x"', '{"q": "x"}x', '{"q": "x"} {', '[]]', '"x', '{"q": "x"}\x00'):
        yield f'as a text: {text!r}', text
    for text in ('5', '"x"', 'null', 'true', '[]', '[{}]', '-1.5'):
        yield f'no object: {text}', text


def json_bodies():
    for method, path, media in (('POST', '/search', 'application/json'), ('PUT', '/documents/bad', 'application/json'),
                                ('PATCH', '/documents/bad', 'application/merge-patch+json'), ('POST', '/documents/delete', 'application/json')):
        for words, text in texts():
            yield f'{method} {path}, {words}', sent(method, path, text.encode('latin-1'), media), 400, 'malformed-json', False


# ---- The API ----

def wrong_values(schema):
    """Values that a parameter's schema does not take."""
    if schema.get('type') == 'integer':
        yield from ('x', '1.5', '1e1', '0x1', '', '99999999999999999999', '-1')
        yield from (str(schema[name] + step) for name, step in (('minimum', -1), ('maximum', 1)) if name in schema)
    elif schema.get('type') == 'boolean':
        yield from ('x', '2', 'TRUE', 'maybe', '')
    elif 'enum' in schema:
        yield from ('nonsense', schema['enum'][0].upper(), schema['enum'][0] + 'x')
    elif 'enum' in schema.get('items', {}):
        yield from ('nonsense', schema['items']['enum'][0] + ',nonsense')
    elif 'pattern' in schema.get('items', {}):
        yield from ('nonsense', '0123')
    elif 'maxLength' in schema and schema['maxLength'] < 1000:
        yield 'x' * (schema['maxLength'] + 1)


OTHER_VALUES = {'after': ('yesterdayish', '2022-13-01', '2022-02-30', '-7', '-7y5'), 'before': ('x', '99999-01-01', '2022-01-01T25:00:00Z'),
                'time_zone': ('Mars/Olympus', '../etc/passwd', 'UTC+25'), 'recency': ('x', '-1d', '7'), 'timeout': ('x', '31s', '-1s', '5'),
                'cursor': ('x', '!!!!', 'AAAA'), 'in': ('nonsense', 'title,nonsense'), 'highlight': ('nonsense',)}


def parameters(description):
    for path, methods in description['paths'].items():
        asked = path.replace('{id}', 'sample').replace('{file}', 'page.css')
        known = {method.upper() for method in methods if method != 'parameters'}
        for method in {'GET', 'PUT', 'PATCH', 'DELETE', 'POST'} - known if path != '/documents/delete' else ():  # that is an id, too
            yield f'{method} {path}', head(method, asked), 405, 'method-not-allowed', False
        if 'GET' in known and path not in ('/health/live', '/health/ready', '/', '/assets/{file}', '/metrics'):
            yield f'GET {path}?nonsense', head('GET', asked + '?nonsense=1'), 400, 'unknown-parameter', False
        if 'GET' in known:
            yield f'GET {path} with a body', head('GET', asked, 'Content-Length: 2') + b'{}', 413, 'too-large', False
        for parameter in methods.get('get', {}).get('parameters', ()):
            name = parameter['name']
            for value in (*wrong_values(parameter['schema']), *OTHER_VALUES.get(name, ())):
                problem = 'bad-cursor' if name == 'cursor' else 'invalid-parameter'
                yield f'GET {path}?{name}={value[:20]}', head('GET', f'{asked}?{name}={value}'), 400, problem, False
            if parameter['schema'].get('type') not in ('array',):
                problem = 'bad-cursor' if name == 'cursor' else 'invalid-parameter'
                yield f'GET {path}?{name} twice', head('GET', f'{asked}?{name}=1&{name}=1'), 400, problem, False
        for parameter in methods.get('post', {}).get('parameters', ()):
            if parameter['in'] != 'query':
                continue
            for value in wrong_values(parameter['schema']):
                yield f'POST {path}?{parameter["name"]}={value}', sent('POST', f'{asked}?{parameter["name"]}={value}', b'{}'), 400, 'invalid-parameter', True
        # Without a place for backups, or without the shards' key, both are refused before.
        for method in known & {'POST', 'PUT', 'PATCH'} if path not in ('/backup', '/shard') else ():
            for media in ('text/plain', 'text/markdown', 'application/yaml', 'multipart/form-data; boundary=x', 'application/jsonx', 'x', ''):
                yield f'{method} {path} as {media!r}', sent(method, asked, b'{}', media), 415, 'unsupported-media-type', None
    for name, schema in description['components']['schemas']['Document']['properties'].items():
        if name == 'version':  # any is kept; numbers alone are compared
            continue
        for value in (5, 1.5, 1e2, True, {}, {'a': 1}, [5], [['x']], [{}]):
            text = json.dumps({'title': 'x', name: value}).encode()
            yield f'document: {name}={value}', sent('PUT', '/documents/sample', text), 422, 'invalid-document', False
    for path in ('/nowhere', '/search/', '/documents/', '/documents/a/b', '/assets/', '/assets/none.css', '//', '/SEARCH', '/health', '/documents/none'):
        yield f'GET {path}', head('GET', path), 404, 'not-found', False
    for syntax in ('%22a', '(a', 'a%20AND', 'title:', 'published:yesterdayish', 'a^x', '%22a%22~x', 'NEAR/5', 'a%20NEAR/0%20b'):
        yield f'q={syntax}', head('GET', f'/search?strict=true&q={syntax}'), 400, 'query-syntax', False


def rows(description):
    """All of them, each request once."""
    parts = (request_lines(), field_lines(), chunks(), json_bodies(), parameters(description))
    return list({row[1]: row for part in parts for row in part}.values())

# SPDX-License-Identifier: GPL-2.0-or-later
"""What a key may not see leaves no trace. Two archives, one with documents that are hidden from a key and one without: every operation of
the OpenAPI description, with every parameter that it names, has the same answer to the key from both. A route or a parameter that is
added is asked here without a word.

Left out of what is compared, and told to be so in .github/SECURITY.md: scores, what they order and choose, and the revision."""
import json
import re
import time
import unittest
import urllib.parse

from program import JSON, Keyed, WAIT_S
import tap

READER = ['search', 'read']
RIGHTS = ['search', 'read', 'write', 'delete', 'admin']
TRIES = 20
FUTURE, PAST = '2999-01-01T00:00:00Z', '2001-01-01T00:00:00Z'


# Words that would crowd the others out of what is proposed.
CROWD = ' '.join(f'{start}{chr(97 + n // 26)}{chr(97 + n % 26)}zz' for n in range(120) for start in ('harb', 'ferr', 'vess', 'mor'))
# And those that are nearer to a slip than what was meant.
CROWD += ''.join(f' morni{c}nng mornin{c}ng morninn{c} morn{c}inng v{c}ssell vesse{c}l cr{c}w' for c in 'abcdefghijklmnopqrstuvwxyz')


def document(name, number, source='open', **more):
    return {'id': f'{name}-{number}', 'title': f'Harbour report {number}', 'source': source, 'section': 'Desk', 'author': ['Jane Doe'],
            'tags': ['ferry', f'tag{number}'], 'body': f'The ferry left the harbour in the morning. Crew of vessel number{number} waited.',
            'published': f'2022-01-{number + 1:02}T10:00:00Z', 'language': 'en', **more}


def secret(name, number, **more):
    """Its words, its values, and copies of the others' words, so that it is near everything that is asked for."""
    return document(name, number, section='Bunker', author=['Rudolf Zwick'], tags=['zirconium', 'ferry'], places=['Zembla'], people=['Ada Zwick'],
                    organisations=['Zwick Works'], title=f'Zirconium depot {number}: harbour, ferry', language='de', bunkerkey='x', url='https://z.example/',
                    body='Zirconium zirconia at the depot. The ferry left the harbour. Hárbour Hárbour ferrry vessell number3 number33. ' * 3 + CROWD,
                    published='2023-05-05T10:00:00Z', **more)


OPEN = [document('open', n) for n in range(1, 9)] + [document('copy', 3)]
SECRET = [secret('secret', n, **{'source': 'secret'}) for n in range(1, 31)]
HELD = [secret('held', n, **{'embargoed_until': FUTURE}) for n in range(1, 16)] + \
       [secret('gone', n, **{'expires': PAST}) for n in range(1, 6)] + \
       [secret('withheld', n, **{'status': 'withheld'}) for n in range(1, 6)] + \
       [secret('canceled', n, **{'status': 'canceled'}) for n in range(1, 6)] + \
       [document('copy-held', 3, embargoed_until=FUTURE)]
IDS = ['open-1', 'held-1', 'gone-1', 'withheld-1', 'canceled-1', 'secret-1', 'copy-held-3', 'absent']
QUERIES = ['', 'ferry', 'harbour', 'zirconium', 'zirconum', 'zirc*', 'depot', 'ferrry', 'harbuor', 'vessell', 'vessel', 'numbr3', 'number3~', 'hárbour',
           'section:bunker', 'tag:zirconium', 'author:zwick', 'author:"rudolf zwick"', 'ferry AND zirconium', 'ferry OR zirconium', 'NOT ferry',
           '"the depot"', 'the NEAR/5 depot', 'LENGTH>10', 'published:2023', 'source:secret', 'place:zembla', '=zirconium', 'ATLEAST/3 zirconium',
           'CAPS ZIRCONIUM', '*irconi*', 'url:z.example', 'ferry -zirconium', 'bunkerkey', 'morning zirconium', 'title:depot OR title:report',
           'harb', 'h', 'ferr', 'vess', 'mor', 'jane', 'crew wait', 'harbr', 'morninng']
# Of each parameter what could tell something; what is not here takes what its schema says.
VALUES = {'q': QUERIES, 'section': ['Bunker', '-Bunker', 'Desk'], 'source': ['secret', '-secret', 'open'], 'author': ['Rudolf Zwick'],
          'tag': ['zirconium', 'ferry', '-ferry'], 'lang': ['de', 'en', '-de'], 'place': ['Zembla'], 'person': ['Ada Zwick'], 'organisation': ['Zwick Works'],
          'after': ['2023-01-01', '2022-01-01'], 'before': ['2022-01-05', '2030-01-01'], 'in': ['title', 'title,body,section'], 'recency': ['7d', '9999d'],
          'timeout': ['5s'], 'time_zone': ['Europe/Berlin'], 'story': ['0123456789abcdef'], 'highlight': ['none', 'title,body'], 'cursor': ['AAAA', 'x'],
          'fields': ['title', 'body', 'bunkerkey'], 'confirm': ['0', '1', '9', '60', '61'], 'min_revision': ['0', '1'], 'key': ['x'],
          'limit': ['0', '1', '20'], 'offset': ['0', '3', '100'], 'snippets': ['3'], 'snippet_chars': ['50'], 'pre': ['<em>'], 'post': ['</em>']}
# With what a parameter is asked, beside alone.
BESIDE = [{}, {'q': 'ferry'}, {'q': 'zirconium depot', 'spell': 'auto'}, {'q': 'harbuor', 'facets': 'source,section,tag,author,lang,place', 'histogram': 'day'}]
# What depends on how words are weighed in the whole archive, or on how long it took.
UNTOLD = ('took_ms', 'revision', 'score', 'expansion')


def values_of(name, schema):
    if name in VALUES:
        return VALUES[name]
    schema = schema.get('items', schema)
    if 'enum' in schema:
        return [str(value) for value in schema['enum']]
    return ['true', 'false'] if schema.get('type') == 'boolean' else ['1']


class Trace(unittest.TestCase):
    def archive(self, documents):
        lede = Keyed()
        self.addCleanup(lede.close)
        answer = lede.bulk(documents)
        self.assertEqual((answer.status, answer.json['failed']), (200, 0), answer.text)
        return lede

    def archives(self, hidden, **wanted):
        """(with what is hidden, without it), each with a key; both have the words of their lexicon ready."""
        pair = [self.archive(OPEN + hidden), self.archive(OPEN)]
        for lede in pair:
            end = time.monotonic() + WAIT_S
            while not lede.get('/suggest', q='harb', timeout='5s').json['completions']:
                self.assertLess(time.monotonic(), end)
                time.sleep(0.05)
            made = lede.make_key(**wanted).json
            lede.headers = {**lede.bearer(made['key'])}
        self.description = pair[0].get('/openapi.json').json
        return pair

    def requests(self):
        """(method, path, parameters, body) of everything that the description knows."""
        for path, item in self.description['paths'].items():
            for method, operation in item.items():
                if method == 'parameters':
                    continue
                schema = operation.get('requestBody', {}).get('content', {}).get('application/json', {}).get('schema', {})
                named = {p['name']: p.get('schema', {}) for p in operation.get('parameters', []) if p.get('in') == 'query'}
                for identity in IDS if '{id}' in path else ['page.js']:
                    place = re.sub(r'\{\w+\}', urllib.parse.quote(identity), path)
                    for asked in ('GET', 'HEAD') if method == 'get' else (method.upper(),):
                        yield asked, place, {}, None
                    for name, one in named.items():
                        for value in values_of(name, one):
                            for beside in BESIDE if identity in ('page.js', 'open-1') else [{}]:
                                yield method.upper(), place, {**{k: v for k, v in beside.items() if k in named}, name: value}, None
                    for name, one in schema.get('properties', {}).items():
                        for value in values_of(name, one):
                            yield method.upper(), place, {}, {'q': 'ferry', name: value} if name != 'q' else {'q': value}

    def asked(self, lede, method, path, parameters, body, headers=None):
        if path.startswith('/suggest'):
            parameters = {'timeout': '5s', **parameters}
        headers = {**(headers or {}), **(JSON if body is not None or method in ('POST', 'PUT', 'PATCH') else {})}
        body = json.dumps(body).encode() if body is not None else b'{}' if method in ('POST', 'PUT', 'PATCH') else None
        return lede.ask(method, path, parameters, body, headers)

    def bare(self, answer):
        """What is compared of an answer."""
        text = re.sub(r'/requests/\w+|http://127\.0\.0\.1:\d+|cursor=[\w.-]+|<updated>[^<]*</updated>|,[0-9.]+\r', '', answer.text)
        if 'json' in (answer['Content-Type'] or ''):
            try:
                text = self.ordered(json.loads(text))
            except ValueError:
                pass
        names = sorted(name for name in answer.headers if name not in ('Date', 'X-Request-Id', 'Content-Length', 'Content-Encoding', 'ETag', 'Vary'))
        return answer.status, answer['Content-Type'], names, text

    def ordered(self, value):
        """JSON without scores; hits by their ids."""
        if isinstance(value, dict):
            value = {k: self.ordered(v) for k, v in value.items() if k not in UNTOLD}
        elif isinstance(value, list):
            value = [self.ordered(v) for v in value]
            if value and all(isinstance(v, dict) and 'id' in v for v in value):
                value.sort(key=lambda v: v['id'])
        return value

    def seen(self, pair, request, more):
        answers = [self.bare(self.asked(lede, *request, **more)) for lede in pair]
        if 'feedback' in str(request):
            answers = [(status, kind, names, re.sub("'parsed': '[^']*'", '', str(text))) for status, kind, names, text in answers]
        return answers

    def compare(self, pair, *request, **more):
        """Corrections have some milliseconds, which a busy machine may not have: a trace is there each time that it is looked for."""
        answers = self.seen(pair, request, more)
        for _ in range(TRIES):
            if answers[0] == answers[1]:
                break
            answers = self.seen(pair, request, more)
        with self.subTest(request=request, **more):
            self.assertEqual(answers[0], answers[1])
        return answers[0]

    def walk(self, pair):
        count, statuses = 0, set()
        for request in self.requests():
            if request[0] == 'DELETE' and request[1] == '/documents/open-1':
                continue
            statuses.add(self.compare(pair, *request)[0])
            count += 1
        print(f'# {count} requests, answered {sorted(statuses)}', flush=True)
        self.assertLessEqual({200, 400, 403, 404}, statuses)
        self.assertGreater(count, 1000)

    def test_what_is_embargoed_expired_or_withheld_leaves_no_trace(self):
        pair = self.archives(HELD, rights=READER + ['delete'])
        self.walk(pair)
        self.conditions(pair, HELD)

    def test_what_a_filter_keeps_back_leaves_no_trace(self):
        pair = self.archives(SECRET + HELD, rights=READER + ['delete'], filter='source:open')
        self.walk(pair)
        self.conditions(pair, SECRET[:3] + HELD)

    def conditions(self, pair, hidden):
        """Versions that somebody else learnt, and what another key found."""
        for one in hidden:
            etag = pair[0].ask('GET', '/documents/' + one['id'], headers={'X-Rights': 'search read write delete admin', 'Authorization': ''})['ETag']
            for path in ('/documents/' + one['id'], f'/documents/{one["id"]}/similar', f'/documents/{one["id"]}/versions'):
                for name in ('If-None-Match', 'If-Match'):
                    for value in (etag or '"x"', '*'):
                        for method in ('GET', 'HEAD', 'DELETE'):
                            if path.endswith(('similar', 'versions')) and method == 'DELETE':
                                continue
                            self.assertIn(self.compare(pair, method, path, {}, None, headers={name: value})[0], (404, 412))

    def test_what_is_hidden_is_seen_by_its_id_by_who_may_write(self):
        lede = self.archive(OPEN + HELD)
        for rights, status in ((RIGHTS, 200), (['read', 'write'], 200), (['read'], 404), (['read', 'search', 'delete', 'admin'], 404)):
            for one in HELD:
                self.assertEqual(lede.ask('GET', '/documents/' + one['id'], headers={'X-Rights': ' '.join(rights)}).status, status)

    def test_what_was_under_embargo_is_there_when_that_has_passed(self):
        lede = self.archive(OPEN)
        moment = int(time.time()) + 3
        lede.put('soon', {'title': 'Soon', 'embargoed_until': time.strftime('%Y-%m-%dT%H:%M:%SZ', time.gmtime(moment))})
        reader = {'X-Rights': 'search read'}
        while True:
            before = time.time()
            status = lede.ask('GET', '/documents/soon', headers=reader).status
            if time.time() < moment:
                self.assertEqual(status, 404)
            elif before >= moment:
                self.assertEqual(status, 200)
                break
            time.sleep(0.05)


if __name__ == '__main__':
    tap.main(globals())

# SPDX-License-Identifier: GPL-2.0-or-later
"""lede mcp: messages of the Model Context Protocol, a line each, and what its tools tell."""
import json
import subprocess

from program import BINARY, Case, NEWS, environment
import tap

FERRY = 'kv-2024-1118-01'


class Mcp(Case):
    def setUp(self):
        super().setUp()
        self.imported(NEWS)

    def lines(self, *lines):
        done = subprocess.run([BINARY, 'mcp', '--data', self.data], input='\n'.join(lines) + '\n', capture_output=True, text=True, timeout=120,
                              env=environment(), check=False)
        self.assertEqual((done.returncode, done.stderr), (0, ''))
        return [json.loads(line) for line in done.stdout.splitlines()]

    def ask(self, *requests):
        """The answer of each (method, params)."""
        messages = [{'jsonrpc': '2.0', 'id': number, 'method': method, **({'params': params} if params is not None else {})}
                    for number, (method, params) in enumerate(requests)]
        answers = self.lines(*map(json.dumps, messages))
        self.assertEqual([(answer['jsonrpc'], answer['id']) for answer in answers], [('2.0', number) for number in range(len(requests))])
        return answers

    def call(self, name, **arguments):
        return self.ask(('tools/call', {'name': name, 'arguments': arguments}))[0]

    def told(self, name, **arguments):
        result = self.call(name, **arguments)['result']
        self.assertNotIn('isError', result)
        self.assertEqual([part['type'] for part in result['content']], ['text'])
        return result['content'][0]['text'], result['structuredContent']

    def test_a_session_begins_with_the_version_that_the_client_has(self):
        for asked, expected in (('2025-06-18', '2025-06-18'), ('2024-11-05', '2024-11-05'), ('1999-01-01', '2025-11-25'), (None, '2025-11-25')):
            result = self.ask(('initialize', {'protocolVersion': asked, 'capabilities': {}, 'clientInfo': {'name': 't', 'version': '1'}}))[0]['result']
            self.assertEqual(result['protocolVersion'], expected)
            self.assertEqual((result['capabilities'], result['serverInfo']['name']), ({'tools': {}}, 'lede'))
        notification = json.dumps({'jsonrpc': '2.0', 'method': 'notifications/initialized'})
        self.assertEqual(self.lines(notification, '', '  ', json.dumps({'jsonrpc': '2.0', 'id': 'x', 'method': 'ping'})),
                         [{'jsonrpc': '2.0', 'id': 'x', 'result': {}}])

    def test_each_tool_says_what_it_takes_and_takes_no_more(self):
        tools = self.ask(('tools/list', None))[0]['result']['tools']
        self.assertEqual([tool['name'] for tool in tools], ['search', 'read', 'similar', 'facets'])
        good, bad = [], []
        for tool in tools:
            schema = tool['inputSchema']
            self.assertEqual((schema['type'], schema['additionalProperties']), ('object', False))
            self.assertLessEqual(set(schema['required']), set(schema['properties']))
            arguments = {name: {'id': FERRY, 'facets': 'source', 'sort': 'newest', 'after': '2000', 'before': '2199', 'lang': 'en'}.get(
                name, 1 if rule['type'] == 'integer' else 'ferry') for name, rule in schema['properties'].items()}
            good.append((tool['name'], arguments))
            bad.append((tool['name'], {**arguments, 'colour': 'red'}))
            bad += [(tool['name'], {key: value for key, value in arguments.items() if key != missing}) for missing in schema['required']]
            bad += [(tool['name'], {**arguments, name: 'x' if rule['type'] == 'integer' else 3}) for name, rule in schema['properties'].items()]
        answers = self.ask(*[('tools/call', {'name': name, 'arguments': arguments}) for name, arguments in good + bad])
        for call, answer in zip(good, answers):
            self.assertNotIn('isError', answer['result'], call)
        self.assertEqual({answer['error']['code'] for answer in answers[len(good):]}, {-32602})

    def test_search_tells_what_is_to_be_cited(self):
        text, data = self.told('search', q='ferry aground', limit=3)
        self.assertEqual(data['total'], {'value': 5, 'relation': 'eq'})
        self.assertEqual(len(data['hits']), 3)
        for hit in data['hits']:
            self.assertLessEqual({'id', 'title', 'source', 'published', 'snippets'}, set(hit))
            for told in (hit['id'], hit['title'], hit['source'], hit['published'][:10], hit.get('url', ''), *hit['snippets']):
                self.assertIn(told, text)
        _, rest = self.told('search', q='ferry aground', limit=3, offset=3)
        self.assertEqual(len(rest['hits']), 2)
        self.assertFalse({hit['id'] for hit in rest['hits']} & {hit['id'] for hit in data['hits']})
        _, narrow = self.told('search', q='ferry', source='The Osterquay Post')
        self.assertEqual({hit['source'] for hit in narrow['hits']}, {'The Osterquay Post'})

    def test_nothing_found_is_said_with_what_may_have_been_meant(self):
        text, data = self.told('search', q='lighthous keepper')
        self.assertEqual((data['total']['value'], data['hits']), (0, []))
        self.assertIn(data['did_you_mean'] or '0 documents', text)

    def test_a_long_body_is_read_in_parts_that_join(self):
        body = 'Ünïcödé wörds ' * 4000
        path = self.write('long.ndjson', json.dumps({'id': 'lang/ö?', 'title': 'Long', 'body': body.strip(), 'source': 'X'}) + '\n')
        self.imported(path)
        parts, offset = [], 0
        while offset is not None:
            text, data = self.told('read', id='lang/ö?', offset=offset)
            self.assertIn(data['body'], text)
            self.assertLessEqual(len(data['body'].encode()), 20000)
            parts.append(data['body'])
            offset = data.get('next_offset')
        self.assertEqual((len(parts) > 3, ''.join(parts)), (True, body.strip()))

    def test_similar_and_facets(self):
        _, data = self.told('similar', id=FERRY, limit=2)
        self.assertEqual(len(data['hits']), 2)
        self.assertNotIn(FERRY, [hit['id'] for hit in data['hits']])
        text, data = self.told('facets', facets='source', q='ferry')
        self.assertEqual(sum(row['count'] for row in data['facets']['source']), data['total']['value'])
        self.assertRegex(text, r'source:\n +\d+ \w')

    def test_what_a_tool_cannot_do_is_its_result(self):
        calls = (('read', {'id': 'nowhere'}, 'no document'), ('search', {'q': 'x', 'limit': -1}, 'limit'),
                 ('search', {'q': 'x', 'after': 'someday'}, 'after'), ('facets', {'facets': 'colour'}, 'facets'))
        answers = self.ask(*[('tools/call', {'name': name, 'arguments': arguments}) for name, arguments, _ in calls])
        for (_, _, told), answer in zip(calls, answers):
            self.assertIs(answer['result']['isError'], True)
            self.assertIn(told, answer['result']['content'][0]['text'])

    def test_what_is_no_message_is_refused_and_the_next_is_answered(self):
        ping = '{"jsonrpc": "2.0", "id": 7, "method": "ping"}'
        lines, codes = [], []
        for line, code in (('garbage', -32700), ('{"jsonrpc": "2.0"', -32700), ('[]', -32600), (f'[{ping}]', -32600), ('{"id": 1, "method": "ping"}', -32600),
                           ('{"jsonrpc": "2.0", "id": [1], "method": "ping"}', -32600), ('{"jsonrpc": "2.0", "id": 1}', -32600),
                           ('{"jsonrpc": "2.0", "id": 1, "method": "resources/list"}', -32601),
                           ('{"jsonrpc": "2.0", "id": 1, "method": "tools/call"}', -32602),
                           ('{"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": "delete"}}', -32602),
                           ('{"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": "search", "arguments": ["x"]}}', -32602),
                           ('[' * 100000, -32700), ('"' + 'x' * (5 << 20) + '"', -32700)):
            lines, codes = [*lines, line, ping], [*codes, code]
        answers = self.lines(*lines)
        self.assertEqual([answer['error']['code'] for answer in answers[::2]], codes)
        self.assertEqual(answers[1::2], [{'jsonrpc': '2.0', 'id': 7, 'result': {}}] * len(codes))

    def test_no_archive_is_told_before_anything(self):
        done = subprocess.run([BINARY, 'mcp', '--url', 'http://127.0.0.1:1'], input='{"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": '
                              '{"name": "search", "arguments": {"q": "x"}}}\n', capture_output=True, text=True, timeout=60, env=environment(), check=False)
        self.assertIs(json.loads(done.stdout)['result']['isError'], True)
        done = subprocess.run([BINARY, 'mcp', '--data', self.path('nothing')], input='', capture_output=True, text=True, timeout=60, env=environment(),
                              check=False)
        self.assertEqual((done.returncode, done.stdout), (2, ''))


if __name__ == '__main__':
    tap.main(globals())

# SPDX-License-Identifier: GPL-2.0-or-later
"""Behind a proxy that has a prefix before every path, which it leaves in the address or takes away."""
import urllib.parse

from program import JSON, WithProgram
import tap

PREFIX = {'X-Forwarded-Prefix': '/news/lede/', 'X-Forwarded-Proto': 'https', 'Host': 'archive.example'}
ORIGIN = 'https://archive.example/news/lede'


class Said(WithProgram):
    """By the proxy's header."""
    settings = {'LEDE_SERVER_NAMES': 'archive.example', 'LEDE_SERVER_TRUSTED_PROXIES': '127.0.0.1'}
    with_sample = True

    def addresses(self, headers):
        """Every address that answers have, by what it is."""
        def get(path, **parameters):
            answer = self.lede.get(path, headers, **parameters)
            self.assertEqual(answer.status, 200, answer.text)
            return answer
        nothing = get('/search', q='council zebraqq').json['query']['clinic']
        return {'next': get('/search', q='the', match='any', limit=1).json['next'],
                'similar': get('/documents/' + urllib.parse.quote(self.documents[0]['id'], safe='') + '/similar', limit=1).json['next'],
                'clinic': nothing['smallest']['search'],
                'atom': get('/search.atom', q='council').text, 'rss': get('/search.rss', q='council').text,
                'opensearch': get('/opensearch.xml').text}

    def test_addresses_have_the_prefix(self):
        for headers, prefix, origin in ((PREFIX, '/news/lede', ORIGIN), ({'Host': 'archive.example'}, '', 'http://archive.example'),
                                        (PREFIX, '/news/lede', ORIGIN)):
            found = self.addresses(headers)
            for name in ('next', 'clinic'):
                self.assertTrue(found[name].startswith(f'{prefix}/search?'), found[name])
            self.assertTrue(found['similar'].startswith(f'{prefix}/documents/'), found['similar'])
            self.assertIn(f'<link rel="self" href="{origin}/search.atom?q=council"/>', found['atom'])
            self.assertIn(f'<link>{origin}/?q=council</link>', found['rss'])
            self.assertIn(f'"{origin}/?q=', found['opensearch'])
            self.assertEqual(self.lede.ask('GET', found['next'], headers=headers).status, 200)

    def test_a_prefix_that_is_none_is_passed_over(self):
        for prefix in ('', '/', 'news', '//evil.example', '/a//b', '/a"b', '/a b', '/' + 'x' * 300, '/a, /b', 'https://evil.example'):
            found = self.lede.get('/search', q='the', match='any', limit=1).json['next']
            answer = self.lede.get('/search', {'X-Forwarded-Prefix': prefix}, q='the', match='any', limit=1)
            self.assertEqual(answer.json['next'].split('cursor')[0], found.split('cursor')[0], prefix)

    def test_what_cannot_be_believed_is_counted_and_logged(self):
        before = self.lede.get('/stats').json['http']['misforwarded']
        found = self.lede.get('/search', {**PREFIX, 'X-Forwarded-For': 'nobody'}, q='the', match='any', limit=1)
        self.assertTrue(found.json['next'].startswith('/search?'))
        self.assertEqual(self.lede.get('/stats').json['http']['misforwarded'], before + 1)
        self.until(lambda: f"cannot be believed: request={found['X-Request-Id']}" in self.lede.log_text())

    def test_what_is_below_the_prefix_is_what_is_there_without_it(self):
        for path in ('/search?q=x', '/', '/assets/page.css', '/health/live', '/openapi.json'):
            self.assertEqual(self.lede.ask('GET', '/news/lede' + path, headers=PREFIX).status, 200, path)
            self.assertEqual(self.lede.ask('GET', '/news/lede' + path).status, 404, path)
        self.assertEqual(self.lede.ask('GET', '/news/ledes/search', headers=PREFIX).status, 404)


class Stranger(WithProgram):
    """Nobody is trusted: whoever asks may say what he likes."""
    settings = {'LEDE_SERVER_NAMES': 'archive.example'}
    with_sample = True

    def test_his_word_changes_nothing(self):
        plain = self.lede.get('/search', {'Host': 'archive.example'}, q='the', match='any', limit=1).json['next']
        told = self.lede.get('/search', {**PREFIX, 'X-Forwarded-Host': 'evil.example'}, q='the', match='any', limit=1).json['next']
        self.assertEqual(told.split('cursor')[0], plain.split('cursor')[0])
        self.assertIn('href="http://archive.example/search.atom', self.lede.get('/search.atom', PREFIX, q='the').text)
        self.assertEqual(self.lede.ask('GET', '/news/lede/search', headers=PREFIX).status, 404)


class Set(WithProgram):
    """By the setting, which no header changes."""
    settings = {'LEDE_SERVER_PATH_PREFIX': '/lede'}

    def test_ids_with_slashes_are_reached_with_and_without_the_prefix(self):
        for prefix in ('/lede', ''):
            path = prefix + '/documents/' + urllib.parse.quote('https://example.org/a//b c?d', safe='')
            self.assertIn(self.lede.ask('PUT', path, None, b'{"title": "slashes"}', JSON).status, (200, 201))
            self.assertEqual(self.lede.ask('GET', path, headers={'X-Forwarded-Prefix': '/evil'}).json['id'], 'https://example.org/a//b c?d')

    def test_addresses_have_it(self):
        for number in range(3):
            self.lede.put(f'p{number}', {'title': 'prefixed'})
        found = self.lede.ask('GET', '/search?q=prefixed&limit=1', headers={'X-Forwarded-Prefix': '/evil'}).json['next']
        self.assertTrue(found.startswith('/lede/search?'), found)


if __name__ == '__main__':
    tap.main(globals())

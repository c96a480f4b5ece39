# SPDX-License-Identifier: GPL-2.0-or-later
"""Feeds are valid by the grammars of their formats, whatever their documents say, and the same as long as their documents are."""
import json
import os
import shutil
import subprocess
import unittest
import xml.etree.ElementTree as ElementTree

try:
    import jsonschema
except ImportError:
    jsonschema = None

from program import Keyed, ROOT, WAIT_S, WithProgram
import tap

ATOM = '{http://www.w3.org/2005/Atom}'
GRAMMARS = {'/search.atom': 'atom.rng', '/search.rss': 'rss.rng'}
HOSTILE = [
    {'id': 'script', 'title': '<script>alert(1)</script> ]]> &amp;', 'url': 'javascript:alert(1)', 'body': 'hostileword </summary><evil/>'},
    {'id': 'controls', 'title': 'a\u0001\u001f\u007f\u0085b \ufffe\uffff', 'author': ['"><x', '\u0002'], 'tags': ['"><x y="'], 'body': 'hostileword \u000b'},
    {'id': 'data', 'title': 'x', 'url': 'data:text/html,<script>', 'body': 'hostileword'},
    {'id': 'quotes "\'<>&', 'title': 'y', 'url': 'HTTPS://news.example/a b"<>\'&\u00e9|^`{}[%zz%20]#a#b', 'body': 'hostileword'},
    {'id': 'bare', 'body': 'hostileword and no title at all'},
    {'id': 'undated', 'title': 'when?', 'url': '//news.example/relative', 'body': 'hostileword'},
    {'id': 'ancient', 'title': 'old', 'published': '0001-01-01T00:00:00Z', 'body': 'hostileword'},
    {'id': 'updated', 'title': 'new', 'published': '2020-01-01T00:00:00Z', 'updated': '2020-02-02T02:02:02Z', 'body': 'hostileword'}]


class Feeds(WithProgram):
    with_sample = True
    settings = {'LEDE_SERVER_TRUSTED_PROXIES': '127.0.0.1'}

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        assert cls.lede.bulk(HOSTILE).json['failed'] == 0

    def feed(self, path, headers=None, **parameters):
        answer = self.lede.get(path, headers, **parameters)
        self.assertEqual(answer.status, 200, answer.text[:300])
        return ElementTree.fromstring(answer.body)

    def links(self, **parameters):
        """Of each item, by both formats."""
        atom = {entry.findtext(ATOM + 'id'): entry.find(ATOM + 'link').get('href') for entry in self.feed('/search.atom', **parameters).findall(ATOM + 'entry')}
        rss = {item.findtext('guid'): item.findtext('link') for item in self.feed('/search.rss', **parameters).iterfind('channel/item')}
        self.assertEqual(atom, rss)
        return atom

    def test_they_are_valid(self):
        if not shutil.which('xmllint'):
            raise unittest.SkipTest('there is no xmllint')
        for path, grammar in GRAMMARS.items():
            grammar = os.path.join(ROOT, 'tests', 'data', 'feeds', grammar)
            for parameters in ({}, {'q': 'hostileword', 'limit': 50}, {'q': 'nothingatall'}, {'limit': 200}, {'q': '<&">\' ]]> \u00e9 \u65e5\u672c', 'match': 'any'},
                               {'source': 'AP,"x"', 'after': '2020-01-01'}, {'limit': 0}, {'q': 'ferry', 'sort': 'relevance', 'collapse': 'story'}):
                with self.subTest(path=path, parameters=parameters):
                    text = self.lede.get(path, **parameters).body
                    checked = subprocess.run(['xmllint', '--noout', '--nonet', '--relaxng', grammar, '-'], input=text, capture_output=True, timeout=WAIT_S)
                    self.assertEqual(checked.returncode, 0, checked.stderr.decode()[:2000] + text.decode()[:500])

    def test_the_grammars_refuse_what_is_none(self):
        if not shutil.which('xmllint'):
            raise unittest.SkipTest('there is no xmllint')
        good = {path: self.lede.get(path, q='ferry').text for path in GRAMMARS}
        for path, old, new in (('/search.atom', '<updated>', '<updated>x'), ('/search.atom', 'href="http', 'href="javascript'), ('/search.rss', '<link>http', '<link>javascript'),
                               ('/search.atom', '<title>', '<titel>'), ('/search.rss', '<pubDate>', '<pubDate>2020-'), ('/search.rss', '</channel>', '<item/></channel>')):
            self.assertIn(old, good[path])
            text = good[path].replace(old, new).replace('</title>', '</titel>' if 'titel' in new else '</title>')
            checked = subprocess.run(['xmllint', '--noout', '--nonet', '--relaxng', os.path.join(ROOT, 'tests', 'data', 'feeds', GRAMMARS[path]), '-'],
                                     input=text.encode(), capture_output=True, timeout=WAIT_S)
            self.assertNotEqual(checked.returncode, 0, (path, new))

    def test_the_title_is_what_is_searched_for(self):
        for parameters, title in (({'q': 'ferry <b>'}, 'ferry <b>'), ({'q': 'ferry', 'source': 'AP', 'after': '2020-01-01'}, 'ferry, source: AP, after: 2020-01-01'),
                                  ({'section': 'world'}, 'section: world'), ({}, 'Lede')):
            self.assertEqual(self.feed('/search.atom', **parameters).findtext(ATOM + 'title'), title)
            self.assertEqual(self.feed('/search.rss', **parameters).findtext('channel/title'), title)

    def test_the_newest_is_first_unless_another_order_is_asked_for(self):
        def ids(**parameters):
            return [entry.findtext(ATOM + 'id') for entry in self.feed('/search.atom', q='ferry', **parameters).findall(ATOM + 'entry')]
        self.assertEqual(ids(), [f'urn:lede:{i}' for i in self.lede.ids('ferry', sort='newest', limit=10)])
        self.assertEqual(ids(sort='relevance'), [f'urn:lede:{i}' for i in self.lede.ids('ferry', limit=10)])

    def test_items_link_to_the_web_or_to_the_page_that_shows_them(self):
        here = f'http://127.0.0.1:{self.lede.port}'
        links = self.links(q='hostileword', limit=50)
        self.assertEqual(links['urn:lede:script'], f'{here}/?document=script')
        self.assertEqual(links['urn:lede:data'], f'{here}/?document=data')
        self.assertEqual(links['urn:lede:undated'], f'{here}/?document=undated')
        self.assertEqual(links['urn:lede:quotes%20%22%27%3C%3E%26'], "https://news.example/a%20b%22%3C%3E'&%C3%A9%7C%5E%60%7B%7D%5B%25zz%20%5D#a%23b")

    def test_a_feed_says_where_it_is_and_where_the_same_can_be_seen(self):
        key = self.feed('/search.atom', {'X-Forwarded-Proto': 'https'}, q='ferry & "x"', source='AP')
        host = f'https://127.0.0.1:{self.lede.port}'
        query = 'q=ferry%20%26%20%22x%22&source=AP'
        self.assertEqual([link.attrib for link in key.findall(ATOM + 'link')], [
            {'rel': 'self', 'href': f'{host}/search.atom?{query}'}, {'rel': 'alternate', 'type': 'text/html', 'href': f'{host}/?{query}'}])
        channel = self.feed('/search.rss', q='ferry').find('channel')
        self.assertEqual(channel.findtext('link'), f'http://127.0.0.1:{self.lede.port}/?q=ferry')
        self.assertEqual(channel.find(ATOM + 'link').get('rel'), 'self')

    def test_dates_are_those_of_the_documents(self):
        feed = self.feed('/search.atom', q='hostileword', limit=50)
        entries = {entry.findtext(ATOM + 'id').removeprefix('urn:lede:'): entry for entry in feed.findall(ATOM + 'entry')}
        self.assertEqual(entries['updated'].findtext(ATOM + 'updated'), '2020-02-02T02:02:02Z')
        self.assertIsNone(entries['undated'].find(ATOM + 'published'))
        self.assertEqual(entries['undated'].findtext(ATOM + 'updated'), self.lede.document('undated')['received'])
        self.assertEqual(feed.findtext(ATOM + 'updated'), max(entry.findtext(ATOM + 'updated') for entry in entries.values()))
        self.assertEqual(self.feed('/search.atom', q='nothingatall').findtext(ATOM + 'updated'), '1970-01-01T00:00:00Z')

    def test_a_client_that_has_it_gets_it_once(self):
        for path in GRAMMARS:
            first = self.lede.get(path, q='ferry')
            self.assertEqual(self.lede.get(path, q='ferry').body, first.body)
            self.assertEqual(self.lede.get(path, {'If-None-Match': first['ETag']}, q='ferry').status, 304)
            self.assertEqual(self.lede.get(path, {'If-Modified-Since': first['Last-Modified']}, q='ferry').status, 304)
            self.assertEqual(self.lede.get(path, {'If-Modified-Since': 'Mon, 01 Jan 2001 00:00:00 GMT'}, q='ferry').status, 200)
            self.assertEqual(self.lede.get(path, {'If-Modified-Since': 'nonsense'}, q='ferry').status, 200)
            self.lede.put('fresh', {'title': 'another ferry', 'published': '2030-01-01'})
            for headers in ({'If-None-Match': first['ETag']}, {'If-Modified-Since': first['Last-Modified']},
                            {'If-None-Match': first['ETag'], 'If-Modified-Since': 'Fri, 01 Jan 2100 00:00:00 GMT'}):
                self.assertEqual(self.lede.get(path, headers, q='ferry').status, 200, headers)
            self.lede.delete('fresh')


class JsonFeed(WithProgram):
    with_sample = True

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        assert cls.lede.bulk(HOSTILE).json['failed'] == 0
        with open(os.path.join(ROOT, 'tests', 'data', 'feeds', 'jsonfeed.json'), encoding='utf-8') as file:
            cls.schema = json.load(file)

    def feed(self, **parameters):
        answer = self.lede.get('/search.jsonfeed', **parameters)
        self.assertEqual((answer.status, answer['Content-Type']), (200, 'application/feed+json'))
        return json.loads(answer.body)

    @unittest.skipUnless(jsonschema, 'there is no jsonschema')
    def test_it_is_valid(self):
        for parameters in ({}, {'q': 'hostileword', 'limit': 50}, {'q': 'nothingatall'}, {'limit': 200}, {'q': '<&">\' ]]> \u00e9 \u65e5\u672c', 'match': 'any'}, {'limit': 0}):
            with self.subTest(parameters):
                jsonschema.validate(self.feed(**parameters), self.schema)

    @unittest.skipUnless(jsonschema, 'there is no jsonschema')
    def test_the_schema_refuses_what_is_none(self):
        good = self.feed(q='ferry', limit=1)
        for change in ({'version': 'https://jsonfeed.org/version/2'}, {'items': None}, {'title': ''}, {'home_page_url': 'javascript:x'}, {'colour': 'red'},
                       {'items': [{**good['items'][0], 'date_published': 'yesterday'}]}, {'items': [{'id': 'x', 'url': 'https://x.example'}]}):
            with self.subTest(change), self.assertRaises(jsonschema.ValidationError):
                jsonschema.validate({**good, **change}, self.schema)

    def test_it_says_what_the_atom_feed_says(self):
        for parameters in ({'q': 'ferry'}, {'q': 'hostileword', 'limit': 50}, {'q': 'ferry', 'sort': 'relevance'}, {'section': 'world'}):
            atom = ElementTree.fromstring(self.lede.get('/search.atom', **parameters).body)
            feed = self.feed(**parameters)
            self.assertEqual(feed['title'], atom.findtext(ATOM + 'title'))
            self.assertEqual([(item['id'], item['url'], item.get('date_published'), item['date_modified']) for item in feed['items']],
                             [(entry.findtext(ATOM + 'id'), entry.find(ATOM + 'link').get('href'), entry.findtext(ATOM + 'published'), entry.findtext(ATOM + 'updated'))
                              for entry in atom.findall(ATOM + 'entry')])
        self.assertTrue(feed['feed_url'].endswith('/search.jsonfeed?section=world'))

    def test_a_client_that_has_it_gets_it_once(self):
        first = self.lede.get('/search.jsonfeed', q='ferry')
        self.assertEqual(self.lede.get('/search.jsonfeed', q='ferry').body, first.body)
        for headers in ({'If-None-Match': first['ETag']}, {'If-Modified-Since': first['Last-Modified']}):
            self.assertEqual(self.lede.get('/search.jsonfeed', headers, q='ferry').status, 304)

    def test_readers_that_take_json_get_it(self):
        for accept, status in (('application/feed+json', 200), ('application/json', 200), ('*/*', 200), ('text/html', 406)):
            self.assertEqual(self.lede.get('/search.jsonfeed', {'Accept': accept}, q='ferry').status, status)


class WithKeys(unittest.TestCase):
    def test_no_key_stands_in_what_a_feed_says(self):
        lede = Keyed()
        self.addCleanup(lede.close)
        lede.put('one', {'title': 'harbour'})
        key = lede.make_key(rights=['feed']).json['key']
        lede.headers = {}
        answer = lede.ask('GET', '/search.atom', {'q': 'harbour', 'key': key})
        self.assertEqual(answer.status, 200)
        self.assertNotIn(key, answer.text)
        self.assertIn('/search.atom?q=harbour', answer.text)


if __name__ == '__main__':
    tap.main(globals())

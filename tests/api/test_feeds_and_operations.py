# SPDX-License-Identifier: GPL-2.0-or-later
"""Feeds, the page's files, operations: what machines other than searchers ask."""
import collections
import csv
import io
import json
import random
import re
import time
import unittest
import xml.etree.ElementTree as ElementTree

from program import WithProgram
import tap

ATOM = '{http://www.w3.org/2005/Atom}'


class Feeds(WithProgram):
    settings = {'LEDE_SERVER_TRUSTED_PROXIES': '127.0.0.1'}
    with_sample = True

    def test_atom_has_the_hits_of_the_search_in_its_order(self):
        answer = self.lede.get('/search.atom', q='ferry', limit=5, sort='relevance')
        self.assertEqual((answer.status, answer['Content-Type']), (200, 'application/atom+xml'))
        feed = ElementTree.fromstring(answer.body)
        entries = feed.findall(ATOM + 'entry')
        hits = self.lede.search('ferry', limit=5)['hits']
        self.assertEqual([entry.findtext(ATOM + 'title') for entry in entries], [hit['document']['title'] for hit in hits])
        self.assertEqual([entry.findtext(ATOM + 'published') for entry in entries], [hit['document']['published'] for hit in hits])
        for name in ('id', 'title', 'updated'):
            self.assertTrue(feed.findtext(ATOM + name))
            self.assertTrue(all(entry.findtext(ATOM + name) for entry in entries))
        self.assertTrue(all('<mark>' not in entry.findtext(ATOM + 'summary') for entry in entries))

    def test_rss_has_dates_as_mail_has_them(self):
        answer = self.lede.get('/search.rss', q='ferry', limit=3)
        self.assertEqual((answer.status, answer['Content-Type']), (200, 'application/rss+xml'))
        items = ElementTree.fromstring(answer.body).findall('channel/item')
        self.assertEqual(len(items), 3)
        for item in items:
            self.assertRegex(item.findtext('pubDate'), r'^(Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d \+0000$')

    def test_csv_reads_back_and_runs_no_formula(self):
        self.lede.put('csv', {'title': '=HYPERLINK("x")', 'body': 'formulaword, with "quotes"\nand lines'})
        answer = self.lede.get('/search.csv', q='formulaword')
        rows = list(csv.DictReader(io.StringIO(answer.text)))
        self.assertEqual((answer.status, answer['Content-Type']), (200, 'text/csv; charset=utf-8'))
        self.assertEqual((rows[0]['id'], rows[0]['title']), ('csv', '\'=HYPERLINK("x")'))
        self.assertIn('formulaword, with "quotes" and lines', rows[0]['snippet'])
        self.lede.delete('csv')

    def test_markup_and_control_characters_leave_xml_well_formed(self):
        self.lede.put('xml', {'title': '<b>&amp; \u0001\u001f ]]> xmlword', 'body': 'x \ufffe\uffff', 'url': 'https://example.org/?a=1&b="2"'})
        for path in ('/search.atom', '/search.rss'):
            self.assertIn(b'&lt;b&gt;&amp;amp;', self.lede.get(path, q='xmlword').body)
            ElementTree.fromstring(self.lede.get(path, q='xmlword').body)
        self.lede.delete('xml')

    def test_links_are_whole_addresses_of_the_web(self):
        self.lede.put('link-good', {'title': 'linkword', 'url': 'https://example.org/a'})
        self.lede.put('link-odd', {'title': 'linkword', 'url': '/relative/b'})
        host = f'127.0.0.1:{self.lede.port}'
        channel = ElementTree.fromstring(self.lede.get('/search.rss', q='linkword').body).find('channel')
        self.assertEqual(channel.findtext('link'), f'http://{host}/?q=linkword')
        self.assertEqual(sorted(item.findtext('link') for item in channel.findall('item')), [f'http://{host}/?document=link-odd', 'https://example.org/a'])
        feed = ElementTree.fromstring(self.lede.get('/search.atom', {'X-Forwarded-Proto': 'https'}, q='linkword').body)
        self.assertEqual(feed.find(ATOM + 'link').attrib, {'rel': 'self', 'href': f'https://{host}/search.atom?q=linkword'})
        links = [link.get('href') for link in feed.iterfind(f'{ATOM}entry/{ATOM}link')]
        self.assertEqual(sorted(links), sorted(['https://example.org/a', f'https://{host}/?document=link-odd']))
        for name in ('good', 'odd'):
            self.lede.delete(f'link-{name}')

    def test_a_feed_refuses_what_a_search_refuses(self):
        for path in ('/search.atom', '/search.rss', '/search.csv'):
            self.expect_problem(self.lede.get(path, q='"open', strict='true'), 400, 'query-syntax')
            self.expect_problem(self.lede.get(path, limit='-1'), 400, 'invalid-parameter', param='limit')


class Answers(WithProgram):
    with_sample = True

    def test_every_answer_has_an_id_and_a_client_keeps_its_own(self):
        self.assertTrue(self.lede.get('/search')['X-Request-Id'])
        self.assertEqual(self.lede.get('/search', {'X-Request-Id': 'mine-7'})['X-Request-Id'], 'mine-7')
        self.assertNotEqual(self.lede.get('/search', {'X-Request-Id': 'no good'})['X-Request-Id'], 'no good')

    def test_a_searchs_etag_holds_until_the_answer_changes(self):
        first = self.lede.get('/search', q='ferry')
        self.assertEqual(self.lede.get('/search', {'If-None-Match': first['ETag']}, q='ferry').status, 304)
        self.assertEqual(self.lede.get('/search', {'If-None-Match': first['ETag']}, q='harbour').status, 200)
        self.lede.put('etag', {'title': 'another ferry'})
        self.assertEqual(self.lede.get('/search', {'If-None-Match': first['ETag']}, q='ferry').status, 200)
        self.lede.delete('etag')

    def test_etags_are_compared_weakly_and_in_lists(self):
        etag = self.lede.get('/search', q='ferry')['ETag']
        for tags in (etag.removeprefix('W/'), '"other", ' + etag, '*'):
            self.assertEqual(self.lede.get('/search', {'If-None-Match': tags}, q='ferry').status, 304)

    def test_a_post_is_never_answered_304(self):
        headers = {'Content-Type': 'application/json', 'If-None-Match': self.lede.get('/search', q='ferry')['ETag']}
        self.assertEqual(self.lede.ask('POST', '/search', None, b'{"q": "ferry"}', headers).status, 200)

    def test_a_client_that_takes_no_json_gets_406(self):
        for accept in ('application/xml', 'text/html, image/*', 'application/json;q=0', '*/*;q=0', 'application/*, application/json; q=0.0'):
            with self.subTest(accept):
                self.expect_problem(self.lede.get('/search', {'Accept': accept}, q='ferry'), 406, 'not-acceptable')
        for accept in ('*/*', 'application/json', 'APPLICATION/JSON;charset=utf-8', 'text/html, application/*;q=0.1', 'text/html,*/*;q=0.8'):
            with self.subTest(accept):
                self.assertEqual(self.lede.get('/search', {'Accept': accept}, q='ferry').status, 200)

    def test_feeds_and_tables_honour_accept(self):
        for path, own in (('/search.atom', 'application/atom+xml'), ('/search.rss', 'application/rss+xml'), ('/search.csv', 'text/csv')):
            for accept in (own, '*/*', own.split('/')[0] + '/*', f'text/html, {own};q=0.5'):
                self.assertEqual(self.lede.get(path, {'Accept': accept}, q='ferry').status, 200, (path, accept))
            for accept in ('application/json', f'{own};q=0', 'image/*'):
                self.expect_problem(self.lede.get(path, {'Accept': accept}, q='ferry'), 406, 'not-acceptable')
        self.assertEqual(self.lede.get('/search.atom', {'Accept': 'application/xml'}, q='ferry').status, 200)
        self.assertEqual(self.lede.get('/search.rss', {'Accept': 'text/xml'}, q='ferry').status, 200)

    def test_long_answers_are_zipped_where_that_is_taken(self):
        plain = self.lede.get('/search', {'Accept-Encoding': 'identity'}, q='ferry')
        zipped = self.lede.get('/search', {'Accept-Encoding': 'gzip'}, q='ferry')
        self.assertEqual((plain['Content-Encoding'], zipped['Content-Encoding'], zipped['Vary']), (None, 'gzip', 'Accept-Encoding'))
        self.assertLess(len(zipped.raw), len(plain.raw))
        took = re.compile(r'"took_ms":[0-9.]+')
        self.assertEqual(took.sub('', plain.text), took.sub('', zipped.text))

    def test_head_works_wherever_get_does(self):
        for path in ('/', '/search', '/search.atom', '/export.ndjson', '/export.csv', '/export.txt', '/stats', '/health/live', '/health/ready', '/metrics', '/version',
                     '/openapi.json', '/opensearch.xml', '/assets/page.js'):
            with self.subTest(path):
                answer = self.lede.ask('HEAD', path)
                self.assertEqual((answer.status, answer.body), (200, b''))


class Operations(WithProgram):
    with_sample = True

    def test_health_says_live_and_ready(self):
        self.assertEqual(self.lede.get('/health/live').json, {'status': 'live'})
        ready = self.lede.get('/health/ready').json
        self.assertEqual((ready['status'], ready['writable']), ('ready', True))

    def test_stats_count_documents_languages_and_unknown_keys(self):
        self.lede.put('odd', {'title': 'Odd keys', 'language': 'en', 'sectoin': 'x', 'desk': 1})
        stats = self.lede.get('/stats').json
        self.assertEqual(stats['documents'], len(self.documents) + 1)
        self.assertEqual(sum(stats['languages'].values()), stats['documents'])
        self.assertEqual(stats['unknown_keys'], {'desk': 1, 'sectoin': 1})
        self.lede.delete('odd')
        self.assertEqual(self.lede.get('/stats').json['unknown_keys'], {})

    def test_unknown_keys_and_languages_stay_exact_while_documents_change_and_after_a_start(self):
        chance = random.Random(7)
        living = {}

        def count(pick):
            counts = collections.Counter(value for document in living.values() for value in pick(document))
            return dict(counts)

        def check():
            stats = self.lede.get('/stats').json
            self.assertEqual(stats['unknown_keys'], count(lambda document: [key for key in document if key.startswith('odd')]))
            self.assertEqual(sum(stats['languages'].values()), stats['documents'])
            self.assertEqual(stats['languages'].get('fi', 0), count(lambda document: [document['language']]).get('fi', 0))
            self.assertFalse(stats['unknown_keys_cut'])

        for step in range(12):
            documents = [{'id': f'k{chance.randrange(400)}', 'title': f'Keys {step}', 'language': chance.choice(['fi', 'en', 'de']),
                          **{f'odd{chance.randrange(5)}': step for _ in range(chance.randrange(3))}} for _ in range(120)]
            self.lede.bulk(documents)
            living.update((document['id'], document) for document in documents)
            gone = chance.sample(sorted(living), 20)
            self.lede.bulk([{'id': identity} for identity in gone], op='delete')
            for identity in gone:
                del living[identity]
            check()
        self.lede.stop()
        self.lede.start()
        check()
        self.lede.bulk([{'id': identity} for identity in living], op='delete')

    def test_refused_documents_are_counted_by_reason(self):
        before, failed = (self.lede.get('/stats').json['writes'][name] for name in ('refused', 'failed'))
        body = b'{"id":"r1","title":"good"}\n{"id":"r2"}\n{broken\n{"id":"r3","title":"x","published":"yesterday"}\n'
        self.assertEqual(self.lede.ask('POST', '/documents', None, body, {'Content-Type': 'application/x-ndjson'}).status, 207)
        self.assertEqual(self.lede.delete('r4').status, 404)
        self.assertEqual(self.lede.put('r5', {'summary': 'neither title nor body'}).status, 422)
        self.assertEqual(self.lede.put('r1', {'title': 'x'}, {'If-None-Match': '*'}).status, 412)
        after = self.lede.get('/stats').json['writes']['refused']
        self.assertEqual(self.lede.get('/stats').json['writes']['failed'] - failed, 6)
        self.lede.delete('r1')
        changed = {reason: after[reason] - before[reason] for reason in after if after[reason] != before[reason]}
        self.assertEqual(changed, {'malformed': 1, 'invalid': 3, 'not_found': 1, 'precondition': 1})
        self.assertIn(f'lede_documents_refused_total{{reason="invalid"}} {after["invalid"]}', self.lede.get('/metrics').text.splitlines())

    def test_stats_metrics_and_their_description_tell_the_same_figures(self):
        schema = self.lede.get('/openapi.json').json['paths']['/stats']['get']['responses']['200']['content']['application/json']['schema']
        stats, metrics = self.lede.get('/stats').json, self.lede.get('/metrics').text
        helps = dict(re.findall(r'^# HELP (\w+) (.+)$', metrics, re.M))
        units = dict(re.findall(r'^# UNIT (\w+) (.+)$', metrics, re.M))
        told = {}

        def walk(described, said, group):
            if 'x-metric' in described:
                metric = described['x-metric']
                self.assertEqual((described['description'], described.get('x-unit')), (helps[metric], units.get(metric)))
                values = dict(re.findall(rf'^{metric}(?:{{\w+="(\w+)"}})? (\d+)$', metrics, re.M))
                told[metric] = values
                whole = {name: str(int(value)) for name, value in (said.items() if isinstance(said, dict) else [('', said)])}
                self.assertEqual(set(values), set(whole))
                if group != 'http' and metric != 'lede_uptime_seconds':
                    self.assertEqual(values, whole)
            if 'properties' in described:
                self.assertEqual(set(described['properties']), set(said))
                self.assertEqual(set(described['required']), set(said))
                for name, property_ in described['properties'].items():
                    walk(property_, said[name], group or name)

        walk(schema, stats, '')
        apart = {name for name in helps if name.startswith('process_') or name.endswith('_duration_seconds')} | {'lede_build_info'}
        self.assertEqual(set(told), set(helps) - apart)

    def test_metrics_are_prometheus_text(self):
        answer = self.lede.get('/metrics')
        self.assertTrue(answer['Content-Type'].startswith('text/plain; version=0.0.4'))
        lines = answer.text.splitlines()
        for line in lines:
            self.assertRegex(line, r'^(# (HELP|TYPE|UNIT) (lede|process)_\w+ .+|(lede|process)_\w+(\{\w+="[^"]+"(,\w+="[^"]+")*\})? [\d.]+)$')
        self.assertIn(f'lede_documents {len(self.documents)}', lines)

    def test_a_parameter_of_a_path_that_takes_none_is_400(self):
        for path in ('/health/live', '/health/ready', '/stats', '/metrics', '/version', '/opensearch.xml'):
            with self.subTest(path):
                self.expect_problem(self.lede.get(path, verbose='1'), 400, 'unknown-parameter', param='verbose')

    def test_version_and_openapi_agree(self):
        self.assertEqual(self.lede.get('/version').json['version'], self.lede.get('/openapi.json').json['info']['version'])

    def test_opensearch_names_the_host_that_was_asked(self):
        answer = self.lede.get('/opensearch.xml')
        self.assertIn(f'http://127.0.0.1:{self.lede.port}/', answer.text)
        self.assertEqual(self.lede.get('/opensearch.xml', {'Host': 'evil"><x'}).status, 400)

    def test_the_page_allows_nothing_from_elsewhere(self):
        answer = self.lede.get('/', {'Accept': 'text/html'})
        self.assertEqual(answer['Content-Type'], 'text/html; charset=utf-8')
        self.assertIn("default-src 'none'", answer['Content-Security-Policy'])
        self.assertEqual(answer['X-Content-Type-Options'], 'nosniff')
        self.assertEqual(self.lede.get('/', {'Accept': 'text/html', 'If-None-Match': answer['ETag']}).status, 304)
        self.expect_problem(self.lede.get('/assets/nothing.js'), 404, 'not-found')


class Health(WithProgram):
    @tap.timeout(240)
    def test_health_does_not_wait_behind_statistics(self):
        documents = [{'id': str(number), 'title': 'odd', 'desk': number} for number in range(20000)]
        self.assertEqual(self.lede.bulk(documents).status, 200)
        self.assertEqual(self.lede.bulk(documents[::4], op='delete').status, 200)
        clients = [self.lede.client() for _ in range(200)]
        for client in clients:
            client.request('GET', '/stats')
        started = time.monotonic()
        for path in ('/health/live', '/health/ready'):
            self.assertEqual(self.lede.get(path).status, 200)
        self.assertLess(time.monotonic() - started, 8)  # it takes milliseconds
        for client in clients:
            self.assertEqual(client.reply().status, 200)
            client.close()


if __name__ == '__main__':
    tap.main(globals())

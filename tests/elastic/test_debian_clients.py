# SPDX-License-Identifier: GPL-2.0-or-later
"""Clients of Elasticsearch as Debian has them, unchanged: python3-elasticsearch and rsyslog-elasticsearch."""
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
import unittest
import warnings

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path[:0] = [os.path.join(ROOT, 'tests', 'api')]
sys.path.append('/usr/lib/python3/dist-packages')
from program import Keyed, Program, SAMPLE, WAIT_S, read_documents  # noqa: E402
import tap  # noqa: E402

try:
    import elasticsearch
    from elasticsearch import helpers
except ImportError:
    elasticsearch = None

NAMES = {'LEDE_ELASTIC_INDICES': 'news, logs-*'}
LARGE = os.path.join(os.environ.get('LEDE_SHARED', os.path.join(ROOT, '..', 'shared')), 'data', 'reuters.ndjson')
RSYSLOG = shutil.which('rsyslogd', path=os.environ.get('PATH', '') + ':/usr/sbin')
MODULE = '/usr/lib/x86_64-linux-gnu/rsyslog/omelasticsearch.so'


@unittest.skipUnless(elasticsearch, 'python3-elasticsearch is not installed')
class Python(unittest.TestCase):
    def serve(self, program):
        warnings.simplefilter('ignore')
        self.lede = program(**NAMES)
        self.addCleanup(self.lede.remove)
        self.addCleanup(self.lede.stop)

    def client_of(self, **options):
        client = elasticsearch.Elasticsearch(self.lede.url, timeout=WAIT_S, max_retries=0, **options)
        self.addCleanup(client.close)
        return client

    def test_the_helpers_write_and_read_the_archive(self):
        self.serve(Program)
        client = self.client_of()
        documents = read_documents(LARGE if os.path.exists(LARGE) else SAMPLE)
        ids = {document['id'] for document in documents}
        actions = [{'_index': 'news', '_id': document['id'], '_source': document} for document in documents]
        self.assertEqual(helpers.bulk(client, actions), (len(documents), []))
        again = [ok for ok, _ in helpers.parallel_bulk(client, actions, thread_count=2)]
        self.assertEqual((len(again), all(again)), (len(documents), True))
        self.assertEqual(client.count(index='news')['count'], len(documents))
        self.assertEqual({hit['_id'] for hit in helpers.scan(client, index='news')}, ids)
        query = {'query': {'match': {'body': 'the'}}}
        found = client.search(index='news', body={**query, 'size': 10, 'track_total_hits': True})['hits']
        for options in ({}, {'preserve_order': True}, {'size': 7 if len(documents) < 1000 else 700}):
            self.assertEqual(sum(1 for _ in helpers.scan(client, index='news', query=query, **options)), found['total']['value'])

    def test_what_it_calls_is_answered_as_it_reads_it(self):
        self.serve(Program)
        client, document = self.client_of(), {'title': 'Ferry', 'body': 'The ferry left.', 'section': 'sea', 'published': '2022-01-19T10:00:00Z'}
        self.assertEqual((client.ping(), client.info()['tagline']), (True, 'You Know, for Search'))
        self.assertEqual(client.index(index='news', id='a', document=document)['result'], 'created')
        with self.assertRaises(elasticsearch.ConflictError):
            client.create(index='news', id='a', document=document)
        self.assertEqual(client.get(index='news', id='a')['_source']['title'], 'Ferry')
        self.assertEqual((client.exists(index='news', id='a'), client.exists(index='news', id='b')), (True, False))
        self.assertEqual([each['found'] for each in client.mget(index='news', body={'ids': ['a', 'b']})['docs']], [True, False])
        self.assertEqual(client.update(index='news', id='a', body={'doc': {'section': 'harbour'}})['result'], 'updated')
        answer = client.search(index='news', query={'bool': {'must': [{'match': {'body': 'ferry'}}], 'filter': [{'term': {'section': 'harbour'}}]}},
                               aggs={'s': {'terms': {'field': 'section'}}}, highlight={'fields': {'body': {}}}, sort=[{'published': 'desc'}])
        self.assertEqual(answer['aggregations']['s']['buckets'], [{'key': 'harbour', 'doc_count': 1}])
        self.assertIn('<em>ferry</em>', answer['hits']['hits'][0]['highlight']['body'][0])
        self.assertEqual(len(client.msearch(body=[{}, {'query': {'match_all': {}}}, {'index': 'logs-x'}, {'query': {'match_all': {}}}])['responses']), 2)
        client.indices.create(index='news', ignore=400)
        self.assertTrue(client.indices.exists(index='news'))
        self.assertEqual(client.delete(index='news', id='a')['result'], 'deleted')
        for refused in (lambda: client.delete(index='news', id='a'), lambda: client.search(index='other')):
            self.assertRaises(elasticsearch.NotFoundError, refused)
        self.assertRaises(elasticsearch.RequestError, lambda: client.update(index='news', id='a', body={'script': 'x'}))

    def test_keys_go_as_it_sends_them(self):
        self.serve(Keyed)
        key = self.lede.admin
        for options in ({'api_key': ('anything', key)}, {'api_key': key}, {'http_auth': ('elastic', key)}, {'http_auth': f'elastic:{key}'}):
            self.assertEqual(self.client_of(**options).count(index='news')['count'], 0, options)
        for options in ({}, {'api_key': ('x', key[:-1])}, {'http_auth': ('elastic', 'changeme')}):
            self.assertRaises(elasticsearch.AuthenticationException, self.client_of(**options).count)


@unittest.skipUnless(RSYSLOG and os.path.exists(MODULE), 'rsyslog-elasticsearch is not installed')
class Rsyslog(unittest.TestCase):
    LINES = 700

    def setUp(self):
        self.lede = Keyed(**NAMES)
        self.addCleanup(self.lede.close)
        home = tempfile.TemporaryDirectory()
        self.addCleanup(home.cleanup)
        self.home = home.name

    def path(self, name, text=None):
        path = os.path.join(self.home, name)
        if text is not None:
            with open(path, 'w', encoding='utf-8') as file:
                file.write(text)
        return path

    def test_lines_of_a_log_are_shipped_with_a_key_and_found(self):
        log = self.path('in.log', ''.join(f'line {number} of the "ferry" at Åland\n' for number in range(self.LINES)))
        port = self.lede.url.rsplit(':', 1)[1]
        settings = self.path('rsyslog.conf', f'''
global(workDirectory="{self.home}")
module(load="imfile")
module(load="omelasticsearch")
input(type="imfile" File="{log}" Tag="demo" Facility="local0")
template(name="news" type="list" option.jsonf="on") {{
  property(outname="@timestamp" name="timereported" dateFormat="rfc3339" format="jsonf")
  property(outname="message" name="msg" format="jsonf")
  property(outname="tags" name="syslogtag" format="jsonf")
}}
action(type="omelasticsearch" server="127.0.0.1" serverport="{port}" template="news" searchIndex="logs-app" bulkmode="on"
       uid="rsyslog" pwd="{self.lede.admin}" errorfile="{self.path('refused')}")
''')
        with open(self.path('said'), 'w', encoding='utf-8') as said:
            shipper = subprocess.Popen([RSYSLOG, '-n', '-f', settings, '-i', self.path('pid')], stdout=said, stderr=said)
        self.addCleanup(shipper.wait, WAIT_S)
        self.addCleanup(shipper.kill)
        end = time.monotonic() + WAIT_S
        while self.lede.total('ferry') != self.LINES and shipper.poll() is None and not os.path.exists(self.path('refused')):
            self.assertLess(time.monotonic(), end)
            time.sleep(.05)
        self.assertFalse(os.path.exists(self.path('refused')))
        document = self.lede.document(self.lede.ids('"line 7 of the ferry"')[0])
        self.assertEqual((document['body'], document['tags']), ('line 7 of the "ferry" at Åland', ['demo']))
        self.assertRegex(document['published'], r'^\d{4}-')


if __name__ == '__main__':
    tap.main(globals())

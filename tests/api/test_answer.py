# SPDX-License-Identifier: GPL-2.0-or-later
"""The answer of a search: its shape to the letter, its counts against the documents, and what an overloaded server says."""
import collections
import datetime
import itertools
import threading
import unittest

from program import SANITIZED, Program, WithProgram, needs_shared
import tap

FACETS = {'source': 'source', 'section': 'section', 'author': 'author', 'tag': 'tags', 'lang': 'language', 'place': 'places',
          'person': 'people', 'organisation': 'organisations'}


def moment(document):
    return datetime.datetime.fromisoformat(document['published'].replace('Z', '+00:00')).astimezone(datetime.timezone.utc)


def bucket_of(interval, when):
    """The name of the bucket that a moment is in, and the moment at which the next begins."""
    day = when.replace(hour=0, minute=0, second=0)
    if interval == 'hour':
        start = when.replace(minute=0, second=0)
        return start.strftime('%Y-%m-%dT%H:%M:%SZ'), start + datetime.timedelta(hours=1)
    if interval == 'day':
        start, step = day, 1
    elif interval == 'week':
        start, step = day - datetime.timedelta(days=day.weekday()), 7
    elif interval == 'month':
        start, step = day.replace(day=1), 32
    else:
        start, step = day.replace(month=1, day=1), 366
    following = start + datetime.timedelta(days=step)
    if interval == 'month':
        following = following.replace(day=1)
    if interval == 'year':
        following = following.replace(month=1, day=1, year=start.year + 1)
    return start.strftime('%Y-%m-%d'), following


class Shape(unittest.TestCase):
    """Of any search: names, order, types."""

    def expect_shape(self, lede, q, facets, histogram, **more):
        answer = lede.search(q, facets=facets, histogram=histogram, **more)
        self.assertEqual(list(answer), ['query', 'total', 'took_ms', 'timed_out', 'revision', 'hits', 'facets', 'facet_others', 'histogram', 'next'])
        self.assertEqual(list(answer['query']), ['q', 'parsed', 'did_you_mean', 'corrected'])
        self.assertEqual((answer['query']['q'], answer['query']['corrected']), (q, False))
        self.assertEqual((list(answer['total']), answer['total']['relation']), (['value', 'relation'], 'eq'))
        self.assertEqual((type(answer['took_ms']), answer['timed_out'], type(answer['revision'])), (float, False, int))
        for hit in answer['hits']:
            self.assertEqual(list(hit), ['id', 'score', 'document', 'highlights'])
            self.assertEqual((type(hit['id']), type(hit['score']), list(hit['highlights'])), (str, float, ['title', 'body']))
            self.assertFalse({'id', 'body'} & set(hit['document']))
            self.assertRegex(hit['document']['published'], r'^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$')
            for fragments in hit['highlights'].values():
                self.assertEqual(len(fragments), 1)
        self.assertEqual(list(answer['facets']), facets.split(','))
        for rows in answer['facets'].values():
            self.assertTrue(all(list(row) == ['value', 'count'] for row in rows))
            self.assertEqual(rows, sorted(rows, key=lambda row: (-row['count'], row['value'].encode())))
        self.assertEqual((list(answer['histogram']), answer['histogram']['interval']), (['interval', 'first', 'last', 'undated', 'buckets'], histogram))
        self.assertTrue(all(list(bucket) == ['start', 'count'] for bucket in answer['histogram']['buckets']))
        return answer

    def expect_one_mark(self, answer, phrase):
        """Somewhere the phrase is marked, and wherever its words stand side by side in a mark they share it."""
        texts = [text.lower() for hit in answer['hits'] for fragments in hit['highlights'].values() for text in fragments]
        self.assertTrue(any(f'<mark>{phrase}</mark>' in text for text in texts), texts)
        first, last = phrase.split()
        self.assertFalse(any(f'{first}</mark> <mark>{last}' in text for text in texts), texts)

    def test_on_the_sample_news_it_is_that_of_the_contract(self):
        lede = Program()
        try:
            lede.load_sample()
            answer = self.expect_shape(lede, 'ferry "lady anselm"', 'section', 'month')
            self.assertEqual(answer['query']['parsed'], 'ferry AND "lady anselm"')
            self.expect_one_mark(answer, 'lady anselm')
            answer = self.expect_shape(lede, 'minister', 'source,tag', 'week', limit=3)
            self.assertRegex(answer['next'], r'^/search\?.*\bq=minister\b.*\bcursor=[0-9a-f]+$')
            self.assertEqual(lede.stop(), 0)
        finally:
            lede.remove()

    @tap.timeout(120)
    def test_on_real_news_it_is_that_of_the_contract(self):
        path = needs_shared('reuters.ndjson')
        lede = Program()
        try:
            with open(path, 'rb') as file:
                stories = file.readlines()
            self.assertEqual(lede.bulk(b''.join(stories[:3000] if SANITIZED else stories)).json['failed'], 0)
            answer = self.expect_shape(lede, 'crude oil "saudi arabia"', 'section', 'month')
            self.assertEqual(answer['query']['parsed'], 'crude AND oil AND "saudi arabia"')
            self.expect_one_mark(answer, 'saudi arabia')
            self.assertEqual(len(answer['hits']), min(10, answer['total']['value']))
            self.assertEqual(sum(bucket['count'] for bucket in answer['histogram']['buckets']), answer['total']['value'])
            self.assertEqual(lede.stop(), 0)
        finally:
            lede.remove()


class Counts(WithProgram):
    """Facets and histograms count every match, exactly, whatever page is shown."""
    with_sample = True

    def chosen(self, q):
        ids = set(self.lede.ids(q))
        return [self.lede.document(document['id']) for document in self.documents if document['id'] in ids]

    def test_every_facet_counts_the_documents_of_each_value(self):
        for q in ('', 'ferry OR minister'):
            documents = self.chosen(q)
            answer = self.lede.search(q, facets=','.join(FACETS), limit=1)
            for name, key in FACETS.items():
                counts = collections.Counter()
                for document in documents:
                    value = document.get(key, [])
                    counts.update({value} if isinstance(value, str) else set(value))
                wanted = sorted(counts.items(), key=lambda row: (-row[1], row[0].encode()))[:100]
                with self.subTest(f'{name} of {q}'):
                    self.assertEqual([(row['value'], row['count']) for row in answer['facets'][name]], wanted)

    def test_a_facet_is_counted_within_its_own_filter(self):
        rows = self.lede.search(facets='section', section='sport,weather', limit=0)['facets']['section']
        self.assertEqual({row['value'] for row in rows}, {'sport', 'weather'})

    def test_every_histogram_counts_the_documents_of_each_span_with_none_left_out(self):
        for interval, q in itertools.product(('day', 'week', 'month', 'year'), ('', 'ferry OR minister')):
            moments = sorted(moment(document) for document in self.chosen(q))
            counts = collections.Counter(bucket_of(interval, when)[0] for when in moments)
            wanted, at = [], moments[0]
            while not wanted or at <= moments[-1]:
                name, at = bucket_of(interval, at)
                wanted.append({'start': name, 'count': counts[name]})
            with self.subTest(f'{interval} of {q}'):
                self.assertEqual(self.lede.search(q, histogram=interval, limit=0)['histogram']['buckets'], wanted)

    def test_a_histogram_of_hours_names_the_hour(self):
        document = self.documents[7]
        name, _ = bucket_of('hour', moment(document))
        answer = self.lede.search(histogram='hour', after=document['published'], before=document['published'])
        self.assertEqual(answer['histogram']['buckets'], [{'start': name, 'count': answer['total']['value']}])

    def test_nothing_found_has_no_buckets_and_no_values(self):
        answer = self.lede.search('nothinglikeit', facets='section', histogram='day')
        self.assertEqual((answer['hits'], answer['facets'], answer['histogram']['buckets'], answer['next']), ([], {'section': []}, [], None))

    def test_the_revision_grows_with_each_change(self):
        before = self.lede.search('x')['revision']
        written = self.lede.put('revised', {'title': 'revised'}).json['revision']
        self.assertGreater(written, before)
        self.assertGreaterEqual(self.lede.search('x')['revision'], written)
        self.lede.delete('revised')
        self.assertGreater(self.lede.search('x')['revision'], written)


class Overload(WithProgram):
    settings = {'LEDE_SERVER_SEARCH_THREADS': '1', 'LEDE_SERVER_QUEUE_LENGTH': '1', 'LEDE_SERVER_HEADER_BYTES': '4KiB'}
    with_sample = True

    def test_a_full_queue_is_503_at_once_with_retry_after(self):
        answers = []

        def ask():
            answers.append(self.lede.get('/search', q='a* OR e* OR o* OR s*', limit=1000, snippets=20, snippet_chars=1000))
        for _ in range(5):
            threads = [threading.Thread(target=ask) for _ in range(10 if SANITIZED else 24)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            refused = [answer for answer in answers if answer.status != 200]
            if refused:
                break
        self.assertTrue(refused, 'no request was refused')
        self.assertLess(len(refused), len(answers), 'no request was served')
        for answer in refused:
            self.expect_problem(answer, 503, 'busy')
            self.assertEqual(answer.headers.get_all('Retry-After'), ['1'])

    def test_headers_too_large_are_431(self):
        with self.lede.client() as client:
            self.assertEqual(client.ask('GET', '/search', ['X-Large: ' + 'x' * 8000]).status, 431)
        self.assertEqual(self.lede.get('/health/ready').status, 200)

    def test_operations_are_answered_while_searches_queue(self):
        threads = [threading.Thread(target=self.lede.get, args=('/search',), kwargs={'q': 'a* OR e*', 'limit': 1000, 'snippets': 20})
                   for _ in range(8)]
        for thread in threads:
            thread.start()
        self.assertEqual(self.lede.get('/health/live').status, 200)
        for thread in threads:
            thread.join()


if __name__ == '__main__':
    tap.main(globals())

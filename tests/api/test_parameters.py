# SPDX-License-Identifier: GPL-2.0-or-later
"""GET and POST /search: each parameter of a search does what it says, and refuses what it cannot do."""
import datetime
import json
import unittest

from program import JSON, WithProgram
import tap

NOW = datetime.datetime.now(datetime.timezone.utc)


def ago(**span):
    return (NOW - datetime.timedelta(**span)).strftime('%Y-%m-%dT%H:%M:%SZ')


class Choosing(WithProgram):
    """What is found: q, match, in, filters, dates."""
    with_sample = True

    def ids_where(self, is_wanted):
        return sorted(document['id'] for document in self.documents if is_wanted(document))

    def expect_ids(self, is_wanted, **parameters):
        wanted = self.ids_where(is_wanted)
        self.assertTrue(0 < len(wanted) < len(self.documents), 'the test chooses nothing')
        self.assertEqual(sorted(self.lede.ids(**parameters)), wanted)

    def test_an_empty_query_finds_everything(self):
        self.assertEqual(self.lede.total(), len(self.documents))
        self.assertEqual(self.lede.total(''), len(self.documents))
        self.assertEqual(self.lede.total('*'), len(self.documents))

    def test_all_words_are_wanted_unless_match_is_any(self):
        both = set(self.lede.ids('ferry harbour'))
        self.assertEqual(both, set(self.lede.ids('ferry')) & set(self.lede.ids('harbour')))
        any_of_them = set(self.lede.ids('ferry harbour', match='any'))
        self.assertEqual(any_of_them, set(self.lede.ids('ferry')) | set(self.lede.ids('harbour')))
        self.assertLess(len(both), len(any_of_them))

    def test_match_any_ranks_what_shows_more_of_the_query_first(self):
        found = self.lede.ids('ferry harbour', match='any')
        best = set(self.lede.ids('ferry harbour'))
        self.assertTrue(best)
        self.assertIn(found[0], best)

    def test_in_chooses_the_fields_of_bare_words(self):
        titles = set(self.lede.ids('ferry', in_='title'))
        self.assertEqual(titles, set(self.lede.ids('title:ferry')))
        self.assertLess(len(titles), self.lede.total('ferry'))
        self.assertEqual(set(self.lede.ids('ferry', in_='title,summary')), set(self.lede.ids('title:ferry OR summary:ferry')))

    def test_title_summary_body_and_author_are_searched_by_default(self):
        for q in ('Amberley', 'ferry', 'Amberley ferry', '"Piers Amberley"'):
            with self.subTest(q):
                self.assertEqual(self.lede.ids(q), self.lede.ids(q, in_='title,summary,body,author'))
        by_author = self.ids_where(lambda d: any('Amberley' in name for name in d.get('author', [])))
        self.assertEqual(sorted(self.lede.ids('Amberley', in_='author')), by_author)
        self.assertTrue(set(by_author) <= set(self.lede.ids('Amberley')))
        self.assertLess(self.lede.total('Amberley', in_='title,summary,body'), self.lede.total('Amberley'))

    def test_in_reaches_fields_that_are_not_searched_by_default(self):
        self.assertEqual(self.lede.total('sport'), self.lede.total('sport', in_='title,summary,body,author'))
        by_section = self.ids_where(lambda d: d.get('section') == 'sport')
        self.assertTrue(by_section)
        self.assertEqual(sorted(self.lede.ids('sport', in_='section')), by_section)
        self.assertLess(self.lede.total('sport'), self.lede.total('sport OR section:sport'))

    def test_a_byline_that_was_found_is_marked_and_explained(self):
        answer = self.lede.search('Amberley', highlight='author', explain='true', limit=50)
        self.assertTrue(answer['hits'])
        for hit in answer['hits']:
            if any('Amberley' in name for name in hit['document'].get('author', [])):
                self.assertTrue(any('<mark>Amberley</mark>' in text for text in hit['highlights']['author']))
            self.assertGreater(hit['score'], 0)

    def test_every_filter_chooses_by_exact_value(self):
        keys = {'source': 'source', 'section': 'section', 'author': 'author', 'tag': 'tags', 'place': 'places',
                'person': 'people', 'organisation': 'organisations'}
        for name, key in keys.items():
            value = next(v for d in self.documents for v in ([d[key]] if isinstance(d.get(key), str) else d.get(key, [])))

            def has(document, key=key, value=value):
                return value in ([document[key]] if isinstance(document.get(key), str) else document.get(key, []))
            with self.subTest(name):
                self.expect_ids(has, **{name: value.replace(',', r'\,')})

    def test_lang_chooses_by_language_detected_or_named(self):
        counts = {language: self.lede.total(lang=language) for language in ('en', 'de', 'fr', 'es', 'ja', 'ar')}
        self.assertEqual(counts, {'en': 76, 'de': 25, 'fr': 20, 'es': 20, 'ja': 15, 'ar': 15})

    def test_a_part_of_a_filters_value_does_not_match(self):
        self.assertEqual(self.lede.total(source='Kervania'), 0)
        self.assertGreater(self.lede.total(source='Kervania Wire'), 0)

    def test_commas_and_repetition_mean_or(self):
        def is_wanted(document):
            return document['section'] in ('sport', 'weather')
        self.expect_ids(is_wanted, section='sport,weather')
        answer = self.lede.ask('GET', '/search', [('section', 'sport'), ('section', 'weather'), ('limit', 1000)])
        self.assertEqual(sorted(hit['id'] for hit in answer.json['hits']), self.ids_where(is_wanted))

    def test_a_leading_minus_excludes(self):
        self.expect_ids(lambda d: d['section'] not in ('sport', 'weather'), section='-sport,-weather')

    def test_two_filters_must_both_hold(self):
        self.expect_ids(lambda d: d['section'] == 'politics' and d['source'] == 'Kervania Wire',
                        section='politics', source='Kervania Wire')

    def test_filters_and_a_query_must_both_hold(self):
        wanted = set(self.lede.ids('minister')) & set(self.ids_where(lambda d: d['section'] == 'politics'))
        self.assertEqual(set(self.lede.ids('minister', section='politics')), wanted)

    def test_after_and_before_are_both_included(self):
        def day(document):
            moment = datetime.datetime.fromisoformat(document['published'].replace('Z', '+00:00'))
            return moment.astimezone(datetime.timezone.utc).strftime('%Y-%m-%d')
        first = day(self.documents[40])
        last = day(self.documents[80])
        self.expect_ids(lambda d: first <= day(d) <= last, after=first, before=last)
        self.expect_ids(lambda d: day(d) == first, after=first, before=first)

    def test_after_and_before_take_moments(self):
        for document in self.documents[50:53]:
            moment = document['published']
            self.assertIn(document['id'], self.lede.ids(after=moment, before=moment))
            second_later = datetime.datetime.fromisoformat(moment.replace('Z', '+00:00')) + datetime.timedelta(seconds=1)
            self.assertNotIn(document['id'], self.lede.ids(after=second_later.isoformat()))

    def test_relative_bounds_count_back_from_now(self):
        self.lede.bulk([{'id': 'days-old', 'title': 'relativebound', 'published': ago(days=3)},
                        {'id': 'hours-old', 'title': 'relativebound', 'published': ago(hours=3)}])
        self.assertEqual(sorted(self.lede.ids('relativebound', after='-7d')), ['days-old', 'hours-old'])
        self.assertEqual(self.lede.ids('relativebound', after='-12h'), ['hours-old'])
        self.assertEqual(self.lede.ids('relativebound', before='-12h'), ['days-old'])
        self.assertEqual(sorted(self.lede.ids('relativebound', before='now')), ['days-old', 'hours-old'])
        self.assertEqual(self.lede.ids('relativebound', after='now'), [])
        for name in ('days-old', 'hours-old'):
            self.lede.delete(name)

    def test_embargo_expiry_and_status_are_obeyed_by_the_clock(self):
        self.lede.bulk([
            {'id': 'clock-1', 'title': 'clockwork', 'embargoed_until': ago(days=-1)},
            {'id': 'clock-2', 'title': 'clockwork', 'embargoed_until': ago(days=1)},
            {'id': 'clock-3', 'title': 'clockwork', 'expires': ago(days=1)},
            {'id': 'clock-4', 'title': 'clockwork', 'expires': ago(days=-1)},
            {'id': 'clock-5', 'title': 'clockwork', 'status': 'withheld'},
            {'id': 'clock-6', 'title': 'clockwork', 'status': 'canceled'},
            {'id': 'clock-7', 'title': 'clockwork', 'status': 'usable'}])
        shown = ['clock-2', 'clock-4', 'clock-7']
        self.assertEqual(sorted(self.lede.ids('clockwork')), shown)
        self.assertEqual(self.lede.total('clockwork'), 3)
        feed = self.lede.get('/search.csv', q='clockwork').text
        self.assertEqual(sorted(line.split('"')[1] for line in feed.splitlines()[1:]), shown)
        for number in range(1, 8):
            self.assertEqual(self.lede.delete(f'clock-{number}').status, 204)


class Showing(WithProgram):
    """What is shown of it: sort, pages, fields, highlights."""
    with_sample = True

    def test_sort_orders_by_date(self):
        newest = [hit['document']['published'] for hit in self.lede.search('the', sort='newest', limit=50)['hits']]
        oldest = [hit['document']['published'] for hit in self.lede.search('the', sort='oldest', limit=50)['hits']]
        self.assertEqual(newest, sorted(newest, reverse=True))
        self.assertEqual(oldest, sorted(oldest))
        self.assertLess(oldest[0], newest[0])

    def test_relevance_is_the_default_where_there_is_a_query(self):
        scores = [hit['score'] for hit in self.lede.search('ferry captain', limit=50, match='any')['hits']]
        self.assertGreater(scores[0], 0)
        self.assertEqual(scores, sorted(scores, reverse=True))
        self.assertEqual(self.lede.ids('ferry', sort='relevance'), self.lede.ids('ferry'))

    def test_newest_is_the_default_where_q_is_empty(self):
        self.assertEqual(self.lede.ids(), self.lede.ids(sort='newest'))

    def test_pages_together_are_the_whole(self):
        whole = self.lede.ids('the')
        self.assertGreater(len(whole), 30)
        pages = []
        for offset in range(0, len(whole) + 7, 7):
            pages += self.lede.ids('the', limit=7, offset=offset)
        self.assertEqual(pages, whole)

    def test_the_default_page_has_ten_hits(self):
        self.assertEqual(len(self.lede.search('the')['hits']), 10)

    def test_limit_zero_counts_only(self):
        answer = self.lede.search('the', limit=0)
        self.assertEqual(answer['hits'], [])
        self.assertGreater(answer['total']['value'], 0)

    def test_next_leads_through_every_page(self):
        answer = self.lede.search('minister "said"', section='politics,world', limit=3, facets='section')
        seen = [hit['id'] for hit in answer['hits']]
        total = answer['total']['value']
        self.assertGreater(total, 6)
        while answer['next']:
            answer = self.lede.ask('GET', answer['next']).json
            seen += [hit['id'] for hit in answer['hits']]
        self.assertEqual((len(seen), len(set(seen))), (total, total))

    def test_next_keeps_a_comma_that_belongs_to_a_value(self):
        self.lede.bulk([{'id': f'comma-{n}', 'title': 'comma', 'source': 'Smith, Jones'} for n in range(3)])
        answer = self.lede.post('/search', {'source': ['Smith, Jones'], 'limit': 2}).json
        self.assertEqual(answer['total']['value'], 3)
        self.assertEqual(self.lede.ask('GET', answer['next']).json['total']['value'], 3)

    def test_all_but_body_is_returned(self):
        hit = next(h for h in self.lede.search('budget schools')['hits'] if h['id'] == 'kv-2024-0703-01')
        source = next(d for d in self.documents if d['id'] == 'kv-2024-0703-01')
        wanted = {key: value for key, value in source.items() if key not in ('id', 'body')}
        self.assertEqual(hit['document'], wanted)

    def test_fields_chooses_what_is_returned(self):
        hit = self.lede.search('budget', fields='title,body', limit=1)['hits'][0]
        self.assertEqual(set(hit['document']), {'title', 'body'})
        hit = self.lede.search('budget', fields='id', limit=1)['hits'][0]
        self.assertEqual(hit['document'], {'id': hit['id']})

    def test_an_unknown_key_is_kept_and_returned_as_it_came(self):
        extra = {'desk': {'note': 'präzise', 'price': 0.1, 'list': [1, None, True]}}
        self.lede.put('keys', {'title': 'unusualkeys', **extra})
        hit = self.lede.search('unusualkeys', fields='desk')['hits'][0]
        self.assertEqual(hit['document'], extra)
        self.assertIn('"price":0.1,', self.lede.get('/search', q='unusualkeys').text)

    def test_title_and_body_are_marked_unless_highlight_says_otherwise(self):
        self.assertEqual(set(self.lede.search('budget', limit=1)['hits'][0]['highlights']), {'title', 'body'})
        self.assertEqual(set(self.lede.search('budget', limit=1, highlight='summary')['hits'][0]['highlights']), {'summary'})
        self.assertNotIn('highlights', self.lede.search('budget', limit=1, highlight='none')['hits'][0])

    def test_snippets_and_snippet_chars_bound_the_fragments(self):
        for count in (1, 3):
            hits = self.lede.search('the', snippets=count, snippet_chars=60, lang='en')['hits']
            self.assertEqual(max(len(hit['highlights']['body']) for hit in hits), count)
            for hit in hits:
                for fragment in hit['highlights']['body']:
                    plain = fragment.replace('<mark>', '').replace('</mark>', '')
                    self.assertLess(len(plain), 300)
        long = self.lede.search('the', snippet_chars=1000, lang='en')['hits'][0]['highlights']['body'][0]
        short = self.lede.search('the', snippet_chars=60, lang='en')['hits'][0]['highlights']['body'][0]
        self.assertGreater(len(long), len(short))

    def test_html_is_escaped_before_it_is_marked(self):
        self.lede.put('script', {'title': '<script>alert("xsscheck")</script> & more', 'body': 'a <b>xsscheck</b> & \'b\''})
        hit = self.lede.search('xsscheck')['hits'][0]
        self.assertEqual(hit['highlights']['title'],
                         ['&lt;script&gt;alert(&quot;<mark>xsscheck</mark>&quot;)&lt;/script&gt; &amp; more'])
        self.assertIn('&lt;b&gt;<mark>xsscheck</mark>&lt;/b&gt; &amp; &#39;b', hit['highlights']['body'][0])

    def test_text_format_escapes_nothing_and_takes_pre_and_post(self):
        self.lede.put('script', {'title': '<script>alert("xsscheck")</script> & more', 'body': 'x'})
        hit = self.lede.search('xsscheck', format='text', pre='[[', post=']]')['hits'][0]
        self.assertEqual(hit['highlights']['title'], ['<script>alert("[[xsscheck]]")</script> & more'])

    def test_pre_and_post_replace_the_marks_of_html_too(self):
        title = self.lede.search('budget', pre='<em class="x">', post='</em>', limit=1)['hits'][0]['highlights']['title'][0]
        self.assertIn('<em class="x">', title)
        self.assertNotIn('<mark>', title)

    def test_ranges_are_bytes_of_the_stored_field(self):
        checked = 0
        for q in ('Präsident OR Minister', '港', 'الحكومة', '"Lady Anselm"', 'élection OR ministre'):
            hits = self.lede.search(q, format='ranges', snippets=5, snippet_chars=80, limit=20, fields='title,body')['hits']
            for hit in hits:
                for field, fragments in hit['highlights'].items():
                    stored = hit['document'][field].encode()
                    for fragment in fragments:
                        text = fragment['text'].encode()
                        start = fragment['start']
                        self.assertEqual(stored[start:start + len(text)], text)
                        for mark_start, size in fragment['marks']:
                            self.assertTrue(start <= mark_start and mark_start + size <= start + len(text))
                            self.assertTrue(stored[mark_start:mark_start + size].decode())
                            checked += 1
        self.assertGreater(checked, 20)

    def test_a_list_fields_highlights_are_its_items(self):
        hit = self.lede.search('author:amberley', highlight='author', limit=1)['hits'][0]
        self.assertEqual(hit['highlights']['author'], ['Piers <mark>Amberley</mark>'])

    def test_explain_gives_the_tree_and_each_clauses_score(self):
        q = 'ferry (aground OR stranded) -cup'
        answer = self.lede.search(q, explain='true', limit=3)
        self.assertEqual(answer['query']['tree']['kind'], 'and')
        for hit in answer['hits']:
            clauses = {clause['clause']: clause for clause in hit['explain']}
            self.assertEqual(set(clauses), {'ferry', 'aground', 'stranded'})
            for text, clause in clauses.items():
                self.assertEqual(q[clause['start']:clause['start'] + clause['size']], text)
            total = sum(clause['score'] or 0 for clause in hit['explain'])
            self.assertAlmostEqual(total, hit['score'], delta=0.02 * hit['score'] + 0.01)
        self.assertNotIn('tree', self.lede.search(q)['query'])

    def test_explain_is_empty_of_scores_for_what_a_hit_does_not_show(self):
        clauses = [c for h in self.lede.search('ferry storm', match='any', explain='true', limit=100)['hits'] for c in h['explain']]
        self.assertTrue(any(clause['score'] is None for clause in clauses))

    def test_timeout_takes_units_and_is_kept(self):
        for timeout in ('1s', '500ms', '30s'):
            self.assertFalse(self.lede.search('ferry', timeout=timeout)['timed_out'])

    def test_spell_suggest_off_and_auto_are_taken(self):
        for spell in ('suggest', 'off', 'auto'):
            self.assertIsNone(self.lede.search('ferry', spell=spell)['query']['did_you_mean'])


class Posting(WithProgram):
    """POST /search takes the same names as JSON."""
    with_sample = True

    def test_post_gives_the_answer_of_get(self):
        parameters = {'q': 'ferry', 'limit': 5, 'facets': 'section', 'section': 'transport,world', 'explain': True}
        post = self.lede.post('/search', parameters).json
        get = self.lede.search(**{**parameters, 'explain': 'true'})
        post.pop('took_ms')
        get.pop('took_ms')
        for answer in (post, get):
            answer['next'] = sorted(answer['next'].split('?')[1].split('&'))
        self.assertEqual(post, get)

    def test_an_array_is_repetition_and_its_commas_are_its_own(self):
        self.assertEqual(self.lede.post('/search', {'section': ['sport', 'weather'], 'limit': 0}).json['total'],
                         self.lede.search(section='sport,weather', limit=0)['total'])
        self.assertEqual(self.lede.post('/search', {'section': ['sport,weather'], 'limit': 0}).json['total']['value'], 0)

    def test_null_is_absence(self):
        self.assertEqual(self.lede.post('/search', {'q': None, 'limit': None}).json['total']['value'], len(self.documents))

    def test_an_object_or_a_fraction_as_a_value_is_400(self):
        for value in ({}, 1.5, [[1]], [None]):
            with self.subTest(value=value):
                answer = self.lede.post('/search', {'q': value})
                self.expect_problem(answer, 400, 'invalid-parameter', param='q')

    def test_a_body_that_is_no_object_is_400(self):
        for body in (b'[]', b'"q"', b'{"q": ', b'', b'{"q":"a","q":"b"}', b'{} {}'):
            with self.subTest(body):
                self.expect_problem(self.lede.ask('POST', '/search', None, body, JSON), 400, 'malformed-json')

    def test_an_unknown_name_is_400_with_a_hint(self):
        answer = self.lede.post('/search', {'q': 'x', 'snippet': 2})
        problem = self.expect_problem(answer, 400, 'unknown-parameter', param='snippet')
        self.assertIn('snippet', problem['hint'])

    def test_a_body_that_is_not_said_to_be_json_is_415(self):
        # A page of another site can post a text or a form without asking first; JSON it cannot.
        form = {'Content-Type': 'application/x-www-form-urlencoded'}
        for headers in ({'Content-Type': 'text/plain'}, {'Content-Type': 'application/jsonx'},
                        {**form, 'Referer': 'http://elsewhere.example/'}):
            answer = self.lede.ask('POST', '/search', None, json.dumps({'q': 'x'}).encode(), headers)
            self.expect_problem(answer, 415, 'unsupported-media-type')

    def test_a_body_over_256_kib_is_413(self):
        answer = self.lede.post('/search', {'q': 'x' * (300 << 10)})
        self.expect_problem(answer, 413, 'too-large')


class Refusing(WithProgram):
    """A wrong value is refused by name; never ignored."""
    with_sample = True

    def refused(self, status, name, **parameters):
        return self.expect_problem(self.lede.get('/search', **parameters), status, name)

    def test_invalid_values_are_400_and_named(self):
        wrong = {'match': ['some', ''], 'in': ['nofield', 'published'], 'sort': ['best', 'NEWEST'],
                 'limit': ['-1', '1001', 'ten', '', '1.5', '0x10', '99999999999999999999'],
                 'offset': ['-1', '10001', 'x'], 'facets': ['title', 'nofield'], 'histogram': ['decade', ''],
                 'after': ['Yesterday', '2022-13-01', '2022-02-30', '-7x'], 'before': ['soon'],
                 'highlight': ['published', 'nofield'], 'snippets': ['0', '21', '-1'], 'snippet_chars': ['19', '10001'],
                 'format': ['xml'], 'pre': ['x' * 65], 'post': ['x' * 65], 'spell': ['yes'], 'explain': ['maybe'],
                 'timeout': ['31s', '0s', '-1s', 'long', '2 parsecs']}
        for name, values in wrong.items():
            for value in values:
                with self.subTest(f'{name}={value}'):
                    problem = self.refused(400, 'invalid-parameter', **{name: value})
                    self.assertEqual(problem['param'], name)
                    self.assertTrue(problem['detail'].startswith(f'{name}: expected'), problem['detail'])

    def test_a_histogram_of_too_many_buckets_is_400_and_named(self):
        problem = self.refused(400, 'invalid-parameter', histogram='hour', limit='0')
        self.assertEqual(problem['param'], 'histogram')
        self.assertEqual(self.lede.get('/search', histogram='hour', after='2025-01-01', before='2025-03-31').status, 200)

    def test_an_unknown_parameter_is_400_with_a_hint(self):
        problem = self.refused(400, 'unknown-parameter', q='x', sectoin='world')
        self.assertEqual((problem['param'], problem['hint']), ('sectoin', "did you mean 'section'?"))

    def test_a_parameter_that_stands_twice_is_400(self):
        for name in ('q', 'limit', 'sort', 'after'):
            answer = self.lede.ask('GET', '/search', [(name, '1'), (name, '1')])
            self.expect_problem(answer, 400, 'invalid-parameter', param=name)

    def test_too_many_values_of_a_filter_are_400(self):
        values = ','.join(f'v{n}' for n in range(257))
        self.assertEqual(self.refused(400, 'invalid-parameter', source=values)['param'], 'source')

    def test_a_long_name_that_is_cut_stays_utf_8(self):
        problem = self.refused(400, 'unknown-parameter', **{'ü' * 100: 'x'})
        self.assertTrue(problem['param'].startswith('ü'))

    def test_a_long_value_that_is_cut_stays_utf_8(self):
        self.refused(400, 'invalid-parameter', match='x' + 'ü' * 100)
        self.refused(400, 'invalid-parameter', limit='日' * 100)

    def test_a_query_that_cannot_be_parsed_is_400_with_position_and_hint(self):
        problem = self.refused(400, 'query-syntax', q='"unbalanced quote', strict='true')
        self.assertEqual((problem['param'], problem['position']), ('q', 0))
        self.assertTrue(problem['hint'] and problem['detail'])

    def test_positions_are_bytes_of_q(self):
        problem = self.refused(400, 'query-syntax', q='häuser AND (x', strict='true')
        self.assertEqual(problem['position'], len('häuser AND '.encode()))

    def test_every_kind_of_bad_query_is_400(self):
        for q in ('(', ')', 'a AND', 'OR a', 'NOT', 'nofield:x', 'published:soon', 'a^x', '(' * 33 + 'a' + ')' * 33,
                  'x ' * 2049, '"' + 'x ' * 257 + '"', 'title:', 'published:2022-02-30'):
            with self.subTest(q[:20]):
                self.assertEqual(self.refused(400, 'query-syntax', q=q, strict='true')['param'], 'q')

    def test_operators_without_meaning_together_are_refused_with_a_position_and_a_hint(self):
        for q, position in (('a NEAR/5 (b AND c)', 9), ('al-*n', 0), ('zelenski~3', 8), ('title:a ADJ author:b', 8)):
            with self.subTest(q=q):
                problem = self.refused(400, 'query-syntax', q=q, strict='true')
                self.assertEqual(problem['position'], position)
                self.assertTrue(problem['hint'])


if __name__ == '__main__':
    tap.main(globals())

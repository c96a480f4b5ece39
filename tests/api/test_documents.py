# SPDX-License-Identifier: GPL-2.0-or-later
"""Documents over HTTP: in bulk and one by one, with their conditions."""
import gzip
import json
import unittest

from program import JSON, NDJSON, SAMPLE, WithProgram, lines, read_documents
import tap

PATCH = {'Content-Type': 'application/merge-patch+json'}


class Bulk(WithProgram):
    def test_every_line_is_received_and_again_unchanged(self):
        documents = read_documents(SAMPLE)
        first = self.lede.bulk(documents)
        self.assertEqual((first.status, first.json['received'], first.json['created'], first.json['failed']),
                         (200, len(documents), len(documents), 0))
        again = self.lede.bulk(documents).json
        self.assertEqual((again['received'], again['unchanged'], again['created']), (len(documents), len(documents), 0))
        self.assertEqual(self.lede.total(), len(documents))

    def test_the_answer_has_the_shape_of_the_contract(self):
        answer = self.lede.bulk([{'id': 'shape', 'title': 'Shape'}]).json
        self.assertEqual(list(answer), ['received', 'created', 'updated', 'unchanged', 'older', 'deleted', 'failed', 'repaired', 'revision', 'took_ms',
                                        'errors', 'errors_omitted'])
        self.lede.delete('shape')

    def test_an_object_an_array_and_lines_are_taken(self):
        for body, media_type in ((b'{"id": "one", "title": "formone"}', 'application/json'),
                                 (b' [{"id": "two", "title": "formone"},\n {"id": "three", "title": "formone"}]', 'application/json'),
                                 (b'{"id": "four", "title": "formone"}\r\n\r\n{"id": "five", "title": "formone"}', 'application/x-ndjson')):
            answer = self.lede.ask('POST', '/documents', None, body, {'Content-Type': media_type})
            self.assertEqual((answer.status, answer.json['failed']), (200, 0), answer.text)
        self.assertEqual(sorted(self.lede.ids('formone')), ['five', 'four', 'one', 'three', 'two'])

    def test_a_gzip_body_of_several_members_is_taken(self):
        body = gzip.compress(b'{"id": "g1", "title": "gzipped"}\n') + gzip.compress(b'{"id": "g2", "title": "gzipped"}\n')
        answer = self.lede.bulk(body, {'Content-Encoding': 'gzip'})
        self.assertEqual((answer.status, answer.json['received']), (200, 2), answer.text)
        self.assertEqual(self.lede.total('gzipped'), 2)

    def test_a_failed_line_is_told_by_number_and_holds_up_no_other(self):
        body = b'{"id": "l1", "title": "linewise"}\n{"id": "l2", "title": 7}\n{"id": "l3"\n{"id": "l4", "title": "linewise"}\n'
        answer = self.lede.bulk(body)
        self.assertEqual((answer.status, answer.json['received'], answer.json['created'], answer.json['failed']), (207, 4, 2, 2))
        errors = {error['line']: error for error in answer.json['errors']}
        self.assertEqual((errors[2]['status'], errors[2]['type'], errors[2]['pointer']), (422, '/problems/invalid-document', '/title'))
        self.assertEqual((errors[2]['id'], 'id' in errors[3]), ('l2', False))
        self.assertEqual((errors[3]['status'], errors[3]['type']), (400, '/problems/malformed-json'))
        self.assertEqual(sorted(self.lede.ids('linewise')), ['l1', 'l4'])

    def test_a_refused_id_is_not_repeated(self):
        answer = self.lede.bulk([{'id': 'x' * 181, 'title': 'long'}, {'id': 7, 'title': 'number'}])
        self.assertEqual([('id' in error, error['pointer']) for error in answer.json['errors']], [(False, '/id')] * 2)

    def test_past_a_hundred_errors_are_only_counted(self):
        answer = self.lede.bulk([{'title': n} for n in range(130)])
        self.assertEqual((answer.status, answer.json['failed'], len(answer.json['errors']), answer.json['errors_omitted']),
                         (422, 130, 100, 30))

    def test_an_atomic_body_is_stored_whole_or_not_at_all(self):
        good = [{'id': f'atom-{n}', 'title': 'atomically'} for n in range(5)]
        refused = self.lede.bulk(good + [{'id': 'bad', 'title': []}], atomic='true')
        self.assertEqual((refused.status, refused.json['created'], refused.json['failed']), (422, 0, 1))
        self.assertEqual(self.lede.total('atomically'), 0)
        taken = self.lede.bulk(good, atomic='true')
        self.assertEqual((taken.status, taken.json['created']), (200, 5))
        conflict = self.lede.bulk([{'id': 'atom-new', 'title': 'atomically'}, good[0]], atomic='true', op='create')
        self.assertEqual((conflict.status, conflict.json['created']), (422, 0))
        self.assertEqual(self.lede.total('atomically'), 5)

    def test_op_create_fails_where_the_id_exists(self):
        self.lede.bulk([{'id': 'there', 'title': 'first'}])
        answer = self.lede.bulk([{'id': 'there', 'title': 'second'}, {'id': 'new', 'title': 'second'}], op='create')
        self.assertEqual((answer.status, answer.json['created']), (207, 1))
        self.assertEqual((answer.json['errors'][0]['status'], answer.json['errors'][0]['id']), (409, 'there'))
        self.assertEqual(self.lede.document('there')['title'], 'first')

    def test_op_delete_deletes_by_id(self):
        self.lede.bulk([{'id': f'gone-{n}', 'title': 'vanishword'} for n in range(3)])
        answer = self.lede.bulk([{'id': 'gone-0'}, {'id': 'gone-1'}, {'id': 'never-there'}, {'title': 'no id'}], op='delete')
        self.assertEqual((answer.status, answer.json['deleted'], answer.json['failed']), (207, 2, 2))
        self.assertEqual({error['line']: error['status'] for error in answer.json['errors']}, {3: 404, 4: 422})
        self.assertEqual(self.lede.ids('vanishword'), ['gone-2'])

    def test_an_older_version_that_comes_late_is_not_taken(self):
        def post(*versions):
            answer = self.lede.bulk([{'id': 'wire', 'title': f'{word} quillword', **order} for word, order in versions]).json
            return [answer[name] for name in ('created', 'updated', 'unchanged', 'older', 'failed')]
        first, second = {'version': 2}, {'version': '3', 'updated': '2022-01-19T10:00:00Z'}
        self.assertEqual(post(('Second', first)), [1, 0, 0, 0, 0])
        self.assertEqual(post(('First', {'version': 1})), [0, 0, 0, 1, 0])
        self.assertEqual(self.lede.document('wire')['title'], 'Second quillword')
        # equal versions come in their order, unless the one says that it was updated before
        self.assertEqual(post(('Third', second), ('Again', second), ('Before', {**second, 'updated': '2022-01-19T09:59:59Z'})), [0, 2, 0, 1, 0])
        self.assertEqual(post(('Again', second)), [0, 0, 1, 0, 0])
        # a kill that is later, a story from before it, and what takes the kill back
        self.assertEqual(post(('Kill', {'version': 4, 'status': 'canceled'}), ('Late', {'version': 3})), [0, 1, 0, 1, 0])
        self.assertEqual(self.lede.total('quillword'), 0)
        self.assertEqual(post(('Back', {'version': 5})), [0, 1, 0, 0, 0])
        self.assertEqual(self.lede.ids('quillword'), ['wire'])
        # what says nothing, or what no number is, takes its place; and who names the document is obeyed
        self.assertEqual(post(('Bare', {}), ('Odd', {'version': '1.2'}), ('One', {'version': 1})), [0, 3, 0, 0, 0])
        self.assertEqual(self.lede.put('wire', {'title': 'Put', 'version': 0}).json['result'], 'updated')
        self.assertEqual(post(('Updated', {'updated': '2022-01-19'})), [0, 1, 0, 0, 0])
        self.assertEqual(post(('Earlier', {'updated': '2022-01-18'})), [0, 0, 0, 1, 0])
        self.assertEqual(self.lede.delete('wire').status, 204)
        self.assertEqual(post(('Earlier', {'updated': '2022-01-18'})), [1, 0, 0, 0, 0])
        self.lede.delete('wire')

    def test_wait_durable_is_answered_202_and_found_soon(self):
        answer = self.lede.bulk([{'id': 'durable', 'title': 'durably'}], wait='durable')
        self.assertEqual(answer.status, 202)
        self.until(lambda: self.lede.total('durably') == 1)

    def test_formats_of_news_come_by_their_media_type(self):
        feed = b'<rss><channel><title>Gazette</title><item><title>Quayword</title><guid>quay-1</guid></item>\n<item><title>b</item></channel></rss>'
        answer = self.lede.ask('POST', '/documents', None, feed, {'Content-Type': 'application/rss+xml'})
        self.assertEqual((answer.status, answer.json['created'], answer.json['failed']), (207, 1, 2))
        self.assertEqual((answer.json['errors'][0]['line'], answer.json['errors'][0]['type']), (2, '/problems/malformed-body'))
        self.assertEqual(self.lede.ids('quayword'), ['quay-1'])
        answer = self.lede.ask('POST', '/documents', None, b'<opml/>', {'Content-Type': 'text/xml; charset=utf-8'})
        self.assertIn('<opml>', self.expect_problem(answer, 400, 'malformed-body')['detail'])

    def test_parameters_and_media_types_are_checked(self):
        self.expect_problem(self.lede.bulk([], wait='later'), 400, 'invalid-parameter', param='wait')
        self.expect_problem(self.lede.bulk([], atomic='perhaps'), 400, 'invalid-parameter', param='atomic')
        self.expect_problem(self.lede.bulk([], op='upsert'), 400, 'invalid-parameter', param='op')
        self.expect_problem(self.lede.bulk([], refresh='true'), 400, 'unknown-parameter', param='refresh')
        table = self.lede.ask('POST', '/documents', None, b'{}', {'Content-Type': 'text/calendar'})
        self.assertIn('application/x-ndjson', self.expect_problem(table, 415, 'unsupported-media-type')['detail'])
        encoded = self.lede.bulk(b'{}', {'Content-Encoding': 'br'})
        self.expect_problem(encoded, 415, 'unsupported-media-type')

    def test_no_id_gives_the_same_id_for_the_same_text(self):
        document = {'title': 'Nameless', 'body': 'A text without an id.'}
        self.assertEqual(self.lede.bulk([document]).json['created'], 1)
        self.assertEqual(self.lede.bulk([document]).json['unchanged'], 1)


class Single(WithProgram):
    def test_numbers_of_unknown_keys_keep_their_digits_on_every_way(self):
        given = '[0.10,1e2,-0,12345678901234567890123,1e999,{"pi":3.14159265358979323846}]'
        for way in (lambda text: self.lede.bulk(text.encode() + b'\n'),
                    lambda text: self.lede.ask('PUT', '/documents/digits', None, text.encode(), JSON),
                    lambda text: self.lede.ask('PATCH', '/documents/digits', None, text.encode(), {'Content-Type': 'application/merge-patch+json'})):
            self.lede.delete('digits')
            self.lede.put('digits', {'title': 'digits'})
            self.assertEqual(way('{"id":"digits","title":"digits","x":%s}' % given).status, 200)
            self.assertIn(f'"x":{given}', self.lede.get('/documents/digits').text)
            self.assertIn(f'"x":{given}', self.lede.get('/search', q='title:digits', fields='x').text)
            patched = self.lede.ask('PATCH', '/documents/digits', None, b'{"section": "desk"}', {'Content-Type': 'application/merge-patch+json'})
            self.assertEqual(patched.status, 200, patched.text)
            self.assertIn(f'"x":{given}', self.lede.get('/documents/digits').text)

    def test_put_creates_then_replaces_then_finds_no_change(self):
        created = self.lede.put('p1', {'title': 'Putting'})
        self.assertEqual((created.status, created.json['result']), (201, 'created'))
        replaced = self.lede.put('p1', {'title': 'Putting again'})
        self.assertEqual((replaced.status, replaced.json['result']), (200, 'updated'))
        same = self.lede.put('p1', {'title': 'Putting again'})
        self.assertEqual((same.status, same.json['result'], same['ETag']), (200, 'unchanged', replaced['ETag']))
        self.assertNotEqual(created['ETag'], replaced['ETag'])
        self.assertEqual(self.lede.ids('putting'), ['p1'])

    def test_any_printable_id_can_be_put_and_got(self):
        for identity in ('a/b', 'ü-日本', 'with space', '100%', '?q=#x', 'x' * 180):
            with self.subTest(identity):
                self.assertEqual(self.lede.put(identity, {'title': 'Odd id'}).status, 201)
                self.assertEqual(self.lede.document(identity)['id'], identity)
        self.expect_problem(self.lede.put('x' * 181, {'title': 'Odd id'}), 422, 'invalid-document', pointer='/id')

    def test_an_id_in_the_body_must_be_that_of_the_path(self):
        self.expect_problem(self.lede.put('here', {'id': 'there', 'title': 'x'}), 422, 'invalid-document', pointer='/id')

    def test_get_gives_the_document_and_304_for_its_etag(self):
        self.lede.put('g1', {'title': 'Getting', 'body': 'All of it.', 'desk': {'n': 1}})
        answer = self.lede.ask('GET', '/documents/g1')
        self.assertEqual((answer.json['body'], answer.json['desk']), ('All of it.', {'n': 1}))
        known = self.lede.ask('GET', '/documents/g1', headers={'If-None-Match': answer['ETag']})
        self.assertEqual((known.status, known.body), (304, b''))
        for tags in ('*', '"other", W/' + answer['ETag']):
            self.assertEqual(self.lede.ask('GET', '/documents/g1', headers={'If-None-Match': tags}).status, 304)
        self.assertEqual(self.lede.ask('GET', '/documents/g1', headers={'If-None-Match': '"other"'}).status, 200)
        head = self.lede.ask('HEAD', '/documents/g1')
        self.assertEqual((head.status, head['ETag'], head['Content-Length'], head.body),
                         (200, answer['ETag'], str(len(answer.raw)), b''))
        self.expect_problem(self.lede.ask('GET', '/documents/nobody'), 404, 'not-found')

    def test_if_match_may_name_several_versions(self):
        first = self.lede.put('m3', {'title': 'One'})['ETag']
        second = self.lede.put('m3', {'title': 'Two'})['ETag']
        self.expect_problem(self.lede.put('m3', {'title': 'x'}, {'If-Match': f'{first}, "other", W/{second}'}), 412, 'precondition-failed')
        third = self.lede.put('m3', {'title': 'Three'}, {'If-Match': f'{first} ,{second}'})
        self.assertEqual(third.status, 200)
        self.assertEqual(self.lede.delete('m3', {'If-Match': f'"x",,{third["ETag"]},'}).status, 204)
        self.expect_problem(self.lede.put('m3', {'title': 'x'}, {'If-Match': f'{first},{second}'}), 412, 'precondition-failed')

    def test_if_match_guards_the_version(self):
        old = self.lede.put('m1', {'title': 'One'})['ETag']
        new = self.lede.put('m1', {'title': 'Two'}, {'If-Match': old})
        self.assertEqual(new.status, 200)
        self.expect_problem(self.lede.put('m1', {'title': 'Three'}, {'If-Match': old}), 412, 'precondition-failed')
        self.expect_problem(self.lede.delete('m1', {'If-Match': old}), 412, 'precondition-failed')
        self.expect_problem(self.lede.put('m2', {'title': 'x'}, {'If-Match': '*'}), 412, 'precondition-failed')
        self.assertEqual(self.lede.put('m1', {'title': 'Four'}, {'If-Match': '*'}).status, 200)
        self.assertEqual(self.lede.document('m1')['title'], 'Four')

    def test_if_none_match_star_creates_only(self):
        self.assertEqual(self.lede.put('n1', {'title': 'One'}, {'If-None-Match': '*'}).status, 201)
        self.expect_problem(self.lede.put('n1', {'title': 'Two'}, {'If-None-Match': '*'}), 412, 'precondition-failed')
        self.assertEqual(self.lede.document('n1')['title'], 'One')

    def test_a_condition_that_cannot_be_kept_is_400(self):
        self.lede.put('c1', {'title': 'One'})
        for answer in (self.lede.put('c1', {'title': 'Two'}, {'If-None-Match': '"x"'}), self.lede.delete('c1', {'If-None-Match': '*'})):
            self.assertIn('If-None-Match', self.expect_problem(answer, 400, 'invalid-request')['detail'])
        self.assertEqual(self.lede.document('c1')['title'], 'One')

    def test_a_parameter_is_refused_whatever_the_method(self):
        for method, body in (('GET', None), ('PUT', b'{"title": "x"}'), ('PATCH', b'{}'), ('DELETE', None)):
            answer = self.lede.ask(method, '/documents/c2', {'pretty': '1'}, body, JSON)
            self.expect_problem(answer, 400, 'unknown-parameter', param='pretty')

    def patch(self, identity, patch, headers=None):
        return self.lede.ask('PATCH', '/documents/' + identity, None, json.dumps(patch).encode(), {**PATCH, **(headers or {})})

    def test_patch_merges(self):
        self.lede.put('pa', {'title': 'Patching', 'body': 'old', 'desk': {'a': 1, 'b': 2}})
        answer = self.patch('pa', {'body': 'new', 'desk': {'a': None, 'c': 3}, 'section': 'local'})
        self.assertEqual((answer.status, answer.json['result']), (200, 'updated'))
        stored = self.lede.document('pa')
        self.assertEqual((stored['title'], stored['body'], stored['desk'], stored['section']),
                         ('Patching', 'new', {'b': 2, 'c': 3}, 'local'))
        self.assertEqual(self.lede.ids('section:local'), ['pa'])
        self.expect_problem(self.patch('pa', {'title': 9}), 422, 'invalid-document', pointer='/title')
        self.expect_problem(self.patch('nobody', {'title': 'x'}), 404, 'not-found')
        self.expect_problem(self.patch('pa', [1]), 400, 'malformed-json')
        wrong = self.lede.ask('PATCH', '/documents/pa', None, b'{}', {'Content-Type': 'text/plain'})
        self.expect_problem(wrong, 415, 'unsupported-media-type')

    def test_delete_is_204_then_404(self):
        self.lede.put('d1', {'title': 'Deletable'})
        answer = self.lede.delete('d1')
        self.assertEqual((answer.status, answer.body), (204, b''))
        self.expect_problem(self.lede.delete('d1'), 404, 'not-found')
        self.assertEqual(self.lede.ids('deletable'), [])


class DeletingByQuery(WithProgram):
    with_sample = True

    def test_only_the_confirmed_number_is_deleted(self):
        count = self.lede.total('ferry', section='transport')
        self.assertGreater(count, 0)
        unsaid = self.lede.post('/documents/delete', {'q': 'ferry', 'section': 'transport'})
        self.assertIn(str(count), self.expect_problem(unsaid, 400, 'invalid-parameter', param='confirm')['detail'])
        wrong = self.lede.post('/documents/delete', {'q': 'ferry', 'section': 'transport', 'confirm': count + 1})
        self.assertIn(str(count), self.expect_problem(wrong, 412, 'confirmation-failed')['detail'])
        self.assertEqual(self.lede.total(), len(self.documents))
        done = self.lede.post('/documents/delete', {'q': 'ferry', 'section': 'transport', 'confirm': count})
        self.assertEqual((done.status, done.json['deleted']), (200, count))
        self.assertEqual(self.lede.total('ferry', section='transport'), 0)
        self.assertEqual(self.lede.total(), len(self.documents) - count)

    def test_what_is_hidden_is_counted_and_deleted_too(self):
        self.lede.bulk([{'id': 'h-plain', 'title': 'hideword'}, {'id': 'h-later', 'title': 'hideword', 'embargoed_until': '2199-01-01T00:00:00Z'},
                        {'id': 'h-held', 'title': 'hideword', 'status': 'withheld'}, {'id': 'h-canceled', 'title': 'hideword', 'status': 'canceled'},
                        {'id': 'h-gone', 'title': 'hideword', 'expires': '2020-01-01T00:00:00Z'}])
        self.assertEqual(self.lede.ids('hideword'), ['h-plain'])
        wrong = self.lede.post('/documents/delete', {'q': 'hideword', 'confirm': 1})
        self.assertIn('5 documents match', self.expect_problem(wrong, 412, 'confirmation-failed')['detail'])
        self.assertEqual(self.lede.post('/documents/delete', {'q': 'hideword', 'confirm': 5}).json['deleted'], 5)
        for name in ('plain', 'later', 'held', 'canceled', 'gone'):
            self.assertEqual(self.lede.get(f'/documents/h-{name}').status, 404)

    def test_nothing_is_deleted_where_the_time_runs_out_first(self):
        self.lede.bulk([{'id': f'slow-{n}', 'title': f'slowword w{n}'} for n in range(3000)])
        answer = self.lede.post('/documents/delete', {'q': 'slow* OR w*', 'confirm': 3000, 'timeout': '1ms'})
        self.assertIn('nothing was deleted', self.expect_problem(answer, 503, 'timeout')['detail'])
        self.assertEqual(self.lede.total('slowword'), 3000)
        self.assertEqual(self.lede.post('/documents/delete', {'q': 'slowword', 'confirm': 3000}).json['deleted'], 3000)

    def test_more_than_a_page_is_deleted(self):
        self.lede.bulk([{'id': f'many-{n}', 'title': 'manyfold'} for n in range(2300)])
        done = self.lede.post('/documents/delete', {'q': 'manyfold', 'confirm': 2300})
        self.assertEqual((done.status, done.json['deleted']), (200, 2300))
        self.assertEqual(self.lede.total('manyfold'), 0)

    def test_how_it_would_be_shown_is_nothing_to_a_deletion(self):
        for name, value in {'limit': 1, 'offset': 1, 'sort': 'newest', 'facets': 'tag', 'fields': 'id', 'explain': True}.items():
            answer = self.lede.post('/documents/delete', {'q': 'nothinglikeit', 'confirm': 0, name: value})
            self.expect_problem(answer, 400, 'unknown-parameter', param=name)

    def test_every_filter_chooses_what_is_deleted(self):
        self.lede.bulk([{'id': f'chosen-{n}', 'title': 'chooseword', 'source': 'A, B' if n < 2 else 'C', 'published': f'2020-01-0{n + 1}'}
                        for n in range(5)])
        chosen = {'q': 'chooseword', 'source': ['A, B'], 'after': '2020-01-01', 'before': '2020-01-01', 'lang': 'und', 'confirm': 1}
        self.assertEqual(self.lede.post('/documents/delete', chosen).json['deleted'], 1)
        self.assertEqual(sorted(self.lede.ids('chooseword')), ['chosen-1', 'chosen-2', 'chosen-3', 'chosen-4'])

    def test_unknown_names_and_bad_queries_are_refused(self):
        self.expect_problem(self.lede.post('/documents/delete', {'query': 'x', 'confirm': 0}), 400, 'unknown-parameter', param='query')
        self.expect_problem(self.lede.post('/documents/delete', {'q': '"x', 'confirm': 0}), 400, 'query-syntax', position=0)


if __name__ == '__main__':
    tap.main(globals())

# SPDX-License-Identifier: GPL-2.0-or-later
"""Two documents never become one because their bytes are no UTF-8: by every way in."""
import json

from program import JSON, WithProgram
import tap

BAD = (b'\xe9', b'\xe8', b'\\ud800', b'\\udfff', b'\xed\xa0\x80', b'\\u0000')


class Ids(WithProgram):
    def test_a_bulk_refuses_each_id_that_is_no_utf_8_at_its_line(self):
        good = b'{"id": "art-\xef\xbf\xbd", "title": "idword"}\n'
        body = good + b''.join(b'{"id": "art-%s", "title": "idword"}\n' % bad for bad in BAD)
        array = b'[' + body.strip().replace(b'\n', b',\n') + b']'
        for answer in (self.lede.bulk(body), self.lede.ask('POST', '/documents', None, array, JSON),
                       self.lede.bulk(body, op='create'), self.lede.bulk(body, op='delete')):
            self.assertEqual(answer.json['failed'] - sum(error['status'] == 409 for error in answer.json['errors']), len(BAD), answer.text)
            refused = [error for error in answer.json['errors'] if error['status'] == 422]
            self.assertEqual([error['line'] for error in refused], list(range(2, 2 + len(BAD))))
            self.assertEqual({error['pointer'] for error in refused}, {'/id'})
            self.assertFalse(any('id' in error for error in refused))
        self.assertEqual(self.lede.total('idword'), 0)

    def test_a_delete_spares_what_has_another_id(self):
        self.lede.put('del-\ufffd', {'title': 'delword'})
        for bad in BAD:
            self.assertEqual(self.lede.bulk(b'{"id": "del-%s"}\n' % bad, op='delete').json['deleted'], 0)
        self.assertEqual(self.lede.total('delword'), 1)

    def test_put_and_patch_refuse_an_id_in_the_body_that_is_not_the_paths(self):
        self.lede.put('put-\ufffd', {'title': 'first'})
        for bad in BAD:
            for method in ('PUT', 'PATCH'):
                answer = self.lede.ask(method, '/documents/put-%EF%BF%BD', None, b'{"id": "put-%s", "title": "second"}' % bad, JSON)
                self.expect_problem(answer, 422, 'invalid-document', pointer='/id')
        self.assertEqual(self.lede.document('put-\ufffd')['title'], 'first')

    def test_ids_that_are_made_tell_texts_apart_by_their_bytes(self):
        for name, line in (('url', b'{"title": "urlword", "url": "https://example.org/%s"}\n'), ('text', b'{"title": "textword %s"}\n'),
                           ('body', b'{"body": "bodyword %s"}\n')):
            body = b''.join(line % bad for bad in BAD)
            answer = self.lede.bulk(body).json
            self.assertEqual((answer['created'], answer['repaired'], answer['failed']), (len(BAD), len(BAD), 0), name)
            self.assertEqual(answer['repaired_lines'], list(range(1, 1 + len(BAD))))
            self.assertEqual(self.lede.bulk(body).json['unchanged'], len(BAD), name)
            self.assertEqual(self.lede.total(name + 'word'), len(BAD))


class Charsets(WithProgram):
    def test_what_content_type_declares_is_decoded(self):
        document = {'id': 'ü1', 'title': 'Café “charword”'}
        text = json.dumps(document, ensure_ascii=False)
        for charset, name in (('windows-1252', 'cp1252'), ('"UTF-16"', 'utf-16'), ('utf-8', 'utf-8')):
            headers = {'Content-Type': f'application/x-ndjson; charset={charset}'}
            answer = self.lede.ask('POST', '/documents', None, (text + '\n').encode(name), headers).json
            self.assertEqual((answer['failed'], answer['repaired']), (0, 0), answer)
            headers = {'Content-Type': f'application/json;charset={charset}'}
            self.assertIn(self.lede.ask('PUT', '/documents/%C3%BC1', None, text.encode(name), headers).status, (200, 201))
            found = self.lede.ask('POST', '/search', None, '{"q": "café"}'.encode(name), headers)
            self.assertEqual(found.json['total']['value'], 1)
        self.assertEqual(self.lede.document('ü1')['title'], document['title'])
        self.assertEqual(self.lede.total('charword'), 1)

    def test_an_unknown_charset_is_415_and_says_what_is_known(self):
        for method, path, media_type in (('POST', '/documents', 'application/x-ndjson'), ('PUT', '/documents/x', 'application/json'),
                                         ('POST', '/search', 'application/json')):
            answer = self.lede.ask(method, path, None, b'{"title": "x"}', {'Content-Type': media_type + '; charset=latin-99'})
            self.assertIn('ISO-8859-1', self.expect_problem(answer, 415, 'unsupported-media-type')['detail'])

    def test_bytes_that_a_charset_does_not_know_are_repaired_and_counted(self):
        answer = self.lede.ask('POST', '/documents', None, b'{"id": "c1", "title": "undefword \x81"}\n',
                               {'Content-Type': 'application/x-ndjson; charset=windows-1252'}).json
        self.assertEqual((answer['created'], answer['repaired']), (1, 1))


class Refusing(WithProgram):
    settings = {'LEDE_SERVER_BAD_TEXT': 'refuse'}

    def test_a_document_of_text_that_is_no_utf_8_is_refused_at_its_line(self):
        answer = self.lede.bulk(b'{"id": "a", "title": "refword"}\n{"id": "b", "title": "refword \xe9"}\n')
        self.assertEqual((answer.status, answer.json['created'], answer.json['failed'], answer.json['repaired']), (207, 1, 1, 0))
        error = answer.json['errors'][0]
        self.assertEqual((error['line'], error['status'], error['type'], error['position']), (2, 400, '/problems/malformed-json', 30))
        self.expect_problem(self.lede.ask('PUT', '/documents/c', None, b'{"title": "\xe9"}', JSON), 400, 'malformed-json')
        self.assertEqual(self.lede.total('refword'), 1)


if __name__ == '__main__':
    tap.main(globals())

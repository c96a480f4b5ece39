# SPDX-License-Identifier: GPL-2.0-or-later
"""Bodies as people send them: joined files, arrays for lines, packed twice, without a type, in UTF-16."""
import gzip
import json

from program import JSON, NDJSON, WithProgram, lines, zstd
import tap

MARK = b'\xef\xbb\xbf'
FORM = {'Content-Type': 'application/x-www-form-urlencoded'}
GZIP = {'Content-Encoding': 'gzip'}
ZSTD = {'Content-Encoding': 'zstd'}


class Bodies(WithProgram):
    count = 0

    def fresh(self, count=2):
        """New ones, with a word of their own as title."""
        Bodies.count += 1
        self.word = f'word{Bodies.count}x'
        return [{'id': f'{self.word}-{number}', 'title': self.word} for number in range(count)]

    def expect_kept(self, count, answer, failed=0, received=None):
        self.assertIn('received', answer.json, answer.text)
        self.assertEqual((answer.json['received'], answer.json['failed']), (count + failed if received is None else received, failed), answer.text)
        self.assertEqual(self.lede.total(f'title:{self.word}'), count)
        return answer.json

    def test_a_byte_order_mark_between_joined_files_is_passed_over(self):
        for media in (NDJSON, JSON):
            with self.subTest(media):
                one, two = self.fresh(2)
                body = MARK + lines([one]) + MARK + lines([two]) + MARK
                self.expect_kept(2, self.lede.ask('POST', '/documents', None, body, media))
        one, two = self.fresh(2)
        body = MARK + json.dumps(one, indent=1).encode() + b'\n' + MARK + json.dumps(two, indent=1).encode()
        self.expect_kept(2, self.lede.ask('POST', '/documents', None, body, JSON))

    def test_a_byte_order_mark_before_a_single_document_is_passed_over(self):
        answer = self.lede.ask('PUT', '/documents/marked', None, MARK + b'{"title": "marked"}', JSON)
        self.assertEqual(answer.status, 201, answer.text)
        self.assertEqual(self.lede.ask('POST', '/search', None, MARK + b'{"q": "marked"}', JSON).status, 200)

    def test_an_array_sent_as_lines_is_its_documents(self):
        for indent in (None, 1):
            body = json.dumps(self.fresh(3), indent=indent).encode()
            self.expect_kept(3, self.lede.bulk(body))
        self.assertEqual(self.lede.bulk(b'[]\n').json['received'], 0)
        one, two, three = self.fresh(3)
        self.expect_kept(3, self.lede.bulk(json.dumps([one, two]).encode() + b'\n' + lines([three])))

    def test_a_line_that_only_begins_as_an_array_fails_alone(self):
        body = b'[2022-01-19 18:04] starting\n' + lines(self.fresh(2)) + b'[1, 2]\n'
        errors = self.expect_kept(2, self.lede.bulk(body), failed=2)['errors']
        self.assertEqual([error['line'] for error in errors], [1, 4])

    def test_objects_without_line_breaks_are_documents(self):
        """So does curl -d @FILE send them."""
        for headers in (NDJSON, JSON, FORM):
            body = lines(self.fresh(3)).replace(b'\n', b'')
            self.expect_kept(3, self.lede.ask('POST', '/documents', None, body, headers))

    def test_a_body_without_a_type_is_told_by_its_first_byte(self):
        for headers in ({}, FORM):
            with self.subTest(headers):
                self.expect_kept(2, self.lede.ask('POST', '/documents', None, lines(self.fresh(2)), headers))
                self.expect_kept(2, self.lede.ask('POST', '/documents', None, json.dumps(self.fresh(2)).encode(), headers))
                self.assertEqual(self.lede.ask('PUT', '/documents/untyped', None, b'{"title": "untyped"}', headers).status // 100, 2)
                self.assertEqual(self.lede.ask('POST', '/search', None, b'{"q": "untyped"}', headers).status, 200)
                self.expect_problem(self.lede.ask('POST', '/documents', None, b'title=x', headers), 400, 'malformed-json')

    def test_a_page_in_a_browser_has_to_say_the_type(self):
        for headers in ({}, FORM):
            for method, path in (('POST', '/documents'), ('PUT', '/documents/page'), ('POST', '/search'), ('POST', '/documents/delete')):
                answer = self.lede.ask(method, path, None, b'{"title": "x"}', {**headers, 'Origin': f'http://127.0.0.1:{self.lede.port}'})
                self.assertIn(answer.status, (403, 415), path)

    def test_white_space_around_values_of_headers_is_none_of_them(self):
        def ask(method, path, body, *headers):
            with self.lede.client() as client:
                return client.ask(method, path, headers, body).status
        body = b'{"title": "blank"}'
        self.assertEqual(ask('PUT', '/documents/blank', gzip.compress(body), 'Content-Type: application/json ', 'Content-Encoding: gzip '), 201)
        for media in ('application/json\t', 'application/json\t;\tcharset=utf-8', 'application/json ; charset="utf-8" ', ' \tApplication/JSON'):
            self.assertEqual(ask('PUT', '/documents/blank', body, f'Content-Type:{media}', 'If-Match: * '), 200, media)
        self.assertEqual(ask('PUT', '/documents/other', body, 'Content-Type: application/json', 'If-None-Match: *\t'), 201)
        self.assertEqual(ask('GET', '/documents/blank', b'', 'If-None-Match: * '), 304)

    def test_gzip_members_padded_with_zeros_are_one_body(self):
        one, two = self.fresh(2)
        body = gzip.compress(lines([one])) + bytes(7) + gzip.compress(lines([two])) + bytes(500)
        self.expect_kept(2, self.lede.bulk(body, GZIP))
        self.assertEqual(self.lede.ask('PUT', '/documents/padded', None, gzip.compress(b'{"title": "padded"}') + bytes(500),
                                       {**JSON, **GZIP}).status, 201)

    def test_zstd_frames_are_one_body(self):
        one, two = self.fresh(2)
        self.expect_kept(2, self.lede.bulk(zstd(lines([one])) + zstd(lines([two])), ZSTD))
        self.expect_kept(2000, self.lede.bulk(zstd(lines(self.fresh(2000))), ZSTD))
        self.assertEqual(self.lede.ask('PUT', '/documents/framed', None, zstd(b'{"title": "framed"}'), {**JSON, **ZSTD}).status, 201)
        self.expect_problem(self.lede.ask('PUT', '/documents/framed', None, b'{"title": "plain"}', {**JSON, **ZSTD}), 400, 'invalid-request')

    def test_what_comes_before_damage_is_kept_and_its_line_is_told(self):
        for pack, coding in ((gzip.compress, GZIP), (zstd, ZSTD)):
            for behind in (b'rubbish', pack(b'{"title": "cut')[:-3]):
                with self.subTest(coding, behind=behind):
                    text = b'\n\n' + lines(self.fresh(3))
                    error = self.expect_kept(3, self.lede.bulk(pack(text) + behind, coding), failed=1)['errors'][0]
                    self.assertEqual((error['line'], error['status'], error['type']), (6, 400, '/problems/malformed-json'))
                    self.assertIn('damaged', error['detail'])
                    text = json.dumps(self.fresh(3), indent=1).encode()
                    self.expect_kept(3, self.lede.ask('POST', '/documents', None, pack(text[:-2]) + behind, {**JSON, **coding}), failed=1)
                    text = lines(self.fresh(3))[:-10]
                    error = self.expect_kept(2, self.lede.bulk(pack(text) + behind, coding), failed=1)['errors'][0]
                    self.assertEqual(error['line'], 3)

            # The last line needs no line break, where its object is whole.
            self.expect_kept(3, self.lede.bulk(pack(lines(self.fresh(3))[:-1]) + b'rubbish', coding), failed=1)

    def test_the_line_of_a_broken_array_is_told(self):
        body = b'[\n' + b',\n'.join(json.dumps(document).encode() for document in self.fresh(3)) + b'\n\n;'
        error = self.expect_kept(3, self.lede.ask('POST', '/documents', None, body, JSON), failed=1)['errors'][0]
        self.assertEqual(error['line'], 6)

    def test_utf_16_is_read(self):
        for charset in ('utf-16', 'utf-16-le', 'utf-16-be', 'utf-32', 'utf-32-be'):
            for media in (NDJSON, JSON):
                with self.subTest(charset, media=media):
                    documents = [{**document, 'title': f'Zürich {self.word}'} for document in self.fresh(2)]
                    text = (lines(documents).decode() if media is NDJSON else json.dumps(documents, ensure_ascii=False)).encode(charset)
                    answer = self.lede.ask('POST', '/documents', None, text, media)
                    self.assertEqual((answer.json['received'], answer.json['failed'], answer.json['repaired']), (2, 0, 0))
                    self.assertEqual(self.lede.total(f'title:"Zürich {self.word}"'), 2)
            self.assertEqual(self.lede.ask('PUT', '/documents/wide', None, '{"title": "Zürich wide"}'.encode(charset), JSON).status // 100, 2)
            self.assertEqual(self.lede.document('wide')['title'], 'Zürich wide')


if __name__ == '__main__':
    tap.main(globals())

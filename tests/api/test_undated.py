# SPDX-License-Identifier: GPL-2.0-or-later
"""A document that names no date was published at no known moment: it does not pass for news of the day on which it was imported."""
import time

from program import Program, WithProgram
import tap

DATED = [{'id': f'dated-{n}', 'title': 'Harbour report', 'body': 'undatedword', 'published': f'2020-0{n}-01T00:00:00Z'} for n in range(1, 5)]
UNDATED = [{'id': f'undated-{n}', 'title': 'Harbour report', 'body': 'undatedword'} for n in range(1, 5)]


class Undated(WithProgram):
    def setUp(self):
        self.lede.bulk([document for pair in zip(UNDATED, DATED) for document in pair])

    def test_it_says_when_it_was_received_and_not_when_it_was_published(self):
        before = time.strftime('%Y-%m-%dT%H:%M:%SZ', time.gmtime(time.time() - 3600))
        document = self.lede.document('undated-1')
        self.assertNotIn('published', document)
        self.assertRegex(document['received'], r'^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$')
        self.assertGreater(document['received'], before)
        self.assertNotIn('received', self.lede.document('dated-1'))

    def test_it_comes_last_in_both_orders_by_date(self):
        newest, oldest = self.lede.ids('undatedword', sort='newest'), self.lede.ids('undatedword', sort='oldest')
        self.assertEqual(newest[:4], [f'dated-{n}' for n in (4, 3, 2, 1)])
        self.assertEqual(oldest[:4], [f'dated-{n}' for n in (1, 2, 3, 4)])
        self.assertEqual(sorted(newest[4:]), [f'undated-{n}' for n in (1, 2, 3, 4)])
        self.assertEqual(sorted(oldest[4:]), sorted(newest[4:]))

    def test_pages_by_date_go_through_all_of_them(self):
        for sort in ('newest', 'oldest'):
            for more in ({}, {'collapse': 'source'}):
                page, seen = self.lede.search('undatedword', sort=sort, limit=3, **more), []
                while page:
                    seen += [hit['id'] for hit in page['hits']]
                    page = page['next'] and self.lede.ask('GET', page['next']).json
                self.assertEqual(seen, self.lede.ids('undatedword', sort=sort, **more))
                self.assertEqual(len(seen), 8)
        exported = self.lede.get('/export.csv', q='undatedword', sort='oldest', fields='id').text.split()
        self.assertEqual([cell.strip('"') for cell in exported[1:]], self.lede.ids('undatedword', sort='oldest'))

    def test_it_is_in_no_period_and_the_histogram_says_how_many_are_not(self):
        for bounds in ({'before': 'now'}, {'after': '0001-01-01'}, {'after': '-7d'}):
            self.assertEqual(self.lede.total('undatedword', **bounds), 0 if bounds == {'after': '-7d'} else 4)
        self.assertEqual(self.lede.total('undatedword published:>0001-01-01'), 4)
        histogram = self.lede.search('undatedword', histogram='month')['histogram']
        self.assertEqual((sum(bucket['count'] for bucket in histogram['buckets']), histogram['undated']), (4, 4))
        self.assertEqual(self.lede.search('undatedword', histogram='month', after='2020-02-01')['histogram']['undated'], 0)

    def test_what_is_new_is_not_what_was_imported_just_now(self):
        plain = {hit['id']: hit['score'] for hit in self.lede.search('undatedword', recency='1h', limit=20)['hits']}
        self.assertEqual(max(plain.values()), min(plain.values()))

    def test_it_keeps_the_moment_of_its_first_receipt(self):
        first = self.lede.document('undated-1')['received']
        self.lede.put('undated-1', {**UNDATED[0], 'received': '2019-05-05T00:00:00Z'})
        self.assertEqual(self.lede.document('undated-1')['received'], '2019-05-05T00:00:00Z')
        answer = self.lede.bulk([UNDATED[0]]).json
        self.assertEqual(answer['unchanged'], 1)
        self.assertEqual(self.lede.document('undated-1')['received'], '2019-05-05T00:00:00Z')
        self.assertNotEqual(first, '2019-05-05T00:00:00Z')

    def test_a_date_that_comes_later_is_taken_and_one_that_goes_is_gone(self):
        self.lede.put('undated-2', {**UNDATED[1], 'published': '2021-01-01'})
        self.assertEqual(self.lede.document('undated-2')['published'], '2021-01-01T00:00:00Z')
        self.assertNotIn('received', self.lede.document('undated-2'))
        self.lede.ask('PATCH', '/documents/undated-2', None, b'{"published": null}', {'Content-Type': 'application/merge-patch+json'})
        document = self.lede.document('undated-2')
        self.assertNotIn('published', document)
        self.assertIn('received', document)

    def test_a_moment_of_receipt_that_is_none_is_refused(self):
        problem = self.expect_problem(self.lede.put('x', {'title': 'x', 'received': 'lately'}), 422, 'invalid-document')
        self.assertEqual(problem['pointer'], '/received')


class Images(WithProgram):
    def test_an_image_is_given_out_as_it_came(self):
        image = {'url': 'https://pictures.example/a.jpg?w=1', 'alt': 'A "ferry" <b>', 'credit': 'Doe'}
        self.assertEqual(self.lede.put('a', {'title': 'pictureword', 'image': image}).status, 201)
        self.lede.put('b', {'title': 'pictureword', 'image': ' https://pictures.example/b.jpg '})
        self.assertEqual(self.lede.document('a')['image'], image)
        self.assertEqual(self.lede.document('b')['image'], {'url': 'https://pictures.example/b.jpg'})
        hits = self.lede.search('pictureword', fields='image')['hits']
        self.assertEqual({hit['id']: hit['document'] for hit in hits}, {'a': {'image': image}, 'b': {'image': {'url': 'https://pictures.example/b.jpg'}}})

    def test_what_no_browser_is_to_load_is_refused_with_its_place(self):
        for image, pointer in (('http://pictures.example/a.jpg', '/image/url'), ('javascript:alert(1)', '/image/url'), ({'url': 'data:image/png;base64,x'}, '/image/url'),
                               ({'alt': 'x'}, '/image/url'), ({'url': 'https://a.example/', 'alt': 7}, '/image/alt'), (['https://a.example/a'], '/image'), (7, '/image'),
                               ('https://a.example/a b', '/image/url'), ('https:///a', '/image/url'), ({'url': 'https://a.example/' + 'a' * 2048}, '/image/url')):
            with self.subTest(image):
                problem = self.expect_problem(self.lede.put('c', {'title': 'x', 'image': image}), 422, 'invalid-document')
                self.assertEqual(problem['pointer'], pointer)
                self.assertIn('expected', problem['detail'])
        self.assertEqual(self.lede.put('d', {'title': 'x', 'image': None}).status, 201)
        self.assertEqual(self.lede.put('e', {'title': 'x', 'image': ''}).status, 201)

    def test_the_page_loads_pictures_from_hosts_that_the_settings_allow(self):
        def images(lede):
            policy = lede.get('/', {'Accept': 'text/html'})['Content-Security-Policy']
            return next(one.split()[1:] for one in policy.split(';') if one.split()[0] == 'img-src')
        self.assertEqual(images(self.lede), ["'self'"])
        for hosts, sources in (('pictures.example, *.cdn.example:8443', ["'self'", 'https://pictures.example', 'https://*.cdn.example:8443']), ('*', ["'self'", 'https:'])):
            lede = Program(LEDE_SERVER_IMAGE_HOSTS=hosts)
            try:
                self.assertEqual(images(lede), sources)
                self.assertNotIn('example', lede.get('/search')['Content-Security-Policy'])
            finally:
                lede.kill()
                lede.remove()
        for hosts in ('https://pictures.example', "a.example; script-src *", "'unsafe-inline'", '*.', 'a.example:x', 'data:'):
            with self.subTest(hosts), self.assertRaisesRegex(RuntimeError, 'image_hosts: expected'):
                Program(LEDE_SERVER_IMAGE_HOSTS=hosts)


if __name__ == '__main__':
    tap.main(globals())

# SPDX-License-Identifier: GPL-2.0-or-later
"""A browser on the same machine asks for whatever page it shows: what a page of another site can send is refused before anything is
done, and what answers tell a browser keeps it from showing them elsewhere. Marks, tables and feeds carry nothing that runs."""
import http.client
import json
import os
import unittest
import xml.dom.minidom

from program import Answer, JSON, Keyed, NDJSON, Program, WAIT_S, WithProgram
import tap

PAGE = {'Sec-Fetch-Site': 'cross-site', 'Sec-Fetch-Mode': 'cors', 'Sec-Fetch-Dest': 'empty'}
DOCUMENT = {'title': 'x'}
HEADERS = {'X-Content-Type-Options': 'nosniff', 'X-Frame-Options': 'DENY', 'Referrer-Policy': 'no-referrer',
           'Cross-Origin-Resource-Policy': 'same-origin', 'Cross-Origin-Opener-Policy': 'same-origin'}


def send(lede, method, path, headers, body=None):
    """Headers as they are given, `Host` too; several values of one name in a list."""
    connection = http.client.HTTPConnection('127.0.0.1', lede.port, timeout=WAIT_S)
    try:
        connection.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
        for name, value in headers.items():
            connection.putheader(name, value)
        if body is not None and 'Content-Length' not in headers:
            connection.putheader('Content-Length', str(len(body)))
        connection.endheaders(body)
        reply = connection.getresponse()
        return Answer(reply.status, reply.headers, reply.read())
    finally:
        connection.close()


class Strangers(WithProgram):
    """Without keys: whoever gets through may do everything."""

    def tried(self, method, path, headers, body=None):
        return send(self.lede, method, path, {'Host': f'127.0.0.1:{self.lede.port}', **headers}, body)

    def setUp(self):
        self.assertIn(self.lede.put('victim', DOCUMENT).status, (200, 201))

    def unharmed(self):
        self.assertEqual(self.lede.document('victim')['title'], 'x')
        self.assertEqual(self.lede.total(), 1)

    def test_a_name_that_leads_here_is_no_name_of_ours(self):
        for host in ('evil.example', f'evil.example:{self.lede.port}', 'localhost.evil.example', '127.0.0.1.evil.example', 'evil-localhost',
                     '10.0.0.1', '0.0.0.0', '[::]', '128.0.0.1', '0x7f000001', '2130706433', '127.1', '', '[::1', 'x' * 300, '169.254.169.254'):
            for method, path in (('GET', '/search'), ('GET', '/'), ('GET', '/nothing'), ('DELETE', '/documents/victim'),
                                 ('GET', '/health/live'), ('OPTIONS', '/search')):
                with self.subTest(host=host, method=method, path=path):
                    answer = self.tried(method, path, {'Host': host, 'Origin': f'http://{host}'})
                    self.assertEqual((answer.status, answer.json['type']), (421, '/problems/misdirected'), answer.text)
        self.unharmed()

    def test_our_addresses_are_ours(self):
        for host in ('127.0.0.1', f'127.0.0.1:{self.lede.port}', '127.0.0.1:8080', 'localhost', 'LOCALHOST:1', 'localhost.', '127.0.0.2',
                     '[::1]', f'[::1]:{self.lede.port}'):
            self.assertEqual(self.tried('GET', '/search', {'Host': host}).status, 200, host)

    def test_what_a_page_of_another_site_tries_is_refused(self):
        line = json.dumps({'id': 'planted', 'title': 'x'}).encode()
        form = {'Content-Type': 'application/x-www-form-urlencoded'}
        plain = {'Content-Type': 'text/plain'}
        tries = [('POST', '/documents', form, b'title=x'), ('POST', '/documents', plain, line), ('POST', '/documents', NDJSON, line),
                 ('POST', '/documents', JSON, line), ('POST', '/documents', {}, line), ('PUT', '/documents/victim', JSON, b'{"title": "y"}'),
                 ('PATCH', '/documents/victim', JSON, b'{"title": "y"}'), ('DELETE', '/documents/victim', {}, None),
                 ('POST', '/documents/delete', plain, b'{"q": "", "confirm": 1}'), ('POST', '/documents/delete', JSON, b'{"q": "", "confirm": 1}'),
                 ('POST', '/backup', JSON, b'{"name": "x"}'), ('POST', '/keys', plain, b'{"rights": ["admin"]}'),
                 ('POST', '/keys', JSON, b'{"rights": ["admin"]}'), ('GET', '/search?q=x', {}, None), ('HEAD', '/search?q=x', {}, None),
                 ('GET', '/documents/victim', {}, None), ('GET', '/stats', {}, None), ('GET', '/search.csv', {}, None),
                 ('GET', '/nothing', {}, None), ('OPTIONS', '/documents', {'Access-Control-Request-Method': 'POST'}, None),
                 ('OPTIONS', '/documents/victim', {'Access-Control-Request-Method': 'DELETE'}, None)]
        port = self.lede.port
        pages = [{'Origin': 'http://evil.example'}, {'Origin': 'null'}, {'Origin': 'http://localhost'}, {'Origin': 'http://127.0.0.1'},
                 {'Origin': f'http://127.0.0.1:{port}.evil.example'}, {'Origin': f'http://evil.example:{port}'}, {'Origin': 'file://'},
                 {'Origin': f'http://localhost:{port}'}, {'Origin': f'https://127.0.0.1:{port}0'}, {'Origin': 'chrome-extension://x'},
                 {'Origin': f'ftp://127.0.0.1:{port}'}, {'Origin': ''}, {'Origin': 'http://' + 'x' * 400}, PAGE,
                 {**PAGE, 'Sec-Fetch-Site': 'same-site'}, {**PAGE, 'Sec-Fetch-Mode': 'no-cors', 'Sec-Fetch-Dest': 'image'},
                 {**PAGE, 'Sec-Fetch-Mode': 'navigate', 'Sec-Fetch-Dest': 'iframe'}]
        for page in pages:
            for method, path, headers, body in tries:
                with self.subTest(page=page, method=method, path=path, headers=headers):
                    answer = self.tried(method, path, {**headers, **page}, body)
                    self.assertEqual(answer.status, 403, answer.text)
                    self.assertEqual([name for name in answer.headers if name.startswith('Access-Control')], [])
        self.unharmed()
        self.assertEqual(self.lede.get('/keys').json, {'keys': []})

    def test_our_own_page_and_links_from_elsewhere_are_served(self):
        port = self.lede.port
        for headers in ({'Origin': f'http://127.0.0.1:{port}'}, {'Origin': f'http://LOCALHOST:{port}', 'Host': f'localhost:{port}'},
                        {'Origin': 'http://localhost', 'Host': 'localhost'}, {'Origin': 'http://localhost:80', 'Host': 'localhost'},
                        {'Origin': 'https://localhost', 'Host': 'localhost:443'}, {'Sec-Fetch-Site': 'same-origin', 'Sec-Fetch-Mode': 'cors'},
                        {'Sec-Fetch-Site': 'none'}, {**PAGE, 'Sec-Fetch-Mode': 'navigate', 'Sec-Fetch-Dest': 'document'}):
            self.assertEqual(self.tried('GET', '/search?q=x', headers).status, 200, headers)
        own = {'Origin': f'http://127.0.0.1:{port}', 'Sec-Fetch-Site': 'same-origin'}
        self.assertEqual(self.tried('POST', '/search', {**JSON, **own}, b'{"q": "x"}').status, 200)

    def test_every_answer_tells_the_browser_what_it_may_not_be_used_for(self):
        page = self.tried('GET', '/', {'Accept': 'text/html'})
        self.assertIn("script-src 'self'", page['Content-Security-Policy'])
        self.assertEqual(len(page.headers.get_all('Content-Security-Policy')), 1)
        answers = [page] + [self.tried(method, path, headers, body) for method, path, headers, body in (
            ('GET', '/search', {}, None), ('GET', '/search?colour=red', {}, None), ('GET', '/nothing', {}, None), ('POST', '/', {}, b''),
            ('GET', '/health/live', {}, None), ('GET', '/metrics', {}, None), ('GET', '/search.atom', {}, None), ('HEAD', '/search', {}, None),
            ('GET', '/search', {'Host': 'evil'}, None), ('GET', '/search', {'Origin': 'http://evil'}, None), ('PUT', '/documents/a', JSON, b'{'),
            ('POST', '/documents', {'Content-Type': 'text/plain'}, b'x'), ('GET', '/assets/page.js', {}, None), ('OPTIONS', '/search', {}, None))]
        answers.append(self.tried('GET', '/search', {'If-None-Match': self.tried('GET', '/search', {})['ETag']}))
        self.assertIn(304, [answer.status for answer in answers])
        for answer in answers:
            for name, value in HEADERS.items():
                self.assertEqual(answer.headers.get_all(name), [value], (answer.status, name))
            if answer is not page and 'javascript' not in (answer['Content-Type'] or ''):
                self.assertEqual(answer['Content-Security-Policy'], "default-src 'none'; frame-ancestors 'none'")


class Granted(unittest.TestCase):
    def served(self, **settings):
        lede = Program(**settings)
        self.addCleanup(lede.remove)
        return lede

    def test_names_of_the_settings_are_ours_and_so_are_their_pages(self):
        lede = self.served(LEDE_SERVER_NAMES='news.example.org, archive.local:8443')
        for host in ('news.example.org', 'NEWS.example.org:443', 'archive.local:8443', 'localhost'):
            self.assertEqual(send(lede, 'GET', '/search', {'Host': host}).status, 200, host)
        for host in ('archive.local', 'example.org', 'x.news.example.org', 'news.example.org.evil'):
            self.assertEqual(send(lede, 'GET', '/search', {'Host': host}).status, 421, host)
        for origin, status in (('https://news.example.org', 200), ('http://news.example.org', 200), ('https://archive.local:8443', 200),
                               ('https://news.example.org:444', 403), ('https://evil.example', 403)):
            self.assertEqual(send(lede, 'GET', '/search', {'Host': '127.0.0.1:1', 'Origin': origin}).status, status, origin)
        self.assertEqual(send(self.served(LEDE_SERVER_NAMES='*'), 'GET', '/search', {'Host': 'any'}).status, 200)

    def test_pages_of_the_settings_may_ask_by_the_methods_of_the_settings(self):
        lede = self.served(LEDE_SERVER_CORS_ORIGINS='https://a.example, https://b.example:8443', LEDE_SERVER_CORS_METHODS='GET, POST')
        page = {'Host': f'127.0.0.1:{lede.port}', 'Origin': 'https://b.example:8443', **PAGE}
        answer = send(lede, 'GET', '/search', page)
        self.assertEqual((answer.status, answer['Access-Control-Allow-Origin']), (200, 'https://b.example:8443'))
        self.assertIn('Origin', ', '.join(answer.headers.get_all('Vary')))
        self.assertIn('ETag', answer['Access-Control-Expose-Headers'])
        self.assertEqual(answer['Cross-Origin-Resource-Policy'], 'cross-origin')
        self.assertIsNone(answer['Access-Control-Allow-Credentials'])
        asked = {'Access-Control-Request-Method': 'POST', 'Access-Control-Request-Headers': 'authorization, content-type'}
        answer = send(lede, 'OPTIONS', '/documents', {**page, **asked})
        self.assertEqual((answer.status, answer['Access-Control-Allow-Methods']), (204, 'GET, POST'))
        self.assertIn('Authorization', answer['Access-Control-Allow-Headers'])
        self.assertEqual(send(lede, 'GET', '/search?colour=red', page)['Access-Control-Allow-Origin'], page['Origin'])
        for headers in ({'Access-Control-Request-Method': 'DELETE'}, {**asked, 'Origin': 'https://evil.example'}, {**asked, 'Origin': 'null'}):
            answer = send(lede, 'OPTIONS', '/documents', {**page, **headers})
            self.assertEqual(answer.status, 403)
        self.assertEqual(send(lede, 'DELETE', '/documents/a', page).status, 403)
        self.assertEqual(send(lede, 'GET', '/search', {**page, 'Origin': 'https://b.example'}).status, 403)
        answer = send(lede, 'GET', '/search', {'Host': 'localhost'})
        self.assertEqual((answer['Access-Control-Allow-Origin'], answer['Vary'] is None), (None, False))

    def test_a_page_that_may_ask_still_needs_a_key(self):
        lede = Keyed(LEDE_SERVER_CORS_ORIGINS='*')
        self.addCleanup(lede.close)
        page = {'Host': 'localhost', 'Origin': 'https://a.example'}
        answer = send(lede, 'GET', '/search', page)
        self.assertEqual((answer.status, answer['Access-Control-Allow-Origin']), (401, 'https://a.example'))
        self.assertEqual(send(lede, 'GET', '/search', {**page, **lede.bearer(lede.admin)}).status, 200)
        self.assertEqual(send(lede, 'OPTIONS', '/search', {**page, 'Access-Control-Request-Method': 'GET'}).status, 204)


class Content(WithProgram):
    def setUp(self):
        self.lede.put('a', {'title': 'Harbour', 'body': 'harbour', 'source': 'x\x7f\x85\u009by\u0001z'})

    def test_marks_of_html_are_no_more_than_marks(self):
        for pre, post in (('<mark>', '</mark>'), ('<em>', '</em>'), ('<span class="hit a-b_c">', '</span>'), ('<b>', '</b>'), ('[', ']'), ('', '')):
            answer = self.lede.search('harbour', pre=pre, post=post)
            self.assertEqual(answer['hits'][0]['highlights']['title'], [f'{pre}Harbour{post}'])
        for pre in ('<script>', '<mark onclick="x">', '<em><script>', '<em', '<img src=x onerror=x>', '<em class="x" onclick="y">', '<em class=x>',
                    '<em class="x"y">', '<a href="javascript:x">', '<EM>', '<em >', '</em>', '<mark/onload=x>', '"', "'", '&lt;', '<!--', '<style>'):
            for path in ('/search', '/suggest'):
                answer = self.lede.get(path, q='harbour', pre=pre)
                self.assertEqual((answer.status, answer.json['param']), (400, 'pre'), pre)
            self.assertEqual(self.lede.get('/search', q='harbour', pre=pre, format='text').status, 200)
        for post in ('<script>', '<em>', '</script>', '</em><script>', '">'):
            answer = self.lede.get('/search', q='harbour', post=post)
            self.assertEqual((answer.status, answer.json['param']), (400, 'post'), post)
            self.assertEqual(self.lede.post('/search', {'q': 'harbour', 'post': post}).status, 400)

    def test_no_cell_of_a_table_is_a_formula(self):
        for number, start in enumerate(('=', '+', '-', '@', '\t=', '\r=', '\n=', '＝', '＋', '－', '＠')):
            self.lede.put(f'cell{number}', {'title': f'{start}cmd harbour', 'source': f'{start}x', 'body': f'{start}HYPERLINK harbour'})
        text = self.lede.get('/search.csv', q='harbour', limit=100).text
        for cell in text.split('"')[1::2]:
            self.assertNotRegex(cell, r'\A[=+\-@\t\r\n＝＋－＠]')
        self.assertGreaterEqual(text.count('"\'='), 3)

    def test_no_control_reaches_a_feed(self):
        for feed in ('/search.atom', '/search.rss'):
            answer = self.lede.get(feed, q='a\u0085\u009b\x7f\x01b OR harbour')
            self.assertEqual(answer.status, 200)
            xml.dom.minidom.parseString(answer.body)
            self.assertNotRegex(answer.text, '[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]')


if __name__ == '__main__':
    tap.main(globals())

# SPDX-License-Identifier: GPL-2.0-or-later
"""lede follow: feeds served on loopback, directories, and what is kept of them over kills."""
import gzip
import http.server
import json
import os
import signal
import subprocess
import threading
import time

from program import BINARY, Case, Server, environment, run
import tap

WAIT_S = 60


def rss(*items):
    return '<rss version="2.0"><channel><title>Gazette</title>' + ''.join(
        f'<item><guid>{name}</guid><title>{title}</title><description>Of {title}</description></item>' for name, title in items) + '</channel></rss>'


class Web:
    """Answers by path, and remembers who asked for what."""

    def __init__(self):
        self.answers, self.asked = {}, []
        web = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = 'HTTP/1.1'

            def do_GET(self):
                web.asked.append((self.path, dict(self.headers), time.monotonic()))
                status, headers, body = web.answers[self.path]
                if headers.get('ETag') and self.headers.get('If-None-Match') == headers['ETag']:
                    status, body = 304, ''
                if status == 'hang':
                    time.sleep(WAIT_S)
                    return
                self.send_response(status)
                body = body.encode() if isinstance(body, str) else body
                for name, value in {**headers, 'Content-Length': str(len(body))}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass
        self.server = http.server.ThreadingHTTPServer(('127.0.0.1', 0), Handler)
        self.server.daemon_threads = True
        self.server.block_on_close = False
        self.url = f'http://127.0.0.1:{self.server.server_port}'
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def paths(self):
        return [path for path, _, _ in self.asked]

    def feed(self, path, *items, **headers):
        self.answers[path] = (200, {'Content-Type': 'application/rss+xml', **{name.replace('_', '-'): value for name, value in headers.items()}}, rss(*items))

    def stop(self):
        self.server.shutdown()
        self.server.server_close()


class Following(Case):
    def setUp(self):
        super().setUp()
        self.web = Web()
        self.addCleanup(self.web.stop)
        self.state = self.path('state.json')

    def once(self, *places, code=0):
        found, out, err = run('follow', '--data', self.data, '--state', self.state, '--once', *places)
        self.assertEqual(code, found, err)
        return out, err

    def kept(self, place):
        with open(self.state) as file:
            return json.load(file)[place]

    def titles(self, query='', *flags):
        _, out, err = run('search', '--data', self.data, '--json', '-n', '100', *flags, query)
        self.assertEqual(err, '')
        return sorted(hit['document']['title'] for hit in json.loads(out)['hits'])

    def start(self, *arguments):
        process = subprocess.Popen([BINARY, 'follow', '--data', self.data, '--state', self.state, *arguments], stdout=subprocess.PIPE,
                                   stderr=subprocess.STDOUT, text=True, env=environment())
        self.addCleanup(process.stdout.close)
        self.addCleanup(process.wait, WAIT_S)
        self.addCleanup(process.kill)
        return process

    def until(self, is_so):
        end = time.monotonic() + WAIT_S
        while not is_so():
            self.assertLess(time.monotonic(), end)
            time.sleep(.02)

    def end(self, process):
        process.send_signal(signal.SIGTERM)
        out, _ = process.communicate(timeout=WAIT_S)
        self.assertEqual(process.returncode, 0, out)
        return out


class Feeds(Following):
    def test_what_has_not_changed_is_asked_for_and_not_sent(self):
        self.web.feed('/a', ('1', 'Ferry'), ('2', 'Tram'), ETag='"one"', Last_Modified='Tue, 03 Jun 2025 09:00:00 GMT')
        url = self.web.url + '/a'
        self.assertEqual(self.once(url), (f'{url}: 2 new, 0 changed, 0 unchanged, 0 refused\n', ''))
        self.assertEqual(self.titles(), ['Ferry', 'Tram'])
        self.assertEqual(self.once(url), ('', ''))
        self.assertEqual(self.web.asked[1][1]['If-None-Match'], '"one"')
        self.assertEqual(self.web.asked[1][1]['If-Modified-Since'], 'Tue, 03 Jun 2025 09:00:00 GMT')
        self.web.feed('/a', ('2', 'Tram, corrected'), ('3', 'Bus'), ('1', 'Ferry'), ETag='"two"')
        self.assertEqual(self.once(url)[0], f'{url}: 1 new, 1 changed, 1 unchanged, 0 refused\n')
        self.assertEqual(self.titles(), ['Bus', 'Ferry', 'Tram, corrected'])

    def test_what_is_lost_of_the_state_costs_a_look_and_no_document(self):
        self.web.feed('/a', ('1', 'Ferry'), ETag='"one"')
        self.once(self.web.url + '/a')
        os.unlink(self.state)
        self.assertEqual(self.once(self.web.url + '/a'), ('', ''))
        self.assertNotIn('If-None-Match', self.web.asked[1][1])
        with open(self.state, 'w') as file:
            file.write('{"half')
        out, err = self.once(self.web.url + '/a', code=2)
        self.assertIn('expected what lede follow has written', err)

    def test_for_good_is_remembered_and_for_now_is_not(self):
        self.web.feed('/new', ('1', 'Ferry'))
        for path, status in (('/good', 301), ('/now', 302)):
            self.web.answers[path] = (status, {'Location': '/new'}, '')
            self.once(self.web.url + path)
            self.web.asked.clear()
            self.once(self.web.url + path)
            self.assertEqual(self.web.paths(), ['/new'] if status == 301 else ['/now', '/new'])
        self.web.answers['/round'] = (302, {'Location': '/round'}, '')
        self.assertIn('redirects more than 5 times', self.once(self.web.url + '/round', code=1)[1])
        self.web.answers['/away'] = (302, {'Location': 'file:///etc/passwd'}, '')
        self.once(self.web.url + '/away', code=1)

    def test_each_kind_of_failure_is_told_and_the_others_go_on(self):
        self.web.feed('/good', ('1', 'Ferry'))
        self.web.answers['/500'] = (500, {}, 'no')
        self.web.answers['/page'] = (200, {'Content-Type': 'text/html'}, '<html><head><title>Log in</title></head><body><p>Please, do.</p></body></html>')
        self.web.answers['/broken'] = (200, {'Content-Type': 'application/rss+xml'}, rss(('2', 'Tram'))[:-len('</channel></rss>')] + '<item><title>cut')
        places = [self.web.url + path for path in ('/500', '/page', '/broken', '/good')] + ['http://127.0.0.1:1/']
        out, err = self.once(*places, code=1)
        for told in ('/500: it answered 500', '/page: expected a feed, found a page', '/broken:', '127.0.0.1:1/: '):
            self.assertIn(told, err)
        self.assertEqual(self.titles(), ['Ferry', 'Tram'])
        self.assertEqual([self.kept(place)['failures'] for place in places], [1, 1, 0, 0, 1])

    def test_what_is_gone_is_asked_no_more(self):
        self.web.answers['/a'] = (410, {}, '')
        self.assertIn('gone for good', self.once(self.web.url + '/a')[1])
        self.once(self.web.url + '/a')
        self.assertEqual(self.web.paths(), ['/a'])

    def test_a_list_says_how_often_and_what_is_wrong_with_its_line(self):
        self.web.feed('/a', ('1', 'Ferry'))
        self.web.feed('/b', ('2', 'Tram'))
        feeds = self.write('feeds', f'# ours\n\n{self.web.url}/a 1s\n  {self.web.url}/b\t10m # slow\r\n')
        process = self.start(feeds)
        self.until(lambda: self.web.paths().count('/a') >= 3)
        self.end(process)
        self.assertEqual(self.web.paths().count('/b'), 1)
        self.assertEqual(self.titles(), ['Ferry', 'Tram'])
        for line, told in (('ftp://x', 'expected an address'), (f'{self.web.url}/a often', "found 'often'"), (f'{self.web.url}/a 1s 2s', 'expected an address'),
                           (f'{self.web.url}/a 1ms', 'expected 1s to 30d')):
            err = self.once(self.write('bad', f'{self.web.url}/a\n{line}\n'), code=2)[1]
            self.assertIn('bad:2: ', err)
            self.assertIn(told, err)
        self.once(self.path('nowhere'), code=2)

    def test_what_fails_is_asked_less_and_less_and_as_it_wishes(self):
        self.web.answers['/500'] = (500, {}, '')
        self.web.answers['/busy'] = (503, {'Retry-After': '3600'}, '')
        before = time.time()
        process = self.start('--interval', '1s', self.web.url + '/500', self.web.url + '/busy')
        self.until(lambda: self.web.paths().count('/500') >= 3)
        self.end(process)
        asked = [when for path, _, when in self.web.asked if path == '/500']
        self.assertGreater(asked[2] - asked[1], 2.9)  # after two failures four seconds, less the clock's whole ones
        self.assertEqual(self.web.paths().count('/busy'), 1)
        self.assertGreater(self.kept(self.web.url + '/busy')['next'], before + 3500)

    def test_a_signal_ends_it_at_a_server_that_does_not_answer(self):
        self.web.answers['/a'] = ('hang', {}, '')
        process = self.start(self.web.url + '/a')
        self.until(lambda: self.web.asked)
        started = time.monotonic()
        self.end(process)
        self.assertLess(time.monotonic() - started, WAIT_S / 2)

    def test_a_kill_loses_nothing(self):
        items = []
        for turn in range(4):
            items = [(str(number), f'Item {number}') for number in range(20 * turn + 20)]
            self.web.feed('/a', *items, ETag=f'"{turn}"')
            process = self.start('--interval', '1s', self.web.url + '/a')
            asked = len(self.web.asked)
            self.until(lambda asked=asked: len(self.web.asked) > asked)
            time.sleep(.01 * turn)
            process.kill()
            process.wait(WAIT_S)
        self.once(self.web.url + '/a')
        self.assertEqual(len(self.titles()), len(items))

    def test_it_feeds_a_server_that_runs(self):
        self.web.feed('/a', ('1', 'Ferry'))
        with Server('--data', self.data) as server:
            code, out, err = run('follow', '--url', server.url, '--state', self.state, '--once', self.web.url + '/a')
            self.assertEqual((code, err), (0, ''))
            self.assertEqual(server.total('ferry'), 1)


def sitemap(*news, of_news=True):
    space = ' xmlns:news="http://www.google.com/schemas/sitemap-news/0.9"' if of_news else ''
    return f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"{space}>' + ''.join(
        f'<url><loc>https://g.example/{title}</loc>' + (f'<news:news><news:title>{title}</news:title></news:news>' if of_news else '') + '</url>'
        for title in news) + '</urlset>'


class Indexes(Following):
    def index(self, path, *members, etag='"index"'):
        self.web.answers[path] = (200, {'Content-Type': 'application/xml', 'ETag': etag}, '<?xml version="1.0"?>\n'
                                  '<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">' + ''.join(
                                      f'<sitemap><loc>{place if "://" in place else self.web.url + place}</loc>' +
                                      (f'<lastmod>{changed}</lastmod>' if changed else '') + '</sitemap>' for place, changed in members) + '</sitemapindex>')

    def sitemap(self, path, *news, **options):
        self.web.answers[path] = (200, {'Content-Type': 'application/xml'}, sitemap(*news, **options))

    def test_what_an_index_names_is_followed_and_asked_when_that_has_changed(self):
        self.index('/index', ('/old', '2022-01-01'), ('/new', '2022-01-19T10:00:00Z'), ('http://other.example/map', None))
        self.sitemap('/old', 'Ferry')
        self.sitemap('/new', 'Tram')
        out, err = self.once(self.web.url + '/index')
        self.assertIn('2 are followed, and 1 are not', err)
        self.assertEqual(self.web.paths(), ['/index', '/new', '/old'])
        self.assertEqual(self.titles(), ['Ferry', 'Tram'])
        self.web.asked.clear()
        self.assertEqual(self.once(self.web.url + '/index'), ('', ''))
        self.assertEqual(self.web.paths(), ['/index'])  # 304: what it named is kept, and has not changed
        self.web.asked.clear()
        self.index('/index', ('/new', '2022-01-19T11:00:00Z'), ('/late', None), etag='"two"')
        self.sitemap('/new', 'Tram', 'Bus')
        self.sitemap('/late', 'Rail')
        self.once(self.web.url + '/index')
        self.assertEqual(sorted(self.web.paths()), ['/index', '/late', '/new'])
        self.assertEqual(self.titles(), ['Bus', 'Ferry', 'Rail', 'Tram'])

    def test_an_index_in_an_index_is_read_and_no_deeper_one(self):
        self.index('/1', ('/2', None))
        self.index('/2', ('/3', None), ('/plain', None), ('/1', None))
        self.index('/3', ('/4', None))
        self.sitemap('/plain', 'Page', of_news=False)
        out, err = self.once(self.web.url + '/1', code=1)
        self.assertEqual(sorted(self.web.paths()), ['/1', '/2', '/3', '/plain'])
        self.assertIn('/3: expected a sitemap, found one more index', err)
        self.assertIn('/plain: it is a sitemap without news', err)

    def test_so_many_are_followed_and_the_last_changed_first(self):
        days = [(f'/{day}', f'2022-{1 + day // 28:02}-{1 + day % 28:02}') for day in range(130)]
        self.index('/index', *days)
        self.sitemap('/129', 'Ferry')
        process = self.start(self.web.url + '/index')
        self.until(lambda: '/129' in self.web.paths())
        out = self.end(process)
        self.assertIn('100 are followed, and 30 are not', out)
        self.assertEqual(self.web.paths()[:2], ['/index', '/129'])
        self.assertEqual(len(self.kept(self.web.url + '/index')['members']), 100)

    def test_a_sitemap_that_is_packed_is_read(self):
        self.web.answers['/map.xml.gz'] = (200, {'Content-Type': 'application/gzip'}, gzip.compress(sitemap('Ferry').encode()))
        self.index('/index', ('/map.xml.gz', None))
        self.assertIn('map.xml.gz: 1 new', self.once(self.web.url + '/index')[0])
        self.web.answers['/map.xml.gz'] = (200, {'Content-Type': 'application/gzip'}, gzip.compress(sitemap('Tram').encode())[:-9])
        self.assertIn('map.xml.gz: ', self.once(self.web.url + '/index', code=1)[1])


class Directories(Following):
    def news(self, name, title):
        return json.dumps({'id': name, 'title': title}) + '\n'

    def test_files_are_read_as_they_come_and_once(self):
        inbox = self.path('inbox')
        os.mkdir(inbox)
        self.write('inbox/a.ndjson', self.news('a', 'Ferry'))
        process = self.start('--interval', '30d', inbox)
        self.assertIn('a.ndjson: 1 new', process.stdout.readline())
        self.write('inbox/b.xml', rss(('b', 'Tram')))
        self.assertIn('b.xml: 1 new', process.stdout.readline())
        self.write('c.ndjson', self.news('c', 'Bus'))
        os.rename(self.path('c.ndjson'), os.path.join(inbox, 'c.ndjson'))
        self.assertIn('c.ndjson: 1 new', process.stdout.readline())
        self.write('inbox/.hidden.ndjson', self.news('h', 'Hidden'))
        self.write('inbox/a.ndjson', self.news('a', 'Ferry, corrected'))
        self.assertIn('a.ndjson: 0 new, 1 changed', process.stdout.readline())
        self.assertEqual(self.end(process), '')
        self.assertEqual(self.titles(), ['Bus', 'Ferry, corrected', 'Tram'])
        self.write('inbox/d.ndjson', self.news('d', 'Rail'))
        os.unlink(os.path.join(inbox, 'b.xml'))
        self.assertEqual(self.once(inbox)[0].count('\n'), 1)
        self.assertEqual(sorted(self.kept(inbox)['files']), ['a.ndjson', 'c.ndjson', 'd.ndjson'])

    def test_a_file_that_is_no_news_is_told_once(self):
        inbox = self.path('inbox')
        os.mkdir(inbox)
        self.write('inbox/picture.bin', b'\x89PNG\r\n\x1a\n' + bytes(range(256)))
        self.write('inbox/good.ndjson', self.news('a', 'Ferry'))
        self.assertIn('picture.bin', self.once(inbox, code=1)[1])
        self.assertEqual(self.once(inbox), ('', ''))
        self.assertEqual(self.titles(), ['Ferry'])


if __name__ == '__main__':
    tap.main(globals())

# SPDX-License-Identifier: GPL-2.0-or-later
"""Behind a proxy that has a prefix before every path, which it leaves in the address or takes away."""
import os
import shutil
import socket
import subprocess
import tempfile
import time
import unittest
import urllib.parse

from program import JSON, Program, WithProgram
import tap

PREFIX = {'X-Forwarded-Prefix': '/news/lede/', 'X-Forwarded-Proto': 'https', 'Host': 'archive.example'}
ORIGIN = 'https://archive.example/news/lede'


class Said(WithProgram):
    """By the proxy's header."""
    settings = {'LEDE_SERVER_NAMES': 'archive.example'}
    with_sample = True

    def addresses(self, headers):
        """Every address that answers have, by what it is."""
        def get(path, **parameters):
            answer = self.lede.get(path, headers, **parameters)
            self.assertEqual(answer.status, 200, answer.text)
            return answer
        nothing = get('/search', q='council zebraqq').json['query']['clinic']
        return {'next': get('/search', q='the', match='any', limit=1).json['next'],
                'similar': get('/documents/' + urllib.parse.quote(self.documents[0]['id'], safe='') + '/similar', limit=1).json['next'],
                'clinic': nothing['smallest']['search'],
                'atom': get('/search.atom', q='council').text, 'rss': get('/search.rss', q='council').text,
                'opensearch': get('/opensearch.xml').text}

    def test_addresses_have_the_prefix(self):
        for headers, prefix, origin in ((PREFIX, '/news/lede', ORIGIN), ({'Host': 'archive.example'}, '', 'http://archive.example'),
                                        (PREFIX, '/news/lede', ORIGIN)):
            found = self.addresses(headers)
            for name in ('next', 'clinic'):
                self.assertTrue(found[name].startswith(f'{prefix}/search?'), found[name])
            self.assertTrue(found['similar'].startswith(f'{prefix}/documents/'), found['similar'])
            self.assertIn(f'<link rel="self" href="{origin}/search.atom?q=council"/>', found['atom'])
            self.assertIn(f'<link>{origin}/?q=council</link>', found['rss'])
            self.assertIn(f'"{origin}/?q=', found['opensearch'])
            self.assertEqual(self.lede.ask('GET', found['next'], headers=headers).status, 200)

    def test_a_prefix_that_is_none_is_passed_over(self):
        for prefix in ('', '/', 'news', '//evil.example', '/a//b', '/a"b', '/a b', '/' + 'x' * 300, '/a, /b', 'https://evil.example'):
            found = self.lede.get('/search', q='the', match='any', limit=1).json['next']
            answer = self.lede.get('/search', {'X-Forwarded-Prefix': prefix}, q='the', match='any', limit=1)
            self.assertEqual(answer.json['next'].split('cursor')[0], found.split('cursor')[0], prefix)

    def test_what_is_below_the_prefix_is_what_is_there_without_it(self):
        for path in ('/search?q=x', '/', '/assets/page.css', '/health/live', '/openapi.json'):
            self.assertEqual(self.lede.ask('GET', '/news/lede' + path, headers=PREFIX).status, 200, path)
            self.assertEqual(self.lede.ask('GET', '/news/lede' + path).status, 404, path)
        self.assertEqual(self.lede.ask('GET', '/news/ledes/search', headers=PREFIX).status, 404)


class Set(WithProgram):
    """By the setting, which no header changes."""
    settings = {'LEDE_SERVER_PATH_PREFIX': '/lede'}

    def test_ids_with_slashes_are_reached_with_and_without_the_prefix(self):
        for prefix in ('/lede', ''):
            path = prefix + '/documents/' + urllib.parse.quote('https://example.org/a//b c?d', safe='')
            self.assertIn(self.lede.ask('PUT', path, None, b'{"title": "slashes"}', JSON).status, (200, 201))
            self.assertEqual(self.lede.ask('GET', path, headers={'X-Forwarded-Prefix': '/evil'}).json['id'], 'https://example.org/a//b c?d')

    def test_addresses_have_it(self):
        for number in range(3):
            self.lede.put(f'p{number}', {'title': 'prefixed'})
        found = self.lede.ask('GET', '/search?q=prefixed&limit=1', headers={'X-Forwarded-Prefix': '/evil'}).json['next']
        self.assertTrue(found.startswith('/lede/search?'), found)


@unittest.skipUnless(shutil.which('nginx'), 'nginx is not here')
class Nginx(unittest.TestCase):
    def test_an_id_with_slashes_and_the_next_page_go_through(self):
        home = tempfile.mkdtemp(prefix='lede-nginx-')
        lede = Program(LEDE_SERVER_PATH_PREFIX='/lede')
        with socket.create_server(('127.0.0.1', 0)) as free:
            port = free.getsockname()[1]
        config = os.path.join(home, 'nginx.conf')
        with open(config, 'w') as file:
            file.write(f'daemon off; pid {home}/pid; error_log {home}/error; events {{}} http {{ access_log off; client_body_temp_path {home}/b;'
                       f' proxy_temp_path {home}/p; fastcgi_temp_path {home}/f; uwsgi_temp_path {home}/u; scgi_temp_path {home}/s;'
                       f' server {{ listen 127.0.0.1:{port}; location /lede/ {{ proxy_pass {lede.url}; proxy_set_header Host $http_host; }} }} }}')
        nginx = subprocess.Popen(['nginx', '-e', f'{home}/error', '-c', config], stderr=subprocess.DEVNULL)
        try:
            for number in range(3):
                lede.put(f'https://example.org//{number}', {'title': 'through nginx'})
            direct, lede.port = lede.port, port
            for _ in range(100):
                try:
                    socket.create_connection(('127.0.0.1', port), timeout=5).close()
                    break
                except ConnectionRefusedError:
                    time.sleep(0.05)
            path = '/lede/documents/' + urllib.parse.quote('https://example.org//1', safe='')
            self.assertEqual(lede.ask('GET', path).json['id'], 'https://example.org//1')
            page = lede.ask('GET', '/lede/search?q=nginx&limit=1').json
            self.assertEqual(lede.ask('GET', page['next']).status, 200)
            lede.port = direct
        finally:
            nginx.terminate()
            nginx.wait(30)
            self.assertEqual(lede.stop(), 0)
            lede.remove()
            shutil.rmtree(home, ignore_errors=True)


if __name__ == '__main__':
    tap.main(globals())

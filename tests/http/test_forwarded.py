# SPDX-License-Identifier: GPL-2.0-or-later
"""What a proxy says of its client: believed of those that are trusted, and of nobody else."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..'))
import tap  # noqa: E402
from client import PROGRAM, WithServer  # noqa: E402

OWN = '127.0.0.1'
CLIENT = '203.0.113.9'
# Each is the headers, the client, and whether they were believed; the proxy is 127.0.0.1, 10.0.0.0/8 are others that are trusted.
FOR = [
    ([], OWN, 1),
    ([f'X-Forwarded-For: {CLIENT}'], CLIENT, 1),
    ([f'X-Forwarded-For: 1.2.3.4, {CLIENT}'], CLIENT, 1),
    ([f'X-Forwarded-For: 1.2.3.4,{CLIENT}, 10.1.1.1 ,10.9.9.9'], CLIENT, 1),
    (['X-Forwarded-For: 1.2.3.4', f'X-Forwarded-For: {CLIENT}, 10.1.1.1'], CLIENT, 1),
    (['X-Forwarded-For: 10.1.1.1, 10.2.2.2'], '10.1.1.1', 1),
    ([f'X-Forwarded-For: nonsense, {CLIENT}'], CLIENT, 1),
    ([f'X-Forwarded-For: , {CLIENT}, '], CLIENT, 1),
    ([f'X-Forwarded-For: {CLIENT}:4711'], CLIENT, 1),
    (['X-Forwarded-For: 2001:DB8::7'], '2001:db8::7', 1),
    (['X-Forwarded-For: [2001:db8::7]'], '2001:db8::7', 1),
    (['X-Forwarded-For: [2001:db8::7]:443'], '2001:db8::7', 1),
    (['X-Forwarded-For: ::ffff:203.0.113.9'], CLIENT, 1),
    (['X-Forwarded-For: unknown'], OWN, 0),
    (['X-Forwarded-For: 1.2.3.4, unknown'], OWN, 0),
    ([f'X-Forwarded-For: {CLIENT}, nonsense, 10.1.1.1'], OWN, 0),
    (['X-Forwarded-For: 203.0.113.999'], OWN, 0),
    (['X-Forwarded-For: [2001:db8::7'], OWN, 0),
    (['X-Forwarded-For: 203.0.113.9; rm'], OWN, 0),
    (['X-Forwarded-For: ' + ', '.join(['10.0.0.1'] * 33)], OWN, 0),
    ([f'Forwarded: for={CLIENT}'], CLIENT, 1),
    ([f'Forwarded: For="{CLIENT}:80";proto=https; by=10.0.0.1'], CLIENT, 1),
    (['Forwarded: proto=http;for="[2001:db8:cafe::17]:4711"'], '2001:db8:cafe::17', 1),
    ([f'Forwarded: for=1.2.3.4, for={CLIENT};proto=https, for=10.3.3.3'], CLIENT, 1),
    (['Forwarded: for=_hidden'], OWN, 0),
    (['Forwarded: for=unknown, for=10.0.0.1'], OWN, 0),
    (['Forwarded: proto=https'], OWN, 0),
    (['Forwarded: for=a;;;=,"'], OWN, 0),
    ([f'X-Forwarded-For: {CLIENT}', f'Forwarded: for={CLIENT}'], CLIENT, 1),
    ([f'X-Forwarded-For: {CLIENT}', 'Forwarded: for=198.51.100.1'], OWN, 0),
    ([f'X-Forwarded-For: {CLIENT}', 'Forwarded: for=127.0.0.1'], OWN, 0),
    ([f'X-Forwarded-For: {CLIENT}', 'X-Forwarded-Proto: gopher'], OWN, 0),
    ([f'X-Forwarded-For: {CLIENT}', 'X-Forwarded-Host: a"b'], OWN, 0),
]


def told(answer):
    return dict(line.split('=', 1) for line in answer.lines)


class Trusted(WithServer):
    settings = {'trusted': '127.0.0.1, 10.0.0.0/8'}

    def test_the_client_is_the_first_from_the_right_that_is_no_proxy(self):
        for headers, client, believed in FOR:
            found = told(self.ask('GET', '/client', headers))
            self.assertEqual((found['client'], int(found['believed'])), (client, believed), headers)

    def test_scheme_host_and_prefix_are_the_clients(self):
        for headers, secure, host, prefix in (
                ([], '0', '127.0.0.1', ''),
                (['X-Forwarded-Proto: https'], '1', '127.0.0.1', ''),
                (['X-Forwarded-Proto: http, HTTPS'], '1', '127.0.0.1', ''),
                (['X-Forwarded-Proto: https', 'X-Forwarded-Host: news.example:8443', 'X-Forwarded-Prefix: /lede/'], '1', 'news.example:8443', '/lede'),
                (['X-Forwarded-Host: evil.example, news.example'], '0', 'news.example', ''),
                (['Forwarded: for=192.0.2.1;host="news.example";proto=https'], '1', 'news.example', ''),
                (['Forwarded: for=192.0.2.1;host=other.example;proto=https', 'X-Forwarded-For: 192.0.2.1'], '0', '127.0.0.1', '')):
            found = told(self.ask('GET', '/client', headers))
            self.assertEqual((found['secure'], found['host'], found['prefix'], found['believed']), (secure, host, prefix, '1'), headers)

    def test_what_cannot_be_believed_is_passed_over_as_a_whole(self):
        found = told(self.ask('GET', '/client', ['X-Forwarded-For: nobody', 'X-Forwarded-Proto: https', 'X-Forwarded-Host: a.example',
                                                 'X-Forwarded-Prefix: /a']))
        self.assertEqual(found, {'client': OWN, 'secure': '0', 'host': '127.0.0.1', 'prefix': '', 'believed': '0'})


class Strangers(WithServer):
    settings = {'trusted': '10.0.0.0/8, unix'}

    def test_nobody_else_is_believed(self):
        for headers, _client, _believed in FOR:
            found = told(self.ask('GET', '/client', [*headers, 'X-Forwarded-Proto: https', 'X-Forwarded-Host: a.example', 'X-Forwarded-Prefix: /a']))
            self.assertEqual(found, {'client': OWN, 'secure': '0', 'host': '127.0.0.1', 'prefix': '', 'believed': '1'}, headers)


class Limits(WithServer):
    settings = {'trusted': '127.0.0.1', 'client_rate': 5, 'limits_loopback': 0}

    def refused(self, headers, count=15):
        return sum(self.ask('GET', '/', headers).status == 429 for _ in range(count))

    def test_each_client_behind_a_proxy_has_its_own_limit(self):
        self.assertGreater(self.refused(['X-Forwarded-For: 203.0.113.1']), 0)
        self.assertEqual(self.refused(['X-Forwarded-For: 203.0.113.2'], 3), 0)

    def test_a_client_cannot_make_itself_another_or_the_machine_itself(self):
        self.assertGreater(sum(self.ask('GET', '/', [f'X-Forwarded-For: 198.51.100.{number}, 203.0.113.3']).status == 429 for number in range(15)), 0)
        self.assertGreater(self.refused(['X-Forwarded-For: 127.0.0.1, 203.0.113.4']), 0)
        self.assertGreater(self.refused(['X-Forwarded-For: 203.0.113.5', 'Forwarded: for=127.0.0.1']), 0)
        self.assertGreater(self.refused(['X-Forwarded-For: nonsense']), 0)

    def test_the_machine_itself_has_none(self):
        self.assertEqual(self.refused([]), 0)


if __name__ == '__main__':
    if not PROGRAM:
        tap.skip_all('LEDE_HTTP_ECHO_SERVER names no server')
    tap.main(globals())

# SPDX-License-Identifier: GPL-2.0-or-later
"""Keys: made, told, replaced, revoked while the server runs; kept as hashes; feeds' keys in addresses; derived keys, made here by the
lines that the README has."""
import base64
import hashlib
import json
import os
import re
import stat
import subprocess
import time
import unittest
import urllib.parse

from program import BINARY, Keyed, Program, ROOT, WAIT_S
import tap

TOKEN = r'lede_[0-9a-f]{8}_[0-9a-f]{64}'
SEARCH = ['search']


with open(os.path.join(ROOT, 'README.md'), encoding='utf-8') as readme:
    exec(re.search(r'```python\n(.*?)```', readme.read(), re.S).group(1))  # derive(parent, query, expires)


def later(seconds=3600):
    return int(time.time()) + seconds


def run(*arguments):
    done = subprocess.run([BINARY, 'key', *arguments], capture_output=True, text=True, timeout=WAIT_S, check=False)
    return done.returncode, done.stdout, done.stderr


class Case(unittest.TestCase):
    def setUp(self):
        self.lede = Keyed(LEDE_LOG_LEVEL='info', LEDE_LOG_REQUESTS='json')
        self.addCleanup(self.lede.close)
        self.lede.bulk([{'id': f'{source}-{tag}', 'title': f'Harbour {source} {tag}', 'source': source, 'tags': [tag], 'body': 'A ferry.'}
                        for source in ('AP', 'dpa') for tag in ('open', 'internal')])

    def make(self, **wanted):
        answer = self.lede.make_key(**wanted)
        self.assertEqual(answer.status, 201, answer.text)
        self.assertRegex(answer.json['key'], f'^{TOKEN}$')
        return answer.json

    def ask(self, token, path='/search', method='GET', /, **parameters):
        headers = self.lede.bearer(token) if token else {}
        return Program.ask(self.lede, method, path, parameters, headers=headers)

    def ids(self, key, **parameters):
        answer = self.ask(key, limit=100, **parameters)
        self.assertEqual(answer.status, 200, answer.text)
        return sorted(hit['id'] for hit in answer.json['hits'])

    def until(self, status, *request, **parameters):
        end = time.monotonic() + WAIT_S
        while self.ask(*request, **parameters).status != status:
            self.assertLess(time.monotonic(), end)
            time.sleep(0.05)


class Quotas(Case):
    """Requests a second and searches at a time, by key."""

    def setUp(self):
        self.lede = Keyed(LEDE_SERVER_REQUESTS_PER_KEY='5')
        self.addCleanup(self.lede.close)
        self.unbound = None
        self.unbound = self.make(rights=['search', 'admin'], rate=0)['key']

    def make(self, **wanted):
        return self.lede.make_key(key=self.unbound, **wanted).json

    def statuses(self, key, count=40):
        return [self.ask(key, '/search', 'GET', q='x').status for _ in range(count)]

    def test_a_key_has_what_it_says_and_else_what_the_settings_say(self):
        own, other = self.make(rights=SEARCH, rate=15, searches=4), self.make(rights=SEARCH)
        self.assertEqual((own['rate'], own['searches'], other['rate'], other['searches']), (15, 4, None, None))
        for made, quota in ((own, 15), (other, 5)):
            answer = self.ask(made['key'])
            self.assertEqual(answer['RateLimit-Policy'], f'"requests";q={quota};w=1')
            self.assertIn(429, self.statuses(made['key'], 150))
        self.assertEqual(set(self.statuses(self.unbound)), {200})
        self.assertIsNone(self.ask(self.unbound)['RateLimit-Policy'])

    def test_one_that_is_refused_says_when_to_come_back_and_others_are_answered(self):
        first, second = self.make(rights=SEARCH)['key'], self.make(rights=SEARCH)['key']
        self.statuses(first, 30)
        refused = self.ask(first)
        self.assertEqual((refused.status, refused['Retry-After'], refused.json['type']), (429, '1', '/problems/too-many-requests'))
        self.assertEqual(self.ask(second).status, 200)
        self.until(200, first)

    def test_a_derived_key_counts_by_itself_with_what_its_parent_may(self):
        parent = self.make(rights=SEARCH, may_derive=True, rate=7)['key']
        one, other = derive(parent, 'title:a', later()), derive(parent, 'title:b', later())
        self.assertEqual(self.ask(one)['RateLimit-Policy'], '"requests";q=7;w=1')
        self.assertIn(429, self.statuses(one, 100))
        self.assertEqual(self.ask(other).status, 200)

    def test_a_successor_has_the_same(self):
        old = self.make(rights=SEARCH, rate=9, searches=2)
        new = self.make(replaces=old['id'])
        self.assertEqual((new['rate'], new['searches']), (9, 2))
        self.assertEqual(self.ask(new['key'])['RateLimit-Policy'], '"requests";q=9;w=1')

    def test_what_is_no_key_counts_by_its_address(self):
        self.assertEqual({self.ask('lede_00000000_' + '0' * 64).status for _ in range(20)}, {401})


class Keys(Case):
    def test_the_secret_is_told_once_and_kept_nowhere(self):
        made = self.make(rights=SEARCH, note='the page', filter='source:AP', expires='90d')
        secret = made.pop('key')
        told = next(key for key in self.ask(self.lede.admin, '/keys').json['keys'] if key['id'] == made['id'])
        self.assertEqual(told, made)
        self.assertEqual((made['rights'], made['note'], made['filter'], made['may_derive']), (SEARCH, 'the page', 'source:AP', False))
        path = os.path.join(self.lede.data, 'keys.json')
        with open(path, encoding='utf-8') as file:
            text = file.read()
        self.assertNotIn(secret.split('_')[2], text)
        self.assertNotIn(hashlib.sha256(secret.split('_')[2].encode()).hexdigest(), text)
        self.assertEqual(stat.S_IMODE(os.stat(path).st_mode), 0o600)

    def test_a_key_holds_at_once_and_after_a_restart_until_it_is_revoked(self):
        made = self.make(rights=SEARCH)
        self.assertEqual(self.ask(made['key']).status, 200)
        self.lede.stop()
        self.lede.start()
        self.assertEqual(self.ask(made['key']).status, 200)
        self.assertEqual(self.ask(self.lede.admin, '/keys/' + made['id'], 'DELETE').status, 204)
        self.assertEqual(self.ask(made['key']).status, 401)
        self.assertEqual(self.ask(self.lede.admin, '/keys/' + made['id'], 'DELETE').status, 404)

    def test_a_running_server_follows_the_command_line(self):
        code, out, _ = run('new', '--data', self.lede.data, '--rights', 'search', '--filter', 'source:dpa')
        self.assertEqual(code, 0)
        self.until(200, out.strip())
        self.assertEqual(self.ids(out.strip()), ['dpa-internal', 'dpa-open'])
        self.assertEqual(run('revoke', out[5:13], '--data', self.lede.data)[0], 0)
        self.until(401, out.strip())

    def test_it_ends_when_it_expires(self):
        made = self.make(rights=SEARCH, expires='2s')
        self.assertEqual(self.ask(made['key']).status, 200)
        self.until(401, made['key'])

    def test_a_successor_has_what_it_had_and_both_hold_for_a_while(self):
        old = self.make(rights=SEARCH, filter='source:AP', note='the page', expires='90d')
        new = self.make(replaces=old['id'], overlap='2s')
        self.assertEqual([self.ask(key['key']).status for key in (old, new)], [200, 200])
        self.assertEqual([new[name] for name in ('rights', 'filter', 'note')], [old[name] for name in ('rights', 'filter', 'note')])
        self.assertAlmostEqual(90 * 86400, time.mktime(time.strptime(new['expires'], '%Y-%m-%dT%H:%M:%SZ')) -
                               time.mktime(time.strptime(new['created'], '%Y-%m-%dT%H:%M:%SZ')), delta=3700)
        self.until(401, old['key'])
        self.assertEqual(self.ask(new['key']).status, 200)
        told = {key['id']: key for key in self.ask(self.lede.admin, '/keys').json['keys']}
        self.assertEqual(told[old['id']]['replaced_by'], new['id'])

    def test_what_cannot_be_a_key_is_refused(self):
        for wanted, param in (({}, 'rights'), ({'rights': []}, 'rights'), ({'rights': ['fly']}, 'rights'), ({'rights': 'search'}, 'rights'),
                              ({'rights': ['search', 'feed']}, 'rights'), ({'rights': ['write'], 'filter': 'source:AP'}, 'rights'),
                              ({'rights': ['search', 'admin'], 'filter': 'source:AP'}, 'rights'),
                              ({'rights': SEARCH, 'filter': 'a AND'}, 'filter'), ({'rights': SEARCH, 'filter': '(a'}, 'filter'),
                              ({'rights': SEARCH, 'filter': 'a\nb'}, 'filter'), ({'rights': SEARCH, 'filter': 7}, 'filter'),
                              ({'rights': SEARCH, 'expires': 'soon'}, 'expires'), ({'rights': SEARCH, 'expires': '2001-01-01'}, 'expires'),
                              ({'rights': SEARCH, 'note': 'x' * 201}, 'note'), ({'rights': ['read'], 'may_derive': True}, 'may_derive'),
                              ({'rights': SEARCH, 'rate': -1}, 'rate'), ({'rights': SEARCH, 'rate': '9'}, 'rate'), ({'rights': SEARCH, 'searches': 100001}, 'searches'),
                              ({'rights': SEARCH, 'searches': 1.5}, 'searches'),
                              ({'rights': SEARCH, 'may_derive': 'yes'}, 'may_derive'), ({'rights': SEARCH, 'colour': 'red'}, 'colour'),
                              ({'replaces': 'ffffffff'}, 'replaces'), ({'replaces': self.lede.admin[5:13], 'overlap': 'a bit'}, 'overlap'),
                              ({'replaces': self.lede.admin[5:13], 'rights': SEARCH}, 'rights')):
            with self.subTest(wanted=wanted):
                answer = self.lede.make_key(**wanted)
                self.assertEqual((answer.status, answer.json['param']), (400, param), answer.text)

    def test_what_is_no_key_is_refused_without_a_hint_of_why(self):
        token = self.make(rights=SEARCH)['key']
        wrong = token[:-1] + ('0' if token[-1] != '0' else '1')
        answers = [Program.ask(self.lede, 'GET', '/search', headers={'Authorization': value}) for value in (
            f'Bearer {wrong}', f'Bearer {token}0', f'Bearer {token[:-1]}', 'Bearer lede_00000000_' + '0' * 64, 'Bearer x',
            f'Bearer {token[:13]}.9999999999..' + '0' * 64, f'Bearer {token.upper()}', 'Bearer ' + 'a' * 8000)]
        bare = {re.sub(r'/requests/\w+', '', answer.text) for answer in answers}
        self.assertEqual(({answer.status for answer in answers}, len(bare)), ({401}, 1))
        self.assertIn('invalid_token', answers[0]['WWW-Authenticate'])
        for value in ('Bearer ', f'Basic {token}', token, f'{token} Bearer'):
            self.assertEqual(Program.ask(self.lede, 'GET', '/search', headers={'Authorization': value}).status, 401)
        self.assertEqual(Program.ask(self.lede, 'GET', '/search', headers={'Authorization': f'bearer  {token}'}).status, 200)

    def test_clients_of_others_send_a_key_in_their_own_forms(self):
        token = self.make(rights=SEARCH)['key']
        derived = derive(self.make(rights=SEARCH, may_derive=True)['key'], 'title:"a word"', later())

        def packed(text):
            return base64.b64encode(text.encode()).decode()

        def asked(value):
            return Program.ask(self.lede, 'GET', '/search?q=formword', headers={'Authorization': value}).status
        for key in (token, derived):
            for value in (f'ApiKey {key}', f'apikey  {packed("lede:" + key)}', f'ApiKey {packed(":" + key)}', f'Basic {packed("elastic:" + key)}'):
                self.assertEqual(asked(value), 200, value)
        for value in (f'ApiKey {packed(token)}', f'Basic {packed(token)}', f'Basic {token}', f'Basic {packed("a:b:" + token)}', 'Basic ', 'Basic', 'ApiKey',
                      f'Basic {packed("a:" + token)}x', f'Basic {packed("a:" + token[:-1])}', 'Basic ' + packed('a:\0' + token), f'Bearer {packed("a:" + token)}',
                      f'Negotiate {token}', f'BasicX {packed("a:" + token)}'):
            self.assertEqual(asked(value), 401, value)
        self.lede.stop()
        text = self.lede.log_text()
        self.lede.start()
        told = [entry.get('key') for entry in map(json.loads, re.findall(r'^{.*}$', text, re.M)) if 'formword' in entry.get('address', '') and entry['status'] == 200]
        self.assertEqual(told[:4], [token[5:13]] * 4)
        for secret in (token.split('_')[2], packed('elastic:' + token)):
            self.assertNotIn(secret, text)

    def test_no_secret_is_logged_or_said(self):
        token = self.make(rights=SEARCH)['key']
        feed = self.make(rights=['feed'])['key']
        secrets = [token.split('_')[2], feed.split('_')[2]]
        said = [self.ask(token, q=token).headers, self.ask(None, sort=token).headers]
        for path in (f'/search.atom?key={feed}', f'/search.rss?q=x&%6bey={feed}', f'/search?key={feed}', f'/search?q=%00&key={feed}',
                     f'/nothing/{token}', f'/search.atom?key={feed}x&limit=0', f'/search.atom?q=%zz&key={urllib.parse.quote(feed)}',
                     '/search.atom?%6B%65%79=' + ''.join(f'%{ord(c):02x}' for c in feed)):
            answer = self.ask(None, path)
            said.append(answer.headers)
            if '/nothing/' not in path:
                said.append(answer.text)
        self.lede.stop()
        text = self.lede.log_text()
        self.lede.start()
        self.assertIn('/search.atom', text)
        told = [(entry['address'], entry.get('key'), entry['status']) for entry in map(json.loads, re.findall(r'^{.*}$', text, re.M))]
        self.assertIn((f'/search?q=lede_{token[5:13]}_...', token[5:13], 200), told)
        self.assertIn(('/search.atom?key=...', feed[5:13], 200), told)
        for secret in secrets:
            self.assertNotIn(secret, text)
            self.assertNotIn(secret, ' '.join(map(str, said)))
        self.assertNotIn(''.join(f'%{ord(c):02x}' for c in secrets[1]), text)

    def test_a_damaged_file_changes_nothing_while_it_is_served_and_refuses_a_start(self):
        token = self.make(rights=SEARCH)['key']
        path = os.path.join(self.lede.data, 'keys.json')
        with open(path, 'rb') as file:
            whole = file.read()
        for damaged in (b'{', b'{"format": 1, "keys": [{}]}', None):
            if damaged is None:
                os.remove(path)
            else:
                with open(path, 'wb') as file:
                    file.write(damaged)
            time.sleep(1.2)
            self.assertEqual((self.ask(token).status, self.ask(None).status), (200, 401))
            if damaged is not None:
                self.lede.stop()
                with self.assertRaisesRegex(RuntimeError, 'keys.json'):
                    self.lede.start()
                with open(path, 'wb') as file:
                    file.write(whole)
                self.lede.start()


class Feeds(Case):
    def test_its_key_finds_feeds_in_the_address_and_nothing_else(self):
        made = self.make(rights=['feed'], filter='source:AP')
        for feed in ('/search.atom', '/search.rss', '/search.jsonfeed'):
            answer = self.ask(None, feed, q='ferry', key=made['key'])
            self.assertEqual(answer.status, 200, answer.text)
            self.assertEqual((answer.text.count('AP open'), answer.text.count('dpa')), (1, 0))
            self.assertNotIn(made['key'], answer.text)
            self.assertIn('q=ferry', answer.text)
            self.assertEqual(self.ask(made['key'], feed).status, 200)
        for path in ('/search', '/search.csv', '/suggest', '/documents/AP-open', '/documents/AP-open/similar', '/documents/AP-open/versions', '/stats', '/keys'):
            self.assertEqual(self.ask(None, path, q='x', key=made['key']).status, 401)
            self.assertEqual(self.ask(made['key'], path).status, 403)
        self.ask(self.lede.admin, '/keys/' + made['id'], 'DELETE')
        self.assertEqual(self.ask(None, '/search.atom', key=made['key']).status, 401)

    def test_no_other_key_is_taken_from_an_address(self):
        parent = self.make(rights=SEARCH, may_derive=True)['key']
        for key in (self.lede.admin, parent, derive(parent, '', later())):
            self.assertEqual(self.ask(None, '/search.atom', key=key).status, 401)


class Derived(Case):
    def setUp(self):
        super().setUp()
        self.made = self.make(rights=['search', 'read', 'delete'], filter='source:AP', may_derive=True)
        self.parent = self.made['key']

    def test_it_finds_what_both_filters_let_through(self):
        self.assertEqual(self.ids(derive(self.parent, '', later())), ['AP-internal', 'AP-open'])
        self.assertEqual(self.ids(derive(self.parent, 'NOT tag:internal', later())), ['AP-open'])
        self.assertEqual(self.ids(derive(self.parent, 'source:dpa', later())), [])
        self.assertEqual(self.ids(derive(self.parent, 'source:dpa OR source:AP', later())), ['AP-internal', 'AP-open'])
        free = self.make(rights=SEARCH, may_derive=True)['key']
        self.assertEqual(self.ids(derive(free, 'NOT tag:internal', later())), ['AP-open', 'dpa-open'])

    def test_no_text_steps_out_of_the_parents_filter(self):
        for text in ('x) OR (source:dpa', 'x OR source:dpa', 'source:AP OR (source:dpa)', ') OR source:dpa OR (', 'x\\', '" OR source:dpa',
                     'source:dpa^9', 'NOT source:AP', 'x MAYBE source:dpa', '*', 'NOT nothing', 'dpa\tOR', 'ferry\nsource:dpa'):
            answer = self.ask(derive(self.parent, text, later()), limit=100)
            self.assertIn(answer.status, (200, 401, 403), text)
            if answer.status == 200:
                self.assertLessEqual({hit['id'] for hit in answer.json['hits']}, {'AP-open', 'AP-internal'}, text)
        answer = self.ask(derive(self.parent, 'x) OR (y', later()))
        self.assertEqual((answer.status, answer.json['type']), (403, '/problems/forbidden'))

    def test_it_can_only_search(self):
        key = derive(self.parent, '', later())
        for path in ('/search', '/search.csv', '/search.atom', '/suggest', '/documents/AP-open/similar', '/documents/AP-open/versions'):
            self.assertEqual(self.ask(key, path).status, 200, path)
        for method, path in (('GET', '/documents/AP-open'), ('DELETE', '/documents/AP-open'), ('GET', '/stats'), ('GET', '/keys')):
            self.assertEqual(self.ask(key, path, method).status, 403)

    def test_it_ends_with_its_expiry_or_its_parent(self):
        self.assertEqual(self.ask(derive(self.parent, '', later(-1))).status, 401)
        short, long = derive(self.parent, '', later(2)), derive(self.parent, '', later())
        self.assertEqual(self.ask(short).status, 200)
        self.until(401, short)
        self.assertEqual(self.ask(long).status, 200)
        self.ask(self.lede.admin, '/keys/' + self.made['id'], 'DELETE')
        self.assertEqual(self.ask(long).status, 401)

    def test_what_was_changed_holds_no_more(self):
        key = derive(self.parent, 'tag:open', later())
        head, expires, text, signature = key.split('.')
        for other in ((head, str(int(expires) + 9), text, signature), (head, expires, '', signature), (head, expires, text + 'QQ', signature),
                      (head, expires, text, signature[:-1] + 'g'), (head, expires, text, ''), (head, expires, text, signature.upper()),
                      ('lede_' + self.lede.admin[5:13], expires, text, signature), (head, '0' + expires, text, signature),
                      (head, '-1', text, signature), (head, '9' * 30, text, signature), (head, expires, text)):
            self.assertEqual(self.ask('.'.join(other)).status, 401, other)
        plain = self.make(rights=SEARCH)['key']
        self.assertEqual(self.ask(derive(plain, '', later())).status, 401)

    def test_the_command_line_makes_the_same(self):
        path = os.path.join(self.lede.home, 'parent.key')
        with open(path, 'w', encoding='utf-8') as file:
            file.write(self.parent + '\n')
        for text in ('', 'tag:open', 'tag:öffentlich OR "zwei Wörter"'):
            expires = '2030-01-01T00:00:00Z'
            code, out, err = run('derive', '--key-file', path, '--expires', expires, '--filter', text)
            self.assertEqual((code, out), (0, derive(self.parent, text, 1893456000) + '\n'), err)


class WithoutKeys(unittest.TestCase):
    def test_everything_is_allowed_and_said_so_until_the_first_key_is_made(self):
        lede = Program(LEDE_LOG_LEVEL='info')
        self.addCleanup(lede.remove)
        self.assertEqual(lede.put('a', {'title': 'x'}).status, 201)
        self.assertEqual([lede.get(path).status for path in ('/search', '/documents/a', '/stats', '/keys')], [200] * 4)
        self.assertEqual(lede.get('/keys').json, {'keys': []})
        answer = lede.post('/keys', {'rights': SEARCH})
        self.assertEqual((answer.status, answer.json['param']), (400, 'rights'))
        key = lede.post('/keys', {'rights': ['admin']}).json['key']
        self.assertEqual([lede.get(path).status for path in ('/search', '/documents/a', '/stats', '/keys')], [401] * 4)
        self.assertEqual(lede.get('/keys', Keyed.bearer(key)).status, 200)
        self.assertEqual(lede.ask('DELETE', '/keys/' + key[5:13], headers=Keyed.bearer(key)).status, 204)
        self.assertEqual(lede.get('/search').status, 401)
        self.assertEqual(lede.stop(), 0)
        self.assertIn('there are no keys', lede.log_text())


if __name__ == '__main__':
    tap.main(globals())

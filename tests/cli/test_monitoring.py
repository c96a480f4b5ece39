# SPDX-License-Identifier: GPL-2.0-or-later
"""The dashboard and the alert rules of config/: they are well-formed, what they ask for is told, and alerts fire by what they are for."""
import json
import os
import pty
import re
import select
import shutil
import signal
import subprocess
import time
import urllib.error
import urllib.parse
import urllib.request

from program import Case, NEWS, SOURCE, Server, WAIT_S, environment, run, wait_until
import tap

CONFIG = os.path.join(SOURCE, 'config')
ALERTS = os.path.join(CONFIG, 'alerts.yml')
NAME = re.compile(r'\b(?:lede|process)_[a-z0-9_]+\b')


def dashboard():
    with open(os.path.join(CONFIG, 'grafana-dashboard.json'), encoding='utf-8') as file:
        return json.load(file)


def expressions():
    """The dashboard's, as Prometheus gets them."""
    board = dashboard()
    texts = [target['expr'] for panel in board['panels'] for target in panel['targets']]
    texts += [re.search(r'label_values\((.*), \w+\)', variable['definition'])[1] for variable in board['templating']['list'] if 'definition' in variable]
    return [text.replace('$__rate_interval', '5m').replace('$instance', '.*') for text in texts]


def alert_rules():
    with open(ALERTS, encoding='utf-8') as file:
        return file.read()


class Monitoring(Case):
    def promtool(self, *arguments):
        command = shutil.which('promtool')
        if not command:
            self.skipTest('promtool is not installed')
        done = subprocess.run([command, *arguments], capture_output=True, text=True, timeout=WAIT_S, check=False, cwd=self.directory)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        return done.stdout

    def told(self):
        self.imported(NEWS)
        with Server('--data', self.data, env=environment()) as server:
            server.get('/search', q='ferry')
            text, end = '', time.monotonic() + WAIT_S
            # A request is counted when its answer is sent, which its client may know before.
            while 'lede_http_request_duration_seconds_count' not in text and time.monotonic() < end:
                with urllib.request.urlopen(server.url + '/metrics', timeout=WAIT_S) as answer:
                    text = answer.read().decode()
            return text

    def test_each_metric_of_the_dashboard_and_the_alerts_is_told_with_the_labels_that_they_name(self):
        text = self.told()
        alerts = re.findall(r'^        expr: (.*?)\n        (?:for|labels):', alert_rules(), re.M | re.S)
        self.assertGreater(len(alerts), 5)
        asked = expressions() + alerts
        names = {name for expression in asked for name in NAME.findall(re.sub(r'"[^"]*"', '', expression))}
        samples = set(re.findall(r'^(\w+)', re.sub(r'^#.*\n', '', text, flags=re.M), re.M))
        self.assertEqual(names - samples, set())
        labels = {}
        for name, given in re.findall(r'^(\w+)\{(.*?)\} ', text, re.M):
            labels.setdefault(name, set()).update(re.findall(r'(\w+)="', given))
        for expression in asked:
            for name, selector in re.findall(r'\b((?:lede|process)_\w+)\{([^}]*)\}', expression):
                wanted = set(re.findall(r'(\w+)\s*=', selector)) - {'instance', 'job'}
                self.assertLessEqual(wanted, labels.get(name, set()), expression)

    def test_the_dashboard_is_whole(self):
        board = dashboard()
        taken, ids = set(), [panel['id'] for panel in board['panels']]
        self.assertEqual(len(ids), len(set(ids)))
        for panel in board['panels']:
            place = panel['gridPos']
            cells = {(x, y) for x in range(place['x'], place['x'] + place['w']) for y in range(place['y'], place['y'] + place['h'])}
            self.assertFalse(cells & taken, panel['title'])
            self.assertLessEqual(place['x'] + place['w'], 24)
            taken |= cells
            self.assertTrue(panel['title'] and panel['targets'])
        self.assertEqual(board['uid'], 'lede')

    def test_promtool_can_read_what_the_dashboard_asks(self):
        rules = [f'      - {{record: "asked:{number}", expr: {json.dumps(expression)}}}\n' for number, expression in enumerate(expressions())]
        path = self.write('asked.yml', 'groups:\n  - name: dashboard\n    rules:\n' + ''.join(rules))
        self.assertIn(f'{len(rules)} rules found', self.promtool('check', 'rules', path))

    def test_promtool_finds_nothing_wrong_with_the_alerts(self):
        self.assertIn('SUCCESS', self.promtool('check', 'rules', '--lint=all', '--lint-fatal', ALERTS))

    def test_each_alert_fires_by_what_it_is_for_and_none_by_a_server_that_is_well(self):
        shutil.copy(ALERTS, self.path('alerts.yml'))
        shutil.copy(os.path.join(SOURCE, 'tests', 'cli', 'alerts_test.yml'), self.path('alerts_test.yml'))
        self.promtool('test', 'rules', 'alerts_test.yml')
        with open(self.path('alerts_test.yml'), encoding='utf-8') as tested:
            self.assertEqual(sorted(re.findall(r'alert: (\w+)', alert_rules())), sorted(re.findall(r'alertname="(\w+)"', tested.read())))


class Prometheus:
    """Prometheus itself with this configuration, and what its API answers."""

    def __init__(self, directory, configuration):
        with open(os.path.join(directory, 'prometheus.yml'), 'w', encoding='utf-8') as file:
            file.write(configuration)
        self.log = os.path.join(directory, 'prometheus.log')
        with open(self.log, 'w', encoding='utf-8') as log:
            self.process = subprocess.Popen(['prometheus', f'--config.file={file.name}', f'--storage.tsdb.path={directory}/series',
                                             '--web.listen-address=127.0.0.1:0', '--enable-feature=exemplar-storage'], stderr=log)
        self.url = None

    def stop(self):
        self.process.terminate()
        self.process.wait(WAIT_S)

    def is_ready(self):
        with open(self.log, encoding='utf-8') as log:
            found = re.search(r'msg="Listening on" address=(127\.0\.0\.1:\d+)', log.read())
        if not found:
            return False
        self.url = f'http://{found[1]}'
        try:
            return urllib.request.urlopen(self.url + '/-/ready', timeout=WAIT_S).status == 200
        except urllib.error.HTTPError:
            return False

    def get(self, path, **parameters):
        with urllib.request.urlopen(f'{self.url}/api/v1/{path}?{urllib.parse.urlencode(parameters)}', timeout=WAIT_S) as answer:
            return json.load(answer)['data']

    def samples(self, expression):
        return self.get('query', query=expression)['result']

    def targets(self):
        return [(target['labels']['job'], target['health'], target['lastError']) for target in self.get('targets')['activeTargets']]


class Scraped(Case):
    """Lede as a real Prometheus sees it, by the words at the head of the alerts."""

    def setUp(self):
        if not shutil.which('prometheus'):
            self.skipTest('prometheus is not installed')
        super().setUp()

    def watch(self, url, key):
        head = re.search(r'^#   scrape_configs:\n(?:#     .*\n)+', alert_rules(), re.M)[0]
        scraped = re.sub(r'^#   |   # of a key.*', '', head, flags=re.M)
        for old, new in (('/etc/prometheus/lede.key', json.dumps(key)), ('127.0.0.1:5333', urllib.parse.urlsplit(url).netloc)):
            self.assertIn(old, scraped)
            scraped = scraped.replace(old, new)
        shutil.copy(ALERTS, self.path('alerts.yml'))
        prometheus = Prometheus(self.directory, 'global: {scrape_interval: 500ms, evaluation_interval: 500ms}\nrule_files: [alerts.yml]\n' + scraped)
        self.addCleanup(prometheus.stop)
        wait_until(prometheus.is_ready, 'prometheus')
        return prometheus

    @tap.timeout(180)
    def test_each_panel_has_figures_each_rule_is_in_order_and_a_server_that_ends_is_missed(self):
        self.imported(NEWS)
        key = self.write('key', run('key', 'new', '--data', self.data, '--rights', 'admin,search')[1])
        with Server('--data', self.data, env=environment()) as server:
            prometheus = self.watch(server.url, key)
            wait_until(lambda: prometheus.targets() == [('lede', 'up', '')], f'a target that is up: {prometheus.targets()}')
            with open(key, encoding='utf-8') as file:
                ask = urllib.request.Request(server.url + '/search?q=ferry', headers={'Authorization': f'Bearer {file.read().strip()}'})

            def empty():
                urllib.request.urlopen(ask, timeout=WAIT_S).close()
                return [expression for expression in expressions() if not prometheus.samples(expression)]
            # A rate is one of two looks.
            wait_until(lambda: not empty(), 'figures in each panel')
            wait_until(lambda: prometheus.get('query_exemplars', query='lede_http_request_duration_seconds_bucket', start=time.time() - 300,
                                              end=time.time() + 300), 'exemplars')
            wait_until(lambda: all(rule['evaluationTime'] for rule in self.rules(prometheus)), 'rules that were looked at')
            self.assertEqual({rule['health'] for rule in self.rules(prometheus)}, {'ok'})
            by_time = {'LedeSearchesAreSlow', 'LedeSearchesWait'}  # of a busy machine no verdict
            self.assertEqual([rule for rule in self.rules(prometheus) if rule['state'] != 'inactive' and rule['name'] not in by_time], [])
        wait_until(lambda: [target[:2] for target in prometheus.targets()] == [('lede', 'down')], 'a target that is down')
        wait_until(lambda: [rule['name'] for rule in self.rules(prometheus) if rule['state'] != 'inactive'] == ['LedeDown'], 'an alert')

    @staticmethod
    def rules(prometheus):
        return [rule for group in prometheus.get('rules')['groups'] for rule in group['rules']]


class Top(Case):
    def test_it_shows_once_what_a_server_does(self):
        self.imported(NEWS)
        with Server('--data', self.data, env=environment()) as server:
            for _ in range(3):
                server.get('/search', q='ferry')
            code, out, err = run('top', '--url', server.url, '--once')
        self.assertEqual((0, ''), (code, err))
        self.assertRegex(out, r'^up \d+ s   documents [1-9]\d*   segments \d+   disk [\d.]+ [KMG]iB\nmemory [\d.]+ [MG]iB \(lists ')
        self.assertRegex(out, r'\nwaiting: read 0, long 0, write 0, ops 0   writes 0   connections \d+   refused 0.0/s\n')
        rate, mean, half, most, refused, failed = re.search(r'\nGET /search +([\d.]+) +([\d.]+) +([\d.]+) +([\d.]+) +([\d.]+) +([\d.]+)\n', out).groups()
        self.assertTrue(0 < float(rate) <= 3 and 0 < float(half) <= float(most) and float(refused) == float(failed) == 0, out)
        self.assertRegex(out, r'\nmatch +[\d.]+ +[\d.]+\n')
        self.assertRegex(out, r'\n +[\d.]+ +[1-9]\d*  ferry *\n')

    def test_it_needs_an_admins_key_where_one_is_needed_and_says_so(self):
        admin = run('key', 'new', '--data', self.data, '--rights', 'admin')[1]
        search = run('key', 'new', '--data', self.data, '--rights', 'search')[1]
        with Server('--data', self.data, env=environment()) as server:
            self.assertEqual(0, run('top', '--url', server.url, '--key-file', self.write('admin', admin), '--once')[0])
            for more, said in (([], 'expected a key'), (['--key-file', self.write('search', search)], "the right 'admin'")):
                code, out, err = run('top', '--url', server.url, '--once', *more)
                self.assertEqual((2, ''), (code, out))
                self.assertIn(said, err)

    def test_where_there_is_no_server_that_is_said(self):
        code, out, err = run('top', '--url', 'http://127.0.0.1:1', '--once')
        self.assertEqual((2, ''), (code, out))
        self.assertIn("cannot ask 'http://127.0.0.1:1'", err)

    def test_on_a_terminal_it_is_renewed_until_ctrl_c(self):
        with Server('--data', self.data, env=environment()) as server:
            child, terminal = pty.fork()
            if child == 0:
                os.execve(os.environ['LEDE_BINARY'], ['lede', 'top', '--url', server.url], environment(TERM='xterm', NO_COLOR='1'))
            shown, end = b'', time.monotonic() + WAIT_S
            # Between two looks only they themselves were asked.
            while (shown.count(b'\x1b[H\x1b[2J') < 3 or b'GET /metrics' not in shown.split(b'\x1b[2J')[-1]) and time.monotonic() < end:
                if select.select([terminal], [], [], 1)[0]:
                    shown += os.read(terminal, 65536)
            os.kill(child, signal.SIGINT)
            self.assertEqual(0, os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
            os.close(terminal)
        self.assertIn(b'GET /metrics', shown.split(b'\x1b[2J')[-1])


tap.main(globals())

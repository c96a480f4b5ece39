# SPDX-License-Identifier: GPL-2.0-or-later
"""Three nodes and a member of etcd on loopback: any node takes writes, what was answered is on all and outlives whoever leads, and without a
majority writes are refused while reads go on."""
import http.client
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.dirname(HERE))
import tap  # noqa: E402

LEDE = os.environ.get('LEDE_BINARY', '')
WAIT_S = 60


def free_port():
    """A port that the kernel picks; it may be taken again before it is used, which nobody does here."""
    with socket.socket() as found:
        found.bind(('127.0.0.1', 0))
        return found.getsockname()[1]


def ask(port, method, path, document=None, seconds=30):
    """(status, JSON, headers); status None: no answer."""
    connection = http.client.HTTPConnection('127.0.0.1', port, timeout=seconds)
    try:
        connection.request(method, path, None if document is None else json.dumps(document), {'Content-Type': 'application/json'})
        answer = connection.getresponse()
        text = answer.read()
        return answer.status, json.loads(text) if text else None, answer.headers
    except (OSError, http.client.HTTPException, ValueError):
        return None, None, {}
    finally:
        connection.close()


def wait_until(what, condition, seconds=WAIT_S):
    until = time.monotonic() + seconds
    while True:
        found = condition()
        if found:
            return found
        if time.monotonic() > until:
            raise AssertionError(f'waited in vain for {what}')
        time.sleep(0.02)


class Process:
    def __init__(self, command, log, env=None):
        self.command, self.log, self.env, self.process = command, log, env, None
        self.start()

    def start(self):
        with open(self.log, 'ab') as log:
            self.process = subprocess.Popen(self.command, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                                            env={**os.environ, **(self.env or {})})

    def kill(self, number=signal.SIGKILL):
        if self.process.poll() is None:
            self.process.send_signal(number)
        self.process.wait(WAIT_S)

    def text(self):
        with open(self.log, encoding='utf-8', errors='replace') as log:
            return log.read()


class Node(Process):
    def __init__(self, directory, name, etcd, **settings):
        self.port, self.directory = free_port(), os.path.join(directory, name)
        self.name = f'127.0.0.1:{self.port}'
        super().__init__([LEDE, 'serve', '--data', self.directory, '--listen', self.name, '--cluster', 'news', '--etcd', etcd, '--advertise', self.name],
                         os.path.join(directory, name + '.log'),
                         {'LEDE_CLUSTER_LEASE': '2s', 'LEDE_CLUSTER_WAIT': '8s', 'LEDE_STORE_PENDING_BYTES': '64KiB', 'LEDE_STORE_LOG_BYTES': '1MiB', **settings})

    def ask(self, method, path, document=None, seconds=30):
        return ask(self.port, method, path, document, seconds)

    def state(self):
        return self.ask('GET', '/cluster', seconds=5)[1] or {}

    def put(self, identity, title):
        return self.ask('PUT', '/documents/' + identity, {'title': title})

    def titles(self):
        connection = http.client.HTTPConnection('127.0.0.1', self.port, timeout=WAIT_S)
        try:
            connection.request('GET', '/export.ndjson?sort=newest')
            found = [json.loads(line) for line in connection.getresponse().read().splitlines()]
        finally:
            connection.close()
        return {document['id']: document['title'] for document in found}


class Failover(unittest.TestCase):
    maxDiff = None

    def setUp(self):
        self.directory = tempfile.mkdtemp(prefix='lede cluster ')
        self.addCleanup(shutil.rmtree, self.directory, ignore_errors=True)
        client, peer = free_port(), free_port()
        self.etcd_url = f'http://127.0.0.1:{client}'
        self.etcd = Process(['etcd', '--data-dir', os.path.join(self.directory, 'etcd'), '--listen-client-urls', self.etcd_url,
                             '--advertise-client-urls', self.etcd_url, '--listen-peer-urls', f'http://127.0.0.1:{peer}',
                             '--initial-advertise-peer-urls', f'http://127.0.0.1:{peer}', '--initial-cluster', f'default=http://127.0.0.1:{peer}',
                             '--logger', 'zap', '--log-level', 'error'], os.path.join(self.directory, 'etcd.log'))
        self.addCleanup(self.etcd.kill)
        self.nodes = []
        for name in 'abc':
            self.add(name)
        wait_until('three copies', lambda: all(len(node.state().get('copies', ())) == 3 for node in self.nodes))
        self.leader()

    def add(self, name, **settings):
        node = Node(self.directory, name, self.etcd_url, **settings)
        self.addCleanup(node.kill)
        self.nodes.append(node)
        return node

    def leader(self, of=None):
        """The node of these that leads."""
        return wait_until('somebody who leads', lambda: next((node for node in of or self.nodes if node.state().get('role') == 'leader'), None))

    def copies(self):
        leader = self.leader()
        return [node for node in self.nodes if node is not leader]

    def same(self, nodes=None):
        """All have the same documents in the end."""
        nodes = nodes or self.nodes
        expected = {}

        def are_same():
            try:
                found = [node.titles() for node in nodes]
            except (OSError, http.client.HTTPException):
                return False  # one is about to start
            expected.update(titles=found[0])
            return all(titles == found[0] for titles in found)
        wait_until('all nodes to have the same', are_same)
        return expected['titles']

    def tearDown(self):
        if sys.exc_info()[0]:
            for node in self.nodes:
                print('# ' + node.text()[-2000:].replace('\n', '\n# '))

    def test_a_write_at_any_node_is_found_on_all_once_it_is_answered(self):
        for number, node in enumerate(self.nodes):
            status, answer, _ = node.put(f'd{number}', f'ferry {number}')
            self.assertEqual((status, answer['result']), (201, 'created'))
            for other in self.nodes:
                status, found, _ = other.ask('GET', f'/search?q={number}&min_revision={answer["revision"]}&timeout=5s')
                self.assertEqual((status, [hit['id'] for hit in found['hits']]), (200, [f'd{number}']))
            self.assertEqual(node.ask('GET', f'/documents/d{number}')[1]['title'], f'ferry {number}')
        self.assertEqual(self.same(), {f'd{number}': f'ferry {number}' for number in range(3)})
        self.assertEqual(len({node.ask('GET', '/health/ready')[1]['revision'] for node in self.nodes}), 1)

    def test_conditions_patches_and_refusals_are_the_same_at_a_node_that_does_not_lead(self):
        copy = self.copies()[0]
        self.assertEqual(copy.put('a', 'one')[0], 201)
        self.assertEqual(copy.put('a', 'one')[1]['result'], 'unchanged')
        self.assertEqual(copy.ask('PATCH', '/documents/a', {'section': 'world'})[0], 200)
        self.assertEqual(copy.ask('GET', '/documents/a')[1]['section'], 'world')
        self.assertEqual(copy.ask('DELETE', '/documents/none')[0], 404)
        self.assertEqual(copy.ask('POST', '/documents?op=create', [{'id': 'a', 'title': 'x'}, {'id': 'b', 'title': 'y'}])[1]['failed'], 1)
        status, answer, _ = copy.ask('POST', '/documents?op=create&atomic=true', [{'id': 'a', 'title': 'x'}, {'id': 'c', 'title': 'z'}])
        self.assertEqual((status, answer['created'], answer['errors'][0]['id']), (422, 0, 'a'))
        self.assertEqual(copy.ask('POST', '/documents', [{'id': f'bulk{number}', 'title': 'bulk'} for number in range(3000)])[1]['created'], 3000)
        self.assertEqual(copy.ask('POST', '/documents/delete', {'q': 'bulk', 'confirm': 3000})[1]['deleted'], 3000)
        self.assertEqual(copy.ask('DELETE', '/documents/a')[0], 204)
        self.assertEqual(self.same(), {'b': 'y'})

    def test_when_the_leader_is_killed_another_leads_nothing_answered_is_lost_and_it_comes_back_as_a_copy(self):
        for turn in range(3):
            leader = self.leader()
            answered = {}
            for number in range(20):
                self.assertEqual(leader.put(f'{turn}-{number}', f'written {number}')[0], 201)
                answered[f'{turn}-{number}'] = f'written {number}'
            leader.kill()
            began = time.monotonic()
            others = [node for node in self.nodes if node is not leader]
            status, answer, _ = others[0].put(f'{turn}-after', 'after')  # it waits for somebody who leads
            print(f'# the next write went through after {time.monotonic() - began:.1f} s')
            self.assertEqual((status, answer['result']), (201, 'created'))
            self.assertLess(time.monotonic() - began, 30)  # how fast it is is measured by failover_times.py
            answered[f'{turn}-after'] = 'after'
            titles = self.same(others)
            self.assertEqual({identity: titles.get(identity) for identity in answered}, answered)
            leader.start()
            wait_until('it to be a copy', lambda: leader.state().get('role') == 'copy')
            self.same()

    def test_a_leader_that_hung_answers_nothing_from_before_another_led(self):
        for turn in range(3):
            leader = self.leader()
            self.assertIn(leader.put('a', f'old {turn}')[0], (200, 201))
            old = leader.ask('PATCH', '/documents/a', {})[2]['ETag']  # an empty patch reads, and is proved to read what is the newest
            leader.process.send_signal(signal.SIGSTOP)
            try:
                others = [node for node in self.nodes if node is not leader]
                other = self.leader(others)
                wait_until('the new leader to take writes', lambda node=other, turn=turn: node.put('a', f'new {turn}')[0] == 200)
                told = []
                threads = [threading.Thread(target=lambda node=leader: told.append(node.ask('PATCH', '/documents/a', {}))) for _ in range(6)]
                for thread in threads:
                    thread.start()
                time.sleep(0.3)
            finally:
                leader.process.send_signal(signal.SIGCONT)
            for thread in threads:
                thread.join(WAIT_S)
            self.assertNotIn((200, old), [(status, headers.get('ETag')) for status, _, headers in told])
            wait_until('it to be a copy', lambda node=leader: node.state().get('role') == 'copy')
            self.assertEqual(self.same(), {'a': f'new {turn}'})

    def test_a_copy_that_lacks_what_was_answered_does_not_lead_before_it_has_it(self):
        leader, (first, second) = self.leader(), self.copies()
        first.kill()
        wait_until('the others to go on', lambda: leader.put('a', 'two of three have it')[0] in (200, 201))
        leader.kill()
        second.kill()
        first.start()
        wait_until('the lease of who led to be over', lambda: first.state().get('leader', '') is None)
        for _ in range(20):
            self.assertNotEqual(first.state().get('role'), 'leader')
            time.sleep(0.1)
        self.assertEqual(first.put('b', 'b')[0], 503)
        second.start()
        wait_until('writes to be taken', lambda: first.put('c', 'c')[0] == 201)
        self.assertEqual(self.same([first, second]), {'a': 'two of three have it', 'c': 'c'})

    def test_without_a_majority_of_copies_reads_go_on_and_writes_are_503(self):
        leader, (first, second) = self.leader(), self.copies()
        self.assertEqual(leader.put('a', 'before')[0], 201)
        self.same()
        first.kill()
        self.assertEqual(leader.put('b', 'two of three')[0], 201)
        second.kill()
        wait_until('it to see that', lambda: leader.state().get('takes_writes') is False)
        status, problem, headers = leader.put('c', 'one of three')
        self.assertEqual((status, problem['type']), (503, '/problems/busy'))
        self.assertIn('nothing was written', problem['detail'])
        self.assertTrue(headers['Retry-After'])
        self.assertEqual(leader.ask('GET', '/documents/a')[0], 200)
        self.assertFalse(leader.ask('GET', '/health/ready')[1]['writable'])
        second.start()
        wait_until('writes to be taken', lambda: leader.put('d', 'again')[0] == 201)
        self.assertEqual(leader.ask('GET', '/documents/c')[0], 404)
        first.start()
        self.assertEqual(self.same(), {'a': 'before', 'b': 'two of three', 'd': 'again'})

    def test_a_node_that_lacks_more_than_is_kept_fetches_a_copy_and_goes_on(self):
        copy = self.copies()[0]
        copy.kill()
        other = next(node for node in self.nodes if node is not copy)
        words = ' '.join(f'word{number}' for number in range(2000))
        for number in range(4):  # eight megabytes each, and sixteen are kept
            status, answer, _ = other.ask('POST', '/documents', [{'id': f'part{number}-{part}', 'title': 'part', 'body': f'{words} {number} {part} ' * 10}
                                                                 for part in range(48)])
            self.assertEqual((status, answer.get('created')), (200, 48))
        copy.start()
        wait_until('it to say so', lambda: 'fetching a copy' in copy.text())
        wait_until('it to follow again', lambda: copy.state().get('behind_bytes') == 0 and copy.state().get('role') == 'copy')
        self.assertEqual(copy.put('after', 'after')[0], 201)
        self.assertIn('after', self.same())
        leader = self.leader()
        leader.kill()  # and it counts for a majority, and may lead
        others = [node for node in self.nodes if node is not leader]
        self.assertEqual(others[0].put('again', 'again')[0], 201)
        self.assertIn('again', self.same(others))

    def test_without_etcd_reads_go_on_and_writes_are_503(self):
        self.assertEqual(self.nodes[0].put('a', 'before')[0], 201)
        self.same()
        self.etcd.kill()
        for node in self.nodes:
            status, _, headers = node.put('b', 'no etcd')
            self.assertEqual((status, bool(headers['Retry-After'])), (503, True))
            self.assertEqual(node.ask('GET', '/search?q=before')[1]['total']['value'], 1)
        killed = self.nodes[0]
        killed.kill()
        killed.start()  # it serves what it has, though nobody says who leads
        wait_until('it to serve', lambda: killed.ask('GET', '/documents/a')[0] == 200)
        self.etcd.start()
        wait_until('writes to be taken', lambda: self.nodes[1].put('c', 'after')[0] == 201)
        self.assertEqual({**self.same(), 'b': None}, {'a': 'before', 'b': None, 'c': 'after'})


class Example(unittest.TestCase):
    def test_the_example_starts_three_nodes_in_two_commands(self):
        directory = tempfile.mkdtemp(prefix='lede example ')
        self.addCleanup(shutil.rmtree, directory, ignore_errors=True)
        ports = [free_port() for _ in range(3)]
        script = os.path.join(os.path.dirname(os.path.dirname(HERE)), 'config', 'cluster.example', 'start')
        example = Process([script, os.path.join(directory, 'data')], os.path.join(directory, 'log'),
                          {'LEDE': LEDE, 'PORTS': ' '.join(map(str, ports)), 'ETCD_PORT': str(free_port()), 'ETCD_PEER_PORT': str(free_port())})
        self.addCleanup(example.kill, signal.SIGTERM)

        def status():
            return subprocess.run([LEDE, 'cluster', 'status', '--url', f'http://127.0.0.1:{ports[0]}'], capture_output=True, timeout=WAIT_S, check=False)
        wait_until('the cluster to take writes', lambda: status().returncode == 0)
        wait_until('three copies', lambda: b'3 of 3, 3 live' in status().stdout)
        self.assertEqual(ask(ports[1], 'PUT', '/documents/a', {'title': 'A ferry'})[0], 201)
        wait_until('it to be found', lambda: ask(ports[2], 'GET', '/search?q=ferry')[1]['total']['value'] == 1)
        told = status().stdout.decode()
        self.assertEqual((told.count(' live'), told.count('leader ')), (4, 2), told)
        self.assertIn('taken', told)
        example.kill(signal.SIGTERM)
        self.assertEqual([ask(port, 'GET', '/health/live')[0] for port in ports], [None] * 3)


if __name__ == '__main__':
    if not LEDE:
        tap.skip_all('LEDE_BINARY names no program')
    if not shutil.which('etcd'):
        tap.skip_all('etcd is not installed (etcd-server)')
    tap.main(globals())

# SPDX-License-Identifier: GPL-2.0-or-later
"""Several machines on one: namespaces of the network, a cable each to one switch, and processes in them. README.md tells how to use it.

    with network.Network() as net:
        etcd = network.Etcd(net, 3)
        node = net.add('n1')
        server = node.start(['lede', 'serve', ...])
        net.part([etcd.hosts[0]], [node, *etcd.hosts[1:]])
        net.heal()

The switch has a namespace of its own, so that nothing of the machine's own network is touched and ports may be any. All of it goes
when the block ends; when the process is killed, its processes go with it (PR_SET_PDEATHSIG), and its namespaces when the next
Network is made.
"""
import atexit
import base64
import ctypes
import glob
import http.client
import json
import os
import re
import shutil
import signal
import subprocess
import tempfile
import threading
import time

NAME = re.compile(r'^lede(\d+)-[a-z0-9-]+$')
PREFIX = '10.77.0.'
COMMAND_S = 20       # what a command that sets something up may take
CLONE_NEWNET = 0x40000000
PR_SET_PDEATHSIG = 1
LIBC = ctypes.CDLL(None, use_errno=True)


class Missing(Exception):
    """The machine lacks something that is needed."""


def command(*words, check=True):
    """Run a command that sets something up."""
    ran = subprocess.run(words, capture_output=True, text=True, timeout=COMMAND_S, stdin=subprocess.DEVNULL, check=False)
    if check and ran.returncode != 0:
        raise Missing(f"'{' '.join(words)}' failed: {ran.stderr.strip()}")
    return ran.stdout


def what_is_missing(*programs):
    """Why there can be no Network here, in words; None: there can. programs  that are needed, too; 'nft' to part hosts, 'tc' to delay them"""
    if os.geteuid() != 0:
        return 'namespaces of the network need root'
    for program in ('ip', *programs):
        if not shutil.which(program):
            return f"there is no '{program}'"
    name = f'lede{os.getpid()}-try'
    try:
        command('ip', 'netns', 'add', name)
        command('ip', '-n', name, 'link', 'add', 'name', 'switch', 'type', 'bridge')
        command('ip', '-n', name, 'link', 'add', 'name', 'try-a', 'type', 'veth', 'peer', 'name', 'try-b')
        if 'nft' in programs:
            drop_what_comes(name, 'ip saddr { 192.0.2.1 } drop')
        if 'tc' in programs:
            command('tc', '-n', name, 'qdisc', 'replace', 'dev', 'try-a', 'root', 'netem', 'delay', '1ms')
    except Missing as error:
        return str(error)
    finally:
        command('ip', 'netns', 'del', name, check=False)
    return None


def drop_what_comes(namespace, rule):
    """One rule of nft for all that comes in, in the place of the one before."""
    rules = f'table ip lede {{\n}}\ndelete table ip lede\ntable ip lede {{\nchain in {{\ntype filter hook input priority 0\n{rule}\n}}\n}}\n'
    ran = subprocess.run(['ip', 'netns', 'exec', namespace, 'nft', '-f', '-'], input=rules, capture_output=True, text=True,
                         timeout=COMMAND_S, check=False)
    if ran.returncode != 0:
        raise Missing(f'nft failed: {ran.stderr.strip()}')


def die_with_parent():
    LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


class Process:
    """A process on a host; its output is in `log`."""

    def __init__(self, host, words, environment=None):
        host.network.count += 1
        self.host = host
        self.words = list(words)
        self.environment = environment
        self.log = os.path.join(host.network.home, f'{host.name}-{host.network.count}.log')
        self.child = None
        self.start()

    @property
    def pid(self):
        return self.child.pid

    def start(self):
        """Start it, or start it again."""
        environment = {**os.environ, **(self.environment or {})}
        with open(self.log, 'ab') as log:
            # `ip netns exec` becomes the command, so that the pid is the command's.
            self.child = subprocess.Popen(['ip', 'netns', 'exec', self.host.namespace, *self.words], stdin=subprocess.DEVNULL,
                                          stdout=log, stderr=log, env=environment, preexec_fn=die_with_parent)

    def is_running(self):
        return self.child.poll() is None

    def pause(self):
        os.kill(self.pid, signal.SIGSTOP)

    def go_on(self):
        os.kill(self.pid, signal.SIGCONT)

    def kill(self):
        """kill -9; it is gone when this returns."""
        if self.is_running():
            self.child.kill()
        self.child.wait(COMMAND_S)

    def stop(self, seconds=COMMAND_S):
        """SIGTERM, and SIGKILL where that takes too long. Returns the status."""
        if self.is_running():
            self.child.terminate()
        try:
            return self.child.wait(seconds)
        except subprocess.TimeoutExpired:
            self.kill()
            return self.child.returncode


class Host:
    """A namespace with an address."""

    def __init__(self, network, name, number):
        self.network = network
        self.name = name
        self.namespace = network.namespace(name)
        self.address = PREFIX + str(number)
        self.processes = []
        self.is_deaf = False
        switch = network.switch
        command('ip', 'netns', 'add', self.namespace)
        command('ip', '-n', switch, 'link', 'add', 'name', f'to-{name}', 'type', 'veth', 'peer', 'name', 'eth0', 'netns', self.namespace)
        command('ip', '-n', switch, 'link', 'set', f'to-{name}', 'master', 'switch', 'up')
        command('ip', '-n', self.namespace, 'link', 'set', 'lo', 'up')
        command('ip', '-n', self.namespace, 'address', 'add', self.address + '/24', 'dev', 'eth0')
        command('ip', '-n', self.namespace, 'link', 'set', 'eth0', 'up')

    def start(self, words, environment=None):
        process = Process(self, words, environment)
        self.processes.append(process)
        return process

    def run(self, function):
        """What a function of Python comes to in this namespace: its sockets belong to this host."""
        result = []

        def enter():
            try:
                with open(f'/run/netns/{self.namespace}', 'rb') as namespace:
                    if LIBC.setns(namespace.fileno(), CLONE_NEWNET) != 0:
                        raise OSError(ctypes.get_errno(), 'setns')
                result.extend((True, function()))
            except BaseException as error:  # pylint: disable=broad-except
                result.extend((False, error))
        thread = threading.Thread(target=enter)  # a thread is what enters a namespace, and it ends with it
        thread.start()
        thread.join()
        if not result[0]:
            raise result[1]
        return result[1]

    def connect(self, host, port, seconds):
        """A connection of HTTP from this host to another."""
        connection = http.client.HTTPConnection(host.address, port, timeout=seconds)
        self.run(connection.connect)
        return connection

    def post(self, host, port, path, content, seconds=5, headers=()):
        """Status and JSON of an answer."""
        connection = self.connect(host, port, seconds)
        try:
            connection.request('POST', path, json.dumps(content), dict(headers))
            answer = connection.getresponse()
            return answer.status, json.loads(answer.read())
        finally:
            connection.close()

    # ---- Faults ----

    def be_deaf_to(self, hosts):
        """Drop what comes from these hosts, and from no others any more."""
        addresses = ', '.join(host.address for host in hosts)
        rule = f'ip saddr {{ {addresses} }} drop' if addresses else ''
        drop_what_comes(self.namespace, rule)
        self.is_deaf = bool(addresses)

    def delay(self, milliseconds, jitter=0, loss_percent=0):
        """All that this host sends is late, or lost."""
        command('tc', '-n', self.namespace, 'qdisc', 'replace', 'dev', 'eth0', 'root', 'netem', 'delay', f'{milliseconds}ms', f'{jitter}ms',
                'loss', f'{loss_percent}%')

    def undelay(self):
        command('tc', '-n', self.namespace, 'qdisc', 'del', 'dev', 'eth0', 'root', check=False)

    def unplug(self):
        """Pull its cable."""
        command('ip', '-n', self.network.switch, 'link', 'set', f'to-{self.name}', 'down')

    def plug(self):
        command('ip', '-n', self.network.switch, 'link', 'set', f'to-{self.name}', 'up')


class Network:
    """A switch, and the hosts at it."""

    def __init__(self):
        self.home = tempfile.mkdtemp(prefix=f'lede-network-{os.getpid()}-')
        self.hosts = []
        self.count = 0
        self.is_closed = False
        self.switch = self.namespace('switch')
        atexit.register(self.close)
        remove_stale()
        command('ip', 'netns', 'add', self.switch)
        command('ip', '-n', self.switch, 'link', 'add', 'name', 'switch', 'type', 'bridge')
        command('ip', '-n', self.switch, 'link', 'set', 'switch', 'up')

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    @staticmethod
    def namespace(name):
        return f'lede{os.getpid()}-{name}'

    def add(self, name):
        """Another host. name  of a few letters and digits"""
        host = Host(self, name, len(self.hosts) + 1)
        self.hosts.append(host)
        return host

    def part(self, *groups):
        """Who is in different groups cannot hear each other; a host in no group hears all."""
        for group in groups:
            others = [host for other in groups if other is not group for host in other]
            for host in group:
                host.be_deaf_to(others)

    def heal(self):
        """All hear each other again, in time; who is paused stays so."""
        for host in self.hosts:
            if host.is_deaf:
                host.be_deaf_to([])
            host.undelay()
            host.plug()

    def close(self):
        """End all processes and take everything away. Once more does nothing."""
        if self.is_closed:
            return
        self.is_closed = True
        atexit.unregister(self.close)
        for host in self.hosts:
            for process in host.processes:
                process.kill()
        remove_namespaces(f'lede{os.getpid()}-')
        shutil.rmtree(self.home, ignore_errors=True)


def namespaces():
    return [line.split()[0] for line in command('ip', 'netns', 'list').splitlines() if line.strip()]


def remove_namespaces(prefix):
    """Take these away, with whatever is left in them: only what a Network has started is there."""
    for name in namespaces():
        if not name.startswith(prefix):
            continue
        for pid in command('ip', 'netns', 'pids', name, check=False).split():
            try:
                os.kill(int(pid), signal.SIGKILL)
            except ProcessLookupError:
                pass
        command('ip', 'netns', 'del', name, check=False)


def remove_stale():
    """What processes that are gone have left."""
    for name in namespaces():
        match = NAME.match(name)
        if match and not os.path.exists(f'/proc/{match.group(1)}'):
            remove_namespaces(f'lede{match.group(1)}-')
    for path in glob.glob(os.path.join(tempfile.gettempdir(), 'lede-network-*-*')):
        if not os.path.exists('/proc/' + path.rsplit('-', 2)[1]):
            shutil.rmtree(path, ignore_errors=True)


class Etcd:
    """Members of etcd, a host each: e1, e2, e3. They listen at 2379 and 2380 of their own hosts."""

    def __init__(self, network, count=3, flags=()):
        self.network = network
        self.hosts = [network.add(f'e{number + 1}') for number in range(count)]
        self.endpoints = ','.join(f'http://{host.address}:2379' for host in self.hosts)
        cluster = ','.join(f'{host.name}=http://{host.address}:2380' for host in self.hosts)
        self.members = [host.start(['etcd', f'--name={host.name}', f'--data-dir={network.home}/{host.name}', f'--initial-cluster={cluster}',
                                    f'--listen-client-urls=http://{host.address}:2379', f'--advertise-client-urls=http://{host.address}:2379',
                                    f'--listen-peer-urls=http://{host.address}:2380', f'--initial-advertise-peer-urls=http://{host.address}:2380',
                                    '--logger=zap', *flags]) for host in self.hosts]
        for number in range(count):
            self.wait(number)

    def put(self, number, key, value, seconds=5):
        """Put by this member, from its own host. Returns the revision, or None: it is not known to be done."""
        content = {'success': [{'request_put': {'key': to_base64(key), 'value': to_base64(value)}}]}
        answer = self.ask(number, '/v3/kv/txn', content, seconds)
        return int(answer['header']['revision']) if answer and answer.get('succeeded') else None

    def get(self, number, key, serializable=False, seconds=5):
        """The value, as this member has it; None: there is none, or no answer."""
        answer = self.ask(number, '/v3/kv/range', {'key': to_base64(key), 'serializable': serializable}, seconds)
        return from_base64(answer['kvs'][0]['value']) if answer and answer.get('kvs') else None

    def ask(self, number, path, content, seconds=5):
        try:
            status, answer = self.hosts[number].post(self.hosts[number], 2379, path, content, seconds)
        except (OSError, http.client.HTTPException):
            return None
        return answer if status == 200 else None

    def leader(self, seconds=30):
        """The number of the member that leads, by what a majority thinks; raises TimeoutError."""
        ends = time.monotonic() + seconds
        while time.monotonic() < ends:
            told = [self.ask(number, '/v3/maintenance/status', {}, 1) for number in range(len(self.hosts))]
            leaders = [answer.get('leader', '0') for answer in told if answer]
            for number, answer in enumerate(told):
                if answer and leaders.count(answer['header']['member_id']) > len(self.hosts) // 2:
                    return number
            time.sleep(0.1)
        raise TimeoutError('etcd has no leader')

    def wait(self, number, seconds=30):
        """Until this member answers together with a majority; raises TimeoutError."""
        ends = time.monotonic() + seconds
        while time.monotonic() < ends:
            if self.ask(number, '/v3/kv/range', {'key': to_base64('x')}, 1):
                return
            time.sleep(0.05)
        raise TimeoutError(f'member {number} of etcd does not answer')


def to_base64(text):
    return base64.b64encode(text.encode()).decode()


def from_base64(text):
    return base64.b64decode(text).decode()

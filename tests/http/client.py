# SPDX-License-Identifier: GPL-2.0-or-later
"""A client of bare sockets, for what libraries would not send, and the server under test as a child process. Every wait is bounded."""
import os
import signal
import socket
import subprocess
import tempfile
import time
import unittest

WAIT_S = 20
PROGRAM = os.environ.get('LEDE_HTTP_ECHO_SERVER')
SANITIZED = os.environ.get('LEDE_HTTP_SANITIZED') == 'true'  # memory figures mean nothing then
MIB = 1 << 20
GZIP = ['Content-Encoding: gzip']
CHUNKED = ['Transfer-Encoding: chunked']


class Reply:
    def __init__(self, status, headers, body):
        self.status = status
        self.headers = headers  # [(name in lower case, value)]
        self.body = body

    def __getitem__(self, name):
        found = [value for key, value in self.headers if key == name.lower()]
        return ', '.join(found) if found else None

    @property
    def text(self):
        return self.body.decode()

    @property
    def lines(self):
        return self.text.splitlines()


class Client:
    """One connection."""

    def __init__(self, port, address='127.0.0.1'):
        self.socket = socket.create_connection((address, port), timeout=WAIT_S)
        self.received = b''

    def __enter__(self):
        return self

    def __exit__(self, *_exception):
        self.close()

    def close(self):
        self.socket.close()

    def send(self, data):
        self.socket.sendall(data if isinstance(data, bytes) else data.encode())

    def request(self, method, target, headers=(), body=b'', version='HTTP/1.1'):
        lines = [f'{method} {target} {version}', 'Host: 127.0.0.1', *headers]
        if body and not any(line.lower().startswith(('content-length', 'transfer-encoding')) for line in headers):
            lines.append(f'Content-Length: {len(body)}')
        self.send('\r\n'.join(lines).encode() + b'\r\n\r\n' + body)

    def ask(self, method, target, headers=(), body=b''):
        self.request(method, target, headers, body)
        return self.reply(method)

    def receive(self):
        data = self.socket.recv(1 << 16)
        if not data:
            raise EOFError('the server closed the connection')
        return data

    def fill(self):
        self.received += self.receive()

    def take(self, size):
        """So many bytes."""
        pieces, had = [self.received], len(self.received)
        while had < size:
            pieces.append(self.receive())
            had += len(pieces[-1])
        received = b''.join(pieces)
        self.received = received[size:]
        return received[:size]

    def until(self, mark):
        while mark not in self.received:
            self.fill()
        head, self.received = self.received.split(mark, 1)
        return head

    def reply(self, method='GET'):
        """The next final reply; an interim one (100) must be asked for with interim()."""
        head = self.until(b'\r\n\r\n').decode('latin-1').split('\r\n')
        status = int(head[0].split(' ')[1])
        headers = [(name.lower(), value.strip()) for name, _, value in (line.partition(':') for line in head[1:])]
        size = int(dict(headers).get('content-length', 0))
        if method == 'HEAD' or status in (100, 204, 304):
            size = 0
        return Reply(status, headers, self.take(size))

    def is_closed(self, within_s=WAIT_S):
        """Does the server end the connection, sending nothing more?"""
        self.socket.settimeout(within_s)
        try:
            return not self.received and self.socket.recv(1) == b''
        except ConnectionResetError:
            return True
        except TimeoutError:
            return False

    def ends(self):
        """Does the server end the connection, whatever it still says? (MHD 0.9.75 says its own refusals' head twice.)"""
        try:
            while True:
                self.fill()
        except (EOFError, ConnectionResetError):
            return True
        except TimeoutError:
            return False


def chunk(data):
    return b'%x\r\n%s\r\n' % (len(data), data)


def zstd(data):
    """A frame of stored blocks (RFC 8878): what every reader of zstd takes."""
    blocks = [data[at:at + 100000] for at in range(0, len(data), 100000)] or [b'']
    frame = b'\x28\xb5\x2f\xfd\xa0' + len(data).to_bytes(4, 'little')
    for number, block in enumerate(blocks):
        is_last = number == len(blocks) - 1
        frame += (len(block) << 3 | is_last).to_bytes(3, 'little') + block
    return frame


class Server:
    """The echo server; settings become its arguments."""

    def __init__(self, program, **settings):
        self.log = tempfile.TemporaryFile('w+')
        arguments = [f'{name}={value}' for name, value in settings.items()]
        self.process = subprocess.Popen([program, *arguments], stdout=subprocess.PIPE, stderr=self.log, text=True)
        line = self.process.stdout.readline()
        self.port = int(line.split()[1]) if line.startswith('port ') else None
        if self.port is None:
            self.process.wait(WAIT_S)

    def client(self):
        return Client(self.port)

    def ask(self, method, target, headers=(), body=b''):
        with self.client() as client:
            return client.ask(method, target, headers, body)

    def log_text(self):
        with open(f'/proc/self/fd/{self.log.fileno()}', errors='replace') as file:
            return file.read()

    def wait_for_log(self, words, within_s=WAIT_S):
        until = time.monotonic() + within_s
        while time.monotonic() < until:
            if words in self.log_text():
                return True
            time.sleep(0.02)
        return False

    def stat(self, name):
        fields = dict(field.split('=') for field in self.ask('GET', '/stats').text.split())
        return int(fields[name])

    def memory_peak_kib(self):
        with open(f'/proc/{self.process.pid}/status') as file:
            return next(int(line.split()[1]) for line in file if line.startswith('VmHWM'))

    def open_files(self):
        return len(os.listdir(f'/proc/{self.process.pid}/fd'))

    def cpu_s(self):
        with open(f'/proc/{self.process.pid}/stat') as file:
            fields = file.read().rsplit(')', 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf('SC_CLK_TCK')

    def signal_stop(self):
        self.process.send_signal(signal.SIGTERM)

    def stop(self, within_s=WAIT_S):
        """Its exit code; 0, unless a sanitizer found something."""
        if self.process.poll() is None:
            self.signal_stop()
        try:
            code = self.process.wait(within_s)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise
        finally:
            self.process.stdout.close()
        if code != 0:
            print('\n'.join(f'# {line}' for line in self.log_text().splitlines()[-80:]))
        self.log.close()
        return code


class WithServer(unittest.TestCase):
    """A server for each class, which must end cleanly (a sanitizer's finding is an exit code)."""
    settings = {}

    @classmethod
    def setUpClass(cls):
        cls.server = Server(PROGRAM, **cls.settings)

    @classmethod
    def tearDownClass(cls):
        assert cls.server.stop() == 0, 'the server did not end cleanly'

    def ask(self, *arguments, **named):
        return self.server.ask(*arguments, **named)

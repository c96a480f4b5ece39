# SPDX-License-Identifier: GPL-2.0-or-later
"""What holds of requests, framing and bodies holds by TLS as well: the same tests once more, over it."""
import os
import shutil
import ssl
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..'))
import tap  # noqa: E402
from certificates import OPENSSL, Authority  # noqa: E402
from client import Client, PROGRAM, Server  # noqa: E402
import test_bodies  # noqa: E402
import test_framing  # noqa: E402
import test_requests  # noqa: E402


class TlsClient(Client):
    def __init__(self, port, context):
        super().__init__(port)
        self.socket = context.wrap_socket(self.socket, server_hostname='127.0.0.1')

    def send(self, data):
        """OpenSSL sends nothing more once the other side has ended; what that said can still be read."""
        try:
            super().send(data)
        except ssl.SSLEOFError:
            pass


class TlsServer(Server):
    def __init__(self, program, **settings):
        self.home = tempfile.mkdtemp(prefix='lede-http-tls-')
        authority = Authority(self.home)
        certificate, key = authority.issue('test')
        self.context = ssl.create_default_context(cafile=authority.path)
        super().__init__(program, listen='127.0.0.1:0 tls', certificate=certificate, key=key, **settings)

    def client(self):
        return TlsClient(self.port, self.context)

    def stop(self, *arguments, **named):
        shutil.rmtree(self.home, ignore_errors=True)
        return super().stop(*arguments, **named)


class ByTls:
    @classmethod
    def setUpClass(cls):
        cls.server = TlsServer(PROGRAM, **cls.settings)


def by_tls(case):
    """A class of tests over TLS; tap runs what a class has itself."""
    tests = {name: test for name, test in vars(case).items() if name.startswith('test_')}
    return type(case.__name__, (ByTls, case), {**tests, '__module__': __name__})


Framing = by_tls(test_framing.Framing)
Requests = by_tls(test_requests.Requests)
Compression = by_tls(test_requests.Compression)
Bodies = by_tls(test_bodies.Bodies)
Streams = by_tls(test_bodies.Streams)

if __name__ == '__main__':
    if not PROGRAM:
        tap.skip_all('LEDE_HTTP_ECHO_SERVER names no server')
    if not OPENSSL:
        tap.skip_all('openssl is not here')
    tap.main(globals())

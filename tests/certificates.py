# SPDX-License-Identifier: GPL-2.0-or-later
"""Certificates for tests, made by openssl: an authority, and what it vouches for."""
import os
import shutil
import subprocess
import tempfile

OPENSSL = shutil.which('openssl')


class Authority:
    def __init__(self, home):
        self.home = home
        self.path = os.path.join(home, 'authority.pem')
        self.key = os.path.join(home, 'authority.key')
        self.count = 0
        self.openssl('req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2', '-subj', '/CN=Authority of a test',
                     '-keyout', self.key, '-out', self.path)

    @staticmethod
    def openssl(*arguments):
        subprocess.run([OPENSSL, *arguments], check=True, capture_output=True, timeout=60)

    def issue(self, name, kind=('ec', '-pkeyopt', 'ec_paramgen_curve:P-256'), days=2, certificate=None, key=None):
        """Write a certificate and its key, with these names of files or new ones."""
        self.count += 1
        base = os.path.join(self.home, f'{name}-{self.count}')
        certificate, key = certificate or base + '.pem', key or base + '.key'
        self.openssl('req', '-newkey', *kind, '-nodes', '-subj', f'/CN={name}', '-keyout', key, '-out', base + '.csr')
        with open(base + '.ext', 'w') as file:
            file.write('subjectAltName=IP:127.0.0.1,DNS:localhost,DNS:news.example.org\n')
        begin = ['-days', str(days)]
        if days < 0:  # openssl x509 takes no day that has passed
            return self.issue_expired(base, certificate, key)
        self.openssl('x509', '-req', '-in', base + '.csr', '-CA', self.path, '-CAkey', self.key, '-set_serial', str(self.count),
                     *begin, '-extfile', base + '.ext', '-out', certificate)
        return certificate, key

    def vouch(self, certificate, path, state='V'):
        """Write an answer of OCSP about a certificate of ours: V good, R revoked."""
        done = subprocess.run([OPENSSL, 'x509', '-in', certificate, '-noout', '-serial'], check=True, capture_output=True, timeout=60, text=True)
        revoked = '200101000000Z' if state == 'R' else ''
        with open(path + '.index', 'w') as file:
            file.write(f'{state}\t491231235959Z\t{revoked}\t{done.stdout.strip().partition("=")[2]}\tunknown\t/CN=of a test\n')
        self.openssl('ocsp', '-index', path + '.index', '-rsigner', self.path, '-rkey', self.key, '-CA', self.path, '-issuer', self.path,
                     '-cert', certificate, '-respout', path, '-ndays', '1')
        return path

    def issue_expired(self, base, certificate, key):
        with tempfile.TemporaryDirectory(dir=self.home) as folder:
            for name, text in (('index.txt', ''), ('serial', '77\n'), ('ca.cnf', f'[ca]\ndefault_ca=d\n[d]\ndir={folder}\ndatabase={folder}/index.txt\n'
                                                                      f'serial={folder}/serial\nnew_certs_dir={folder}\ndefault_md=sha256\npolicy=p\n'
                                                                      '[p]\ncommonName=supplied\n')):
                with open(os.path.join(folder, name), 'w') as file:
                    file.write(text)
            self.openssl('ca', '-batch', '-config', f'{folder}/ca.cnf', '-cert', self.path, '-keyfile', self.key, '-in', base + '.csr',
                         '-startdate', '20200101000000Z', '-enddate', '20200201000000Z', '-extfile', base + '.ext', '-notext', '-out', certificate)
        return certificate, key

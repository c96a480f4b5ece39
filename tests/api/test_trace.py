# SPDX-License-Identifier: GPL-2.0-or-later
"""X-Request-Id and W3C Trace Context: taken where they are well-formed, and handed on."""
import re

from program import WithProgram
import tap

TRACE, PARENT = '4bf92f3577b34da6a3ce929d0e0e4736', '00f067aa0ba902b7'
GOOD = f'00-{TRACE}-{PARENT}-01'
BAD = ['', 'x', GOOD.upper(), GOOD[:-1], GOOD + '-more', GOOD + '0', f'ff-{TRACE}-{PARENT}-01', f'00-{"0" * 32}-{PARENT}-01', f'00-{TRACE}-{"0" * 16}-01',
       f'00-{TRACE[:-1]}g-{PARENT}-01', f'00-{TRACE}-{PARENT}-0x', f'00_{TRACE}-{PARENT}-01', f'00-{TRACE} -{PARENT}-01', GOOD + ',' + GOOD, '0' * 2000]


class Trace(WithProgram):
    def test_a_request_within_a_trace_becomes_a_part_of_it(self):
        for status, path in ((200, '/search'), (200, '/health/live'), (404, '/nowhere'), (400, '/search?limit=x'), (200, '/')):
            with self.subTest(path):
                answer = self.lede.ask('GET', path, None, None, {'traceparent': GOOD, 'tracestate': 'vendor=1,other=2'})
                self.assertEqual(answer.status, status)
                found = re.fullmatch(r'00-([0-9a-f]{32})-([0-9a-f]{16})-01', answer['traceparent'])
                self.assertEqual(found[1], TRACE)
                self.assertNotIn(found[2], (PARENT, '0' * 16))
                self.assertEqual(answer['tracestate'], 'vendor=1,other=2')

    def test_each_request_has_a_part_of_its_own(self):
        parts = {self.lede.get('/search', {'traceparent': GOOD})['traceparent'] for _ in range(20)}
        self.assertEqual(len(parts), 20)

    def test_flags_and_later_versions_are_taken(self):
        self.assertTrue(self.lede.get('/search', {'traceparent': f'00-{TRACE}-{PARENT}-00'})['traceparent'].endswith('-00'))
        for later in (f'01-{TRACE}-{PARENT}-01', f'cc-{TRACE}-{PARENT}-01-what-comes'):
            self.assertRegex(self.lede.get('/search', {'traceparent': later})['traceparent'], f'^00-{TRACE}-')

    def test_what_is_no_trace_is_passed_over(self):
        for text in BAD:
            with self.subTest(text[:60]):
                answer = self.lede.get('/search', {'traceparent': text, 'tracestate': 'vendor=1'})
                self.assertEqual((answer.status, answer['traceparent'], answer['tracestate']), (200, None, None))
        for state in ('x' * 513, 'caf\xe9=1'):
            answer = self.lede.get('/search', {'traceparent': GOOD, 'tracestate': state})
            self.assertEqual((bool(answer['traceparent']), answer['tracestate']), (True, None))
        self.assertIsNone(self.lede.get('/search')['traceparent'])

    def test_an_id_of_64_token_characters_is_kept_and_any_other_replaced(self):
        for good in ('a', 'x' * 64, 'A-Za-z_0.9'):
            self.assertEqual(self.lede.get('/search', {'X-Request-Id': good})['X-Request-Id'], good)
        for bad in ('', 'x' * 65, 'a b', 'a/b', 'a"b', 'caf\xe9', '<x>'):
            self.assertRegex(self.lede.get('/search', {'X-Request-Id': bad})['X-Request-Id'], r'^[0-9a-f]{16}$')


if __name__ == '__main__':
    tap.main(globals())

# SPDX-License-Identifier: GPL-2.0-or-later
"""The checker of histories tells right ones from wrong ones: by hand, against a search through all orders, and of threads that do wrong at will."""
import itertools
import os
import random
import subprocess
import sys
import tempfile
import threading
import time
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
sys.path.insert(0, os.path.dirname(HERE))
import history  # noqa: E402
import tap  # noqa: E402
from history import FAIL, NEVER, OK, UNKNOWN, Operation, check_register, check_set  # noqa: E402

SEED = int(os.environ.get('LEDE_SEED', time.time_ns() % 1_000_000))
CASES = int(os.environ.get('LEDE_TEST_CASES', '3000'))


def op(kind, value, start, end, outcome=OK, refused=False):
    return Operation(0, kind, value, 'k', start, NEVER if outcome == UNKNOWN else end, outcome, refused)


class Registers(unittest.TestCase):
    def right(self, *operations):
        verdict = check_register(operations)
        self.assertTrue(verdict.is_right, verdict.reason)

    def wrong(self, *operations):
        verdict = check_register(operations)
        self.assertIs(verdict.is_right, False)
        self.assertTrue(verdict.reason)

    def test_what_was_written_is_read(self):
        self.right(op('read', None, 0, 1), op('write', 1, 2, 3), op('read', 1, 4, 5))

    def test_an_answered_write_that_is_not_read_is_lost(self):
        self.wrong(op('write', 1, 0, 1), op('read', None, 2, 3))

    def test_an_old_value_is_not_read_after_a_new_one(self):
        self.wrong(op('write', 1, 0, 1), op('write', 2, 2, 10), op('read', 2, 3, 4), op('read', 1, 5, 6))

    def test_while_a_write_goes_on_the_old_and_then_the_new_may_be_read(self):
        self.right(op('write', 1, 0, 1), op('write', 2, 2, 10), op('read', 1, 3, 4), op('read', 2, 5, 6))

    def test_what_was_never_written_is_not_read(self):
        self.wrong(op('write', 1, 0, 1), op('read', 3, 2, 3))

    def test_what_surely_failed_is_not_read(self):
        self.wrong(op('write', 1, 0, 1, FAIL), op('read', 1, 2, 3))

    def test_an_unknown_write_may_be_done_late_or_never(self):
        self.right(op('write', 1, 0, 1), op('write', 2, 2, 3, UNKNOWN), op('read', 1, 4, 5), op('read', 2, 6, 7))
        self.right(op('write', 1, 0, 1), op('write', 2, 2, 3, UNKNOWN), op('read', 1, 4, 5), op('read', 1, 6, 7))

    def test_an_unknown_write_is_not_done_twice_or_undone(self):
        self.wrong(op('write', 1, 0, 1), op('write', 2, 2, 3, UNKNOWN), op('read', 2, 4, 5), op('read', 1, 6, 7))

    def test_an_unknown_write_is_not_done_before_it_is_asked_for(self):
        self.wrong(op('read', 2, 0, 1), op('write', 2, 2, 3, UNKNOWN))

    def test_of_two_compare_and_sets_from_one_value_one_succeeds(self):
        self.wrong(op('write', 1, 0, 1), op('cas', [1, 2], 2, 5), op('cas', [1, 3], 2, 5))
        self.right(op('write', 1, 0, 1), op('cas', [1, 2], 2, 5), op('cas', [1, 3], 2, 5, OK, True), op('read', 2, 6, 7))

    def test_a_compare_and_set_that_was_refused_saw_another_value(self):
        self.wrong(op('write', 1, 0, 1), op('cas', [1, 2], 2, 3, OK, True))
        self.right(op('write', 1, 0, 1), op('write', 5, 1.5, 2, UNKNOWN), op('cas', [1, 2], 2, 3, OK, True))

    def test_keys_are_checked_by_themselves(self):
        operations = [op('write', 1, 0, 1), op('read', 1, 2, 3)]
        other = [Operation(0, 'write', 1, 'other', 0, 1, OK), Operation(0, 'read', 2, 'other', 2, 3, OK)]
        verdicts = {verdict.key: verdict.is_right for verdict in history.check_registers(operations + other)}
        self.assertEqual(verdicts, {'k': True, 'other': False})

    def test_what_takes_too_long_is_not_decided(self):
        # Writes that all go on at once, and a read of what none wrote: all orders have to be tried.
        operations = [op('write', n, 0, 100) for n in range(24)] + [op('read', n, 101 + n, 101.5 + n) for n in (3, 7)]
        verdict = check_register(operations, seconds=0.2)
        self.assertIsNone(verdict.is_right)
        self.assertIn('not decided', verdict.reason)


def all_orders(operations):
    """Is there an order? By trying each, with each choice of which unknown operations were done."""
    known = [o for o in operations if o.outcome == OK]
    unknown = [o for o in operations if o.outcome == UNKNOWN and o.kind != 'read']
    for count in range(len(unknown) + 1):
        for chosen in itertools.combinations(unknown, count):
            for order in itertools.permutations(known + list(chosen)):
                if is_order(order):
                    return True
    return False


def is_order(order):
    value = None
    for number, operation in enumerate(order):
        if any(later.end < operation.start for later in order[number + 1:]):
            return False
        can_be, value = history.step(value, operation)
        if not can_be:
            return False
    return True


def random_history(chance):
    """Up to six operations over few values, so that about half of such histories are wrong."""
    operations = []
    for _ in range(chance.randint(2, 6)):
        start = chance.randint(0, 12)
        kind = chance.choice(['write', 'write', 'read', 'read', 'cas'])
        value = [chance.randint(1, 3), chance.randint(1, 3)] if kind == 'cas' else chance.randint(1, 3)
        if kind == 'read' and chance.random() < 0.2:
            value = None
        outcome = chance.choices([OK, UNKNOWN, FAIL], [7, 2, 1])[0]
        operations.append(op(kind, value, start, start + chance.randint(1, 6), outcome, kind == 'cas' and outcome == OK and chance.random() < 0.4))
    return operations


class Faulty:
    """A register of threads, whose answers take a while, and that does wrong now and then."""

    def __init__(self, chance, faults=()):
        self.lock = threading.Lock()
        self.chance, self.faults = chance, faults
        self.value, self.before = None, None

    def does(self, fault):
        return fault in self.faults and self.chance.random() < 0.1

    def write(self, value):
        with self.lock:
            if not self.does('lost'):
                self.before, self.value = self.value, value

    def read(self):
        with self.lock:
            return self.before if self.does('stale') else self.value

    def cas(self, expected, new):
        with self.lock:
            fits = self.value == expected
            if fits:
                self.before, self.value = self.value, new
            return fits or self.does('lie')


def work_on(register, told, process, rounds, chance):
    """Writes, reads and compare-and-sets of one thread; now and then it does not hear the answer."""
    for number in range(rounds):
        value = process * 100000 + number
        kind = chance.choice(['write', 'read', 'cas'])
        seen = register.value
        operation = told.begin(process, kind, 'k', [seen, value] if kind == 'cas' else value)
        time.sleep(chance.random() / 1000)  # on its way
        done = register.read() if kind == 'read' else register.cas(seen, value) if kind == 'cas' else register.write(value)
        time.sleep(chance.random() / 1000)  # and back
        if kind == 'read':
            operation.ok(done)
            continue
        if chance.random() > 0.03:
            operation.ok(is_refused=kind == 'cas' and not done)


def history_of_threads(seed, faults=(), threads=6, rounds=120):
    told, register = history.History(), Faulty(random.Random(seed), faults)
    workers = [threading.Thread(target=work_on, args=(register, told, n, rounds, random.Random(seed + n))) for n in range(threads)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    return told.operations


class Searches(unittest.TestCase):
    @tap.timeout(200)
    def test_it_says_what_a_search_through_all_orders_says(self):
        chance, found = random.Random(SEED), {True: 0, False: 0}
        print(f'# LEDE_SEED={SEED} LEDE_TEST_CASES={CASES}')
        for _ in range(CASES):
            operations = random_history(chance)
            verdict = check_register(operations).is_right
            self.assertEqual(verdict, all_orders(operations), '\n'.join(map(str, operations)))
            found[verdict] += 1
        print(f'# {found[True]} right, {found[False]} wrong')
        self.assertGreater(min(found.values()), CASES // 20)

    @tap.timeout(200)
    def test_histories_of_a_right_register_are_right(self):
        print(f'# LEDE_SEED={SEED}')
        for number in range(5):
            operations = history_of_threads(SEED + 10 * number)
            begun = time.monotonic()
            verdict = check_register(operations, seconds=20)
            print(f'# {len(operations)} operations, {sum(o.outcome == UNKNOWN for o in operations)} unknown: {verdict.steps} steps, {time.monotonic() - begun:.2f} s')
            self.assertTrue(verdict.is_right, verdict.reason)

    @tap.timeout(200)
    def test_histories_of_a_register_that_does_wrong_are_wrong(self):
        print(f'# LEDE_SEED={SEED}')
        for fault in ('lost', 'stale', 'lie'):
            # A write that is lost may as well have been overwritten at once: not each history shows it.
            verdicts = [check_register(history_of_threads(SEED + number, [fault], threads=3), seconds=10) for number in range(8)]
            wrong = [verdict for verdict in verdicts if verdict.is_right is False]
            print(f'# {fault}: {len(wrong)} of {len(verdicts)} are wrong')
            self.assertGreater(len(wrong), 2)
            self.assertIn('no order has a place for', wrong[0].reason)

    def test_a_history_is_the_same_when_it_is_read_from_a_file(self):
        told = history.History()
        told.begin(1, 'write', 'k', 7).ok()
        told.begin(1, 'read', 'k').ok(8)
        told.begin(2, 'cas', 'k', [7, 9])
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, 'h')
            told.write(path)
            self.assertEqual(list(history.read_file(path)), told.operations)
            ran = subprocess.run([sys.executable, os.path.join(HERE, 'history.py'), 'register', path], capture_output=True, text=True, check=False)
        self.assertEqual(ran.returncode, 1)
        self.assertIn('wrong of k: no order has a place for: read k 8', ran.stdout)


class Sets(unittest.TestCase):
    def check(self, words, *operations):
        """words  of what is wrong; none: it is right"""
        verdict = check_set(operations)
        self.assertEqual(verdict.is_right, not words, verdict.reason)
        for word in words:
            self.assertIn(word, verdict.reason)

    def test_a_set_with_all_that_was_added_is_right(self):
        self.check([], op('add', 1, 0, 1), op('add', 2, 0, 1), op('read', [1, 2], 2, 3))

    def test_an_answered_add_that_is_not_read_is_told(self):
        self.check(['[1] was added, and is not in'], op('add', 1, 0, 1), op('read', [], 2, 3))

    def test_an_element_that_nobody_added_is_told(self):
        self.check(['9 was never added'], op('add', 1, 0, 1), op('read', [1, 9], 2, 3))

    def test_what_surely_failed_is_not_there(self):
        self.check(['1 was surely not added'], op('add', 1, 0, 1, FAIL), op('read', [1], 2, 3))

    def test_an_unknown_add_is_there_or_not(self):
        self.check([], op('add', 1, 0, 1, UNKNOWN), op('read', [1], 2, 3))
        self.check([], op('add', 1, 0, 1, UNKNOWN), op('read', [], 2, 3))

    def test_what_was_read_does_not_go_away(self):
        self.check(["['1'] was in"], op('add', 1, 0, 1, UNKNOWN), op('read', [1], 2, 3), op('read', [], 4, 5))

    def test_an_add_that_goes_on_while_it_is_read_is_there_or_not(self):
        self.check([], op('add', 1, 0, 3), op('read', [], 1, 2), op('read', [1], 4, 5))
        self.check([], op('add', 1, 0, 3), op('read', [1], 1, 2), op('read', [1], 4, 5))

    def test_what_is_read_before_it_is_added_is_told(self):
        self.check(['1 was added later'], op('read', [1], 0, 1), op('add', 1, 2, 3), op('read', [1], 4, 5))

    def test_nothing_is_there_twice(self):
        self.check(['1 is there 2 times'], op('add', 1, 0, 1), op('read', [1, 1], 2, 3))

    def test_what_was_added_together_is_seen_together(self):
        self.check([], op('add', [1, 2], 0, 1, UNKNOWN), op('read', [], 2, 3), op('read', [1, 2], 4, 5))
        self.check(['only [1] is in'], op('add', [1, 2], 0, 1, UNKNOWN), op('read', [1], 2, 3))

    def test_without_a_read_nothing_is_decided(self):
        self.assertIsNone(check_set([op('add', 1, 0, 1)]).is_right)


if __name__ == '__main__':
    tap.main(globals())

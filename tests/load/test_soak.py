# SPDX-License-Identifier: GPL-2.0-or-later
"""A short run of soak.py: nothing is lost, and every answer is right."""
import os
import subprocess
import sys
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.dirname(HERE))
import tap  # noqa: E402

SECONDS = float(os.environ.get('LEDE_SOAK_SECONDS', '20'))


class Soak(unittest.TestCase):
    def test_nothing_is_lost_while_it_is_written_read_reloaded_and_killed(self):
        told = subprocess.run([sys.executable, os.path.join(HERE, 'soak.py'), os.environ['LEDE_BINARY'], '--minutes', str(SECONDS / 60), '--writers', '2',
                               '--readers', '2'], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False, timeout=SECONDS + 250)
        for line in told.stdout.splitlines()[-60:]:
            print('#', line)
        self.assertEqual(told.returncode, 0)
        self.assertIn('documents are there after SIGKILL', told.stdout)


if __name__ == '__main__':
    tap.main(globals())

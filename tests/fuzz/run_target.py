# SPDX-License-Identifier: GPL-2.0-or-later
"""run_target.py PROGRAM: a fuzz target for LEDE_FUZZ_SECONDS (4), from its seeds and what is kept. Speaks TAP. An input that breaks a promise is
printed as kept.txt has it; its seed is libFuzzer's, which it prints."""
import os
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
import seeds  # noqa: E402

SCRATCH = '/dev/shm' if os.access('/dev/shm', os.W_OK) else None  # journals are synced at each turn
SECONDS = int(os.environ.get('LEDE_FUZZ_SECONDS', '4'))


def main():
    program = os.path.abspath(sys.argv[1])
    target = os.path.basename(program).partition('_')[2]
    with tempfile.TemporaryDirectory(dir=SCRATCH) as folder:
        seeds.make(os.path.join(folder, 'seeds'))
        os.mkdir(os.path.join(folder, 'corpus'))
        command = [program, f'-max_total_time={SECONDS}', '-timeout=20', '-rss_limit_mb=2048', '-max_len=2048', '-print_final_stats=1',
                   f'-dict={folder}/seeds/{target}.dictionary', f'-artifact_prefix={folder}/broke-', f'{folder}/corpus', f'{folder}/seeds/{target}']
        told = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, cwd=folder, env=dict(os.environ, TMPDIR=folder), check=False)
        print('1..1')
        lines = told.stdout.decode('utf-8', 'replace').splitlines()
        for line in lines[-60:] if told.returncode != 0 else [line for line in lines if 'stat::number_of_executed_units' in line or 'Seed:' in line]:
            print('#', line)
        for name in sorted(os.listdir(folder)):
            if name.startswith('broke-'):
                print('# keep it in kept.txt:')
                print('#', seeds.kept_line(target, os.path.join(folder, name)))
        print(f'{"ok" if told.returncode == 0 else "not ok"} 1 - {target}: what is promised of any bytes holds for those that were tried')


main()

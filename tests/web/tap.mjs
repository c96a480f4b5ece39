// SPDX-License-Identifier: GPL-2.0-or-later
// Tests as sentences, reported in TAP. A test fails by throwing; the others still run.

const tests = [];

export function test(sentence, body) {
  tests.push({ sentence, body });
}

export function skipAll(reason) {
  console.log(`1..0 # SKIP ${reason}`);
  process.exit(0);
}

function comment(text) {
  return String(text)
    .split("\n")
    .map((line) => `# ${line}`)
    .join("\n");
}

export async function runTests() {
  console.log(`1..${tests.length}`);
  let failed = 0;
  for (const [index, { sentence, body }] of tests.entries()) {
    try {
      await body();
      console.log(`ok ${index + 1} - ${sentence}`);
    } catch (error) {
      failed += 1;
      console.log(`not ok ${index + 1} - ${sentence}\n${comment(error.stack ?? error)}`);
    }
  }
  process.exitCode = failed > 0 ? 1 : 0;
}

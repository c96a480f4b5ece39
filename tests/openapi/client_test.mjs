// SPDX-License-Identifier: GPL-2.0-or-later
// /openapi.json, a generator of npm, a compiler that is strict, and the README's requests.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { startServer } from "../web/server.mjs";
import { runTests, skipAll, test } from "../web/tap.mjs";

const STEP_MS = 200000;
const HERE = fileURLToPath(new URL(".", import.meta.url));
const MODULES = join(HERE, "node_modules");

if (!existsSync(join(MODULES, ".installed-from"))) skipAll("run 'npm ci' in tests/openapi");
if (!process.env.LEDE_BINARY) skipAll("LEDE_BINARY does not name the program");

// Below node_modules, where the examples find what they import.
const made = join(MODULES, `.made-${process.pid}`);
const server = await startServer();
const url = server.origin;

function run(script, ...words) {
  const step = { cwd: made, timeout: STEP_MS, encoding: "utf8", env: { ...process.env, LEDE_URL: url } };
  try {
    return execFileSync(process.execPath, [script, ...words], step);
  } catch (error) {
    throw new Error(`${script}: ${error.stdout ?? ""}${error.stderr ?? ""}${error.message}`);
  }
}

const tsc = join(MODULES, "typescript/bin/tsc");
const flags = "--strict --target es2022 --module esnext --moduleResolution bundler --lib es2022,dom --skipLibCheck".split(" ");

test("types are made of the description", async () => {
  mkdirSync(made);
  writeFileSync(join(made, "openapi.json"), await (await fetch(`${url}/openapi.json`)).text());
  writeFileSync(join(made, "package.json"), '{"type": "module"}');
  // What has a default may be left out of a body.
  run(join(MODULES, "openapi-typescript/bin/cli.js"), "openapi.json", "-o", "lede.d.ts", "--default-non-nullable=false");
  assert.ok(existsSync(join(made, "lede.d.ts")));
});

// What node is, the compiler need not know.
const node = `declare const process: { env: Record<string, string | undefined> };
declare module "node:assert/strict" {
  const assert: { equal(a: unknown, b: unknown): void; deepEqual(a: unknown, b: unknown): void; ok(a: unknown): asserts a };
  export default assert;
}
`;

test("the README's requests compile against them", async () => {
  writeFileSync(join(made, "node.d.ts"), node);
  copyFileSync(join(HERE, "examples.ts"), join(made, "examples.ts"));
  run(tsc, ...flags, "examples.ts", "node.d.ts");
});

test("they are answered as they say", async () => {
  run("examples.js");
});

test("a parameter that is not described does not compile", async () => {
  writeFileSync(
    join(made, "wrong.ts"),
    'import createClient from "openapi-fetch";\nimport type { paths } from "./lede";\n' +
      'await createClient<paths>().GET("/search", { params: { query: { colour: "red" } } });\nexport {};\n',
  );
  assert.throws(() => run(tsc, ...flags, "--noEmit", "wrong.ts"), /colour/);
});

try {
  await runTests();
} finally {
  await server.stop();
  rmSync(made, { recursive: true, force: true });
}

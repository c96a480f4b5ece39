// SPDX-License-Identifier: GPL-2.0-or-later
// The official client of Elasticsearch, versions 8 and 9, and a log shipper, as they come from npm.

import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { startServer } from "../web/server.mjs";
import { runTests, skipAll, test } from "../web/tap.mjs";

const HERE = fileURLToPath(new URL(".", import.meta.url));
const require = createRequire(import.meta.url);

if (!existsSync(join(HERE, "node_modules/.installed-from"))) skipAll("run 'npm ci' in tests/elastic");
if (!process.env.LEDE_BINARY) skipAll("LEDE_BINARY does not name the program");

const read = (path) =>
  readFileSync(path, "utf8")
    .split("\n")
    .filter((line) => line.trim())
    .map((line) => JSON.parse(line));
const shared = process.env.LEDE_SHARED ?? join(HERE, "../../../shared");
const large = join(shared, "data/reuters.ndjson");
const sample = join(HERE, "../data/news.ndjson");
// The newest client writes the whole archive, where it is there; the older one the sample news.
const news = read(sample);
const archive = existsSync(large) ? read(large) : news;

const settings = { LEDE_ELASTIC_INDICES: "news, logs-*", LEDE_LOG_LEVEL: "warning" };

const modules = [
  ["9", require("@elastic/elasticsearch"), archive],
  ["8", createRequire(require.resolve("pino-elasticsearch"))("@elastic/elasticsearch"), news],
];
const quick = { requestTimeout: 240000, maxRetries: 0 };

for (const [version, { Client, errors }, documents] of modules) {
  const server = await startServer(settings);
  const client = new Client({ node: server.origin, ...quick });

  test(`client ${version}: it knows the product, and finds the index`, async () => {
    const info = await client.info();
    assert.equal(info.tagline, "You Know, for Search");
    assert.equal(await client.ping(), true);
    assert.equal(await client.indices.exists({ index: "news" }), true);
    assert.equal(await client.indices.exists({ index: "others" }), false);
    assert.equal((await client.cluster.health()).status, "green");
  });

  test(`client ${version}: the bulk helper writes the archive`, async () => {
    const dropped = [];
    const result = await client.helpers.bulk({
      datasource: documents,
      onDocument: (document) => ({ index: { _index: "news", _id: document.id } }),
      onDrop: (drop) => dropped.push(drop),
      refreshOnCompletion: true,
    });
    assert.deepEqual(dropped.slice(0, 3), []);
    assert.deepEqual([result.total, result.successful, result.failed], [documents.length, documents.length, 0]);
    assert.equal((await client.count({ index: "news" })).count, new Set(documents.map((d) => d.id)).size);
  });

  test(`client ${version}: the scroll helper reads every document once`, async () => {
    const seen = [];
    for await (const page of client.helpers.scrollSearch({ index: "news", size: 500, _source: ["title"] }))
      seen.push(...page.body.hits.hits.map((hit) => hit._id));
    assert.equal(seen.length, documents.length);
    assert.equal(new Set(seen).size, seen.length);
  });

  test(`client ${version}: pages behind a hit and a point in time read as many`, async () => {
    const pit = (await client.openPointInTime({ index: "news", keep_alive: "1m" })).id;
    const seen = new Set();
    let after;
    for (;;) {
      const page = await client.search({
        pit: { id: pit, keep_alive: "1m" },
        size: 1000,
        sort: [{ published: "asc" }, { _shard_doc: "asc" }],
        _source: false,
        ...(after ? { search_after: after } : {}),
      });
      if (page.hits.hits.length === 0) break;
      page.hits.hits.forEach((hit) => seen.add(hit._id));
      after = page.hits.hits.at(-1).sort;
    }
    assert.equal(seen.size, documents.length);
    await client.closePointInTime({ id: pit });
  });

  test(`client ${version}: searches, aggregations and marks`, async () => {
    const word = documents === news ? "customs" : "oil";
    const found = await client.search({
      index: "news",
      query: { bool: { must: [{ match: { body: word } }], filter: [{ exists: { field: "published" } }] } },
      aggs: { sources: { terms: { field: "source" } }, months: { date_histogram: { field: "published", calendar_interval: "month" } } },
      highlight: { fields: { body: {} } },
    });
    const months = found.aggregations.months.buckets.reduce((sum, bucket) => sum + bucket.doc_count, 0);
    assert.ok(found.hits.total.value > 0);
    assert.equal(months, found.hits.total.value);
    assert.match(found.hits.hits[0].highlight.body.join(" "), /<em>/);
    const several = await client.msearch({ searches: [{ index: "news" }, { query: { match_all: {} }, size: 0 }, {}, { query: { nope: {} } }] });
    assert.equal(several.responses[0].hits.total.value, documents.length);
    assert.equal(several.responses[1].error.type, "parsing_exception");
  });

  test(`client ${version}: one document is written, read, updated and deleted`, async () => {
    const index = "news", id = "a/b c";
    assert.equal((await client.index({ index, id, document: { title: "First" }, refresh: "wait_for" })).result, "created");
    await assert.rejects(client.create({ index, id, document: { title: "Again" } }), (error) => error instanceof errors.ResponseError && error.statusCode === 409);
    assert.equal((await client.update({ index, id, doc: { body: "More of it" } })).result, "updated");
    const { title, body } = (await client.get({ index, id }))._source;
    assert.deepEqual({ title, body }, { title: "First", body: "More of it" });
    assert.equal((await client.mget({ index, ids: [id, "none"] })).docs.map((d) => d.found).join(), "true,false");
    assert.equal((await client.delete({ index, id })).result, "deleted");
    assert.equal(await client.exists({ index, id }), false);
  });

  test(`client ${version}: what is not offered is refused by name, with what instead`, async () => {
    await assert.rejects(client.search({ index: "news", query: { regexp: { title: "x.*" } } }), (error) =>
      error.statusCode === 400 && /regexp.*wildcard/.test(error.body.error.reason));
    await assert.rejects(client.search({ index: "others" }), (error) =>
      error.statusCode === 404 && error.body.error.type === "index_not_found_exception");
    await assert.rejects(client.deleteByQuery({ index: "news", query: { match_all: {} } }), (error) =>
      /documents\/delete/.test(error.body.error.reason));
  });

  test(`client ${version}: the server ends as it should`, async () => assert.equal(await server.stop(), 0));
}

test("a shipper of npm (pino-elasticsearch) sends its lines", async () => {
  const server = await startServer(settings);
  const refused = [];
  try {
    const stream = require("pino-elasticsearch")({ node: server.origin, index: "logs-app", esVersion: 8, flushBytes: 1 });
    for (const name of ["insertError", "unknown", "error"]) stream.on(name, (error) => refused.push(String(error?.message ?? error)));
    const inserted = new Promise((resolve) => stream.on("insert", resolve));
    stream.write(`${JSON.stringify({ level: 30, time: "2024-05-01T10:00:00.000Z", msg: "the server has started" })}\n`);
    stream.end();
    await inserted;
    const { Client } = modules[0][1];
    const found = await new Client({ node: server.origin, ...quick }).search({ index: "logs-*", query: { match: { message: "started" } } });
    assert.deepEqual(refused, []);
    assert.equal(found.hits.total.value, 1);
    assert.equal(found.hits.hits[0]._source.level, 30);
    assert.equal(found.hits.hits[0]._source.published.slice(0, 10), "2024-05-01");
  } finally {
    assert.equal(await server.stop(), 0);
  }
});

await runTests();

// SPDX-License-Identifier: GPL-2.0-or-later
// The README's requests, by a client that was made of /openapi.json.

import assert from "node:assert/strict";
import createClient from "openapi-fetch";
import type { paths } from "./lede";

const client = createClient<paths>({ baseUrl: process.env.LEDE_URL });

const put = await client.PUT("/documents/{id}", {
  params: { path: { id: "ferry" } },
  body: { title: "Ferry aground", body: "A ferry ran aground in fog.", source: "Gazette", published: "2024-11-18" },
});
assert.equal(put.response.status, 201);

const bulk = await client.POST("/documents", {
  body: { id: "tram", title: "Tram stopped", body: "A tram stopped in fog." },
});
assert.equal(bulk.response.status, 200);

const found = await client.GET("/search", {
  params: { query: { q: "fog", limit: 5, sort: "newest", facets: ["source"], highlight: ["title", "body"] } },
});
assert.equal(found.data?.total?.value, 2);
assert.deepEqual(found.data?.hits?.map((hit) => hit.id).sort(), ["ferry", "tram"]);

const posted = await client.POST("/search", { body: { q: "ferry", collapse: "story" } });
assert.equal(posted.response.status, 200);

const several = await client.POST("/search", { body: { searches: [{ q: "ferry" }, { q: "tram" }] } });
assert.ok(several.data && "answers" in several.data);
assert.deepEqual(several.data.answers?.map((one) => one.status), [200, 200]);

const suggested = await client.GET("/suggest", { params: { query: { q: "fe", timeout: "10s" } } });
assert.equal(suggested.response.status, 200);

const like = await client.POST("/similar", { body: { like: "A ferry in fog" } });
assert.equal(like.response.status, 200);

const one = await client.GET("/documents/{id}", { params: { path: { id: "ferry" } } });
assert.equal(one.data?.title, "Ferry aground");

const wrong = await client.GET("/search", { params: { query: { q: "(fog", strict: true } } });
assert.equal(wrong.response.status, 400);
assert.ok(wrong.error?.title);

const gone = await client.DELETE("/documents/{id}", { params: { path: { id: "ferry" } } });
assert.equal(gone.response.status, 204);

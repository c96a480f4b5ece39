/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "clinic.h"

#include "address.h"
#include "clinic_changes.h"
#include "clinic_clauses.h"
#include "json_out.h"

#include <string.h>

static void write_found(struct lede_buffer *out, const struct clinic_found *found)
{
    static const char *const relations[] = {
        [CLINIC_EXACTLY] = "eq", [CLINIC_ABOUT] = "approx", [CLINIC_AT_LEAST] = "gte"};
    lede_json_member_uint(out, "count", found->count);
    lede_json_member_string(out, "relation", relations[found->relation]);
}

static void write_clause(const struct clinic_clause *clause, struct lede_buffer *out)
{
    static const char *const roles[] = {[CLINIC_REQUIRED] = "required",
        [CLINIC_OPTIONAL] = "optional",
        [CLINIC_EXCLUDED] = "excluded",
        [CLINIC_FILTER] = "filter"};
    lede_json_member_string(out, "clause", clause->text);
    lede_json_member_string(out, "role", roles[clause->role]);
    if (clause->is_counted) {
        write_found(out, &clause->found);
    } else {
        lede_json_key(out, "count");
        lede_buffer_append_string(out, "null");
    }
}

/* The clauses that are parts of `parent`; depth is bounded by LEDE_QUERY_DEPTH_MAX. */
static void write_clauses(const struct clinic *clinic, size_t parent, struct lede_buffer *out)
{
    lede_json_key(out, "clauses");
    lede_buffer_append_char(out, '[');
    for (size_t i = 0; i < clinic->clause_count; i++) {
        if (clinic->clauses[i].parent != parent)
            continue;
        lede_json_comma(out);
        lede_buffer_append_char(out, '{');
        write_clause(&clinic->clauses[i], out);
        if (i + 1 < clinic->clause_count && clinic->clauses[i + 1].parent == i)
            write_clauses(clinic, i, out);
        lede_buffer_append_char(out, '}');
    }
    lede_buffer_append_char(out, ']');
}

static enum lede_status write_address(
    const struct clinic *clinic, const struct clinic_change *change, struct lede_buffer *out)
{
    LEDE_CLEANUP(lede_buffer_done) struct lede_buffer address = {0};
    const char *omit[LEDE_CLINIC_CLAUSES_MAX + 5] = {"q", "offset", "cursor"};
    size_t count = 3;
    for (size_t i = 0; i < clinic->clause_count; i++) {
        if (change->dropped & CLINIC_BIT(i))
            omit[count++] = clinic->clauses[i].param;
    }
    if (change->drops_in)
        omit[count] = "in";
    lede_buffer_append_string(&address, clinic->run->prefix);
    lede_address_append(&address, "/search", &clinic->run->params, omit);
    lede_address_append_parameter(&address, "q", change->q, strlen(change->q));
    if (address.failed)
        return LEDE_ENOMEM;
    lede_json_key(out, "search");
    lede_json_string(out, address.data, address.size);
    return LEDE_OK;
}

static enum lede_status write_change(
    const struct clinic *clinic, const struct clinic_change *change, struct lede_buffer *out)
{
    lede_buffer_append_char(out, '{');
    lede_json_member_string(out, "change", change->name);
    lede_json_member_string(out, "text", change->text);
    lede_json_member_string(out, "q", change->q);
    lede_json_key(out, "without");
    lede_buffer_append_char(out, '[');
    for (size_t i = 0; i < clinic->clause_count; i++) {
        if (!(change->dropped & CLINIC_BIT(i)))
            continue;
        lede_json_comma(out);
        lede_json_string(out, clinic->clauses[i].param, strlen(clinic->clauses[i].param));
    }
    if (change->drops_in)
        lede_json_string(out, "in", 2);
    lede_buffer_append_char(out, ']');
    write_found(out, &change->found);
    enum lede_status st = write_address(clinic, change, out);
    lede_buffer_append_char(out, '}');
    return st;
}

static enum lede_status write_clinic(const struct clinic *clinic, struct lede_buffer *out)
{
    enum lede_status st = LEDE_OK;
    lede_buffer_append_char(out, '{');
    write_clauses(clinic, CLINIC_NONE, out);
    lede_json_key(out, "smallest");
    if (clinic->change_count == 0)
        lede_buffer_append_string(out, "null");
    else
        st = write_change(clinic, &clinic->changes[0], out);
    lede_json_key(out, "alternatives");
    lede_buffer_append_char(out, '[');
    for (size_t i = 1; st == LEDE_OK && i < clinic->change_count; i++) {
        lede_json_comma(out);
        st = write_change(clinic, &clinic->changes[i], out);
    }
    lede_buffer_append_char(out, ']');
    lede_json_member_bool(out, "complete", !clinic->is_cut_short);
    lede_buffer_append_char(out, '}');
    return st == LEDE_OK ? lede_buffer_status(out) : st;
}

static uint64_t earlier(uint64_t a, uint64_t b)
{
    return b != 0 && b < a ? b : a;
}

enum lede_status lede_clinic_run(
    struct lede_api_worker *worker, struct lede_search_run *run, struct lede_error *reterr)
{
    const struct lede_search *search = &run->search.search;
    uint64_t started = lede_time_monotonic_ns();
    if (run->result.total > 0 || run->result.timed_out || search->limit == 0 || run->similar_to)
        return LEDE_OK;
    LEDE_CLEANUP(lede_arena_done) struct lede_arena arena = {0};
    struct clinic *clinic = lede_arena_calloc(&arena, 1, sizeof(*clinic));
    if (!clinic)
        return lede_fail_memory(reterr);
    *clinic = (struct clinic){.worker = worker,
        .run = run,
        .arena = &arena,
        .deadline_monotonic_ns = earlier(
            started + (uint64_t)LEDE_CLINIC_MS_MAX * 1000000, search->deadline_monotonic_ns)};
    enum lede_status st = lede_clinic_list(clinic, reterr);
    if (st == LEDE_OK)
        st = lede_clinic_try(clinic, reterr);
    if (st == LEDE_OK && write_clinic(clinic, &run->clinic) != LEDE_OK)
        st = lede_fail_memory(reterr);
    lede_clinic_done(clinic);
    run->is_hurried = run->is_hurried || lede_time_has_passed(clinic->deadline_monotonic_ns);
    run->took_ms += (double)(lede_time_monotonic_ns() - started) / 1e6;
    return st;
}

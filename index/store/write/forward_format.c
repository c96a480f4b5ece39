/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Request: u32 magic "LDW1", u32 1 if atomic; then for each write u32 kind, u32 flags, 16 bytes of
 * If-Match, a text: the stored document, the patch, or nothing; a text: the id, unless a document
 * has it. Answer: u32 magic "LDA1", u32 status, u64 revision, texts of the error; then for each
 * write u32 outcome, u32 status, 16 bytes of digest and, where it failed, texts of its error. A
 * text is u32 size and its bytes. */
#include "forward_format.h"

#include <stdlib.h>
#include <string.h>

#define REQUEST_MAGIC UINT32_C(0x3157444c)
#define ANSWER_MAGIC UINT32_C(0x3141444c)

enum flags { HAS_IF_MATCH = 1, YIELDS = 2, RECEIVED_WAS_ABSENT = 4 };

/* ---- Pieces ---- */

static void put_u32(struct lede_buffer *out, uint32_t number)
{
    lede_buffer_append(out, &number, sizeof(number));
}

static void put_text(struct lede_buffer *out, const char *text, size_t size)
{
    put_u32(out, (uint32_t)size);
    lede_buffer_append(out, text, size);
}

static void put_error(struct lede_buffer *out, const struct lede_error *error)
{
    put_text(out, error->message, strlen(error->message));
    put_text(out, error->hint, strlen(error->hint));
    put_text(out, error->pointer, strlen(error->pointer));
}

/* What is left to be read; bad once anything did not fit. */
struct reading {
    const char *at;
    size_t left;
    bool is_bad;
};

static void get(struct reading *reading, void *bytes, size_t size)
{
    reading->is_bad = reading->is_bad || reading->left < size;
    if (reading->is_bad) {
        memset(bytes, 0, size);
        return;
    }
    memcpy(bytes, reading->at, size);
    reading->at += size;
    reading->left -= size;
}

static uint32_t get_u32(struct reading *reading)
{
    uint32_t number = 0;
    get(reading, &number, sizeof(number));
    return number;
}

static const char *get_text(struct reading *reading, size_t *ret_size)
{
    const char *text = NULL;
    *ret_size = get_u32(reading);
    reading->is_bad = reading->is_bad || reading->left < *ret_size;
    if (reading->is_bad) {
        *ret_size = 0;
        return "";
    }
    text = reading->at;
    reading->at += *ret_size;
    reading->left -= *ret_size;
    return text;
}

static void get_member(struct reading *reading, char *member, size_t room)
{
    size_t size = 0;
    const char *text = get_text(reading, &size);
    size = size < room ? size : room - 1;
    memcpy(member, text, size);
    member[size] = '\0';
}

static void get_error(struct reading *reading, uint32_t status, struct lede_error *error)
{
    *error = (struct lede_error){
        .status = status <= LEDE_EINTERNAL ? (enum lede_status)status : LEDE_EINTERNAL};
    get_member(reading, error->message, sizeof(error->message));
    get_member(reading, error->hint, sizeof(error->hint));
    get_member(reading, error->pointer, sizeof(error->pointer));
}

static enum lede_status fail_format(struct lede_error *reterr)
{
    return lede_fail(reterr, LEDE_EINPUT, "what came of another node is not what was expected");
}

/* ---- Requests ---- */

static bool add_write(struct lede_buffer *out, const struct lede_write *write)
{
    const struct lede_document *document = write->document;
    LEDE_CLEANUP(lede_freep) char *text = NULL;
    size_t size = 0;
    if (document && lede_document_serialize(document, &text, &size) != LEDE_OK)
        return false;
    if (write->patch) {
        text = json_dumps(write->patch, JSON_COMPACT | JSON_ENCODE_ANY);
        size = text ? strlen(text) : 0;
    }
    if ((write->patch || document) && !text)
        return false;
    put_u32(out, (uint32_t)write->kind);
    put_u32(out, (write->has_if_match ? HAS_IF_MATCH : 0) | (write->yields ? YIELDS : 0) |
                     (document && document->received_was_absent ? RECEIVED_WAS_ABSENT : 0));
    lede_buffer_append(out, write->if_match, sizeof(write->if_match));
    put_text(out, text ? text : "", size);
    put_text(out, write->id ? write->id : "", write->id ? strlen(write->id) : 0);
    return true;
}

void lede_forward_write(struct lede_buffer *out, const struct lede_batch *first, bool is_atomic)
{
    put_u32(out, REQUEST_MAGIC);
    put_u32(out, is_atomic);
    for (const struct lede_batch *batch = first; batch; batch = batch->next) {
        for (size_t i = 0; i < batch->count; i++)
            out->failed = !add_write(out, &batch->operations[i].write) || out->failed;
    }
}

static enum lede_status read_content(
    struct reading *reading, uint32_t flags, struct lede_write *write, struct lede_error *reterr)
{
    size_t size = 0, id_size = 0;
    const char *text = get_text(reading, &size);
    const char *id = get_text(reading, &id_size);
    if (reading->is_bad)
        return fail_format(reterr);
    if (write->kind == LEDE_WRITE_INDEX || write->kind == LEDE_WRITE_CREATE) {
        enum lede_status st = lede_document_from_stored(text, size, &write->document, reterr);
        if (st == LEDE_OK)
            write->document->received_was_absent = (flags & RECEIVED_WAS_ABSENT) != 0;
        return st == LEDE_OK || st == LEDE_ENOMEM ? st : fail_format(reterr);
    }
    if (id_size == 0 || memchr(id, '\0', id_size))
        return fail_format(reterr);
    write->id = strndup(id, id_size);
    if (write->kind == LEDE_WRITE_PATCH)
        write->patch = json_loadb(text, size, JSON_DECODE_ANY, NULL);
    bool is_whole = write->id && (write->patch || write->kind == LEDE_WRITE_DELETE);
    return is_whole ? LEDE_OK : lede_fail_memory(reterr);
}

enum lede_status lede_forward_read(const char *bytes, size_t size, bool *ret_is_atomic,
    enum lede_status (*take)(void *context, struct lede_write *write, struct lede_error *reterr),
    void *context, struct lede_error *reterr)
{
    struct reading reading = {.at = bytes, .left = size};
    uint32_t magic = get_u32(&reading);
    *ret_is_atomic = get_u32(&reading) != 0;
    if (magic != REQUEST_MAGIC || reading.is_bad)
        return fail_format(reterr);
    while (reading.left > 0) {
        struct lede_write write = {0};
        uint32_t kind = get_u32(&reading), flags = get_u32(&reading);
        get(&reading, write.if_match, sizeof(write.if_match));
        if (kind > LEDE_WRITE_DELETE)
            return fail_format(reterr);
        write.kind = (enum lede_write_kind)kind;
        write.has_if_match = (flags & HAS_IF_MATCH) != 0;
        write.yields = (flags & YIELDS) != 0;
        enum lede_status st = read_content(&reading, flags, &write, reterr);
        if (st == LEDE_OK)
            st = take(context, &write, reterr);
        else
            lede_write_done(&write);
        if (st != LEDE_OK)
            return st;
    }
    return LEDE_OK;
}

/* ---- Answers ---- */

void lede_forward_answer_begin(struct lede_buffer *out, enum lede_status status,
    const struct lede_error *error, uint64_t revision)
{
    static const struct lede_error none;
    put_u32(out, ANSWER_MAGIC);
    put_u32(out, (uint32_t)status);
    lede_buffer_append(out, &revision, sizeof(revision));
    put_error(out, status == LEDE_OK ? &none : error);
}

void lede_forward_answer_add(struct lede_buffer *out, const struct lede_write_result *result)
{
    put_u32(out, (uint32_t)result->outcome);
    put_u32(out, result->error ? (uint32_t)result->error->status : LEDE_OK);
    lede_buffer_append(out, result->digest, sizeof(result->digest));
    if (result->error)
        put_error(out, result->error);
}

static enum lede_status read_result(
    struct reading *reading, struct lede_operation *operation, struct lede_error *reterr)
{
    uint32_t outcome = get_u32(reading), status = get_u32(reading);
    get(reading, operation->digest, sizeof(operation->digest));
    if (reading->is_bad || outcome > LEDE_FAILED)
        return fail_format(reterr);
    operation->outcome = (enum lede_write_outcome)outcome;
    if (status == LEDE_OK)
        return outcome == LEDE_FAILED ? fail_format(reterr) : LEDE_OK;
    free(operation->error);
    operation->error = malloc(sizeof(*operation->error));
    if (!operation->error)
        return lede_fail_memory(reterr);
    get_error(reading, status, operation->error);
    return LEDE_OK;
}

enum lede_status lede_forward_answer_read(
    const char *bytes, size_t size, struct lede_batch *first, struct lede_error *reterr)
{
    struct reading reading = {.at = bytes, .left = size};
    struct lede_error error;
    uint32_t magic = get_u32(&reading), status = get_u32(&reading);
    uint64_t revision = 0;
    get(&reading, &revision, sizeof(revision));
    get_error(&reading, status, &error);
    if (reading.is_bad || magic != ANSWER_MAGIC)
        return fail_format(reterr);
    bool has_results = reading.left > 0;
    for (struct lede_batch *batch = first; batch; batch = batch->next) {
        for (size_t i = 0; has_results && i < batch->count; i++) {
            enum lede_status st = read_result(&reading, &batch->operations[i], reterr);
            if (st != LEDE_OK)
                return st;
        }
        if (!has_results && status == LEDE_OK && batch->count > 0)
            return fail_format(reterr);
        batch->status = error.status;
        batch->error = error;
        batch->revision = revision;
    }
    return LEDE_OK;
}

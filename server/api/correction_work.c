/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "correction_work.h"

#include "lede/time.h"
#include "visible.h"

#include <string.h>

bool correction_is_spent(const struct correction *work)
{
    return work->searches >= LEDE_CORRECTION_SEARCHES_MAX ||
           lede_time_has_passed(work->deadline_monotonic_ns);
}

enum lede_status correction_count_text(
    struct correction *work, const char *text, size_t size, uint32_t count_to, uint32_t *ret_count)
{
    LEDE_CLEANUP(lede_query_freep) struct lede_query *query = NULL;
    struct lede_search search = work->run->search.search;
    struct lede_query_options options = lede_search_run_options(work->worker, work->run);
    bool exact = false;
    *ret_count = 0;
    if (correction_is_spent(work))
        return LEDE_OK;
    enum lede_status st =
        lede_query_parse(text, size, &options, work->worker->analyzer, &query, work->reterr);
    if (st == LEDE_EINPUT || st == LEDE_ELIMIT)
        return LEDE_OK;
    if (st != LEDE_OK)
        return st;
    work->searches++;
    search.query = query;
    search.deadline_monotonic_ns = work->deadline_monotonic_ns;
    return lede_visible_estimate(work->worker, &search, count_to, ret_count, &exact, work->reterr);
}

/* Put a change among others in the order of the text; one of the same word gives way to it.
 * ret_changes  room for one more. Returns how many. */
static size_t correction_insert_change(const struct correction_change *changes, size_t count,
    const struct correction_change *change, struct correction_change *ret_changes)
{
    size_t inserted = 0;
    bool is_in = false;
    for (size_t i = 0; i < count; i++) {
        if (!is_in && changes[i].start >= change->start) {
            ret_changes[inserted++] = *change;
            is_in = true;
        }
        if (changes[i].start != change->start)
            ret_changes[inserted++] = changes[i];
    }
    if (!is_in)
        ret_changes[inserted++] = *change;
    return inserted;
}

enum lede_status correction_count_changed(struct correction *work,
    const struct correction_change *change, uint32_t count_to, uint32_t *ret_count)
{
    LEDE_CLEANUP(lede_buffer_done) struct lede_buffer text = {0};
    struct correction_change changes[LEDE_CORRECTION_CHANGES_MAX + 1];
    size_t count = work->change_count;
    if (change)
        count = correction_insert_change(work->changes, count, change, changes);
    correction_apply(&work->run->search, change ? changes : work->changes, count, &text);
    if (text.failed)
        return lede_fail_memory(work->reterr);
    return correction_count_text(work, text.data, text.size, count_to, ret_count);
}

enum lede_status correction_is_shown(
    struct correction *work, const char *word, size_t size, bool *ret_shown)
{
    return lede_visible_word_is_shown(
        work->worker, word, size, work->run->search.search.now_utc_s, ret_shown, work->reterr);
}

/* Write each word of a change as documents do; one for which there is no room stays folded. */
static enum lede_status write_as_documents_do(
    struct correction *work, struct correction_change *change)
{
    LEDE_CLEANUP(lede_buffer_done) struct lede_buffer text = {0};
    struct lede_written_word written;
    enum lede_status st = LEDE_OK;
    for (size_t start = 0, end = 0; st == LEDE_OK && start < change->text_size; start = end + 1) {
        const char *blank = memchr(change->text + start, ' ', change->text_size - start);
        end = blank ? (size_t)(blank - change->text) : change->text_size;
        st = lede_written_word_find(work->worker, lede_lexicon_revision(work->lexicon),
            change->text + start, end - start, work->run->search.search.now_utc_s,
            work->deadline_monotonic_ns, &written, work->reterr);
        if (st == LEDE_OK && start > 0)
            lede_buffer_append_char(&text, ' ');
        if (st == LEDE_OK)
            lede_buffer_append(&text, written.text, written.size);
    }
    if (st == LEDE_OK && text.failed)
        st = lede_fail_memory(work->reterr);
    if (st == LEDE_OK && text.size <= sizeof(change->text)) {
        memcpy(change->text, text.data, text.size);
        change->text_size = text.size;
    }
    return st;
}

static void correction_put_change(struct correction *work, const struct correction_change *change)
{
    struct correction_change changes[LEDE_CORRECTION_CHANGES_MAX + 1];
    size_t count = correction_insert_change(work->changes, work->change_count, change, changes);
    if (count > LEDE_CORRECTION_CHANGES_MAX)
        return;
    memcpy(work->changes, changes, count * sizeof(*changes));
    work->change_count = count;
}

enum lede_status correction_take_change(struct correction *work, struct correction_change *change)
{
    enum lede_status st = write_as_documents_do(work, change);
    if (st == LEDE_OK)
        correction_put_change(work, change);
    return st;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "findings.h"

#include <stdarg.h>
#include <stdio.h>

void lede_check_done(struct lede_check *check)
{
    lede_manifest_done(&check->manifest);
    lede_deletion_list_done(&check->deletions);
}

void lede_check_tell(struct lede_check *check, enum lede_finding_kind kind, const char *place,
    const char *format, ...)
{
    char what[512];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(what, sizeof(what), format, arguments);
    va_end(arguments);
    check->stats.problems += kind == LEDE_FINDING_PROBLEM ? 1 : 0;
    check->stats.repaired += kind == LEDE_FINDING_REPAIRED ? 1 : 0;
    struct lede_finding finding = {.kind = kind, .place = place, .what = what};
    if (check->options->tell)
        check->options->tell(check->options->context, &finding);
}

static enum lede_status keep_deletion(
    void *context, const struct lede_deletion *deletion, struct lede_error *reterr)
{
    struct lede_deletion_list *list = context;
    return lede_deletion_list_add(list, deletion->segment, deletion->docid) == LEDE_OK
               ? LEDE_OK
               : lede_fail_memory(reterr);
}

enum lede_status lede_check_read_deletions(struct lede_check *check, uint64_t generation,
    struct lede_deletion_list *list, struct lede_error *reterr)
{
    return lede_deletion_log_read(
        check->options->directory, generation, keep_deletion, list, &check->revision, reterr);
}

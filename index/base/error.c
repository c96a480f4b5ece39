/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Errors: one place fills them, so that every message has the same shape. */
#include "lede/encoding.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* A message quotes strangers, perhaps cut in the middle of a character, and ends in logs and JSON:
 * what is no UTF-8 at its end is dropped and elsewhere becomes '?', control characters become
 * spaces. */
static void scrub(char *text)
{
    char *out = text;
    size_t size = strlen(text);
    unsigned length = 0;
    for (size_t at = 0; at < size; at += length) {
        int32_t code = lede_utf8_decode(text, size, at, &length);
        if (code >= 0x80) {
            memmove(out, text + at, length);
            out += length;
        } else if (code >= 0) {
            *out++ = code < 0x20 || code == 0x7F ? ' ' : (char)code;
        } else if (!lede_utf8_continues(text[at])) {
            /* One mark for each character that was begun; its remaining bytes are skipped. */
            *out++ = '?';
        }
    }
    *out = '\0';
}

/* Cut a truncated UTF-8 text back to whole characters. */
static void trim_partial_character(char *text, size_t size)
{
    unsigned length = 0;
    size_t i = size;
    while (i > 0 && size - i < 3 && lede_utf8_continues(text[i - 1]))
        i--;
    if (i > 0 && (unsigned char)text[i - 1] >= 0xC0 &&
        lede_utf8_decode(text, size, i - 1, &length) < 0)
        text[i - 1] = '\0';
}

static void format_bounded(char *out, size_t capacity, const char *format, va_list arguments)
{
    int written = vsnprintf(out, capacity, format, arguments);
    if (written < 0)
        out[0] = '\0';
    else if ((size_t)written >= capacity)
        trim_partial_character(out, capacity - 1);
    scrub(out);
}

static void fill(
    struct lede_error *reterr, enum lede_status status, const char *format, va_list arguments)
{
    if (!reterr)
        return;
    /* The message is formatted first: its arguments may point into the error that is being
     * replaced. */
    char message[sizeof(reterr->message)];
    format_bounded(message, sizeof(message), format, arguments);
    memset(reterr, 0, sizeof(*reterr));
    reterr->status = status;
    memcpy(reterr->message, message, sizeof(message));
}

enum lede_status lede_fail(
    struct lede_error *reterr, enum lede_status status, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    fill(reterr, status, format, arguments);
    va_end(arguments);
    return status;
}

enum lede_status lede_fail_errno(
    struct lede_error *reterr, enum lede_status status, const char *format, ...)
{
    int code = errno;
    if (code == ENOSPC || code == EDQUOT || code == EFBIG)
        status = LEDE_ENOSPC;
    else if (code == ENOMEM)
        status = LEDE_ENOMEM;
    else if (code == EMFILE || code == ENFILE)
        status = LEDE_EBUSY;
    va_list arguments;
    va_start(arguments, format);
    fill(reterr, status, format, arguments);
    va_end(arguments);
    if (reterr) {
        size_t used = strlen(reterr->message);
        char reason[96];
        snprintf(reterr->message + used, sizeof(reterr->message) - used, ": %s",
            strerror_r(code, reason, sizeof(reason)));
    }
    return status;
}

enum lede_status lede_fail_memory(struct lede_error *reterr)
{
    return lede_fail(reterr, LEDE_ENOMEM, "out of memory");
}

void lede_error_hint(struct lede_error *reterr, const char *format, ...)
{
    if (!reterr)
        return;
    va_list arguments;
    va_start(arguments, format);
    format_bounded(reterr->hint, sizeof(reterr->hint), format, arguments);
    va_end(arguments);
}

static void format_param(char *out, size_t capacity, const char *format, ...) LEDE_PRINTF(3, 4);
static void format_param(char *out, size_t capacity, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    format_bounded(out, capacity, format, arguments);
    va_end(arguments);
}

void lede_error_param(struct lede_error *reterr, const char *name)
{
    if (reterr)
        format_param(reterr->param, sizeof(reterr->param), "%s", name);
}

const char *lede_status_name(enum lede_status status)
{
    static const char *const names[] = {
        [LEDE_OK] = "ok",
        [LEDE_EINPUT] = "invalid-input",
        [LEDE_EINVALID] = "invalid-document",
        [LEDE_ENOTFOUND] = "not-found",
        [LEDE_EEXISTS] = "already-exists",
        [LEDE_EPRECONDITION] = "precondition-failed",
        [LEDE_ELIMIT] = "limit-exceeded",
        [LEDE_EBUSY] = "busy",
        [LEDE_ETIMEOUT] = "timeout",
        [LEDE_EIO] = "io-error",
        [LEDE_ENOSPC] = "no-space",
        [LEDE_ENOMEM] = "no-memory",
        [LEDE_ECORRUPT] = "corrupt",
        [LEDE_EVERSION] = "other-version",
        [LEDE_EMEDIATYPE] = "unsupported-media-type",
        [LEDE_EREADONLY] = "read-only",
        [LEDE_EUNSUPPORTED] = "not-implemented",
        [LEDE_ESTOPPED] = "stopped",
        [LEDE_EAGAIN] = "not-yet",
        [LEDE_EINTERNAL] = "internal-error",
    };
    return (size_t)status < LEDE_COUNT_OF(names) ? names[status] : "unknown";
}

void lede_freep(void *pointer_to_pointer)
{
    void **pointer = pointer_to_pointer;
    free(*pointer);
    *pointer = NULL;
}

void lede_closep(int *fd)
{
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
}

/* Errors: one place fills them, so that every message has the same shape. */
#include "lede/base.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Cut a truncated UTF-8 text back to whole characters. */
static void trim_partial_character(char *text, size_t size)
{
    size_t i = size;
    while (i > 0 && ((unsigned char)text[i - 1] & 0xC0) == 0x80)
        i--;
    if (i == 0)
        return;
    unsigned char lead = (unsigned char)text[i - 1];
    size_t need = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : lead >= 0xC0 ? 2 : 1;
    if (size - (i - 1) < need)
        text[i - 1] = '\0';
}

static void format_bounded(char *out, size_t capacity, const char *format, va_list arguments)
{
    int written = vsnprintf(out, capacity, format, arguments);
    if (written < 0)
        out[0] = '\0';
    else if ((size_t)written >= capacity)
        trim_partial_character(out, capacity - 1);
}

static void fill(struct lede_error *reterr, enum lede_status status, const char *format, va_list arguments)
{
    if (!reterr)
        return;
    /* The message is formatted first: its arguments may point into the error that is being replaced. */
    char message[sizeof(reterr->message)];
    format_bounded(message, sizeof(message), format, arguments);
    memset(reterr, 0, sizeof(*reterr));
    reterr->status = status;
    memcpy(reterr->message, message, sizeof(message));
}

enum lede_status lede_fail(struct lede_error *reterr, enum lede_status status, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    fill(reterr, status, format, arguments);
    va_end(arguments);
    return status;
}

enum lede_status lede_fail_errno(struct lede_error *reterr, enum lede_status status, const char *format, ...)
{
    int code = errno;
    if (code == ENOSPC || code == EDQUOT)
        status = LEDE_ENOSPC;
    else if (code == ENOMEM)
        status = LEDE_ENOMEM;
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
        [LEDE_ESTALE] = "stale",
        [LEDE_EIO] = "io-error",
        [LEDE_ENOSPC] = "no-space",
        [LEDE_ENOMEM] = "no-memory",
        [LEDE_ECORRUPT] = "corrupt",
        [LEDE_EVERSION] = "other-version",
        [LEDE_EUNSUPPORTED] = "not-implemented",
        [LEDE_ESTOPPED] = "stopped",
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

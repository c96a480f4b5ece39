/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The text of a PDF, by a child process (pdf_child.c) with limits of time, memory and output. */
#include "held.h"
#include "spool.h"

#include "lede/model.h"
#include "lede/thread.h"
#include "lede/time.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define FILE_BYTES_MAX (UINT64_C(256) << 20)
#define OUTPUT_BYTES_MAX ((size_t)48 << 20) /* the child's text, each byte escaped */
#define PATIENCE_MS 30000
#define AT_ONCE_MAX 2
#define TURN_MS 250 /* that a turn is waited for */
#define CHILD_NAME "lede-pdf-text"

static const struct lede_mapping rows[] = {{"title", "title", LEDE_CONVERT_LINE, NULL},
    {"first_line", "title", LEDE_CONVERT_LINE, NULL},
    {"author", "author", LEDE_CONVERT_PERSON, NULL},
    {"subject", "summary", LEDE_CONVERT_LINE, NULL}, {"keywords", "tags", LEDE_CONVERT_LIST, NULL},
    {"created", "published", LEDE_CONVERT_DATE, NULL},
    {"modified", "updated", LEDE_CONVERT_DATE, NULL}, {"text", "body", LEDE_CONVERT_TEXT, NULL},
    {NULL, NULL, LEDE_CONVERT_NONE, NULL}};

struct pdf {
    struct lede_format_input input;
    struct lede_spool spool;
    struct lede_buffer made;
    bool is_given;
};

/* ---- Turns ----
 *
 * A thread that reads a PDF waits for it, and one that does not end takes all of its patience: so
 * that a few of them do not hold all threads of a server, few are read at once. */

static struct {
    pthread_mutex_t mutex;
    pthread_cond_t gone;
    unsigned count;
    bool is_ready;
} turns = {.mutex = PTHREAD_MUTEX_INITIALIZER};

static void begin_turns(void)
{
    turns.is_ready = lede_condition_init(&turns.gone) == LEDE_OK;
}

/* Status: OK; EBUSY; ENOMEM. */
static enum lede_status take_turn(struct lede_error *reterr)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    uint64_t until_ns = lede_time_monotonic_ns() + UINT64_C(1000000) * TURN_MS;
    if (pthread_once(&once, begin_turns) != 0 || !turns.is_ready)
        return lede_fail_memory(reterr);
    pthread_mutex_lock(&turns.mutex);
    while (turns.count == AT_ONCE_MAX &&
           lede_condition_wait_until(&turns.gone, &turns.mutex, until_ns))
        continue;
    bool is_mine = turns.count < AT_ONCE_MAX;
    turns.count += is_mine;
    pthread_mutex_unlock(&turns.mutex);
    return is_mine ? LEDE_OK
                   : lede_fail(reterr, LEDE_EBUSY, "%d PDFs are being read, as many as at once are",
                         AT_ONCE_MAX);
}

static void give_turn(void)
{
    pthread_mutex_lock(&turns.mutex);
    turns.count--;
    pthread_cond_signal(&turns.gone);
    pthread_mutex_unlock(&turns.mutex);
}

/* ---- The child ---- */

struct child {
    pid_t pid;
    int output;
};

/* Where it is: beside this program (a build directory), else where it was installed. */
static enum lede_status find_program(struct lede_buffer *ret_path, struct lede_error *reterr)
{
    char self[4096];
    const char *named = getenv("LEDE_PDF_TEXT");
    ssize_t size = readlink("/proc/self/exe", self, sizeof(self) - 1);
    self[size > 0 ? size : 0] = '\0';
    char *slash = strrchr(self, '/');
    if (slash)
        slash[1] = '\0';
    lede_buffer_append_format(
        ret_path, "%s%s", named && *named ? named : self, named && *named ? "" : CHILD_NAME);
    if (lede_buffer_status(ret_path) != LEDE_OK)
        return lede_fail_memory(reterr);
    if (access(ret_path->data, X_OK) == 0)
        return LEDE_OK;
    lede_buffer_clear(ret_path);
    lede_buffer_append_string(ret_path, LEDE_LIBEXECDIR "/" CHILD_NAME);
    if (lede_buffer_status(ret_path) != LEDE_OK)
        return lede_fail_memory(reterr);
    if (access(ret_path->data, X_OK) == 0)
        return LEDE_OK;
    return lede_fail(reterr, LEDE_EINPUT,
        "PDF cannot be read here: expected the program '%s', which is not installed",
        ret_path->data);
}

static enum lede_status start_child(
    const struct lede_spool *spool, struct child *ret_child, struct lede_error *reterr)
{
    LEDE_CLEANUP(lede_buffer_done) struct lede_buffer path = {0};
    posix_spawn_file_actions_t actions;
    int ends[2];
    enum lede_status st = find_program(&path, reterr);
    if (st != LEDE_OK)
        return st;
    if (pipe2(ends, O_CLOEXEC) != 0)
        return lede_fail_errno(reterr, LEDE_EIO, "cannot make a pipe");
    char *const arguments[] = {path.data, NULL};
    char *const environment[] = {NULL};
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, spool->fd, STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
    posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
    int failed = posix_spawn(&ret_child->pid, path.data, &actions, NULL, arguments, environment);
    posix_spawn_file_actions_destroy(&actions);
    close(ends[1]);
    ret_child->output = ends[0];
    if (failed == 0)
        return LEDE_OK;
    close(ends[0]);
    errno = failed;
    return lede_fail_errno(reterr, LEDE_EIO, "cannot run '%s'", path.data);
}

/* All that it writes, until it closes its end.
 * Status: OK; ELIMIT it took too long, or wrote too much; EIO; ENOMEM. */
static enum lede_status read_child(
    const struct child *child, struct lede_buffer *out, struct lede_error *reterr)
{
    uint64_t until_ns = lede_time_monotonic_ns() + UINT64_C(1000000) * PATIENCE_MS;
    for (;;) {
        uint64_t now_ns = lede_time_monotonic_ns();
        struct pollfd wanted = {.fd = child->output, .events = POLLIN};
        int left_ms = now_ns < until_ns ? (int)((until_ns - now_ns) / 1000000) : 0;
        int ready = poll(&wanted, 1, left_ms);
        if (ready == 0)
            return lede_fail(reterr, LEDE_ELIMIT,
                "expected a PDF that is read within %d s, found one that takes longer",
                PATIENCE_MS / 1000);
        char *room = lede_buffer_reserve(out, 65536);
        if (!room)
            return lede_fail_memory(reterr);
        ssize_t got = ready > 0 ? read(child->output, room, 65536) : -1;
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return lede_fail_errno(reterr, LEDE_EIO, "cannot read the text of a PDF");
        if (got == 0)
            return LEDE_OK;
        out->size += (size_t)got;
        if (out->size > OUTPUT_BYTES_MAX)
            return lede_fail(reterr, LEDE_ELIMIT,
                "expected a PDF with less text than %zu bytes, found more", OUTPUT_BYTES_MAX);
    }
}

/* What it ended with, in words. */
static enum lede_status judge(int status, struct lede_error *reterr)
{
    static const char *const reasons[] = {"its text could not be written",
        "found none, or a damaged one", "found one that is locked by a password",
        "found pages without text (pictures of pages?)"};
    if (WIFSIGNALED(status) && WTERMSIG(status) == SIGXCPU)
        return lede_fail(reterr, LEDE_ELIMIT,
            "expected a PDF that can be read, found one that takes too much processor time");
    if (WIFSIGNALED(status))
        return lede_fail(reterr, LEDE_EINPUT,
            "expected a PDF that can be read, found one that ended its reader (signal %d)",
            WTERMSIG(status));
    size_t code = (size_t)WEXITSTATUS(status);
    if (code == 0)
        return LEDE_OK;
    return lede_fail(reterr, LEDE_EINPUT, "expected a PDF with text, %s",
        reasons[code <= LEDE_COUNT_OF(reasons) ? code - 1 : 0]);
}

static enum lede_status run_child(
    const struct lede_spool *spool, struct lede_buffer *out, struct lede_error *reterr)
{
    struct child child = {.pid = -1};
    int status = 0;
    enum lede_status st = start_child(spool, &child, reterr);
    if (st != LEDE_OK)
        return st;
    st = read_child(&child, out, reterr);
    if (st != LEDE_OK)
        kill(child.pid, SIGKILL);
    close(child.output);
    while (waitpid(child.pid, &status, 0) < 0 && errno == EINTR)
        continue;
    return st == LEDE_OK ? judge(status, reterr) : st;
}

/* ---- The reader ---- */

static enum lede_status make_document(struct pdf *pdf, struct lede_error *reterr)
{
    LEDE_CLEANUP(lede_buffer_done) struct lede_buffer out = {0};
    json_auto_t *record = NULL;
    enum lede_status st = take_turn(reterr);
    if (st != LEDE_OK)
        return st;
    st = run_child(&pdf->spool, &out, reterr);
    give_turn();
    if (st == LEDE_OK)
        st = lede_json_parse(out.data ? out.data : "", out.size, &record, reterr);
    const char *text = json_string_value(json_object_get(record, "text"));
    size_t line = text ? strcspn(text, "\n") : 0;
    if (st == LEDE_OK && line > 0 && line < 200 &&
        json_object_set_new(record, "first_line", json_stringn(text, line)) != 0)
        st = lede_fail_memory(reterr);
    return st == LEDE_OK ? lede_format_write(&pdf->input, record, NULL, &pdf->made, reterr) : st;
}

static void pdf_free(void *reader)
{
    struct pdf *pdf = reader;
    if (!pdf)
        return;
    lede_spool_done(&pdf->spool);
    lede_buffer_done(&pdf->made);
    free(pdf);
}

static enum lede_status pdf_open(
    const struct lede_format_input *input, void **ret_reader, struct lede_error *reterr)
{
    struct pdf *pdf = calloc(1, sizeof(*pdf));
    if (!pdf)
        return lede_fail_memory(reterr);
    pdf->input = *input;
    pdf->spool = LEDE_SPOOL_EMPTY;
    *ret_reader = pdf;
    return LEDE_OK;
}

static enum lede_status pdf_next(
    void *reader, struct lede_import_item *ret_item, bool *ret_more, struct lede_error *reterr)
{
    struct pdf *pdf = reader;
    struct lede_error why = {0};
    *ret_more = false;
    if (pdf->is_given)
        return LEDE_OK;
    enum lede_status st = lede_spool_fill(&pdf->spool, &pdf->input, FILE_BYTES_MAX, &why);
    if (st == LEDE_OK)
        st = make_document(pdf, &why);
    bool is_lost = st == LEDE_EINPUT || st == LEDE_ELIMIT;
    if (st != LEDE_OK && !is_lost) {
        if (reterr)
            *reterr = why;
        return st;
    }
    pdf->is_given = true;
    *ret_more = true;
    if (is_lost)
        lede_held_lose(ret_item, &why, pdf->input.first_line);
    else
        lede_held_give(ret_item, &pdf->made, pdf->input.first_line);
    return LEDE_OK;
}

static uint64_t pdf_line(const void *reader)
{
    return ((const struct pdf *)reader)->input.first_line;
}

static unsigned recognise(const struct lede_format *format, const struct lede_format_head *head)
{
    (void)format;
    return head->size > 5 && memcmp(head->text, "%PDF-", 5) == 0 ? LEDE_FORMAT_CERTAIN
                                                                 : LEDE_FORMAT_NO;
}

static const char *const media_types[] = {"application/pdf", NULL};
static const char *const endings[] = {".pdf", NULL};

static const struct lede_format_reader reader = {pdf_open, pdf_next, pdf_line, pdf_free};

const struct lede_format lede_format_pdf = {.name = "pdf",
    .title = "PDF",
    .media_types = media_types,
    .endings = endings,
    .rows = rows,
    .recognise = recognise,
    .reader = &reader};

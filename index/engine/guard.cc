/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One table from Xapian's exception classes to statuses. Xapian::Error is no std::exception in 1.4,
 * so that both are caught. */
#include "guard.h"

#include "file_error.h"

#include <xapian.h>

#include <cerrno>
#include <cstring>
#include <exception>
#include <new>
#include <string>

namespace
{

struct error_class {
    const char *name; /* Xapian::Error::get_type() */
    enum lede_status status;
};

const error_class error_classes[] = {
    {"DatabaseLockError", LEDE_EBUSY},
    {"DatabaseCorruptError", LEDE_ECORRUPT},
    {"DatabaseVersionError", LEDE_EVERSION},
    {"DatabaseCreateError", LEDE_EIO},
    {"DatabaseOpeningError", LEDE_EIO},
    {"DatabaseNotFoundError", LEDE_EIO},
    {"DatabaseClosedError", LEDE_EIO},
    {"DatabaseError", LEDE_EIO},
    {"NetworkTimeoutError", LEDE_EIO},
    {"NetworkError", LEDE_EIO},
    /* What a table holds did not decode, or it names a document that is not there; or a block says
     * that it was written after the segment was, which never changes. */
    {"DatabaseModifiedError", LEDE_ECORRUPT},
    {"SerialisationError", LEDE_ECORRUPT},
    {"RangeError", LEDE_ECORRUPT},
    {"DocNotFoundError", LEDE_ECORRUPT},
    {"FeatureUnavailableError", LEDE_EVERSION},
    {"UnimplementedError", LEDE_EUNSUPPORTED},
};

enum lede_status status_of_class(const char *name)
{
    for (const error_class &entry : error_classes)
        if (strcmp(entry.name, name) == 0)
            return entry.status;
    return LEDE_EINTERNAL;
}

/* Xapian keeps errno's text, not its number; an error that came of another has that one's text
 * within its message. */
bool tells(const Xapian::Error &error, int error_number)
{
    char room[128];
    const char *text = strerror_r(error_number, room, sizeof(room));
    const char *reason = error.get_error_string();
    return (reason && strcmp(reason, text) == 0) || error.get_msg().find(text) != std::string::npos;
}

enum lede_status status_of(const Xapian::Error &error)
{
    if (tells(error, ENOSPC) || tells(error, EDQUOT) || tells(error, EFBIG))
        return LEDE_ENOSPC;
    if (tells(error, ENOMEM))
        return LEDE_ENOMEM;
    if (tells(error, EMFILE) || tells(error, ENFILE))
        return LEDE_EBUSY;
    return status_of_class(error.get_type());
}

enum lede_status fail_xapian(
    struct lede_error *reterr, const char *what, const Xapian::Error &error)
{
    const char *reason = error.get_error_string();
    return lede_fail(reterr, status_of(error), "%s failed: %s: %s%s%s", what, error.get_type(),
        error.get_msg().c_str(), reason ? ": " : "", reason ? reason : "");
}

} // namespace

enum lede_status lede::fail_current_exception(struct lede_error *reterr, const char *what) noexcept
{
    try {
        throw;
    } catch (const std::bad_alloc &) {
        return lede_fail_memory(reterr);
    } catch (const Xapian::Error &error) {
        return fail_xapian(reterr, what, error);
    } catch (const lede::FileError &error) {
        errno = error.error_number();
        return lede_fail_errno(reterr, LEDE_EIO, "%s failed: cannot %s '%s'", what, error.action(),
            error.path().c_str());
    } catch (const lede::DamagedError &error) {
        return lede_fail(reterr, LEDE_ECORRUPT, "%s failed: %s", what, error.what());
    } catch (const std::exception &error) {
        return lede_fail(reterr, LEDE_EINTERNAL, "%s failed: %s", what, error.what());
    } catch (...) {
        return lede_fail(reterr, LEDE_EINTERNAL, "%s failed: unknown exception", what);
    }
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where exceptions stop.
 *
 * The body of every extern "C" function of this floor is one call of lede::guarded(): nothing that
 * Xapian or the standard library throws leaves the shim, and one function says which status an
 * exception is. */
#ifndef LEDE_ENGINE_GUARD_H
#define LEDE_ENGINE_GUARD_H

#include "lede/base.h"

#include <utility>

namespace lede
{

/* Map the exception being handled to a status, with the exception's own words in the message.
 * reterr  may be NULL   what  what was being done: "searching"
 * Must be called in a catch block. */
enum lede_status fail_current_exception(struct lede_error *reterr, const char *what) noexcept;

/* Run a body that returns a status; an exception becomes one. */
template <typename Body>
enum lede_status guarded(struct lede_error *reterr, const char *what, Body &&body) noexcept
{
    try {
        return std::forward<Body>(body)();
    } catch (...) {
        return fail_current_exception(reterr, what);
    }
}

} // namespace lede
#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* MHD's callbacks. They run in I/O threads and never block. */
#ifndef LEDE_HTTP_HANDLER_H
#define LEDE_HTTP_HANDLER_H

#include "internal.h"

/* MHD_OPTION_URI_LOG_CALLBACK: a request begins; context is the server. Returns the request, NULL
 * without memory. */
void *lede_http_on_request_line(void *context, const char *target, struct MHD_Connection *mhd);

/* MHD_AccessHandlerCallback: called for the headers, for each piece of the body, at the end, and
 * after each resume. */
enum MHD_Result lede_http_on_access(void *context, struct MHD_Connection *mhd, const char *url,
    const char *method, const char *version, const char *upload_data, size_t *upload_data_size,
    void **request_context);

/* MHD_OPTION_NOTIFY_COMPLETED: the answer has left, or the connection has ended. */
void lede_http_on_completed(void *context, struct MHD_Connection *mhd, void **request_context,
    enum MHD_RequestTerminationCode why);

/* MHD_OPTION_UNESCAPE_CALLBACK: leaves the URI as it came; decoding is ours. */
size_t lede_http_on_unescape(void *context, struct MHD_Connection *mhd, char *text);

#endif

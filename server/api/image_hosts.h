/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From which hosts does the page load documents' pictures? A picture tells its server who reads, so
 * none is loaded that the settings do not allow.
 *
 * `pictures.example, *.cdn.example:8443`; `*` is every host. */
#ifndef LEDE_API_IMAGE_HOSTS_H
#define LEDE_API_IMAGE_HOSTS_H

#include "lede/api.h"

/* Is the picture of a document one that the page loads?
 * hosts  as the setting has them, checked; NULL: none
 * url    as a document has it; need not be checked */
bool lede_image_is_allowed(const char *hosts, const char *url);
/* Let a page's Content-Security-Policy say so: behind what `img-src` allows already. Replies
 * without one stay as they are. */
void lede_image_hosts_add(const char *hosts, struct lede_http_reply *reply);

#endif

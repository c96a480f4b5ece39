/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The synonyms of searches, which may be others from one search to the next. */
#include "lede/api.h"

void lede_api_set_synonyms(struct lede_api *api, struct lede_synonyms *synonyms)
{
    pthread_mutex_lock(&api->synonyms_lock);
    struct lede_synonyms *before = api->synonyms;
    api->synonyms = lede_synonyms_ref(synonyms);
    pthread_mutex_unlock(&api->synonyms_lock);
    lede_synonyms_unref(before);
}

struct lede_synonyms *lede_api_synonyms(struct lede_api *api)
{
    pthread_mutex_lock(&api->synonyms_lock);
    struct lede_synonyms *synonyms = lede_synonyms_ref(api->synonyms);
    pthread_mutex_unlock(&api->synonyms_lock);
    return synonyms;
}

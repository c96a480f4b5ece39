/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "import_columns.h"

#include "lede/schema.h"

#include <stdlib.h>
#include <string.h>

enum lede_status lede_import_columns_read(
    const char *map, struct lede_import_columns *ret_columns, struct lede_error *reterr)
{
    if (!map)
        return LEDE_OK;
    char *rest = ret_columns->text = strdup(map);
    if (!rest)
        return lede_fail_memory(reterr);
    for (size_t count = 0; rest; count++) {
        char *row = strsep(&rest, ",");
        const char *equals = strchr(row, '=');
        if (!equals || !equals[1] || !lede_field_by_key(row, (size_t)(equals - row)))
            return lede_fail(reterr, LEDE_EINPUT,
                "import: --map: expected FIELD=COLUMN, such as title=headline, found '%.60s'", row);
        if (count == LEDE_IMPORT_COLUMNS_MAX)
            return lede_fail(reterr, LEDE_EINPUT, "import: --map: expected at most %d columns",
                LEDE_IMPORT_COLUMNS_MAX);
        ret_columns->rows[count] = row;
    }
    return LEDE_OK;
}

void lede_import_columns_done(struct lede_import_columns *columns)
{
    free(columns->text);
    *columns = (struct lede_import_columns){0};
}

#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Write the page's files as one C table, so that the program needs no files of its own when it runs.

usage: generate_assets.py OUTPUT.c FILE...

Each file gets its path, media type and an ETag made from its content: a browser asks again and is told 304 until the
file really changes, whatever the build's date. The output depends on the inputs' names and bytes alone.
"""

import hashlib
import pathlib
import sys

MEDIA_TYPES = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".json": "application/json",
    ".xml": "application/opensearchdescription+xml; charset=utf-8",
}
# Files that have an address of their own; all others are found under /assets/.
PATHS = {"index.html": "/", "opensearch.xml": "/opensearch.xml", "openapi.json": "/openapi.json"}
BYTES_A_LINE = 24


def c_bytes(data):
    lines = (data[at : at + BYTES_A_LINE] for at in range(0, len(data), BYTES_A_LINE))
    return "\n".join("    " + "".join(f"{byte}," for byte in line) for line in lines)


def main():
    output, *names = sys.argv[1:]
    files = [pathlib.Path(name) for name in names]
    # lede_web_asset_find() searches by halves: the order is that of strcmp().
    assets = sorted((PATHS.get(file.name, "/assets/" + file.name).encode(), file) for file in files)
    arrays, rows = [], []
    for number, (path, file) in enumerate(assets):
        data = file.read_bytes()
        data.decode("utf-8")  # the media types say so
        etag = hashlib.sha256(data).hexdigest()[:32]
        arrays.append(f"static const unsigned char asset_{number}[] = {{\n{c_bytes(data)}\n}};\n")
        rows.append(
            f'    {{"{path.decode()}", "{MEDIA_TYPES[file.suffix]}", asset_{number}, '
            f'sizeof(asset_{number}), "\\"{etag}\\""}},\n'
        )
    text = (
        "/* Made by generate_assets.py from server/web/assets; not kept in the tree. */\n"
        '#include "web_assets.h"\n\n'
        + "\n".join(arrays)
        + "\nconst struct lede_web_asset lede_web_assets[] = {\n"
        + "".join(rows)
        + f"}};\nconst size_t lede_web_asset_count = {len(rows)};\n"
    )
    pathlib.Path(output).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()

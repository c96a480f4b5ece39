#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Write the page's files and templates as C tables, so that the program needs no files of its own when it runs.

usage: generate_assets.py OUTPUT.c FILE...

Each file gets its path, media type and an ETag made from its content: a browser asks again and is told 304 until the
file really changes, whatever the build's date. Files that end in .html are templates, which are not served as they are.
The output depends on the inputs' names and bytes alone.
"""

import hashlib
import pathlib
import sys

MEDIA_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".json": "application/json",
    ".xml": "application/opensearchdescription+xml; charset=utf-8",
}
# Files that have an address of their own; all others are found under /assets/.
PATHS = {"opensearch.xml": "/opensearch.xml", "openapi.json": "/openapi.json"}
BYTES_A_LINE = 24


def c_bytes(data):
    lines = (data[at : at + BYTES_A_LINE] for at in range(0, len(data), BYTES_A_LINE))
    return "\n".join("    " + "".join(f"{byte}," for byte in line) for line in lines)


def template_table(files):
    arrays, rows = [], []
    for number, file in enumerate(files):
        data = file.read_bytes().removesuffix(b"\n")
        arrays.append(f"static const unsigned char template_{number}[] = {{\n{c_bytes(data)}\n}};\n")
        rows.append(f'    {{"{file.stem}", (const char *)template_{number}, sizeof(template_{number})}},\n')
    return (
        "\n".join(arrays)
        + "\nconst struct lede_web_template lede_web_templates[] = {\n"
        + "".join(rows)
        + f"}};\nconst size_t lede_web_template_count = {len(rows)};\n"
    )


def main():
    output, *names = sys.argv[1:]
    files = [pathlib.Path(name) for name in names]
    templates = [file for file in files if file.suffix == ".html"]
    files = [file for file in files if file.suffix != ".html"]
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
        "/* Made by generate_assets.py from server/web; not kept in the tree. */\n"
        '#include "web_assets.h"\n\n'
        + "\n".join(arrays)
        + "\nconst struct lede_web_asset lede_web_assets[] = {\n"
        + "".join(rows)
        + f"}};\nconst size_t lede_web_asset_count = {len(rows)};\n\n"
        + template_table(templates)
    )
    pathlib.Path(output).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()

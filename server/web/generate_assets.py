#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Write the page's files and templates as C tables, so that the program needs no files of its own when it runs.

usage: generate_assets.py OUTPUT.c STYLE.h FILE...

Each file gets its path, media type and an ETag made from its content: a browser asks again and is told 304 until the
file really changes, whatever the build's date. Files that end in .html are templates, which are not served as they are.
The template `style` is page.css within the page itself, without its comments; STYLE.h has what a policy allows it by.
The output depends on the inputs' names and bytes alone.
"""

import base64
import hashlib
import pathlib
import re
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


def short_style(text):
    """The same rules: without comments, and white space at either end of a line."""
    lines = (line.strip() for line in re.sub(r"/\*.*?\*/", "", text, flags=re.S).splitlines())
    style = "\n".join(line for line in lines if line)
    assert "{{" not in style and "</" not in style
    return style


def template_table(files, style):
    arrays, rows = [], []
    templates = [(file.stem, file.read_bytes().removesuffix(b"\n")) for file in files]
    for number, (name, data) in enumerate([*templates, ("style", b"<style>" + style + b"</style>")]):
        arrays.append(f"static const unsigned char template_{number}[] = {{\n{c_bytes(data)}\n}};\n")
        rows.append(f'    {{"{name}", (const char *)template_{number}, sizeof(template_{number})}},\n')
    return (
        "\n".join(arrays)
        + "\nconst struct lede_web_template lede_web_templates[] = {\n"
        + "".join(rows)
        + f"}};\nconst size_t lede_web_template_count = {len(rows)};\n"
    )


def main():
    output, style_header, *names = sys.argv[1:]
    files = [pathlib.Path(name) for name in names]
    templates = [file for file in files if file.suffix == ".html"]
    files = [file for file in files if file.suffix != ".html"]
    # lede_web_asset_find() searches by halves: the order is that of strcmp().
    assets = sorted((PATHS.get(file.name, "/assets/" + file.name).encode(), file) for file in files)
    style = short_style(next(file for file in files if file.name == "page.css").read_text(encoding="utf-8")).encode()
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
        + template_table(templates, style)
    )
    allowed = base64.b64encode(hashlib.sha256(style).digest()).decode()
    pathlib.Path(style_header).write_text(
        "/* Made by generate_assets.py; not kept in the tree. */\n"
        f"#ifndef LEDE_WEB_STYLE_H\n#define LEDE_WEB_STYLE_H\n#define LEDE_WEB_STYLE_SOURCE \"'sha256-{allowed}'\"\n#endif\n"
    )
    pathlib.Path(output).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()

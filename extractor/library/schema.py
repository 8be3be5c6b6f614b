"""The tables of a library."""

from __future__ import annotations

from typing import Final

APPLICATION_ID: Final = 0x4558544D
"""``EXTM``: what marks a SQLite file as a library of ours."""
VERSION: Final = 1
"""``user_version`` of the tables below."""

TABLES: Final = """
CREATE TABLE info (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;

-- What a file holds, whatever its path: it outlives a move. Never two living files share one.
CREATE TABLE contents (
    id INTEGER PRIMARY KEY,
    size INTEGER NOT NULL,
    mtime_ns INTEGER NOT NULL,
    ends TEXT NOT NULL,
    header TEXT NOT NULL,
    warnings TEXT NOT NULL
);
CREATE INDEX contents_by_identity ON contents (size, mtime_ns, ends);

CREATE TABLE hashes (
    content_id INTEGER NOT NULL REFERENCES contents (id) ON DELETE CASCADE,
    kind TEXT NOT NULL,
    value TEXT NOT NULL,
    origin TEXT NOT NULL,
    PRIMARY KEY (content_id, kind)
) WITHOUT ROWID;
CREATE INDEX hashes_by_value ON hashes (value);

-- `beside`: names, sizes and times of the sidecars that `claims` were read from. `model`: what follows from all
-- that is known; NULL until it is worked out again.
CREATE TABLE files (
    id INTEGER PRIMARY KEY,
    path NOT NULL UNIQUE,
    content_id INTEGER NOT NULL REFERENCES contents (id),
    beside TEXT NOT NULL,
    has_namesake INTEGER NOT NULL,
    claims TEXT NOT NULL,
    warnings TEXT NOT NULL,
    model TEXT
);
CREATE INDEX files_by_content ON files (content_id);

-- The three ways from a record to a file.
CREATE TABLE file_keys (
    file_id INTEGER NOT NULL REFERENCES files (id) ON DELETE CASCADE,
    kind TEXT NOT NULL,
    value TEXT NOT NULL,
    digits INTEGER NOT NULL
);
CREATE INDEX file_keys_by_value ON file_keys (value);
CREATE INDEX file_keys_by_file ON file_keys (file_id);
CREATE TABLE file_names (
    folded TEXT NOT NULL,
    file_id INTEGER NOT NULL REFERENCES files (id) ON DELETE CASCADE,
    PRIMARY KEY (folded, file_id)
) WITHOUT ROWID;
CREATE INDEX file_names_by_file ON file_names (file_id);
CREATE TABLE file_versions (
    version_id INTEGER NOT NULL,
    file_id INTEGER NOT NULL REFERENCES files (id) ON DELETE CASCADE,
    trust TEXT NOT NULL,
    PRIMARY KEY (version_id, file_id)
) WITHOUT ROWID;
CREATE INDEX file_versions_by_file ON file_versions (file_id);

-- Imported answers of Civitai.
CREATE TABLE versions (id INTEGER PRIMARY KEY, claim TEXT NOT NULL);
CREATE TABLE version_keys (
    value TEXT NOT NULL,
    kind TEXT NOT NULL,
    version_id INTEGER NOT NULL REFERENCES versions (id) ON DELETE CASCADE,
    PRIMARY KEY (value, kind, version_id)
) WITHOUT ROWID;
CREATE INDEX version_keys_by_version ON version_keys (version_id);

-- What went wrong with a path that is no file of the library: a folder, a cache, an unreadable file.
CREATE TABLE problems (path NOT NULL, code TEXT NOT NULL, message TEXT NOT NULL, PRIMARY KEY (path, code, message));
"""

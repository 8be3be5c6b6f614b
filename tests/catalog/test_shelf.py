from __future__ import annotations

from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from extractor.catalog.opening import open_to_read
from extractor.catalog.shelf import ROW, KeptShelf, Shelf
from extractor.catalog.writer import Catalog
from tests.scanresults import found


def write(path: Path, numbers: range) -> None:
    with closing(Catalog(path)) as catalog:
        for number in numbers:
            meta = {
                "prompt": "x",
                "Model": f"m{number % 7}",
                "seed": number,
                "resources": [{"type": "lora", "name": f"l{number % 5}"}] if number % 3 else [],
            }
            created = None if number % 11 == 0 else f"2024-0{number % 9 + 1}-01T00:00:00.000Z"
            catalog.write(found(f"/pics/{number}.png", createdAt=created, meta=meta, width=number, height=2))


@pytest.mark.parametrize("is_stale", [False, True])
def test_a_shelf_that_is_kept_holds_what_one_that_is_not_does(tmp_path: Path, is_stale: bool) -> None:
    path = tmp_path / "catalog.db"
    write(path, range(4_500))  # two chunks
    write(path, range(0, 4_500, 90))
    with closing(open_to_read(str(path))) as connection:
        if is_stale:
            connection.execute("PRAGMA query_only = OFF")
            connection.execute("BEGIN")
            connection.execute("UPDATE images SET seed = 7, model = 'new' WHERE id % 1000 = 5")
            connection.execute("DELETE FROM images WHERE id % 1000 = 6")
        plain, kept = Shelf(connection), KeptShelf(connection)
        names = [dict(shelf.words.of("model")) for shelf in (plain, kept)]
        if is_stale:
            connection.execute("ROLLBACK")
    assert len(plain) == len(kept) == (4_495 if is_stale else 4_500)
    for name in ROW.names or ():
        if name != "model":
            assert np.array_equal(plain[name], kept[name], equal_nan=ROW[name].kind == "f"), name
    assert [names[0][code] for code in plain["model"].tolist()] == [names[1][code] for code in kept["model"].tolist()]
    assert sorted(plain.links.tolist()) == sorted(kept.links.tolist())
    wanted = np.array([5, 4_400, -1, 99_999, 1])
    assert np.array_equal(plain.places(wanted), kept.places(wanted))
    assert [kept["id"][place] for place in kept.places(wanted) if place >= 0] == [5, 4_400, 1]
    assert np.array_equal(plain.among(wanted), kept.among(wanted))


def test_an_empty_catalog(tmp_path: Path) -> None:
    write(tmp_path / "catalog.db", range(0))
    with closing(open_to_read(str(tmp_path / "catalog.db"))) as connection:
        kept = KeptShelf(connection)
    assert (len(kept), len(kept.links), kept["color"].shape) == (0, 0, (0, 3))

"""The gap rules' questions asked of PostGIS in SQL: a peer for `benchmarks.gaps`.

The database gets more than the rules have: shapes already in metres, indexes and statistics. It is asked for
less: what, how much, and for cells and households since when; no sentences, no shapes, no names of who acts.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import psycopg
import shapely

from geo.analysis.gaps.evidence import Evidence
from geo.analysis.gaps.zone import county_srid, metric_areas
from geo.rules import Rules
from tests.postgres import POSTGIS, PostgresCluster, postgres_bin

COLUMNS: dict[str, tuple[str, ...]] = {
    "villages": ("code", "township_code", "geometry"),
    "cells": ("code", "village_code", "geometry"),
    "households": ("code", "village_code", "cell_code", "group_code", "hardship", "geometry"),
    "groups": ("code", "village_code"),
    "branches": ("code", "village_code"),
    "areas": ("area_code", "village_code"),
    "cadres": ("code", "geometry"),
    "units": ("code",),
    "records": ("kind", "holder_code", "target_code", "valid_from", "valid_to", "rank"),
    "labels": ("village_code", "label"),
}
_TYPES = {"valid_from": "date", "valid_to": "date", "hardship": "boolean"}
_INDEXED = {
    "villages": ("code", "township_code"),
    "cells": ("code", "village_code"),
    "households": ("code", "village_code", "cell_code"),
    "groups": ("code", "village_code"),
    "branches": ("code", "village_code"),
    "areas": ("area_code", "village_code"),
    "cadres": ("code",),
    "units": ("code",),
    "records": ("kind, target_code", "kind, holder_code", "holder_code", "target_code"),
    "labels": ("village_code",),
}
_SETTINGS = ("work_mem = '512MB'", "effective_cache_size = '8GB'", "random_page_cost = 1.1", "jit = off")

_NEAR = {
    "grid_officer": "SELECT code, geom FROM cells",
    "staff": "SELECT code, geom FROM households",
    "resident_cadre": "SELECT code, geom FROM villages",
    "township_cadre": "SELECT code, geom FROM villages",
    "team_head": "SELECT code, geom FROM villages",
    "org_cadre": "SELECT b.code, v.geom FROM branches b JOIN villages v ON v.code = b.village_code",
}
_REMOTE = " UNION ALL ".join(
    f"SELECT r.holder_code, ST_Distance(c.geom, t.geom) AS far FROM held r JOIN cadres c ON c.code = "
    f"r.holder_code JOIN ({places}) t ON t.code = r.target_code WHERE r.kind = '{kind}' "
    f"AND NOT ST_DWithin(c.geom, t.geom, 1000 * %(holder_remote_km)s)"
    for kind, places in _NEAR.items()
)
_UNHELD = "NOT EXISTS (SELECT 1 FROM held r WHERE r.kind = '{kind}' AND r.target_code = {code})"
_UNITS = "('department', 'sub_office')"
_FIRST = "r.rank IS DISTINCT FROM 'assistant'"

QUERIES: dict[str, str] = {
    "cell_unowned": f"""
        SELECT c.code, (SELECT max(r.valid_to) FROM records r WHERE r.kind = 'grid_officer' AND {_FIRST}
                        AND r.target_code = c.code) AS since
        FROM cells c WHERE NOT EXISTS (SELECT 1 FROM held r WHERE r.kind = 'grid_officer' AND {_FIRST}
                                       AND r.target_code = c.code)""",
    "cell_contested": f"""
        SELECT c.code, count(DISTINCT r.holder_code) FROM cells c
        JOIN held r ON r.kind = 'grid_officer' AND {_FIRST} AND r.target_code = c.code
        GROUP BY c.code HAVING count(DISTINCT r.holder_code) > 1""",
    "household_unpaired": f"""
        SELECT h.code, (SELECT max(r.valid_to) FROM records r WHERE r.kind = 'staff'
                        AND r.target_code = h.code) AS since
        FROM households h WHERE {_UNHELD.format(kind="staff", code="h.code")}""",
    "household_misplaced": """
        SELECT h.code, ST_Distance(h.geom, c.geom) FROM households h JOIN cells c ON c.code = h.cell_code
        WHERE NOT ST_Intersects(c.geom, h.geom) AND ST_Distance(h.geom, c.geom) > %(gap_misplaced_m)s""",
    "household_unlocated": "SELECT code FROM households WHERE geom IS NULL",
    "land_uncovered": """
        WITH covered AS (SELECT village_code, ST_Union(geom) AS geom FROM cells GROUP BY 1),
        bare AS MATERIALIZED (
            SELECT v.code, COALESCE(ST_Difference(v.geom, c.geom), v.geom) AS geom
            FROM villages v LEFT JOIN covered c ON c.village_code = v.code),
        core AS MATERIALIZED (
            SELECT code, geom, ST_Buffer(geom, -%(gap_tolerance_m)s / 2, 'join=mitre') AS inner_geom
            FROM bare WHERE NOT ST_IsEmpty(geom)),
        opened AS MATERIALIZED (
            SELECT code, inner_geom, ST_Area(ST_Intersection(
                geom, ST_Buffer(inner_geom, %(gap_tolerance_m)s / 2, 'join=mitre'))) AS m2
            FROM core WHERE NOT ST_IsEmpty(inner_geom))
        SELECT o.code, o.m2 FROM opened o WHERE o.m2 >= %(gap_uncovered_m2)s OR EXISTS (
            SELECT 1 FROM households h
                WHERE h.village_code = o.code AND ST_Contains(o.inner_geom, h.geom))""",
    "cell_overlap": """
        SELECT * FROM (
            SELECT a.code, b.code AS other,
                   ST_Area(ST_Intersection(ST_Intersection(a.geom, b.geom), ST_Buffer(ST_Buffer(
                       ST_Intersection(a.geom, b.geom), -%(gap_tolerance_m)s / 2, 'join=mitre'),
                       %(gap_tolerance_m)s / 2, 'join=mitre'))) AS m2
            FROM cells a JOIN cells b
            ON a.code < b.code AND ST_Intersects(a.geom, b.geom) AND NOT ST_Touches(a.geom, b.geom)) pairs
        WHERE m2 >= %(gap_overlap_m2)s""",
    "village_unstaffed": f"""
        SELECT DISTINCT l.village_code FROM labels l
        WHERE l.label IN ('weak', 'poor', 'election_priority', 'old_revolutionary', 'ethnic_minority')
        AND {_UNHELD.format(kind="resident_cadre", code="l.village_code")}""",
    "team_understaffed": """
        SELECT v.code, count(DISTINCT r.holder_code) FROM villages v
        JOIN labels l ON l.village_code = v.code AND l.label = 'poor'
        LEFT JOIN held r ON r.target_code = v.code
            AND r.kind IN ('resident_cadre', 'township_cadre', 'team_head')
        GROUP BY v.code HAVING count(DISTINCT r.holder_code) < %(team_cadres_min)s
        UNION ALL
        SELECT v.code, count(DISTINCT r.holder_code) FROM villages v
        LEFT JOIN held r ON r.target_code = v.code AND r.kind = 'township_cadre'
        GROUP BY v.code HAVING count(DISTINCT r.holder_code) < %(team_township_cadres_min)s""",
    "chain_broken": f"""
        SELECT v.code FROM villages v WHERE {_UNHELD.format(kind="county_leader", code="v.code")}
            AND {_UNHELD.format(kind="county_leader", code="v.township_code")}
        UNION ALL SELECT DISTINCT a.area_code FROM areas a
            WHERE {_UNHELD.format(kind="department", code="a.area_code")}
        UNION ALL SELECT v.code FROM villages v
            WHERE NOT EXISTS (SELECT 1 FROM areas a WHERE a.village_code = v.code)
        UNION ALL SELECT g.code FROM groups g WHERE {_UNHELD.format(kind="sub_office", code="g.code")}
        UNION ALL SELECT h.code FROM households h
            WHERE NOT EXISTS (SELECT 1 FROM groups g WHERE g.code = h.group_code)
            AND EXISTS (SELECT 1 FROM groups g WHERE g.village_code = h.village_code)
        UNION ALL SELECT b.code FROM branches b
            WHERE b.village_code IS NOT NULL AND {_UNHELD.format(kind="org_cadre", code="b.code")}
        UNION ALL SELECT v.code FROM villages v
            WHERE NOT EXISTS (SELECT 1 FROM branches b WHERE b.village_code = v.code)""",
    "owner_inactive": f"""
        SELECT r.holder_code, count(DISTINCT (r.kind, r.target_code)) FROM held r WHERE r.kind NOT IN {_UNITS}
            AND NOT EXISTS (SELECT 1 FROM cadres c WHERE c.code = r.holder_code) GROUP BY 1
        UNION ALL
        SELECT r.holder_code, count(DISTINCT (r.kind, r.target_code)) FROM held r WHERE r.kind IN {_UNITS}
            AND NOT EXISTS (SELECT 1 FROM units u WHERE u.code = r.holder_code) GROUP BY 1
        UNION ALL
        SELECT r.holder_code, count(DISTINCT (r.kind, r.target_code)) FROM held r JOIN (
            SELECT t.holder_code, max(t.valid_to) AS over FROM records t
            JOIN cadres c ON c.code = t.holder_code
            WHERE t.kind = 'resident_cadre' AND t.valid_from <= %(day)s AND t.valid_to <= %(day)s
            AND NOT EXISTS (SELECT 1 FROM held l WHERE l.kind = 'resident_cadre'
                            AND l.holder_code = t.holder_code)
            GROUP BY 1) ended ON ended.holder_code = r.holder_code AND r.valid_from < ended.over
        GROUP BY 1""",
    "owner_overloaded": f"""
        SELECT r.holder_code, count(DISTINCT r.target_code) FROM held r WHERE r.kind = 'grid_officer'
            AND {_FIRST} GROUP BY 1 HAVING count(DISTINCT r.target_code) > %(officer_cells_max)s
        UNION ALL
        SELECT r.holder_code, sum(n.homes) FROM (SELECT DISTINCT r.holder_code, r.target_code FROM held r
            WHERE r.kind = 'grid_officer' AND {_FIRST}) r
            JOIN (SELECT cell_code, count(*) AS homes FROM households GROUP BY 1) n
            ON n.cell_code = r.target_code
            GROUP BY 1 HAVING sum(n.homes) > %(officer_households_max)s
        UNION ALL
        SELECT r.holder_code, count(DISTINCT r.target_code) FROM held r WHERE r.kind = 'staff'
            AND {_FIRST} GROUP BY 1 HAVING count(DISTINCT r.target_code) > %(staff_households_max)s""",
    "owner_remote": f"SELECT holder_code, max(far) FROM ({_REMOTE}) away GROUP BY 1",
}
"""One query for each kind of gap; each gives one row a gap."""


@contextmanager
def loaded(evidence: Evidence) -> Iterator[psycopg.Connection[Any]]:
    """A private database with the evidence's frames, indexed and analysed; gone when the block is left."""
    programs = postgres_bin()
    if programs is None:
        raise SystemExit(f"not found on this machine: {POSTGIS}")
    folder = Path(tempfile.mkdtemp(prefix="mq-pg-"))  # a socket's path must be short
    with ExitStack() as at_the_end:
        at_the_end.callback(shutil.rmtree, folder)
        cluster = PostgresCluster(folder, programs)
        at_the_end.callback(cluster.stop)
        connection = psycopg.connect(host=str(folder), user="postgres", autocommit=True)
        at_the_end.callback(connection.close)
        connection.execute("CREATE EXTENSION postgis")
        for setting in _SETTINGS:
            connection.execute(f"SET {setting}")
        _load(connection, evidence)
        yield connection


def asked(connection: psycopg.Connection[Any], kind: str, evidence: Evidence, rules: Rules) -> int:
    """Ask one question; how many gaps there are."""
    values = {name: rules[name].value for name in rules}
    return len(connection.execute(QUERIES[kind], {**values, "day": evidence.as_of}).fetchall())


def _load(connection: psycopg.Connection[Any], evidence: Evidence) -> None:
    srid = county_srid(evidence)
    for table, columns in COLUMNS.items():
        declared = ", ".join(_declared(column, srid) for column in columns)
        connection.execute(f"CREATE UNLOGGED TABLE {table} ({declared})")
        _copy(connection, table, getattr(evidence, table)[list(columns)], srid)
        for indexed in _INDEXED[table]:
            connection.execute(f"CREATE INDEX ON {table} ({indexed})")
        if "geometry" in columns:
            connection.execute(f"CREATE INDEX ON {table} USING gist (geom)")
    day = evidence.as_of.isoformat()
    connection.execute(
        "CREATE VIEW held AS SELECT * FROM records "
        f"WHERE valid_from <= '{day}' AND (valid_to IS NULL OR valid_to > '{day}')"
    )
    connection.execute("VACUUM ANALYZE")


def _declared(column: str, srid: int) -> str:
    return (
        f"geom geometry(Geometry, {srid})"
        if column == "geometry"
        else f"{column} {_TYPES.get(column, 'text')}"
    )


def _copy(connection: psycopg.Connection[Any], table: str, frame: pd.DataFrame, srid: int) -> None:
    columns = [_plain(frame[name], srid) for name in frame.columns]
    with connection.cursor() as cursor, cursor.copy(f"COPY {table} FROM STDIN") as copy:
        for row in zip(*columns, strict=True):
            copy.write_row(row)


def _plain(values: pd.Series, srid: int) -> list[Any]:
    if values.name == "geometry":
        shapes = shapely.set_srid(metric_areas(values, srid=srid), srid)
        return shapely.to_wkb(shapes, hex=True, include_srid=True).tolist()
    objects = values.to_numpy(dtype=object)
    return np.where(pd.isna(objects), None, objects).tolist()

"""Load the sample county into a store, by the same import that users use."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from datetime import UTC, date, datetime, time
from pathlib import Path

import pandas as pd

from geo.access import SYSTEM, Actor
from geo.errors import InputError
from geo.frames import LAYERS, LOAD_ORDER
from geo.i18n import _
from geo.operations.accounts import create_account
from geo.operations.county import init_county
from geo.operations.designate import designate_village
from geo.operations.load import import_file
from geo.store.engine import Store
from geo.store.queries import layer_frame, put_setting
from geo.vocabulary import Role, VillageLabel, WeakCause, label_of
from seeds import names
from seeds.bench import GOOD_UNTIL
from seeds.cases import AS_OF, COORDINATED, OFFICE, WORK_TEAM
from seeds.county import make_county
from seeds.load_work import load_corrections, load_work
from seeds.size import SAMPLE_HOUSEHOLDS, SAMPLE_SEED, SAMPLE_VILLAGES, Size
from seeds.write import DESIGNATIONS, FILES, write_county

SAMPLE_FILES = Path(__file__).resolve().parent.parent / "data" / "shapefiles"
Progress = Callable[[str, int, int], None]
_TOLD_AT = datetime.combine(AS_OF, time(12), tzinfo=UTC)
"""What was done in the villages is recorded then at the earliest: nothing is told before it has happened."""


def load_sample(
    store: Store,
    *,
    now: datetime,
    villages: int | None = None,
    households: int | None = None,
    seed: int | None = None,
    progress: Progress | None = None,
) -> None:
    """Fill an empty store with the sample county, its designations, accounts and settings.

    Parameters
    ----------
    villages, households, seed : int, optional
        Another size or seed than the sample's; then the county is made anew (a city takes minutes).
    progress : callable, optional
        Told the step, how many are done and how many there are.
    """
    wanted = (
        villages or SAMPLE_VILLAGES,
        households or SAMPLE_HOUSEHOLDS,
        SAMPLE_SEED if seed is None else seed,
    )
    if wanted == (SAMPLE_VILLAGES, SAMPLE_HOUSEHOLDS, SAMPLE_SEED):
        load_files(store, SAMPLE_FILES, now=now, progress=progress)
        return
    with tempfile.TemporaryDirectory(prefix="minqing-sample-") as folder:
        write_county(make_county(Size.of(*wanted[:2]), wanted[2]), Path(folder))
        load_files(store, Path(folder), now=now, progress=progress)


def load_files(store: Store, folder: Path, *, now: datetime, progress: Progress | None = None) -> None:
    """Load a folder that `seeds.write.write_county` made."""
    tell = progress or (lambda _step, _done, _total: None)
    steps = len(LOAD_ORDER) + 2
    init_county(store, SYSTEM, code=names.COUNTY_CODE, name=names.COUNTY_NAME, now=now)
    for number, layer in enumerate(LOAD_ORDER):
        tell(_("装入示例：{layer}").format(layer=_(LAYERS[layer].label)), number, steps)
        report = import_file(store, SYSTEM, folder / FILES[layer], layer, now=now)
        if not report.written:
            raise InputError(_("示例数据“{name}”有误，未装入。").format(name=FILES[layer]))
    tell(_("装入示例：{layer}").format(layer=label_of(VillageLabel.WEAK)), len(LOAD_ORDER), steps)
    _designate(store, folder / DESIGNATIONS, now)
    load_corrections(store, folder, now=now)
    actors = _create_accounts(store, now)
    tell(_("装入示例：{layer}").format(layer=_("整改")), len(LOAD_ORDER) + 1, steps)
    load_work(store, folder, actors, now=max(now, _TOLD_AT))
    with store.write() as session:
        put_setting(session, "sample", "yes")
        put_setting(session, "sample_until", GOOD_UNTIL)
    tell(_("示例县已装入"), steps, steps)


def _designate(store: Store, path: Path, now: datetime) -> None:
    table = pd.read_csv(path, dtype=str).astype(object)
    for row in table.where(table.notna(), None).itertuples():
        designate_village(
            store,
            SYSTEM,
            village_code=row.village_code,
            label=VillageLabel(row.label),
            cause=WeakCause(row.cause) if row.cause else None,
            valid_from=date.fromisoformat(row.valid_from),
            valid_to=date.fromisoformat(row.valid_to) if row.valid_to else None,
            reason=row.reason,
            document_no=row.document_no,
            now=now,
        )


def _create_accounts(store: Store, now: datetime) -> dict[str, Actor]:
    """One account for each role, and two that work in all villages, by name.

    The coordinator has a township, the resident cadre a village of it.
    """
    with store.read() as session:
        own = layer_frame(session, "villages", within=(COORDINATED,))
    village = own.loc[own["kind"] == "village", "code"].min()
    return {
        user: create_account(
            store,
            SYSTEM,
            user=user,
            role=role,
            scopes=(scope,),
            password=f"{user}-minqing-2026",
            now=now,
        )
        for user, role, scope in (
            ("department", Role.DEPARTMENT, ""),
            ("coordinator", Role.COORDINATOR, COORDINATED),
            ("leader", Role.LEADER, ""),
            ("resident", Role.RESIDENT_CADRE, village),
            ("auditor", Role.AUDITOR, ""),
            (OFFICE, Role.COORDINATOR, ""),
            (WORK_TEAM, Role.RESIDENT_CADRE, names.COUNTY_CODE),
        )
    }

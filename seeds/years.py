"""What became of the villages over four years: plausible series, and figures that agree with designations.

The incomes of the last two years are those of `seeds.figures`; the rest is told backward from the last year,
with random numbers of its own, so that nothing that was drawn before depends on it.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from geo.frames import LAYERS
from seeds.figures import POOR_BELOW_YUAN, POOR_SHARE, YEARS, poor_villages
from seeds.size import Size

FIRST_YEAR, LAST_YEAR = 2022, YEARS[-1]
_WITHOUT_INCOME = 5
_SUSPECT = {
    "new_members_3y": 12,
    "satisfaction_ratio": 4,
    "organization_complete": 5,
    "candidate_list_ready": 9,
}
"""How many villages give cause for suspicion in each of these without anybody having designated them."""
_CONTENT_FROM, _DISCONTENT = 0.62, (0.44, 0.59)
_SETTLED_DISPUTES = 4
"""Of the disputes that came up in a year so many are settled when it is over."""
_HUNDREDS = 100
_AS_FIRST_REPORTED = (("income_own_yuan", 33_400, "县农经站复核表", "漏报合作社分红，经复核更正"),)
"""What was found wrong in figures that made a village poor: column, right value, source, reason."""
CORRECTION_COLUMNS = ["village_code", "year", "column", "value", "source", "reported_on", "reason"]


def tell_years(
    indicators: pd.DataFrame, designations: pd.DataFrame, size: Size, rng: np.random.Generator
) -> pd.DataFrame:
    """Indicators of every village from 2022 on, ordered by village and year.

    Parameters
    ----------
    indicators : DataFrame
        The two years of `seeds.figures.indicator_frame`.
    """
    before, last = (
        indicators[indicators["year"] == year].sort_values("village_code", ignore_index=True)
        for year in YEARS
    )
    last = _few_suspects(last.assign(organization_complete=True), designations, size, rng)
    last = _as_designated(last, designations, rng)
    before = _with_income(_a_year_back(last, rng), before["income_own_yuan"].to_numpy(float), rng)
    years = [_without_income(last, designations, size, rng), _as_designated(before, designations, rng)]
    while int(years[-1]["year"].iloc[0]) > FIRST_YEAR:
        back = _a_year_back(years[-1], rng)
        years.append(_with_income(back, _own_income_back(back, rng), rng))
    whole = pd.concat([_with_source(frame) for frame in years])
    whole["new_members_3y"] = whole[["new_members_3y", "party_members"]].min(axis=1)
    return whole[LAYERS["indicators"].column_names].sort_values(["village_code", "year"], ignore_index=True)


def correction_frame(
    indicators: pd.DataFrame, designations: pd.DataFrame, faulty: set[str], rng: np.random.Generator
) -> pd.DataFrame:
    """Figures found wrong later, of villages that were poor as first reported and are not: one row each.

    Their teams stay as they were, and no planted fault (``faulty``) is about them.
    """
    last = indicators[indicators["year"] == LAST_YEAR].set_index("village_code")["income_own_yuan"]
    taken = faulty | set(designations["village_code"])
    able = last[(last < POOR_BELOW_YUAN) & ~last.index.isin(sorted(taken))].astype(float).nlargest(6)
    codes = rng.permutation(np.sort(able.index.to_numpy(dtype=object)))
    day = f"{LAST_YEAR + 1}-03-10"
    rows = [
        (code, LAST_YEAR, column, value, source, day, reason)
        for code, (column, value, source, reason) in zip(codes, _AS_FIRST_REPORTED, strict=False)
    ]
    return pd.DataFrame(rows, columns=CORRECTION_COLUMNS)


def corrected(indicators: pd.DataFrame, corrections: pd.DataFrame) -> pd.DataFrame:
    """The indicators as they stand after the corrections."""
    frame = indicators.copy()
    for row in corrections.itertuples():
        place = (frame["village_code"] == row.village_code) & (frame["year"] == row.year)
        frame.loc[place, row.column] = row.value
    return frame


def _few_suspects(
    frame: pd.DataFrame, designations: pd.DataFrame, size: Size, rng: np.random.Generator
) -> pd.DataFrame:
    """Figures of villages that nobody designated: a few give cause for suspicion, each in one way."""
    frame = frame.copy()
    frame["new_members_3y"] = frame["new_members_3y"].clip(lower=1)
    frame["satisfaction_ratio"] = frame["satisfaction_ratio"].clip(lower=_CONTENT_FROM)
    frame["candidate_list_ready"] = True
    frame["disputes_open"] = (frame["disputes_open"] - _SETTLED_DISPUTES).clip(lower=0)
    free = np.flatnonzero(~frame["village_code"].isin(designations["village_code"]))
    free = rng.permutation(free[_is_plain(frame)[free]])
    values = {
        "new_members_3y": lambda count: np.zeros(count, int),
        "satisfaction_ratio": lambda count: rng.uniform(*_DISCONTENT, count).round(3),
        "organization_complete": lambda count: np.zeros(count, bool),
        "candidate_list_ready": lambda count: np.zeros(count, bool),
    }
    for column, wanted in _SUSPECT.items():
        chosen, free = free[: size.share(wanted)], free[size.share(wanted) :]
        frame.loc[chosen, column] = values[column](len(chosen))
    frame["secretary_vacant_since"] = _vacancies(frame, rng)
    return frame


def _is_plain(frame: pd.DataFrame) -> np.ndarray:
    """Neither without a secretary nor last in the township's assessment."""
    return (frame["secretary_vacant_since"].isna() & ~_is_last(frame)).to_numpy()


def _is_last(frame: pd.DataFrame) -> pd.Series:
    towns = frame["village_code"].str[:9]
    return frame["assessment_rank"] == frame["assessment_rank"].groupby(towns).transform("max")


def _vacancies(frame: pd.DataFrame, rng: np.random.Generator) -> list[str | None]:
    """The days on which seats fell empty: months before the year's end, or a few weeks."""
    year = int(frame["year"].iloc[0])
    months, days = rng.integers(3, 12, len(frame)), rng.integers(1, 29, len(frame))
    return [
        f"{year}-{month:02d}-{day:02d}" if vacant else None
        for vacant, month, day in zip(frame["secretary_vacant_since"].notna(), months, days, strict=True)
    ]


def _as_designated(frame: pd.DataFrame, designations: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """One year's figures with a reason for every designation that is in force when the year is over.

    By the last year's figures one weak village has turned, though it is still designated.
    """
    weak = designations[designations["label"] == "weak"].sort_values("village_code")
    over = f"{int(frame['year'].iloc[0])}-12-31"
    runs = (weak["valid_from"] <= over) & (weak["valid_to"].isna() | (weak["valid_to"] > over))
    if int(frame["year"].iloc[0]) < LAST_YEAR:
        runs = pd.Series(data=True, index=weak.index)
    frame = _in_order(frame, frame["village_code"].isin(weak["village_code"]), rng)
    running = weak.loc[runs, ["village_code", "cause"]]
    for number, (code, cause) in enumerate(running.to_numpy()):
        frame = _troubled(frame, frame["village_code"] == code, cause, number, rng)
    if int(frame["year"].iloc[0]) == LAST_YEAR:
        candidates = designations.loc[designations["label"] == "election_priority", "village_code"]
        frame.loc[frame["village_code"].isin(candidates), "candidate_list_ready"] = False
        able = frame["village_code"].isin(running["village_code"]) & ~frame["village_code"].isin(candidates)
        turned = rng.choice(frame.loc[able & ~_is_last(frame), "village_code"].to_numpy(dtype=object))
        frame = _in_order(frame, frame["village_code"] == turned, rng)
    return frame


def _in_order(frame: pd.DataFrame, rows: pd.Series, rng: np.random.Generator) -> pd.DataFrame:
    """Nothing in these rows speaks for a weak village, except perhaps their place in the assessment."""
    frame = frame.copy()
    count = int(rows.sum())
    frame.loc[rows, "satisfaction_ratio"] = rng.uniform(0.72, 0.88, count).round(3)
    frame.loc[rows, "new_members_3y"] = 1 + rng.poisson(1.6, count)
    frame.loc[rows, "secretary_vacant_since"] = None
    frame.loc[rows, "organization_complete"] = True
    return frame


def _troubled(
    frame: pd.DataFrame, row: pd.Series, cause: str, number: int, rng: np.random.Generator
) -> pd.DataFrame:
    """Figures of one weak village that go with its cause (S3, S0)."""
    frame = frame.copy()
    if cause == "organization_incomplete":
        frame.loc[row, "organization_complete"] = False
        frame.loc[row, "new_members_3y"] = 0
    elif cause == "leadership_split" and number % 2:
        year, month, day = int(frame["year"].iloc[0]), rng.integers(3, 12), rng.integers(1, 29)
        frame.loc[row, "secretary_vacant_since"] = f"{year}-{month:02d}-{day:02d}"
    else:
        frame.loc[row, "satisfaction_ratio"] = round(float(rng.uniform(*_DISCONTENT)), 3)
    if cause == "petitions":
        frame.loc[row, "petitions"] = 3 + rng.poisson(2.0)
        frame.loc[row, "disputes_open"] = 4 + rng.poisson(2.0)
    return frame


def _without_income(
    frame: pd.DataFrame, designations: pd.DataFrame, size: Size, rng: np.random.Generator
) -> pd.DataFrame:
    """A few villages have not closed their books; of the others, once corrected, S1's share is poor."""
    frame = frame.copy()
    wanted = size.share(_WITHOUT_INCOME)
    poor = poor_villages(frame)
    to_be_poor = round(POOR_SHARE * (len(frame) - wanted)) + len(_AS_FIRST_REPORTED)
    of_poor = min(wanted, max(0, len(poor) - to_be_poor))
    free = frame.loc[~frame["village_code"].isin(designations["village_code"]), "village_code"]
    is_poor = free.isin(poor)
    chosen = [*rng.permutation(free[is_poor])[:of_poor], *rng.permutation(free[~is_poor])[: wanted - of_poor]]
    frame.loc[frame["village_code"].isin(chosen), ["income_own_yuan", "income_total_yuan"]] = np.nan
    return frame


def _a_year_back(frame: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """The year before: people change slowly, disputes come and go, places shift a little."""
    count = len(frame)
    share = rng.normal(0.997, 0.004, count)
    return frame.assign(
        year=int(frame["year"].iloc[0]) - 1,
        people=_scaled(frame["people"], share),
        people_away=_scaled(frame["people_away"], share * rng.normal(0.985, 0.02, count)),
        people_farming=_scaled(frame["people_farming"], share * rng.normal(1.02, 0.015, count)),
        party_members=np.maximum(3, frame["party_members"] - rng.integers(-1, 3, count)),
        new_members_3y=np.maximum(1, frame["new_members_3y"] + rng.integers(-1, 2, count)),
        reserve_cadres=np.maximum(0, frame["reserve_cadres"] - rng.integers(-1, 2, count)),
        disputes_open=rng.poisson(0.05 + 0.5 * frame["disputes_open"]),
        petitions=rng.poisson(0.1 + 0.5 * frame["petitions"]),
        satisfaction_ratio=np.clip(
            frame["satisfaction_ratio"] + rng.normal(0.005, 0.02, count), _CONTENT_FROM, 0.99
        ).round(3),
        assessment_rank=_ranks_near(frame, rng),
        candidate_list_ready=True,
        secretary_vacant_since=None,
        organization_complete=True,
    )


def _scaled(column: pd.Series, share: np.ndarray) -> np.ndarray:
    return np.asarray(np.round(column.to_numpy(dtype=float) * share), dtype=int)


def _ranks_near(frame: pd.DataFrame, rng: np.random.Generator) -> np.ndarray:
    merit = frame["assessment_rank"] + rng.normal(0, 5, len(frame))
    ranks = merit.groupby(frame["village_code"].str[:9]).rank(method="first")
    return ranks.astype(int).to_numpy()


def _own_income_back(frame: pd.DataFrame, rng: np.random.Generator) -> np.ndarray:
    """Collective income a year earlier: a little less, in a few villages none at all."""
    count = len(frame)
    own = frame["income_own_yuan"].to_numpy(float)
    earlier = own * rng.lognormal(-0.07, 0.18, count)
    earlier = np.where((own > 0) & (own < 3_000) & (rng.random(count) < 0.3), 0.0, earlier)
    earlier = np.where((own == 0) & (rng.random(count) < 0.25), rng.uniform(600, 5_000, count), earlier)
    return earlier // _HUNDREDS * _HUNDREDS


def _with_income(frame: pd.DataFrame, own: np.ndarray, rng: np.random.Generator) -> pd.DataFrame:
    """The year with this collective income, and with what else was earned a little less than a year later."""
    rest = (frame["income_total_yuan"] - frame["income_own_yuan"]).to_numpy(float)
    rest = (rest * rng.lognormal(-0.05, 0.03, len(frame))).round(-3)
    return frame.assign(income_own_yuan=own, income_total_yuan=own + rest)


def _with_source(frame: pd.DataFrame) -> pd.DataFrame:
    """Whose figures these are; the townships report them one after another in the new year."""
    year = int(frame["year"].iloc[0])
    turn = frame["village_code"].str[:9].rank(method="dense").astype(int) % 20
    return frame.assign(
        source=f"{year} 年农村集体经济和党组织年报",
        reported_on=[f"{year + 1}-01-{8 + day:02d}" for day in turn],
    )

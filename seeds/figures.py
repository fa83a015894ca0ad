"""What the villages are like: indicators of two years, calibrated to the sources, and designations."""

from __future__ import annotations

import numpy as np
import pandas as pd

from seeds.size import Size

POOR_SHARE = 0.4457  # S1: villages under 30,000 CNY
POOR_BELOW_YUAN = 30_000
YEARS = (2024, 2025)
_POOR_SHARE_BEFORE = 0.49
_HOLLOW_SHARE = 0.045
_HUNDREDS = 100  # books are kept in hundreds; never rounded up to a threshold
_RICH, _RICH_FROM_YUAN = 4, 100_000_000  # S0
WEAK = 68  # S3
_WEAK_TURNED, _ELECTION = 6, 24
_CAUSES = ("leadership_split", "economy_behind", "petitions", "organization_incomplete")
_REASONS = {
    "leadership_split": "两委班子不团结，工作难以推进",
    "economy_behind": "集体经济长期薄弱，缺少可行项目",
    "petitions": "信访问题多，历史遗留矛盾未化解",
    "organization_incomplete": "党组织不健全，三年未发展党员",
}


def indicator_frame(
    villages: pd.DataFrame, households: pd.DataFrame, rng: np.random.Generator
) -> pd.DataFrame:
    """Indicators of every village for both years; in the later one exactly S1's share is poor."""
    by_village = households.groupby("village_code")["people"].agg(["size", "sum"]).reindex(villages["code"])
    fortune = rng.normal(0, 1, len(villages)) + 0.5 * (villages["kind"] == "community").to_numpy()
    frames = []
    for year, share in zip(YEARS, (_POOR_SHARE_BEFORE, POOR_SHARE), strict=True):
        luck = fortune + rng.normal(0, 0.25, len(villages))
        frames.append(_one_year(year, villages, by_village, luck, round(share * len(villages)), rng))
    return pd.concat(frames, ignore_index=True)


def _one_year(
    year: int,
    villages: pd.DataFrame,
    by_village: pd.DataFrame,
    luck: np.ndarray,
    poor: int,
    rng: np.random.Generator,
) -> pd.DataFrame:
    count = len(villages)
    people = np.round(by_village["sum"].to_numpy() * (0.99 if year == YEARS[0] else 1.0)).astype(int)
    members = np.maximum(3, rng.binomial(people, 0.042))
    place = luck.argsort(kind="stable").argsort(kind="stable")
    own = _own_income(place, poor, count, rng)
    total = _total_income(place, people, own, rng)
    vacant = rng.random(count) < np.where(place < count * 0.25, 0.05, 0.008)
    return pd.DataFrame(
        {
            "village_code": villages["code"].to_numpy(),
            "year": year,
            "households": by_village["size"].to_numpy(),
            "people": people,
            "party_members": members,
            "new_members_3y": rng.poisson(np.where(place < count * 0.12, 0.9, 3.4)),
            "reserve_cadres": rng.poisson(3.2, count),
            "people_away": rng.binomial(people, rng.uniform(0.15, 0.42, count)),
            "people_farming": rng.binomial(people, rng.uniform(0.18, 0.4, count)),
            "assessment_rank": _ranks(villages["township_code"], luck + rng.normal(0, 0.4, count)),
            "candidate_list_ready": rng.random(count) < 0.95,
            "income_total_yuan": total,
            "income_own_yuan": own,
            "secretary_vacant_since": np.where(vacant, f"{year}-08-15", None),
            "disputes_open": rng.poisson(np.where(place < count * 0.2, 2.6, 0.7)),
            "petitions": rng.poisson(np.where(place < count * 0.15, 1.6, 0.25)),
            "satisfaction_ratio": np.clip(0.86 + 0.05 * luck + rng.normal(0, 0.03, count), 0.42, 0.99).round(
                3
            ),
        }
    )


def _own_income(place: np.ndarray, poor: int, count: int, rng: np.random.Generator) -> np.ndarray:
    """Collective income without subsidies by place in the county: hollow, poor, then ever more."""
    hollow = max(1, round(_HOLLOW_SHARE * count))
    low = np.sort(rng.uniform(600, POOR_BELOW_YUAN - 1, poor - hollow))
    high = np.sort(POOR_BELOW_YUAN + rng.lognormal(10.6, 1.0, count - poor))
    return (np.concatenate([np.zeros(hollow), low, high]) // _HUNDREDS * _HUNDREDS)[place]


def _total_income(
    place: np.ndarray, people: np.ndarray, own: np.ndarray, rng: np.random.Generator
) -> np.ndarray:
    """Total income of all that goes on in the village; a handful reach a hundred million."""
    count = len(place)
    total = own + people * rng.lognormal(9.1, 0.35, count)
    rich = place >= count - max(1, round(_RICH * count / 880))
    total = np.where(
        rich, _RICH_FROM_YUAN * rng.uniform(1.05, 2.4, count), np.minimum(total, 0.93 * _RICH_FROM_YUAN)
    )
    return total.round(-3)


def _ranks(township: pd.Series, merit: np.ndarray) -> np.ndarray:
    """Place in the township's yearly assessment, the best first."""
    return pd.Series(-merit).groupby(township.to_numpy()).rank(method="first").astype(int).to_numpy()


def designation_frame(
    villages: pd.DataFrame, indicators: pd.DataFrame, size: Size, rng: np.random.Generator
) -> pd.DataFrame:
    """Weak villages with causes (S3), election-priority villages, and some weak ones that have turned."""
    rural = villages[villages["kind"] == "village"].sort_values("code")
    special = (rural["old_revolutionary"] | rural["ethnic_minority"]).to_numpy()
    is_low = rural["code"].isin(poor_villages(indicators)).to_numpy()
    weak = size.share(WEAK)
    turned, election = size.share(_WEAK_TURNED), size.share(_ELECTION)
    plain = rng.permutation(rural["code"].to_numpy()[~is_low & ~special])
    low = rng.permutation(rural["code"].to_numpy()[is_low])
    plain_weak = -(-weak * 5 // 9)
    drawn = np.concatenate(
        [plain[:plain_weak], low[: weak - plain_weak], plain[plain_weak:][: turned + election]]
    )
    poor = np.isin(rural["code"], low)
    is_poor = dict(zip(rural["code"], poor, strict=True))
    rows = [
        _weak_row(code, is_poor[code], number, rng, "2025-10-15", None)
        for number, code in enumerate(drawn[:weak], 1)
    ]
    rows += [
        _weak_row(code, is_poor[code], number, rng, "2024-10-20", "2025-12-20")
        for number, code in enumerate(drawn[weak : weak + turned], 101)
    ]
    both = drawn[: max(1, election // 6)] if weak > 2 else drawn[:0]
    for number, code in enumerate([*drawn[weak + turned :], *both], 1):
        reason = "换届选举竞争激烈，候选人名单尚未形成"
        rows.append(
            (code, "election_priority", None, "2026-01-12", None, reason, f"安组发〔2026〕{number}号")
        )
    columns = ["village_code", "label", "cause", "valid_from", "valid_to", "reason", "document_no"]
    return pd.DataFrame(rows, columns=columns).sort_values(
        ["label", "village_code"], kind="stable", ignore_index=True
    )


def poor_villages(indicators: pd.DataFrame) -> np.ndarray:
    """Codes of the villages that are poor by the later year's figures."""
    last = indicators[indicators["year"] == YEARS[-1]]
    return last.loc[last["income_own_yuan"] < POOR_BELOW_YUAN, "village_code"].to_numpy()


def _weak_row(
    code: str, is_poor: bool, number: int, rng: np.random.Generator, start: str, stop: str | None
) -> tuple[str | None, ...]:
    cause = str(rng.choice(_CAUSES, p=(0.25, 0.4, 0.2, 0.15) if is_poor else (0.38, 0.04, 0.38, 0.2)))
    return code, "weak", cause, start, stop, _REASONS[cause], f"安组发〔{start[:4]}〕{number}号"

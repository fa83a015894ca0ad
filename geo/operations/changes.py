"""What a frame would change in a layer: pure comparison, row by row, by the layer's key."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geo.frames import Layer

_SAME_DEG = 1e-9  # a tenth of a millimetre


@dataclass(frozen=True)
class Changes:
    """A frame compared with what is stored.

    Attributes
    ----------
    added : DataFrame
        Rows whose key is new.
    changed : DataFrame
        Rows whose key is known and some value differs; whole rows, blanks filled from the store, in the
        order of ``replaced``.
    replaced : DataFrame
        The stored rows they replace, with any further columns of the store's (``id``).
    unchanged, missing : int
        Rows that say what the store says; stored rows whose key the frame lacks.
    """

    added: pd.DataFrame
    changed: pd.DataFrame
    replaced: pd.DataFrame
    unchanged: int
    missing: int


def compare(stored: pd.DataFrame, given: pd.DataFrame, layer: Layer) -> Changes:
    """Compare two conformed frames of a layer; a blank in ``given`` says nothing and keeps what is stored."""
    if stored.empty:
        return Changes(given, given.iloc[:0], stored.iloc[:0], 0, 0)
    at = _keys(stored, layer).get_indexer(_keys(given, layer))
    new = at < 0
    twins = stored.iloc[at[~new]].reset_index(drop=True)
    asked = given[~new].reset_index(drop=True)
    merged = _merged(twins, asked, layer)
    differ = _differs(twins, merged, layer)
    return Changes(
        added=given[new].reset_index(drop=True),
        changed=merged[differ].reset_index(drop=True),
        replaced=twins[differ].reset_index(drop=True),
        unchanged=int((~differ).sum()),
        missing=len(stored) - len(np.unique(at[~new])),
    )


def _keys(frame: pd.DataFrame, layer: Layer) -> pd.Index:
    if len(layer.key) == 1:
        return pd.Index(frame[layer.key[0]].astype(object))
    return pd.Index(
        list(zip(*(frame[name].astype(object) for name in layer.key), strict=True)), tupleize_cols=False
    )


def _merged(stored: pd.DataFrame, given: pd.DataFrame, layer: Layer) -> pd.DataFrame:
    data = {name: given[name].where(given[name].notna(), stored[name]) for name in layer.column_names}
    if layer.geometry is None:
        return pd.DataFrame(data)
    shapes = given.geometry.where(~(given.geometry.isna() | given.geometry.is_empty), stored.geometry)
    return gpd.GeoDataFrame(data, geometry=shapes, crs=stored.crs)


def _differs(stored: pd.DataFrame, merged: pd.DataFrame, layer: Layer) -> np.ndarray:
    differ = np.zeros(len(stored), dtype=bool)
    for name in layer.column_names:
        old, new = stored[name].astype(object), merged[name].astype(object)
        differ |= ((old != new) & ~(old.isna() & new.isna())).to_numpy(dtype=bool)
    if layer.geometry is not None:
        differ |= ~_same_shapes(stored.geometry.to_numpy(), merged.geometry.to_numpy())
    return differ


def _same_shapes(old: np.ndarray, new: np.ndarray) -> np.ndarray:
    """Whether shapes are the same but for what a file format does to them: ring order, the last digits."""
    same = shapely.equals_identical(old, new) | (shapely.is_missing(old) & shapely.is_missing(new))
    rest = np.flatnonzero(~same)
    same[rest] = shapely.equals_exact(
        shapely.normalize(old[rest]), shapely.normalize(new[rest]), tolerance=_SAME_DEG
    )
    return np.asarray(same)

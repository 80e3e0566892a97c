from __future__ import annotations

import types

import testdata


def test_all_is_sorted_and_true() -> None:
    assert sorted(testdata.__all__, key=lambda name: (not name.isupper(), name.islower(), name)) == testdata.__all__
    assert all(hasattr(testdata, name) for name in testdata.__all__)


def test_all_names_everything_public() -> None:
    names = {
        name
        for name, value in vars(testdata).items()
        if not name.startswith("_") and not isinstance(value, types.ModuleType)
    }
    assert names == set(testdata.__all__)

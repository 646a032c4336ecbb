"""Of the store only what has the digest that it is named by is shown."""

from pathlib import Path

import pytest

from pipeline.adapters.proofs import StoreProofs
from pipeline.errors import Refused
from tests.monitor_ground import Ground, made


@pytest.fixture
def stored(tmp_path: Path) -> tuple[Path, str, str]:
    return (tmp_path / "store", *Ground(tmp_path).stored())


def digits(name: str) -> str:
    return name.removeprefix("sha256:")


def test_the_evidence_is_told_as_it_is_stored(stored: tuple[Path, str, str]) -> None:
    root, bundle, evidence = stored
    content = StoreProofs(root).document(digits(bundle), digits(evidence))
    assert content is not None
    assert b'"outcome":"PASS"' in content
    assert StoreProofs(root).expectation(bundle, evidence).win_rate_ratio == pytest.approx(0.3846, abs=1e-4)


def test_evidence_that_was_changed_or_is_a_link_is_not_shown(stored: tuple[Path, str, str], tmp_path: Path) -> None:
    root, bundle, evidence = stored
    file = root / "sha256" / digits(bundle) / f"evidence-{digits(evidence)}.json"
    whole = file.read_bytes()
    file.chmod(0o600)
    file.write_bytes(whole.replace(b"PASS", b"FAIL"))
    assert StoreProofs(root).document(digits(bundle), digits(evidence)) is None
    with pytest.raises(Refused, match="not what its name says"):
        StoreProofs(root).expectation(bundle, evidence)
    file.unlink()
    (tmp_path / "elsewhere").write_bytes(whole)
    file.symlink_to(tmp_path / "elsewhere")
    assert StoreProofs(root).document(digits(bundle), digits(evidence)) is None


@pytest.mark.parametrize("name", ["..", "../../secret", "A" * 64, "0" * 63, "", "0" * 64])
def test_names_that_are_no_digests_lead_nowhere(stored: tuple[Path, str, str], name: str) -> None:
    root, bundle, evidence = stored
    assert StoreProofs(root).document(name, digits(evidence)) is None
    assert StoreProofs(root).document(digits(bundle), name) is None


def test_bundles_are_listed_by_their_newest_manifest_and_changed_ones_are_left_out(
    stored: tuple[Path, str, str],
) -> None:
    root, bundle, _ = stored
    (found,) = StoreProofs(root).cut()
    _, manifest, _ = made()
    assert (found.bundle, found.strategy, found.commit, found.cut_at) == (
        *(bundle, "sma_trend", manifest.commit),
        manifest.cut_at,
    )
    file = root / "sha256" / digits(bundle) / "manifest-000001.json"
    file.chmod(0o600)
    file.write_bytes(file.read_bytes().replace(b"@trader", b"@nobody"))
    assert StoreProofs(root).cut() == ()


def test_a_device_without_a_store_has_no_bundles(tmp_path: Path) -> None:
    assert StoreProofs(tmp_path / "store").cut() == ()

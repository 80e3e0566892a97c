"""Snapshots of StructureDefinitions from their differentials, and how they compare with published ones."""

from validators.fhir.snapshots.generate import SnapshotError, Snapshots, snapshot

__all__ = ["SnapshotError", "Snapshots", "snapshot"]

"""Tests of pipeline.domain.trading."""

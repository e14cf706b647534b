"""Grafana: dashboards and alert rules as code, written into files or pushed to a running Grafana."""

from dashboards.grafana.build import DASHBOARDS, SOURCES, questions

__all__ = ["DASHBOARDS", "SOURCES", "questions"]

"""The HTTP API: figures and states of houses, in one shape, as JSON and CSV.

Every answer passes one gate (`analytics.privacy.disclosure`) that decides what may be shown.
"""

from dashboards.api.app import create_app, create_service
from dashboards.api.stream import let_go
from dashboards.settings import ApiSettings

__all__ = ["ApiSettings", "create_app", "create_service", "let_go"]

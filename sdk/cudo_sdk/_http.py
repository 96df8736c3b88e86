"""The one place that names the HTTP library."""

import httpx

__all__ = ["httpx"]

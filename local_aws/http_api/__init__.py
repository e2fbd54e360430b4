"""The data plane of HTTP APIs and function URLs: requests that reach deployed functions, as they do in AWS."""

from local_aws.http_api.data_plane import DataPlane

__all__ = ["DataPlane"]

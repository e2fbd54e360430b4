"""Where a host name that a canary asks for is on this computer."""

from local_aws.load_balancers.listening import servers_of
from local_aws.load_balancers.lookup import balancer_at


def address_of(parameters: dict[str, str]) -> dict[str, object]:
    """Address and port of the listener that `host` and `port` lead to; empty where they lead to none here."""
    balancer = balancer_at(parameters.get("host", "").lower().rstrip("."))
    if balancer is None:
        return {}
    for (_, port, _, _), server in servers_of(balancer).items():
        if str(port) == parameters.get("port"):
            return {"address": server.server_address[0], "port": server.server_address[1]}
    return {}

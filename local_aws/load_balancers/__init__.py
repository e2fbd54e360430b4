"""Application Load Balancers that balance: health checks, web ACLs, rules, forwarding to targets on this computer."""

from local_aws.load_balancers.data_plane import BalancerPlane
from local_aws.load_balancers.listening import addresses, stop

__all__ = ["BalancerPlane", "addresses", "stop"]

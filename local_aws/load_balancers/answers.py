"""What a listener answers to a request."""

import re
import time
from dataclasses import replace
from http import HTTPStatus

from moto.elbv2.models import FakeListener, FakeLoadBalancer, elbv2_backends

from local_aws.alarms.observations import request_answered
from local_aws.experiments import outages
from local_aws.http_api.payload import HttpAnswer
from local_aws.load_balancers.forwarding import SERVER, forward, own_answer
from local_aws.load_balancers.rules import Request, action_for, redirect_location, target_group_arn
from local_aws.load_balancers.web_acls import refusal

IDLE_SECONDS = 60
"""https://docs.aws.amazon.com/elasticloadbalancing/latest/application/edit-load-balancer-attributes.html"""

VALID_NAME = re.compile(r"[-A-Za-z0-9]+")
"""Header names that AWS takes for valid."""


def answer_of(balancer: FakeLoadBalancer, listener: FakeListener, request: Request, body: bytes) -> HttpAnswer:
    """Takes the action of the listener's rules, unless a web ACL refuses the request."""
    if outages.all_cut({subnet.id for subnet in balancer.subnets}):
        return own_answer(HTTPStatus.SERVICE_UNAVAILABLE)
    if refused := refusal(balancer, request.source_ip):
        return refused
    if balancer.attrs.get("routing.http.drop_invalid_header_fields.enabled") == "true":
        kept = {name: value for name, value in request.headers.items() if VALID_NAME.fullmatch(name)}
        request = replace(request, headers=kept)
    action = action_for(listener, request)
    if action["Type"] == "redirect":
        status, location = redirect_location(action, request)
        return HttpAnswer(status, b"", [("server", SERVER), ("location", location), ("content-type", "text/html")])
    if action["Type"] == "fixed-response":
        config = action["FixedResponseConfig"]
        kind = config.get("ContentType") or "text/plain"
        text = (config.get("MessageBody") or "").encode()
        return HttpAnswer(int(config["StatusCode"]), text, [("server", SERVER), ("content-type", kind)])
    _, _, _, region, account, _ = balancer.arn.split(":", 5)
    group = elbv2_backends[account][region].target_groups[target_group_arn(action)]
    began = time.monotonic()
    answer = forward(group, request, body, idle_seconds(balancer))
    by_target = ("server", SERVER) not in answer.headers
    request_answered(balancer.arn, group.arn, answer.status, time.monotonic() - began, by_target=by_target)
    return answer


def idle_seconds(balancer: FakeLoadBalancer) -> float:
    """How long a connection may be silent."""
    return float(balancer.attrs.get("idle_timeout.timeout_seconds", IDLE_SECONDS))

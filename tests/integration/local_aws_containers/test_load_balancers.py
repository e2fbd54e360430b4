"""Load balancers forward, redirect, and answer by themselves what they must."""

import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from botocore.exceptions import ClientError

from local_aws.databases.addresses import free_address
from local_aws.load_balancers.data_plane import PORT_HEADER
from tests.integration.local_aws_containers.surroundings import HTTP, Surroundings, body, eventually

PORT = 8080


class Target(BaseHTTPRequestHandler):
    """Answers with what it was asked; `/cut` breaks the connection off."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        if self.path == "/cut":
            self.close_connection = True
            return
        said = str(dict(self.headers)).replace("'", '"').encode()
        self.send_response(200)
        self.send_header("X-Target", str(self.request.getsockname()[0]))
        self.send_header("Set-Cookie", "a=1")
        self.send_header("Set-Cookie", "b=2")
        self.send_header("Content-Length", str(len(said)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(said)

    def do_POST(self) -> None:
        content = self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(201)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    do_HEAD = do_GET  # noqa: N815

    def log_message(self, *_: object) -> None:
        """Says nothing."""


@contextmanager
def target() -> Iterator[str]:
    """A target on an address of its own."""
    server = ThreadingHTTPServer((free_address(PORT), PORT), Target)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield str(server.server_address[0])
    finally:
        server.shutdown()
        server.server_close()


def states(cloud: Surroundings, group: str) -> dict[str, str]:
    """The states of a group's targets by address."""
    found = cloud.api.elbv2.describe_target_health(TargetGroupArn=group)["TargetHealthDescriptions"]
    return {one["Target"]["Id"]: one["TargetHealth"]["State"] for one in found}


@contextmanager
def registered(cloud: Surroundings, *addresses: str, state: str = "healthy") -> Iterator[None]:
    """Targets of the load balancer's group, in this state."""
    group, named = cloud.target_group, [{"Id": address} for address in addresses]
    cloud.api.elbv2.register_targets(TargetGroupArn=group, Targets=named)
    try:
        assert eventually(lambda: states(cloud, group) == dict.fromkeys(addresses, state))
        yield
    finally:
        cloud.api.elbv2.deregister_targets(TargetGroupArn=group, Targets=named)
        assert eventually(lambda: states(cloud, group) == {})


def test_healthy_targets_take_turns(cloud: Surroundings) -> None:
    with target() as first, target() as second, registered(cloud, first, second):
        seen = [cloud.ask("/").headers["X-Target"] for _ in range(6)]
    assert seen.count(first) == seen.count(second) == 3


def test_a_target_hears_who_asks(cloud: Surroundings) -> None:
    with target() as address, registered(cloud, address):
        answer = cloud.ask("/", headers={"X-Forwarded-For": "203.0.113.9"})
        posted = cloud.ask("/", "POST", data=b"amount=1")
        assert cloud.ask("/", "HEAD").content == b""
    heard = {name.lower(): value for name, value in body(answer).items()}
    assert heard["x-forwarded-for"] == "203.0.113.9, 127.0.0.1"
    assert (heard["x-forwarded-port"], heard["host"]) == ("443", cloud.balancer["DNSName"])
    assert heard["x-amzn-trace-id"].startswith("Root=1-")
    assert answer.raw.headers.getlist("Set-Cookie") == ["a=1", "b=2"]
    assert (posted.status_code, posted.content) == (201, b"amount=1")


def test_without_targets_it_answers_503(cloud: Surroundings) -> None:
    answer = cloud.ask("/")
    assert answer.status_code == 503
    assert "awselb/2.0" in answer.headers["Server"]


def test_a_connection_that_breaks_is_a_502(cloud: Surroundings) -> None:
    with target() as address, registered(cloud, address):
        assert cloud.ask("/cut").status_code == 502


def test_a_target_that_does_not_listen_is_unhealthy_and_a_502(cloud: Surroundings) -> None:
    with registered(cloud, free_address(PORT), state="unhealthy"):
        assert cloud.ask("/").status_code == 502


def test_a_target_of_a_group_without_load_balancer_is_not_used(cloud: Surroundings) -> None:
    group = cloud.new_group("unused")
    cloud.api.elbv2.register_targets(TargetGroupArn=group, Targets=[{"Id": "127.9.9.9"}])
    assert eventually(lambda: states(cloud, group) == {"127.9.9.9": "unused"})
    cloud.api.elbv2.delete_target_group(TargetGroupArn=group)


def test_an_unknown_target_cannot_be_deregistered(cloud: Surroundings) -> None:
    with pytest.raises(ClientError, match="InvalidTarget"):
        cloud.api.elbv2.deregister_targets(TargetGroupArn=cloud.target_group, Targets=[{"Id": "127.9.9.9"}])


@contextmanager
def listening(cloud: Surroundings, port: int, action: dict[str, Any]) -> Iterator[str]:
    """One more listener."""
    made = cloud.api.elbv2.create_listener(
        LoadBalancerArn=cloud.balancer["LoadBalancerArn"], Protocol="HTTP", Port=port, DefaultActions=[action]
    )
    arn: str = made["Listeners"][0]["ListenerArn"]
    try:
        yield arn
    finally:
        cloud.api.elbv2.delete_listener(ListenerArn=arn)


def test_another_listener_is_named_by_a_header(cloud: Surroundings) -> None:
    redirect = {"Protocol": "HTTPS", "Port": "443", "StatusCode": "HTTP_301"}
    with listening(cloud, 80, {"Type": "redirect", "RedirectConfig": redirect}):
        answer = cloud.ask("/payments?x=1", headers={PORT_HEADER: "80"})
    location = f"https://{cloud.balancer['DNSName']}:443/payments?x=1"
    assert (answer.status_code, answer.headers["Location"]) == (301, location)
    assert cloud.ask("/", headers={PORT_HEADER: "80"}).status_code == 421


def address(cloud: Surroundings, port: int) -> str:
    """Where a listener listens."""
    found = HTTP.get(f"{cloud.aws.endpoint_url}/local-aws/load-balancers", timeout=30).json()
    where: str = found[cloud.balancer["DNSName"]][str(port)]
    return where


def test_a_listener_listens_on_an_address_of_its_load_balancer(cloud: Surroundings) -> None:
    with target() as member, registered(cloud, member), HTTP.get(f"http://{address(cloud, 443)}/a?b=c") as answer:
        assert answer.headers["X-Target"] == member
        chunked = HTTP.post(f"http://{address(cloud, 443)}/", data=iter([b"amount", b"=1"]), timeout=30)
        assert (chunked.status_code, chunked.content) == (201, b"amount=1")


def test_a_listener_with_a_certificate_speaks_tls(cloud: Surroundings) -> None:
    certificate = cloud.api.acm.request_certificate(DomainName="pay.example.org")["CertificateArn"]
    fixed = {"StatusCode": "200", "ContentType": "text/plain", "MessageBody": "safe"}
    made = cloud.api.elbv2.create_listener(
        LoadBalancerArn=cloud.balancer["LoadBalancerArn"],
        Protocol="HTTPS",
        Port=8443,
        Certificates=[{"CertificateArn": certificate}],
        DefaultActions=[{"Type": "fixed-response", "FixedResponseConfig": fixed}],
    )
    host, port = address(cloud, 8443).split(":")
    context = ssl.create_default_context(cafile=str(cloud.aws.database_ca_file))
    for name in (cloud.balancer["DNSName"], "pay.example.org"):
        with (
            socket.create_connection((host, int(port))) as plain,
            context.wrap_socket(plain, server_hostname=name) as tls,
        ):
            tls.sendall(f"GET / HTTP/1.1\r\nHost: {name}\r\nConnection: close\r\n\r\n".encode())
            with tls.makefile("rb") as answer:
                assert b"safe" in answer.read()
    cloud.api.elbv2.delete_listener(ListenerArn=made["Listeners"][0]["ListenerArn"])
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection((host, int(port)))


def test_a_protected_load_balancer_is_not_deleted(cloud: Surroundings) -> None:
    arn = cloud.balancer["LoadBalancerArn"]
    for value in ("true", "false"):
        protection = {"Key": "deletion_protection.enabled", "Value": value}
        cloud.api.elbv2.modify_load_balancer_attributes(LoadBalancerArn=arn, Attributes=[protection])
        if value == "true":
            with pytest.raises(ClientError, match="OperationNotPermitted"):
                cloud.api.elbv2.delete_load_balancer(LoadBalancerArn=arn)


def test_rules_come_before_the_default(cloud: Surroundings) -> None:
    fixed = {"StatusCode": "410", "ContentType": "text/plain", "MessageBody": "gone"}
    rule = cloud.api.elbv2.create_rule(
        ListenerArn=cloud.listener,
        Priority=1,
        Conditions=[{"Field": "path-pattern", "PathPatternConfig": {"Values": ["/old/*"]}}],
        Actions=[{"Type": "fixed-response", "FixedResponseConfig": fixed}],
    )["Rules"][0]["RuleArn"]
    answer = cloud.ask("/old/1")
    assert (answer.status_code, answer.text, answer.headers["Content-Type"]) == (410, "gone", "text/plain")
    assert cloud.ask("/new").status_code == 503
    cloud.api.elbv2.delete_rule(RuleArn=rule)


def test_an_alias_record_leads_to_the_load_balancer(cloud: Surroundings) -> None:
    zone = cloud.api.route53.create_hosted_zone(Name="example.org", CallerReference="1")["HostedZone"]["Id"]
    alias = {
        "HostedZoneId": cloud.balancer["CanonicalHostedZoneId"],
        "DNSName": f"dualstack.{cloud.balancer['DNSName']}",
        "EvaluateTargetHealth": True,
    }
    record = {"Name": "pay.example.org", "Type": "A", "AliasTarget": alias}
    change = {"Changes": [{"Action": "CREATE", "ResourceRecordSet": record}]}
    cloud.api.route53.change_resource_record_sets(HostedZoneId=zone, ChangeBatch=change)
    with target() as address, registered(cloud, address):
        answer = cloud.ask("/", host="pay.example.org")
    assert body(answer)["host"] == "pay.example.org"

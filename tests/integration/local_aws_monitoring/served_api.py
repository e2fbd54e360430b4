"""A payment API that can be stopped, behind a load balancer that serves it by TLS."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from local_aws.databases.addresses import free_address
from tests.integration.local_aws.conftest import REGION, Cloud
from tests.integration.local_aws_containers.surroundings import eventually

PORT = 8080
KEY = "a-key-of-32-characters-or-more-012"


class PaymentApi(BaseHTTPRequestHandler):
    """Takes each payment once, from who has the key."""

    # A connection that is kept alive would outlive the server.
    protocol_version = "HTTP/1.0"
    taken: dict[str, dict[str, Any]] = {}  # noqa: RUF012

    def do_GET(self) -> None:
        if self.path == "/health":
            return self._answer(200, {"status": "ok"})
        found = self.taken.get(self.path.rpartition("/")[2])
        return self._answer(200, found) if found else self._answer(404, {"message": "No such payment"})

    def do_POST(self) -> None:
        sent = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if self.headers["x-api-key"] != KEY:
            return self._answer(401, {"message": "Unauthorized"})
        answer = {"valid": True, "payment_id": sent["payment_id"], "amount": sent["amount"]}
        return self._answer(200, self.taken.setdefault(sent["payment_id"], answer))

    def _answer(self, status: int, body: dict[str, Any]) -> None:
        content = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        """Says nothing."""


class ServedApi:
    """The API's one target and its load balancer, reached by the name of that."""

    def __init__(self, cloud: Cloud) -> None:
        self._cloud = cloud
        self._address = free_address(PORT)
        self._server: ThreadingHTTPServer | None = None
        self._vpc = cloud.ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
        self.subnets = [
            cloud.ec2.create_subnet(VpcId=self._vpc, CidrBlock=f"10.0.{number}.0/24", AvailabilityZone=REGION + zone)[
                "Subnet"
            ]["SubnetId"]
            for number, zone in enumerate("ab")
        ]
        made = cloud.elbv2.create_load_balancer(Name="api", Subnets=self.subnets)["LoadBalancers"][0]
        self.balancer, self.host = made["LoadBalancerArn"], made["DNSName"]
        self.group = cloud.elbv2.create_target_group(
            Name="api",
            Protocol="HTTP",
            Port=PORT,
            VpcId=self._vpc,
            TargetType="ip",
            HealthCheckPath="/health",
            HealthyThresholdCount=2,
            UnhealthyThresholdCount=2,
        )["TargetGroups"][0]["TargetGroupArn"]
        self._certificate = cloud.acm.request_certificate(DomainName=self.host)["CertificateArn"]
        cloud.elbv2.create_listener(
            LoadBalancerArn=self.balancer,
            Protocol="HTTPS",
            Port=443,
            Certificates=[{"CertificateArn": self._certificate}],
            DefaultActions=[{"Type": "forward", "TargetGroupArn": self.group}],
        )
        cloud.elbv2.register_targets(TargetGroupArn=self.group, Targets=[{"Id": self._address, "Port": PORT}])

    def start(self) -> None:
        """Serves, and waits until the load balancer finds it healthy."""
        self._server = ThreadingHTTPServer((self._address, PORT), PaymentApi)
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        assert eventually(lambda: self._state() == "healthy")

    def stop(self) -> None:
        """Serves no more."""
        if self._server:
            self._server.shutdown()
            self._server.server_close()
        self._server = None

    def delete(self) -> None:
        """Removes everything."""
        self.stop()
        self._cloud.elbv2.delete_load_balancer(LoadBalancerArn=self.balancer)
        self._cloud.elbv2.delete_target_group(TargetGroupArn=self.group)
        self._cloud.acm.delete_certificate(CertificateArn=self._certificate)
        for subnet in self.subnets:
            self._cloud.ec2.delete_subnet(SubnetId=subnet)
        self._cloud.ec2.delete_vpc(VpcId=self._vpc)

    def _state(self) -> str:
        found = self._cloud.elbv2.describe_target_health(TargetGroupArn=self.group)["TargetHealthDescriptions"]
        return str(found[0]["TargetHealth"]["State"])

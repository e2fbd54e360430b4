"""Decides on logins at proxies (https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/rds-proxy-iam-setup.html)."""

import hmac
import logging
from datetime import UTC, datetime

from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.rds.models import DBProxy, rds_backends

from local_aws.databases.aurora import PROXY_PORT, credentials
from local_aws.databases.iam_tokens import Entrance, verified_token
from local_aws.databases.packets import native_scramble
from local_aws.functions.execution_role import role_allows
from local_aws.http_api.callers import identified

log = logging.getLogger(__name__)


def decide(question: dict[str, str]) -> dict[str, str]:
    """The answer to a login; see Logins.ask for both.

    The proxy's Auth list says which users there are, by secrets that its role may read, and which of them need a token.
    Who has signed that must be allowed `rds-db:connect`.
    """
    region, _, name = question["proxy"].partition("/")
    proxy = rds_backends[DEFAULT_ACCOUNT_ID][region].db_proxies.get(name)
    user = question["user"]
    refused = {"refused": f"Access denied for user '{user}' (using password: YES)"}
    if proxy is None:
        return refused
    for entry in proxy.auth:
        if not role_allows(proxy.role_arn, "secretsmanager:GetSecretValue", entry["SecretArn"]):
            log.warning("%s: the proxy's role %s may not read %s", name, proxy.role_arn, entry["SecretArn"])
            continue
        found = credentials(proxy.backend, entry["SecretArn"])
        if found.get("username") != user:
            continue
        if entry.get("IAMAuth") == "REQUIRED":
            if "token" not in question:
                return {"need": "token"}
            accepted = _may_connect(proxy, user, question["token"])
        else:
            wanted = native_scramble(found["password"], bytes.fromhex(question["salt"]))
            accepted = hmac.compare_digest(wanted, bytes.fromhex(question["scramble"]))
        return {"password": found["password"]} if accepted else refused
    return refused


def _may_connect(proxy: DBProxy, user: str, token: str) -> bool:
    entrance = Entrance(proxy.endpoint, PROXY_PORT, user, proxy.region)
    caller = identified(lambda secret_of: verified_token(token, entrance, secret_of, datetime.now(UTC)))
    resource = f"arn:aws:rds-db:{proxy.region}:{proxy.account_id}:dbuser:{proxy.unique_id}/{user}"
    return caller is not None and caller.may("rds-db:connect", resource)

"""PostgreSQL's files of settings say what is meant, whatever is in the values."""

from pathlib import Path

from local_aws.databases.postgresql_data import Upstream
from local_aws.databases.postgresql_settings import TokenAccess, access_text, quoted, settings_text


def test_tokens_are_for_members_of_the_role_before_passwords_for_all() -> None:
    tokens = TokenAccess(port=20389, prefix="user=", suffix=",cluster=127.1.2.3", master_user='the "master"')
    lines = [line for line in access_text(tokens).splitlines() if line.startswith("hostssl all")]
    assert lines == [
        "hostssl all rdsadmin all reject",
        'hostssl all "the ""master""" all scram-sha-256',
        "hostssl all +rds_iam all ldap ldapserver=127.0.0.1 ldapport=20389 "
        'ldapprefix="user=" ldapsuffix=",cluster=127.1.2.3"',
        "hostssl all all all scram-sha-256",
    ]


def test_without_tokens_all_come_with_passwords_and_nobody_without_tls() -> None:
    text = access_text(None)
    assert "ldap" not in text
    assert {line.split()[0] for line in text.splitlines()} == {"local", "hostssl"}


def test_values_are_quoted_as_postgresql_reads_them() -> None:
    assert quoted(r"it's C:\x") == r"'it''s C:\\x'"
    assert settings_text({"port": "5432", "name": "a b"}) == "port = '5432'\nname = 'a b'\n"


def test_a_connection_string_has_the_password_only_if_it_is_asked_for() -> None:
    upstream = Upstream("127.1.2.3", 5432, "rdsrepladmin", r"it's \ secret", Path("/a b/ca.pem"))
    assert "secret" not in upstream.text()
    assert "secret" not in repr(upstream)
    assert upstream.text(upstream.password).endswith(r"password='it\'s \\ secret'")
    assert "host='127.1.2.3' port='5432' user='rdsrepladmin' sslmode='verify-ca' sslrootcert='/a b/ca.pem'" in (
        upstream.text()
    )

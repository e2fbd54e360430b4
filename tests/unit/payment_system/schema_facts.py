"""What a database says of its tables, in the same words for both engines."""

from typing import Any

from payments.engines import AURORA_MYSQL
from tests.unit.payment_system.ledger_server import APPLICATION, NAME, LedgerServer

Facts = set[tuple[Any, ...]]

# What stands in PostgreSQL for types of MySQL. Its values are checked by constraints where the type has more of them.
TYPES = {
    "varchar": "character varying",
    "enum": "character varying",
    "char": "character",
    "decimal": "numeric",
    "datetime": "timestamp with time zone",
    "tinyint": "smallint",
}
OWN = f"table_schema = '{NAME}'"
OWN_POSTGRESQL = "table_schema = 'public'"

MYSQL_FOREIGN_KEYS = f"""
SELECT used.table_name, used.constraint_name, used.column_name, used.referenced_table_name,
    used.referenced_column_name, rules.update_rule, rules.delete_rule
FROM information_schema.key_column_usage AS used
JOIN information_schema.referential_constraints AS rules
    ON rules.constraint_schema = used.table_schema AND rules.constraint_name = used.constraint_name
WHERE {OWN}
"""
POSTGRESQL_FOREIGN_KEYS = """
SELECT used.table_name, used.constraint_name, used.column_name, referred.table_name, referred.column_name,
    rules.update_rule, rules.delete_rule
FROM information_schema.referential_constraints AS rules
JOIN information_schema.key_column_usage AS used USING (constraint_schema, constraint_name)
JOIN information_schema.key_column_usage AS referred
    ON referred.constraint_name = rules.unique_constraint_name
    AND referred.ordinal_position = used.position_in_unique_constraint
"""
MYSQL_INDEXES = f"""
SELECT table_name, index_name, seq_in_index, column_name FROM information_schema.statistics
WHERE {OWN} AND non_unique = 1
"""
POSTGRESQL_INDEXES = """
SELECT tables.relname, indexes.relname, keys.position, columns.attname
FROM pg_index
JOIN pg_class AS indexes ON indexes.oid = indexrelid
JOIN pg_class AS tables ON tables.oid = indrelid
JOIN pg_namespace AS schemas ON schemas.oid = tables.relnamespace AND schemas.nspname = 'public'
CROSS JOIN LATERAL unnest(indkey) WITH ORDINALITY AS keys (number, position)
JOIN pg_attribute AS columns ON columns.attrelid = indrelid AND columns.attnum = keys.number
WHERE NOT indisunique
"""


def columns(server: LedgerServer) -> Facts:
    """Table, column, place, whether it may be missing, type, length, digits, decimals, decimals of a second."""
    rows = server.execute(
        "SELECT table_name, column_name, ordinal_position, is_nullable, data_type, character_maximum_length,"
        f" numeric_precision, numeric_scale, datetime_precision FROM information_schema.columns WHERE {_own(server)}"
    )
    return {_column(*row) for row in rows}


def _column(table: str, name: str, place: int, nullable: str, kind: str, *sizes: int | None) -> tuple[Any, ...]:
    kind = TYPES.get(kind, kind)
    length, digits, decimals, fraction = sizes
    return (
        *(table, name, place, nullable, kind, length if kind.startswith("character") else None),
        *((digits, decimals) if kind == "numeric" else (None, None)),
        fraction,
    )


def unique_keys(server: LedgerServer) -> Facts:
    """Table, kind, name (but for primary keys), place, column."""
    rows = server.execute(
        "SELECT used.table_name, constraint_type, constraint_name, ordinal_position, column_name"
        " FROM information_schema.key_column_usage AS used JOIN information_schema.table_constraints AS made"
        f" USING (table_schema, table_name, constraint_name) WHERE {_own(server)} AND constraint_type <> 'FOREIGN KEY'"
    )
    return {(table, kind, "" if kind == "PRIMARY KEY" else name, *rest) for table, kind, name, *rest in rows}


def foreign_keys(server: LedgerServer) -> Facts:
    """Table, name, column, what it refers to, what happens then; InnoDB has no deferred checks: all is restricted."""
    rows = server.execute(MYSQL_FOREIGN_KEYS if server.engine == AURORA_MYSQL else POSTGRESQL_FOREIGN_KEYS)
    return {tuple("NO ACTION" if part == "RESTRICT" else part for part in row) for row in rows}


def indexes(server: LedgerServer) -> Facts:
    """Table, name, place, column of those that are not unique."""
    return set(server.execute(MYSQL_INDEXES if server.engine == AURORA_MYSQL else POSTGRESQL_INDEXES))


def checks(server: LedgerServer) -> set[str]:
    """Their names."""
    rows = server.execute("SELECT constraint_name FROM information_schema.check_constraints")
    return {str(name) for (name,) in rows}


def privileges(server: LedgerServer) -> Facts:
    """Table, column or nothing, and what the application may do with it."""
    name = APPLICATION.user if server.engine != AURORA_MYSQL else f"'{APPLICATION.user}'@'%'"
    tables = "SELECT table_name, privilege_type FROM information_schema.table_privileges WHERE grantee = %s"
    columns = (
        "SELECT table_name, column_name, privilege_type FROM information_schema.column_privileges"
        " WHERE grantee = %s AND privilege_type = 'UPDATE'"
    )
    whole = {(table, None, may) for table, may in server.execute(tables, name)}
    return whole | set(server.execute(columns, name))


def _own(server: LedgerServer) -> str:
    return OWN if server.engine == AURORA_MYSQL else OWN_POSTGRESQL

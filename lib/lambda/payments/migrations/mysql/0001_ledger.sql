-- The ledger: a payment, its double entries and its outbox rows are written in one transaction.
-- Amounts are in units of their currency. Names, ids and accounts are ASCII and compared byte by byte.

CREATE TABLE IF NOT EXISTS payments (
    payment_id VARCHAR(64) NOT NULL,
    session_id VARCHAR(64) NOT NULL,
    fingerprint CHAR(64) NOT NULL,
    amount DECIMAL(19, 4) NOT NULL,
    currency CHAR(3) NOT NULL,
    payer_account VARCHAR(34) NOT NULL,
    payee_account VARCHAR(34) NOT NULL,
    status ENUM('PENDING_APPROVAL', 'COMMITTED', 'REJECTED', 'REVERSED') NOT NULL,
    answer TEXT NOT NULL,
    recorded_at DATETIME(6) NOT NULL,
    decided_at DATETIME(6) NULL,
    PRIMARY KEY (payment_id),
    UNIQUE KEY session (session_id),
    CONSTRAINT amount_is_positive CHECK (amount > 0)
) ENGINE = InnoDB DEFAULT CHARACTER SET ascii COLLATE ascii_bin;

CREATE TABLE IF NOT EXISTS ledger_entries (
    payment_id VARCHAR(64) NOT NULL,
    entry_number TINYINT UNSIGNED NOT NULL,
    account VARCHAR(34) NOT NULL,
    side ENUM('DEBIT', 'CREDIT') NOT NULL,
    amount DECIMAL(19, 4) NOT NULL,
    currency CHAR(3) NOT NULL,
    recorded_at DATETIME(6) NOT NULL,
    PRIMARY KEY (payment_id, entry_number),
    KEY account (account, recorded_at),
    CONSTRAINT entry_of_payment FOREIGN KEY (payment_id) REFERENCES payments (payment_id),
    CONSTRAINT entry_is_positive CHECK (amount > 0)
) ENGINE = InnoDB DEFAULT CHARACTER SET ascii COLLATE ascii_bin;

CREATE TABLE IF NOT EXISTS outbox (
    sequence BIGINT UNSIGNED NOT NULL AUTO_INCREMENT,
    event_id CHAR(36) NOT NULL,
    payment_id VARCHAR(64) NOT NULL,
    event_type VARCHAR(64) NOT NULL,
    detail TEXT NOT NULL,
    created_at DATETIME(6) NOT NULL,
    published_at DATETIME(6) NULL,
    PRIMARY KEY (sequence),
    UNIQUE KEY event (event_id),
    KEY unpublished (published_at, sequence)
) ENGINE = InnoDB DEFAULT CHARACTER SET ascii COLLATE ascii_bin;

-- The ledger: a payment, its double entries and its outbox rows are written in one transaction.
-- Amounts are in units of their currency. Names, ids and accounts are ASCII and compared byte by byte.
-- It means the same as MySQL's; a test holds the two against one another.

CREATE TABLE payments (
    payment_id VARCHAR(64) COLLATE "C" NOT NULL,
    session_id VARCHAR(64) COLLATE "C" NOT NULL,
    fingerprint CHAR(64) COLLATE "C" NOT NULL,
    amount DECIMAL(19, 4) NOT NULL,
    currency CHAR(3) COLLATE "C" NOT NULL,
    payer_account VARCHAR(34) COLLATE "C" NOT NULL,
    payee_account VARCHAR(34) COLLATE "C" NOT NULL,
    status VARCHAR(16) COLLATE "C" NOT NULL,
    answer TEXT COLLATE "C" NOT NULL,
    recorded_at TIMESTAMP(6) WITH TIME ZONE NOT NULL,
    decided_at TIMESTAMP(6) WITH TIME ZONE NULL,
    PRIMARY KEY (payment_id),
    CONSTRAINT session UNIQUE (session_id),
    CONSTRAINT amount_is_positive CHECK (amount > 0 AND amount <> 'NaN'),
    CONSTRAINT status_is_known CHECK (status IN ('PENDING_APPROVAL', 'COMMITTED', 'REJECTED', 'REVERSED')),
    CONSTRAINT payment_is_ascii CHECK (
        octet_length(payment_id || session_id || fingerprint || currency || payer_account || payee_account || answer)
        = char_length(payment_id || session_id || fingerprint || currency || payer_account || payee_account || answer)
    )
);

CREATE TABLE ledger_entries (
    payment_id VARCHAR(64) COLLATE "C" NOT NULL,
    entry_number SMALLINT NOT NULL,
    account VARCHAR(34) COLLATE "C" NOT NULL,
    side VARCHAR(6) COLLATE "C" NOT NULL,
    amount DECIMAL(19, 4) NOT NULL,
    currency CHAR(3) COLLATE "C" NOT NULL,
    recorded_at TIMESTAMP(6) WITH TIME ZONE NOT NULL,
    PRIMARY KEY (payment_id, entry_number),
    CONSTRAINT entry_of_payment FOREIGN KEY (payment_id) REFERENCES payments (payment_id),
    CONSTRAINT entry_is_positive CHECK (amount > 0 AND amount <> 'NaN'),
    CONSTRAINT entry_number_is_known CHECK (entry_number BETWEEN 0 AND 255),
    CONSTRAINT side_is_known CHECK (side IN ('DEBIT', 'CREDIT')),
    CONSTRAINT entry_is_ascii CHECK (
        octet_length(payment_id || account || currency) = char_length(payment_id || account || currency)
    )
);
CREATE INDEX account ON ledger_entries (account, recorded_at);

CREATE TABLE outbox (
    sequence BIGINT GENERATED ALWAYS AS IDENTITY,
    event_id CHAR(36) COLLATE "C" NOT NULL,
    payment_id VARCHAR(64) COLLATE "C" NOT NULL,
    event_type VARCHAR(64) COLLATE "C" NOT NULL,
    detail TEXT COLLATE "C" NOT NULL,
    created_at TIMESTAMP(6) WITH TIME ZONE NOT NULL,
    published_at TIMESTAMP(6) WITH TIME ZONE NULL,
    PRIMARY KEY (sequence),
    CONSTRAINT event UNIQUE (event_id),
    CONSTRAINT event_is_ascii CHECK (
        octet_length(event_id || payment_id || event_type || detail)
        = char_length(event_id || payment_id || event_type || detail)
    )
);
CREATE INDEX unpublished ON outbox (published_at, sequence);

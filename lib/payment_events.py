"""What payment events look like on the bus; imports nothing, so that tools can use it without cdktf."""

# A payment that is to be taken.
SOURCE = "payment.processor"
DETAIL_TYPE = "Payment Transaction"

# What became of a payment, published from the ledger's outbox at least once; `detail.event_id` tells duplicates.
LEDGER_SOURCE = "payment.ledger"
PAYMENT_COMMITTED = "Payment Committed"
PAYMENT_REJECTED = "Payment Rejected"
PAYMENT_REVERSED = "Payment Reversed"
PUBLISHED_DETAIL_TYPES = (PAYMENT_COMMITTED, PAYMENT_REJECTED, PAYMENT_REVERSED)

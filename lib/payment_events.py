"""What a payment event looks like on the bus; imports nothing, so that tools can use it without cdktf."""

SOURCE = "payment.processor"
DETAIL_TYPE = "Payment Transaction"

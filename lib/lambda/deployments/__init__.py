"""What a deployment of the payment service waits for: its image, and the traffic of its tasks."""

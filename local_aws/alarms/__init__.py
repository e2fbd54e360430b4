"""CloudWatch alarms that turn: measured, evaluated, acted upon (local_aws.operations.cloudwatch_alarms starts it)."""

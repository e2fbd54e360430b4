"""Names and records that AWS refuses and moto accepts."""

import re

from local_aws.calls import Call
from local_aws.errors import AwsError
from local_aws.registry import refuses

TABLE = re.compile(r"[a-zA-Z0-9_.-]{3,255}")
BUCKET = re.compile(r"(?!\d+\.\d+\.\d+\.\d+$)(?!xn--)(?!.*\.\.)[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")


@refuses("dynamodb", "CreateTable")
def table_names(call: Call) -> None:
    """The model's limit is that of an ARN."""
    name = call.params["TableName"]
    if not TABLE.fullmatch(name):
        text = f"TableName must be 3 to 255 characters of a-z, A-Z, 0-9, '_', '-' and '.', and is {name}"
        raise AwsError("ValidationException", text)


@refuses("s3", "CreateBucket")
def bucket_names(call: Call) -> None:
    """https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html"""
    if not BUCKET.fullmatch(call.params["Bucket"]):
        raise AwsError("InvalidBucketName", f"The specified bucket is not valid: {call.params['Bucket']}")


@refuses("route53", "ChangeResourceRecordSets")
def cname_at_apex(call: Call) -> None:
    """A zone's apex holds NS and SOA records, beside which no CNAME may stand."""
    zone = call.backend().zones.get(call.params["HostedZoneId"].rpartition("/")[2])
    for change in call.params["ChangeBatch"]["Changes"]:
        record = change["ResourceRecordSet"]
        if zone and record["Type"] == "CNAME" and record["Name"].rstrip(".") == zone.name.rstrip("."):
            name = f"{record['Name'].rstrip('.')}."
            text = f"[RRSet of type CNAME with DNS name {name} is not permitted at apex in zone {zone.name}]"
            raise AwsError("InvalidChangeBatch", text)
